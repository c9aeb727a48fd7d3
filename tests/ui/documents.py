#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""documents.py PROGRAM SHOP CLI: a paper comes into a person's file, gets a name, goes out as a copy, is removed.

Afterwards nothing of it is to be found outside the vault but the copy that was asked for.
"""
import json
import os
import subprocess
import sys

import harness  # noqa: F401 (asks for the right version of the library below)
from gi.repository import Atspi

from harness import App, BUTTONS, Failure, R, pump, words
from screens import PASSPHRASE, choose_language, open_client, unlock

MARKER = b'MARKER-OF-A-PAPER '


def cli(app, program, *words):
    command = [program, '--vault', app.vault, '--passphrase-fd', '0', '--json', *words]
    done = subprocess.run(command, input=PASSPHRASE + '\n', capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure(done.stderr)
    return json.loads(done.stdout)


def choose_file(app, path):
    """In GTK's own file dialog a slash opens a line for the path."""
    app.wait(lambda: len(app.window_ids()) > 1, 'the file dialog')
    pump(0.7)
    app.type(path)
    pump(0.7)
    app.key('Return')
    app.wait(lambda: len(app.window_ids()) == 1, 'the end of the file dialog')


def add(app, path):
    app.press('Add a Document…')
    choose_file(app, path)
    app.find(R.LABEL, 'About This Document', 15)
    app.wait(lambda: len(app.window_ids()) > 1, 'the dialog')
    pump(0.5)
    app.set('Title', 'Lease of the flat')
    app.screenshot('document-dialog')
    app.key('ctrl+s')
    app.wait(lambda: len(app.window_ids()) == 1, 'the end of the dialog')
    app.see('Lease of the flat')


def open_row(app, name, button='Save a Copy…'):
    for _ in range(20):
        app.key('Tab')
        row = app.look(R.LIST_ITEM, name)
        if row is not None and row.get_state_set().contains(Atspi.StateType.FOCUSED):
            app.key('Return')
            app.find(BUTTONS, button)
            return
    raise Failure('the keyboard does not reach the row %r' % name)


def save(app, path):
    app.press('Save a Copy…')
    app.find(R.LABEL, 'Save an Unprotected Copy?')
    app.screenshot('document-warning')
    inner = app.window_ids()
    app.wait(lambda: len(app.window_ids()) > 1, 'the warning')
    dialog = app.find((R.DIALOG, R.ALERT, R.FRAME), 'Save an Unprotected Copy?')
    app.find(BUTTONS, 'Save a Copy…', within=dialog).do_action(0)
    app.wait(lambda: app.window_ids() != inner, 'the file dialog')
    pump(0.7)
    app.key('ctrl+a')
    app.type(path)
    pump(0.3)
    app.key('Return')
    app.wait(lambda: os.path.exists(path), 'the copy')
    app.see('Unprotected copy saved')


def search(folder, allowed):
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            if path in allowed or not os.path.isfile(path):
                continue
            with open(path, 'rb') as file:
                content = file.read()
            if MARKER in content or b'passport-of-amal' in content or b'copy-for-the-court' in content:
                raise Failure('the paper, or its name, is in %s' % path)


def story(program, shop, tool):
    app = App(program, width=1000, height=720)
    subprocess.run([shop, app.folder], check=True)
    paper = os.path.join(app.folder, 'passport-of-amal.pdf')
    copy = os.path.join(app.folder, 'copy-for-the-court.pdf')
    with open(paper, 'wb') as file:
        file.write(b'%PDF-1.4\n' + MARKER * 100000)
    with app:
        unlock(app)
        open_client(app)
        app.press('Documents')
        app.find(R.LABEL, 'No Documents Yet')
        app.screenshot('documents-empty')
        add(app, paper)
        open_row(app, 'Lease of the flat')
        app.screenshot('documents')
        save(app, copy)
        with open(copy, 'rb') as file, open(paper, 'rb') as original:
            if file.read() != original.read():
                raise Failure('the copy is another one')
        if os.stat(copy).st_mode & 0o77:
            raise Failure('others may read the copy')
        app.resize(360, 640)
        app.screenshot('documents-narrow')
        choose_language(app, 'Language', 'العربية') if app.look(BUTTONS, 'Language') else None
        app.screenshot('documents-narrow-arabic')
        app.resize(1000, 720)
        said = words('ar')
        app.press(said('Remove'))
        app.find(R.LABEL, said('No Documents Yet'))
        app.find(BUTTONS, said('Undo')).do_action(0)
        app.see('Lease of the flat')
        app.key('alt+Left')
        app.see(said('Document'))
        app.screenshot('documents-timeline-arabic')
        app.press(said('Documents'), roles=(R.PUSH_BUTTON,))
        open_row(app, 'Lease of the flat', said('Remove'))
        app.press(said('Remove'))
        app.find(R.LABEL, said('No Documents Yet'))
        app.close()
        search(app.folder, (paper, copy))
        # What was removed when the program ended goes when the vault is opened again.
        app.start()
        unlock(app)
        app.close()
        if cli(app, tool, 'record', 'list', 'document'):
            raise Failure('the removed document is still there')


if __name__ == '__main__':
    try:
        story(*sys.argv[1:])
    except Failure as failure:
        print('FAILED: %s' % failure, file=sys.stderr)
        sys.exit(1)

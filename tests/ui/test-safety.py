#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-safety.py PROGRAM: the recovery key on the clipboard, backups by hand and the reminder of them, the check, another
passphrase, another worker, another key, the wait after wrong passphrases, and a vault restored from the backup.
"""
import os
import shutil
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone

import harness
from harness import App, BUTTONS, ENTRIES, Failure, R, pump

PASSPHRASE = 'four walls make a room'
FRESH = 'seven bridges over one river'
THEIRS = 'a lantern in the window'


def begin(app):
    """As harness.create_organization(), and copies the key. Returns it."""
    app.set('Name of your organization', 'Harbor House')
    app.set('Your name', 'Nora Quist')
    app.set('Passphrase', PASSPHRASE)
    app.set('Passphrase again', PASSPHRASE)
    app.press('Create the Vault')
    app.find(R.LABEL, 'Write Down the Recovery Key', 30)
    app.press('Copy the Key')
    app.see('It is taken off the clipboard in 45 seconds')
    app.screenshot('recovery-key')
    key = next(name for name in (node.get_name() or '' for node in app.walk()) if len(name) > 60 and name.count('-') == 12)
    app.toggle('I have written it down')
    app.press('Begin')
    app.find(R.LABEL, 'Today', 20)
    return key


def paste(app):
    """What is on the clipboard, by way of the search entry."""
    app.key('ctrl+2')
    entry = app.wait(lambda: next((n for n in app.walk() if n.get_role() in ENTRIES), None), 'the search entry')
    entry.set_text_contents('')
    app.key('ctrl+2', 'ctrl+v')
    pump(0.5)
    text = app.text(entry)
    entry.set_text_contents('')
    return text


def unlock(app, passphrase=PASSPHRASE):
    app.find(ENTRIES, 'Passphrase', 20)
    app.set('Passphrase', passphrase)
    app.press('Unlock')
    app.wait(lambda: app.look(BUTTONS, 'Unlock') is None, 'the unlocked window', 30)


def clipboard_and_lock(app):
    key = begin(app)
    if paste(app) != key:
        raise Failure('the recovery key was not copied')
    app.key('ctrl+l')
    unlock(app)
    if paste(app) != '':
        raise Failure('locking left the recovery key on the clipboard')
    app.close()


def open_safety(app):
    app.menu('Main Menu', 'Safety…')
    app.find(BUTTONS, 'Back Up…')


def choose_file(app, path, button):
    """In GTK's own file chooser."""
    app.find(BUTTONS, button)
    pump(0.7)
    app.key('ctrl+a')
    app.type(path)
    pump(0.3)
    app.key('Return')


def back_up(app, path):
    app.see('None yet. Keep one on a stick, in a locked place.')
    app.screenshot('safety')
    app.press('Back Up…')
    choose_file(app, path, 'Back Up')
    app.see('Done and checked', 30)
    if not os.path.exists(path):
        raise Failure('the backup is not where it was asked for')
    app.see('Today')
    app.screenshot('safety-backed-up')
    app.press('Check')
    app.see('Everything is whole.', 30)


def expand(app, title):
    """Rows are opened with the keyboard; over the accessibility tree they have no action."""
    for _ in range(60):
        # Each window has a node with the focus.
        if any(title == node.get_name() and node.get_state_set().contains(harness.Atspi.StateType.FOCUSED)
               for node in app.walk()):
            app.key('Return')
            pump(0.4)
            return
        app.key('Tab')
    raise Failure('%r cannot be reached with the keyboard' % title)


def passphrase(app):
    expand(app, 'Change my passphrase')
    app.set('Present passphrase', 'something quite wrong')
    app.set('New passphrase', FRESH)
    app.set('New passphrase again', FRESH)
    app.press('Change')
    app.see('The present passphrase is not right', 30)
    app.set('Present passphrase', PASSPHRASE)
    app.press('Change')
    app.see('Older backups still open with the passphrase of their day', 30)


def workers(app):
    expand(app, 'Add somebody')
    app.set('Name', 'Second Worker')
    app.set('Their passphrase', THEIRS)
    app.set('Their passphrase again', THEIRS)
    app.screenshot('safety-add')
    app.press('Add')
    app.see('can unlock from now on', 30)
    app.press('Remove…', seconds=20)
    app.press('Remove Remove')  # GTK 4.8 says it twice where a key is underlined
    app.see('Removed. Change the key as well', 30)
    app.wait(lambda: app.look(BUTTONS, 'Remove…') is None, 'the worker to go')


def rotate(app):
    with open(os.path.join(app.vault, 'store.db'), 'rb') as file:
        before = file.read()
    app.press('Change the Key…')
    app.press('Change the Key Change the Key')
    app.see('The vault has another key', 60)
    # The window is there again, because that was the place.
    app.find(BUTTONS, 'Back Up…', 20)
    with open(os.path.join(app.vault, 'store.db'), 'rb') as file:
        if file.read()[8192:16384] == before[8192:16384]:
            raise Failure('the store is sealed under the same key')
    app.close_dialog()


def wrong_passphrases(app):
    app.key('ctrl+l')
    for _ in range(12):
        app.find(ENTRIES, 'Passphrase', 20)
        app.set('Passphrase', 'not the one at all')
        app.press('Unlock', seconds=20)
        app.wait(lambda: app.look(R.ALERT, '') is not None, 'the answer', 20)
        pump(0.3)
        if app.look(R.ALERT, 'Too many wrong passphrases'):
            break
    app.see('Try again in')
    app.screenshot('unlock-wait')
    unlock(app, FRESH)
    app.find(R.LABEL, 'Clients', 20)


def reminder(app, path):
    later = datetime.now(timezone.utc) + timedelta(days=10)
    app.environment['TESSERA_NOW'] = later.strftime('%Y-%m-%dT%H:%M:%SZ')
    app.start()
    unlock(app, FRESH)
    app.see('The last backup away from this computer is 10 days old' if path.startswith('/dev/shm')
            else 'There is no backup away from this computer', 20)
    app.screenshot('today-reminder')
    app.close()
    del app.environment['TESSERA_NOW']


def restore(program, path):
    with App(program) as app:
        app.press('Restore a Backup…')
        app.find(BUTTONS, 'Open')
        pump(0.7)
        app.type(path)
        pump(0.3)
        app.key('Return')
        app.see('A backup of', 20)
        # The keyboard is in the dialog; behind it there is an entry of the same name.
        app.type('not the one at all')
        app.press('Restore')
        app.see('The name or the passphrase is not right', 30)
        app.screenshot('restore')
        app.type(PASSPHRASE)
        app.press('Restore')
        app.see('Tessera Is Locked', 30)
        unlock(app)
        app.find(R.LABEL, 'Today', 20)
        app.close()


def story(program):
    with App(program) as app:
        clipboard_and_lock(app)
    room = tempfile.mkdtemp(prefix='tessera-', dir='/dev/shm' if os.access('/dev/shm', os.W_OK) else None)
    path = os.path.join(room, 'b.tessera-backup')
    try:
        with App(program, height=900) as app:
            key = begin(app)
            copied = time.time()
            open_safety(app)
            back_up(app, path)
            passphrase(app)
            workers(app)
            rotate(app)
            pump(max(0, copied + 46 - time.time()))
            if paste(app) == key:
                raise Failure('the recovery key stayed on the clipboard')
            wrong_passphrases(app)
            app.close()
            reminder(app, path)
        restore(program, path)
    finally:
        shutil.rmtree(room, ignore_errors=True)


if __name__ == '__main__':
    harness.run(story)

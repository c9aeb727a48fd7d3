#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-lock.py PROGRAM CLI SHOP: everything that locks, what a locked window gives away, and what unlocking goes on with.

Idle, with its warning; sleep, which has to wait until the vault is locked; the desktop's lock in its three ways; the
window turned to the client. The half-written visit survives all of it, and another worker does not land in it.
"""
import os
import re
import subprocess
import sys
import time

import harness
from gi.repository import GLib

from harness import App, BUTTONS, ENTRIES, Failure, R, pump
from login import Login, ScreenSaver

PASSPHRASE = 'four walls make a room'
SECOND = 'rain on a tin roof'
SPOKEN = 'She asked for a den'
PAGE = 4096
NAMES = ('Amal', 'Harbor House', 'Lantern', SPOKEN)
REMEMBERED = (b'Amal Test', b'Synthetic private', b'Synthetic health', b'tailor again', SPOKEN.encode(), PASSPHRASE.encode())


def prepare(app, cli, shop):
    subprocess.run([shop, app.folder], check=True)
    files = {}
    for name, passphrase in (('first', PASSPHRASE), ('second', SECOND)):
        files[name] = os.path.join(app.folder, name)
        with open(files[name], 'w', encoding='utf-8') as file:
            file.write(passphrase + '\n')
    subprocess.run([cli, '--vault', app.vault, '--passphrase-file', files['first'], 'vault', 'add-worker', 'Second Worker',
                    '--role', 'worker', '--new-passphrase-file', files['second']], check=True, stdout=subprocess.DEVNULL)


def unlock(app, name='Nora Quist', passphrase=PASSPHRASE):
    app.find(ENTRIES, 'Passphrase', 20)
    app.set('Your name', name)
    app.set('Passphrase', passphrase)
    app.press('Unlock')
    app.wait(lambda: not is_locked(app), 'the unlocked window', 30)


def is_locked(app):
    return app.look(BUTTONS, 'Unlock') is not None


def everything(node):
    """Of the tree, also what is not visible."""
    try:
        yield node.get_name() or '', App.text(node), node.get_description() or ''
        for index in range(min(node.get_child_count(), 200)):
            child = node.get_child_at_index(index)
            if child is not None:
                yield from everything(child)
    except GLib.Error:
        return


def gives_nothing_away(app):
    app.wait(lambda: is_locked(app), 'the locked window', 40)
    pump(0.3)
    if len(app.window_ids()) != 1:
        raise Failure('a window stayed open over the locked one')
    title = subprocess.run(['xdotool', 'getwindowname', app.window_ids()[0]], capture_output=True, text=True,
                           check=True).stdout.strip()
    if title != 'Tessera':
        raise Failure('the locked window is called %r' % title)
    for texts in everything(app.root()):
        for name in NAMES:
            if any(name in text for text in texts):
                raise Failure('%r is in the tree of the locked window' % name)


def region(memory_file, first, last):
    """What is mapped of it: another thread may give some of it back between the list and the look."""
    try:
        memory_file.seek(first)
        return memory_file.read(last - first)
    except OSError:
        pages = []
    for address in range(first, last, PAGE):
        try:
            memory_file.seek(address)
            pages.append(memory_file.read(PAGE))
        except OSError:
            continue
    return b''.join(pages)


def memory(app):
    """Every byte the program can write to; only for those who may read it (the superuser)."""
    try:
        with open('/proc/%d/maps' % app.process.pid, encoding='utf-8') as maps, \
                open('/proc/%d/mem' % app.process.pid, 'rb', 0) as memory_file:
            for line in maps:
                if not re.match(r'\S+ rw', line):
                    continue
                first, last = (int(end, 16) for end in line.split()[0].split('-'))
                yield region(memory_file, first, last)
    except PermissionError:
        return


def remembers(app):
    found = set()
    for part in memory(app):
        found.update(word for word in REMEMBERED if word in part)
    return found


def forgets(app):
    known = remembers(app)
    if not known:
        print('not allowed to look into the memory of the program', file=sys.stderr)
    elif PASSPHRASE.encode() in known:
        raise Failure('the passphrase is kept after it was used')
    app.key('ctrl+l')
    gives_nothing_away(app)
    pump(2)
    if remembers(app):
        raise Failure('the locked program remembers %r' % remembers(app))
    unlock(app)


def half_written(app):
    node = app.find(ENTRIES, 'What was said', 20)
    app.wait(lambda: app.text(node) == SPOKEN, 'the half-written visit', 10)


def begin_visit(app):
    app.key('ctrl+2')
    app.see('Amal Test')
    app.key('Tab', 'Down', 'Return')
    app.find(BUTTONS, 'Record Visit')
    app.key('ctrl+n')
    app.set('What was said', SPOKEN)


def idle(app):
    begin_visit(app)
    app.see('Locking in ', 30)  # how many seconds: this look itself takes some
    app.screenshot('lock-warning')
    app.key('shift')
    app.wait(lambda: not any('Locking in' in (node.get_name() or '') for node in app.walk()), 'the warning to go', 3)
    began = time.time()
    if is_locked(app):
        raise Failure('it locked although a key was pressed')
    gives_nothing_away(app)
    if not 8 < time.time() - began < 30:
        raise Failure('it locked %.1f s after the last key' % (time.time() - began))
    app.screenshot('locked')
    unlock(app)
    half_written(app)


def idle_in_dialog(app):
    """The warning stands before a dialog, and the dialog goes with everything else and comes back."""
    pump(0.5)
    app.key('ctrl+shift+n')
    app.find(ENTRIES, 'Full name', 20)
    app.set('Full name', 'Bilal Half')
    app.see('Locking in ', 30)  # how many seconds: this look itself takes some
    app.screenshot('lock-warning-dialog')
    app.key('shift')
    pump(0.5)
    name = app.find(ENTRIES, 'Full name')
    if app.text(name) != 'Bilal Half':
        raise Failure('the dialog lost what was typed')
    gives_nothing_away(app)
    unlock(app)
    name = app.find(ENTRIES, 'Full name', 20)
    app.wait(lambda: app.text(name) == 'Bilal Half', 'the dialog as it was')
    app.close_dialog()
    half_written(app)


def locks(app, cause, what):
    half_written(app)
    cause()
    try:
        gives_nothing_away(app)
    except Failure as failure:
        raise Failure('%s: %s' % (what, failure)) from failure


def sleep_and_desktop(app, login, saver):
    app.wait(lambda: login.asked == [('sleep', 'Tessera', 'Lock the vault', 'delay')], 'the delay to be asked for', 5)
    if not login.is_held():
        raise Failure('the delay is not held')
    locks(app, login.sleep, 'sleep')
    app.wait(lambda: not login.is_held(), 'the computer to be allowed to sleep', 5)
    login.sleep(False)
    unlock(app)
    app.wait(lambda: len(login.asked) == 2 and login.is_held(), 'the delay to be asked for again', 5)
    for cause, what in ((login.lock, 'Lock'), (lambda: login.hint(True), 'LockedHint'), (saver.activate, 'screen saver')):
        locks(app, cause, what)
        unlock(app)
    half_written(app)
    login.hint(False)
    saver.activate(False)
    pump(0.5)
    half_written(app)


def other_worker(app):
    app.key('ctrl+l')
    gives_nothing_away(app)
    unlock(app, 'Second Worker', SECOND)
    app.find(R.LABEL, 'Today', 20)
    pump(0.5)
    if app.look(ENTRIES, 'What was said') is not None:
        raise Failure("another worker landed in somebody's visit")
    app.key('ctrl+4')
    app.key('ctrl+l')
    gives_nothing_away(app)
    unlock(app)
    half_written(app)


def story(program, cli, shop):
    login, saver = Login(), ScreenSaver()
    environment = {'DBUS_SYSTEM_BUS_ADDRESS': login.address}
    try:
        first = App(program, width=1000, height=700, environment=environment)
        first.arguments = ['--vault', first.vault, '--lock-after', '16']
        prepare(first, cli, shop)
        with first as app:
            unlock(app)
            idle(app)
            idle_in_dialog(app)
            app.close()
            app.arguments = ['--vault', app.vault, '--lock-after', '600']
            app.start()
            login.asked.clear()
            unlock(app)
            begin_visit(app)
            forgets(app)
            sleep_and_desktop(app, login, saver)
            other_worker(app)
            app.close()
    finally:
        login.close()


if __name__ == '__main__':
    try:
        story(*sys.argv[1:4])
    except Failure as failure:
        print('FAILED: %s' % failure, file=sys.stderr)
        sys.exit(1)

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-exchange.py PROGRAM CLI: two laptops of one organization in real windows.

A new laptop asks; a supervisor opens "Team and Exchange", admits it and exchanges over a folder; the new laptop, opened
again, goes on where it was, joins, and fetches what was written on the first. Then a carrier is paused, removed and brought
back, a server that is not there is refused, a role is changed and changed back, and a laptop is revoked.
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import harness
from harness import App, BUTTONS, ENTRIES, Failure, R, pump

PASSPHRASE = 'four walls make a room'
SWITCHES = (R.TOGGLE_BUTTON, R.CHECK_BOX)


class Cli:
    """tessera-cli on the vault of one of the laptops."""

    def __init__(self, cli, room, name):
        self.cli = cli
        self.folder = room / name
        self.folder.mkdir()
        self.vault = self.folder / 'vault'
        self.key = room / 'passphrase'
        self.key.write_text(PASSPHRASE + '\n')

    def run(self, *arguments, key='--passphrase-file'):
        command = [self.cli, '--vault', self.vault, key, self.key, '--json', *arguments]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failure('%s: %s' % (' '.join(map(str, arguments)), done.stderr))
        return json.loads(done.stdout) if done.stdout.strip() else None

    def create(self, *arguments):
        self.run('vault', 'create', *arguments, '--work-factor', 'minimum', key='--new-passphrase-file')


def choose_path(app, path, button):
    """In GTK's own file chooser, which is a window in front of the others."""
    app.find(BUTTONS, button)
    pump(0.7)
    app.key('ctrl+a')
    app.type(str(path))
    pump(0.3)
    app.key('Return')
    pump(0.5)


def focused(app, name):
    return any(name == (node.get_name() or '') and node.get_state_set().contains(harness.Atspi.StateType.FOCUSED)
               for node in app.walk())


def reach(app, name, keys=('Return',)):
    """With the keyboard, as rows over the accessibility tree have no action."""
    for _ in range(60):
        if focused(app, name):
            app.key(*keys)
            pump(0.4)
            return
        app.key('Tab')
    raise Failure('%r cannot be reached with the keyboard' % name)


def unlock(app):
    app.find(ENTRIES, 'Passphrase', 20)
    app.set('Passphrase', PASSPHRASE)
    app.press('Unlock')
    app.wait(lambda: app.look(BUTTONS, 'Unlock') is None, 'the unlocked window', 30)


def fingerprint_of(app):
    """The only text in five groups of four."""
    def look():
        for node in app.walk():
            text = app.text(node) if node.get_role() == R.LABEL else ''
            for words in (text, node.get_name() or ''):
                if len(words) == 24 and words.count('-') == 4:
                    return words
        return None
    return app.wait(look, 'a fingerprint')


def ask(program, folder, room):
    """The new laptop, for the first time. Returns its fingerprint."""
    with App(program, folder=str(folder)) as app:
        app.press('Join an Organization')
        app.set('Name of this laptop', 'Reception')
        app.set('Your name', 'Bruno Exemplo')
        app.set('Passphrase', PASSPHRASE)
        app.set('Passphrase again', PASSPHRASE)
        app.screenshot('join-first-run')
        app.press('Create the Vault')
        app.find(R.LABEL, 'Write Down the Recovery Key', 30)
        app.toggle('I have written it down')
        app.press('Begin')
        app.find(BUTTONS, 'Save Request…', 20)
        mine = fingerprint_of(app)
        reach(app, 'As a QR code')
        app.screenshot('join-request')
        app.press('Save Request…')
        choose_path(app, room / 'reception.request', 'Save')
        app.see('Saved. Give it to a supervisor.')
        app.close()
        return mine


def open_window(app):
    app.menu('Main Menu', 'Team and Exchange…')
    app.find(BUTTONS, 'Admit a Laptop…')


def open_by_keyboard(app):
    app.key('F10')
    pump(0.5)
    for _ in range(12):
        if focused(app, 'Team and Exchange…'):
            break
        app.key('Down')
    app.key('Return')
    app.find(BUTTONS, 'Admit a Laptop…')


def show_page(app, name):
    node = app.find((R.RADIO_BUTTON, R.TOGGLE_BUTTON, R.PAGE_TAB), name)
    node.do_action(0)
    pump(0.4)


def admit(app, room, fingerprint):
    app.press('Admit a Laptop…')
    choose_path(app, room / 'reception.request', 'Open')
    app.see('Bruno Exemplo')
    app.see(fingerprint)
    app.screenshot('admit')
    if app._enabled(BUTTONS, 'Admit'):
        raise Failure('a laptop can be admitted before its fingerprint was compared')
    app.toggle('They read the same')
    app.press('Admit')
    app.find(BUTTONS, 'Save Invitation…', 20)
    app.screenshot('admit-invitation')
    app.press('Save Invitation…')
    choose_path(app, room / 'reception.invitation', 'Save')
    app.see('Saved. Bring it to the other laptop.')
    app.press('Done')
    app.see('Reception')


def add_folder(app, stick):
    app.press('Add a Folder…')
    choose_path(app, stick, 'Choose')
    app.find(ENTRIES, 'What you call it')
    app.press('Check and Add')
    app.see('Everything is exchanged.', 20)


def exchange(app):
    app.press('Exchange Now', seconds=20)
    app.see('Done', 20)


def supervise(program, shop, room, stick, fingerprint):
    with App(program, folder=str(shop.folder), height=760) as app:
        unlock(app)
        open_by_keyboard(app)
        app.see('This laptop')
        app.screenshot('team')
        admit(app, room, fingerprint)
        show_page(app, 'Exchange')
        app.screenshot('exchange-empty')
        add_folder(app, stick)
        exchange(app)
        app.screenshot('exchange')
        if not list(stick.glob('tessera1/*/*.age')):
            raise Failure('nothing lies on the stick')
        app.close_dialog()
        app.close()


def join(program, desk, room, stick):
    """Opened again: it goes on where it was."""
    with App(program, folder=str(desk.folder), height=900) as app:
        unlock(app)
        app.press('Open Invitation…', seconds=20)
        choose_path(app, room / 'reception.invitation', 'Open')
        app.see('Join Harbor House', 20) if app.look(R.LABEL, 'Join Harbor House') else app.find(BUTTONS, 'Join', 20)
        app.screenshot('join-compare')
        app.press('Join')
        app.find(BUTTONS, 'Add a Folder…', 20)
        app.screenshot('join-fetch')
        # Interrupted here it comes back to the same place.
        app.close()
        app.start()
        unlock(app)
        app.find(BUTTONS, 'Begin Without It', 20)
        app.press('Add a Folder…')
        choose_path(app, stick, 'Choose')
        app.press('Check and Add')
        app.see('It is here: 1 client.', 30)
        app.screenshot('join-fetched')
        app.press('Begin')
        app.find(R.LABEL, 'Today', 20)
        app.key('ctrl+2')
        app.see('Zarzuela Exemplo')
        app.menu('Main Menu', 'Team and Exchange…')
        app.see('is not on this laptop', 20)
        app.screenshot('team-without-root')
        app.close_dialog()
        app.close()


def servers(app):
    app.press('Add a Server…')
    app.set('What you call it', 'Cloud')
    app.set('Address of the folder on the server', 'http://cloud.example.org/dav/')
    app.press('Check and Add')
    app.see('use an https:// address')
    app.set('Address of the folder on the server', 'https://127.0.0.1:9/dav/')
    app.screenshot('server')
    app.press('Check and Add')
    app.see('cannot be reached', 20)
    app.screenshot('server-refused')
    app.close_dialog()


def carriers(app):
    show_page(app, 'Exchange')
    reach(app, 'stick')
    app.screenshot('exchange-carrier')
    app.toggle('Paused')
    app.see('Paused; nothing is exchanged over it.')
    app.toggle('Paused')
    app.see('Everything is exchanged.', 20)
    app.press('Remove')
    app.see('No carrier yet')
    app.screenshot('exchange-removed')
    app.press('Undo')
    app.see('Everything is exchanged.', 20)
    servers(app)


def team(app):
    show_page(app, 'Team')
    reach(app, 'Reception')
    app.screenshot('team-laptop')
    # With the keyboard: the row of the role, its list, the next role in it.
    reach(app, 'Role', ('Return',))
    app.key('Down', 'Return')
    app.see('The role was changed.', 20)
    app.see('Last heard: Today')
    app.press('Undo')
    app.gone(BUTTONS, 'Undo', 20)
    node = app.find(BUTTONS, 'Revoke…')
    node.do_action(0)
    app.see('It can never be admitted again')
    app.screenshot('team-revoke')
    app.press('Revoke Revoke')  # GTK 4.8 says it twice where a key is underlined
    app.see('Done. Exchange soon', 20)
    app.screenshot('team-revoked')


def looks(program, shop):
    """For the eyes: dark and narrow, and in Arabic."""
    with App(program, folder=str(shop.folder), width=360, height=640,
             environment={'ADW_DEBUG_COLOR_SCHEME': 'prefer-dark'}) as app:
        unlock(app)
        app.key('F10')
        open_window(app) if app.look(BUTTONS, 'Main Menu') else None
        for window in app.window_ids()[1:]:
            subprocess.run(['xdotool', 'windowsize', window, '360', '640'], check=False)
        pump(0.5)
        app.screenshot('team-dark-narrow')
        show_page(app, 'Exchange')
        app.screenshot('exchange-dark-narrow')
    say = harness.words('ar')
    with App(program, folder=str(shop.folder), language='ar', height=760) as app:
        app.set(say('Passphrase'), PASSPHRASE)
        app.press(say('Unlock'))
        app.menu(say('Main Menu'), say('_Team and Exchange…').replace('_', ''))
        app.find(BUTTONS, say('Admit a Laptop…'))
        app.screenshot('team-arabic')
        show_page(app, say('Exchange'))
        app.screenshot('exchange-arabic')


def story(program, cli):
    room = pathlib.Path(tempfile.mkdtemp(prefix='tessera-ui-'))
    stick = room / 'stick'
    stick.mkdir()
    try:
        shop, desk = Cli(cli, room, 'shop'), Cli(cli, room, 'desk')
        shop.create('--organization', 'Harbor House', '--worker', 'Nora Quist')
        shop.run('client', 'add', 'name=Zarzuela Exemplo')
        fingerprint = ask(program, desk.folder, room)
        supervise(program, shop, room, stick, fingerprint)
        join(program, desk, room, stick)
        with App(program, folder=str(shop.folder), height=860) as app:
            unlock(app)
            open_window(app)
            carriers(app)
            team(app)
            app.close_dialog()
            app.close()
        device = next(device for device in shop.run('team', 'list') if device['name'] == 'Reception')
        if (device['state'], device['role']) != ('revoked', 'worker'):
            raise Failure('not revoked, or in another role: %r' % device)
        looks(program, shop)
    finally:
        shutil.rmtree(room, ignore_errors=True)


if __name__ == '__main__':
    try:
        story(*sys.argv[1:3])
    except Failure as failure:
        print('FAILED: %s' % failure, file=sys.stderr)
        sys.exit(1)

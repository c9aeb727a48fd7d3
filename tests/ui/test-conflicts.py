#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-conflicts.py PROGRAM CLI: two laptops of one shop write the same fields, and a person decides in the window.

The other laptop is driven from the command line over a shared folder; the window exchanges by itself, as it does at work.
Decided are a phone number, an address and a date of birth; what waits, comes from strangers or is damaged is seen too.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import harness  # noqa: F401 (asks for the right version of the library below)

from harness import App, BUTTONS, ENTRIES, Failure, R, pump, words

PASSPHRASE = 'four walls make a room'
NAME = 'زهرة مثال'
MINE, THEIRS = '+351 111 111', '+351 222 222'
LAPTOP = "Omar's laptop"


class Laptop:
    """A vault on another computer, through tessera-cli."""

    def __init__(self, cli, root, name):
        self.cli, self.folder = cli, root / name
        self.folder.mkdir()
        self.vault = self.folder / 'vault'
        self.key = root / (name + '.passphrase')
        self.key.write_text(PASSPHRASE + '\n')

    def run(self, *arguments, key='--passphrase-file', refused=False):
        command = [self.cli, '--vault', self.vault, key, self.key, '--json', *arguments]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
        if (done.returncode != 0) != refused:
            raise Failure('%s: %s' % (' '.join(map(str, arguments)), done.stderr))
        return json.loads(done.stdout) if done.stdout.strip() else None

    def found(self, organization, worker):
        self.run('vault', 'create', '--organization', organization, '--worker', worker, '--work-factor', 'minimum',
                 key='--new-passphrase-file')
        return self

    def join(self, shop, root, worker, device):
        self.run('vault', 'create', '--joining', '--worker', worker, '--device', device, '--work-factor', 'minimum',
                 key='--new-passphrase-file')
        asked = self.run('team', 'request', root / 'request')
        shop.run('team', 'admit', root / 'request', '--role', 'worker', '--fingerprint', asked['fingerprint'],
                 root / 'invitation')
        self.run('team', 'join', root / 'invitation')
        return self


def exchange(*laptops):
    """Over the folder until nothing comes any more."""
    for _ in range(8):
        if sum(laptop.run('sync')[0]['came'] for laptop in laptops) == 0:
            return
    raise Failure('the laptops do not come to rest')


def disagree(shop, desk, client):
    for laptop, phone, address, born in ((shop, MINE, 'Sample Street 1', '1990-01-01'),
                                         (desk, THEIRS, 'Sample Street 2', '1990-10-10')):
        laptop.run('client', 'edit', client['code'], 'phone=' + phone, 'address=' + address, 'birth_date=' + born)


def strangers(shop, clinic, root):
    """A referral of an organization whose card nobody has added here."""
    shop.run('partner', 'card', root / 'shop.card')
    partner = clinic.run('partner', 'add', root / 'shop.card')
    clinic.run('partner', 'trust', partner['id'], '--fingerprint', shop.run('partner', 'card')['fingerprint'])
    client = clinic.run('client', 'add', 'name=Bela Specimen')
    clinic.run('consent', 'give', client['code'], '--to', partner['id'], '--purpose', 'share_for_service', '--groups',
               'identity')
    clinic.run('referral', 'create', client['code'], '--partner', partner['id'], '--service-name', 'Legal advice',
               '--reason', 'A letter')
    inbox = shop.vault / 'inbox'
    inbox.mkdir(exist_ok=True)
    clinic.run('bundle', 'export', '--to', partner['id'], inbox)
    (inbox / 'damaged.age').write_bytes(b'age-encryption.org/v1\nno such thing\n')


def unlock(app):
    app.set('Passphrase', PASSPHRASE) if app.look(ENTRIES, 'Passphrase') else app.type(PASSPHRASE)
    app.key('Return')


def decide_phone(app):
    """From the page of the client; everybody's version, and one press."""
    app.key('ctrl+2')
    app.see(NAME)
    app.key('Tab', 'Down', 'Return')
    app.find(BUTTONS, 'Two versions: Phone', 15)
    app.find(BUTTONS, 'Two versions: Address')
    app.screenshot('conflict-client')
    app.press('Two versions: Phone')
    app.find(BUTTONS, 'Keep Both')
    for text in (MINE, THEIRS, 'This laptop', LAPTOP, 'Shown until you decide', MINE):
        app.see(text)
    app.screenshot('conflict-dialog')
    keep = app.find(BUTTONS, THEIRS)
    keep.do_action(0)
    app.see('Decided. It holds on every laptop.')
    app.gone(BUTTONS, 'Two versions: Phone')


def open_row(app, text):
    """A row of the inbox with the keyboard."""
    app.see(text)
    for _ in range(60):
        row = app.find(R.LIST_ITEM, NAME)
        for node in app.walk(app.root()):
            if node.get_role() == R.LIST_ITEM and node.get_state_set().contains(harness.Atspi.StateType.FOCUSED):
                row = node
                if any(text in (inner.get_name() or '') for inner in app.walk(row)):
                    app.key('Return')
                    return
        app.key('Tab')
    raise Failure('%r cannot be reached with the keyboard' % text)


def decide_in_inbox(app):
    app.key('ctrl+3')
    app.see('Two Versions')
    app.see('Changes from Colleagues')
    app.see('from \u2068' + LAPTOP)
    app.screenshot('conflict-inbox')
    open_row(app, 'Address: ')
    app.press('Keep Both')
    app.see('2 decided lately')
    open_row(app, 'Date of birth: ')
    app.find(BUTTONS, 'Ask the Client First')
    if app.look(BUTTONS, 'Keep Both') is not None:
        raise Failure('two dates of birth can be both')
    app.screenshot('conflict-ask')
    app.press('Ask the Client First')
    app.see('A task was made')
    app.see('Date of birth: ')


def strange_files(app):
    app.press('Take In', seconds=15)
    app.see('Unknown Senders', 15)
    app.see('Refused Files')
    app.see('The envelope of this file breaks the rules of its format')
    app.screenshot('conflict-strangers')
    app.press('Seen')
    app.gone(R.LABEL, 'Refused Files')


def live(app, desk, client):
    """What the colleague writes now comes by itself."""
    desk.run('sync')
    desk.run('client', 'edit', client['code'], 'notes=Came by herself.')
    desk.run('client', 'add', 'name=Bruna Exemplo')
    desk.run('sync')
    app.key('ctrl+2')
    app.press('Back')
    app.see('Bruna Exemplo', 30)


def at_work(app, desk, client):
    app.find(R.LABEL, 'Today', 20)
    app.see('3 fields have two versions', 30)
    app.see('last exchange:', 20)
    app.see('Inbox · 3 fields have two versions')
    app.screenshot('conflict-today')
    decide_phone(app)
    decide_in_inbox(app)
    strange_files(app)
    live(app, desk, client)
    app.close()


def narrow_arabic(program, shop):
    """Dark, from right to left, on a screen as narrow as a telephone's."""
    arabic = words('ar')
    app = App(program, folder=str(shop.folder), language='ar', width=360, height=720,
              environment={'ADW_DEBUG_COLOR_SCHEME': 'prefer-dark'})
    with app:
        unlock_in(app, arabic)
        app.key('ctrl+3')
        app.see(arabic('Two Versions'), 20)
        app.screenshot('conflict-inbox-narrow')
        open_row(app, arabic('Date of birth'))
        app.see(arabic('This laptop'))
        window = app.window_ids()[-1]
        subprocess.run(['xdotool', 'windowsize', window, '360', '720'], check=False)
        pump(0.5)
        app.screenshot('conflict-dialog-narrow')
        app.close_dialog()
        app.close()


def unlock_in(app, language):
    app.set(language('Passphrase'), PASSPHRASE)
    app.key('Return')
    app.find(R.LABEL, language('Today'), 20)


def afterwards(shop, desk, client):
    exchange(shop, desk)
    for laptop in (shop, desk):
        found = laptop.run('client', 'show', client['id'])
        if found['phone'] != THEIRS or sorted(found['address'].split('\n')) != ['Sample Street 1', 'Sample Street 2']:
            raise Failure('what was decided does not hold: %s' % found)
        left = laptop.run('conflict', 'list')
        if [one['field'] for one in left] != ['birth_date']:
            raise Failure('other conflicts than expected: %s' % left)
        tasks = [task['text'] for task in laptop.run('record', 'list', 'task')]
        if tasks != ['Ask what is right: Date of birth']:
            raise Failure('the task is not there: %s' % tasks)
        laptop.run('vault', 'check')


def story(program, cli):
    root = pathlib.Path(tempfile.mkdtemp(prefix='tessera-conflicts-'))
    try:
        shop = Laptop(cli, root, 'shop').found('Harbor House', 'Nora Quist')
        client = shop.run('client', 'add', 'name=' + NAME, 'language=ar')
        desk = Laptop(cli, root, 'desk').join(shop, root, 'Omar Specimen', LAPTOP)
        between = root / 'between'
        between.mkdir()
        for laptop in (shop, desk):
            laptop.run('carrier', 'add', 'Stick', between)
        exchange(shop, desk)
        disagree(shop, desk, client)
        desk.run('sync')
        strangers(shop, Laptop(cli, root, 'clinic').found('Lantern Clinic', 'Bruno Specimen'), root)
        with App(program, folder=str(shop.folder), width=1100, height=760) as app:
            unlock(app)
            at_work(app, desk, client)
        narrow_arabic(program, shop)
        afterwards(shop, desk, client)
    finally:
        shutil.rmtree(root, ignore_errors=True)


if __name__ == '__main__':
    harness.run(lambda program: story(program, sys.argv[2]))

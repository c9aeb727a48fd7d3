#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-colleagues.py PROGRAM CLI: three laptops of one shop, all open and at work, exchanging over a shared folder.

Two colleagues change the same telephone number before they hear of each other; the supervisor's laptop sees both and she
decides; one of them is in the middle of a visit while all of this comes and goes, and loses nothing. Nobody presses
"exchange": it goes by itself, as at work.
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
NAME = 'Zarifa Exemplo'
FIRST, SECOND = '+351 111 111', '+351 222 222'
HALF, REST = 'The landlord wants the dep', 'osit by Friday.'


class Laptop:
    """A vault in a folder of its own: from the command line before and after, in a window in between."""

    def __init__(self, cli, root, name):
        self.cli, self.folder = cli, root / name
        self.folder.mkdir()
        self.vault = self.folder / 'vault'
        self.key = root / (name + '.passphrase')
        self.key.write_text(PASSPHRASE + '\n')

    def run(self, *arguments, key='--passphrase-file'):
        command = [self.cli, '--vault', self.vault, key, self.key, '--json', *arguments]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failure('%s: %s' % (' '.join(map(str, arguments)), done.stderr))
        return json.loads(done.stdout) if done.stdout.strip() else None

    def create(self, *arguments):
        self.run('vault', 'create', *arguments, '--work-factor', 'minimum', key='--new-passphrase-file')
        return self

    def join(self, shop, root, role):
        asked = self.run('team', 'request', root / 'request')
        shop.run('team', 'admit', root / 'request', '--role', role, '--fingerprint', asked['fingerprint'],
                 root / 'invitation')
        self.run('team', 'join', root / 'invitation')

    def window(self, program):
        return App(program, folder=str(self.folder), width=900, height=700)


def prepare(cli, root):
    """One shop, three laptops, one client, and a folder that all of them see."""
    shop = Laptop(cli, root, 'shop').create('--organization', 'Harbor House', '--worker', 'Nora Quist')
    desk = Laptop(cli, root, 'desk').create('--joining', '--worker', 'Omar Specimen', '--device', "Omar's laptop")
    chief = Laptop(cli, root, 'chief').create('--joining', '--worker', 'Mina Specimen', '--device', "Mina's laptop")
    desk.join(shop, root, 'worker')
    chief.join(shop, root, 'supervisor')
    shop.run('client', 'add', 'name=' + NAME, 'phone=+351 000 000')
    between = root / 'between'
    between.mkdir()
    laptops = (shop, desk, chief)
    for laptop in laptops:
        laptop.run('carrier', 'add', 'Folder', between)
    for _ in range(8):
        if sum(laptop.run('sync')[0]['came'] for laptop in laptops) == 0:
            return laptops
    raise Failure('the laptops do not come to rest')


def unlock(app):
    app.set('Passphrase', PASSPHRASE) if app.look(ENTRIES, 'Passphrase') else app.type(PASSPHRASE)
    app.key('Return')
    app.find(R.LABEL, 'Today', 20)


def open_client(app):
    app.key('ctrl+2')
    app.see(NAME)
    app.key('Tab', 'Down', 'Return')
    app.find(BUTTONS, 'Record Visit')


def change_phone(app, phone):
    app.menu('More', 'Edit')
    app.set('Phone', phone)
    pump(0.3)
    app.key('ctrl+s')
    app.find(BUTTONS, 'Record Visit')


def disagree(first, second):
    """Both save before either has heard of the other: that takes half a minute."""
    for app in (first, second):
        open_client(app)
    change_phone(first, FIRST)
    change_phone(second, SECOND)
    for app in (first, second):
        app.find(BUTTONS, 'Two versions: Phone', 120)
    first.screenshot('colleagues-two-versions')


def begin_visit(app):
    """Half a sentence, while the others decide."""
    app.key('ctrl+n')
    app.find(ENTRIES, 'What was said')
    app.set('What was said', HALF)


def decide(app):
    app.see('1 field has two versions', 60)
    app.screenshot('colleagues-supervisor')
    open_client(app)
    app.press('Two versions: Phone')
    app.find(BUTTONS, 'Keep Both')
    app.see("Omar's laptop")
    app.screenshot('colleagues-decide')
    app.find(BUTTONS, SECOND).do_action(0)
    app.see('Decided. It holds on every laptop.')


def finish_visit(app):
    """Everything that came meanwhile took nothing from the page."""
    said = app.find(ENTRIES, 'What was said')
    if app.text(said) != HALF:
        raise Failure('the half-written visit became %r' % app.text(said))
    app.set('What was said', HALF + REST)
    pump(0.3)
    app.key('ctrl+s')
    app.see('Visit saved')


def at_work(shop, desk, chief):
    for app in (shop, desk, chief):
        unlock(app)
    disagree(shop, desk)
    begin_visit(desk)
    decide(chief)
    shop.wait(lambda: shop.look(BUTTONS, 'Two versions: Phone') is None, 'what was decided elsewhere', 120)
    shop.see(SECOND, 20)
    finish_visit(desk)
    shop.see(HALF + REST, 120)
    chief.see(HALF + REST, 60)
    shop.screenshot('colleagues-visit')
    for app in (shop, desk, chief):
        app.close()


def afterwards(laptops):
    for _ in range(6):
        for laptop in laptops:
            laptop.run('sync')
    for laptop in laptops:
        client = laptop.run('client', 'find', NAME)[0]
        shown = laptop.run('client', 'show', client['id'])
        visits = laptop.run('visit', 'list', client['id'])
        if shown['phone'] != SECOND or [visit['summary'] for visit in visits] != [HALF + REST]:
            raise Failure('%s: %s %s' % (laptop.folder.name, shown, visits))
        if laptop.run('conflict', 'list'):
            raise Failure('%s still has a conflict' % laptop.folder.name)
        laptop.run('vault', 'check')


def story(program, cli):
    root = pathlib.Path(tempfile.mkdtemp(prefix='tessera-colleagues-'))
    try:
        laptops = prepare(cli, root)
        with laptops[0].window(program) as shop, laptops[1].window(program) as desk, laptops[2].window(program) as chief:
            at_work(shop, desk, chief)
        afterwards(laptops)
    finally:
        shutil.rmtree(root, ignore_errors=True)


if __name__ == '__main__':
    harness.run(lambda program: story(program, sys.argv[2]))

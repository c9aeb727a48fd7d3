#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-whole-day.py PROGRAM CLI: a day of two organizations in real windows, as tests/cli/two-organizations.py plays it
from the command line.

A person is registered, tells their story (half of a sentence is written while the window turns to Arabic), is seen again,
assessed, moved to a step and referred; the sealed file is carried over on a stick, accepted there, and the answer
carried back. The two organizations are two computers: one window closes before the next opens.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import harness
from harness import App, BUTTONS, ENTRIES, Failure, R, pump, words

# After the line above, which asks for the right version of the library.
from gi.repository import Atspi

from screens import SWITCHES, choose_language, entry_with

PASSPHRASE = 'four walls make a room'
SHOP, CLINIC = 'Harbor House', 'Lantern Clinic'
NAME = 'Zarifa Exemplo'
NEED = 'A calm room to sleep in, and a door that locks.'
REASON = 'Cannot sleep since the journey; asked for someone to talk to.'
# Written where the consent does not reach: none may stand in a preview, arrive at the partner, or be readable in a file.
HIDDEN = {
    'phone': '+351555777333', 'do not': 'gatekeeper', 'lives': 'borrowed caravan', 'health': 'asthmatic',
    'protection': 'threatening', 'notes': 'accordion', 'said': 'landlord', 'told': 'night shelter',
    'visit notes': 'stubborn', 'second visit': 'guesthouse', 'assessment notes': 'exhausted', 'step notes': 'reluctant',
}
SHOWN = [NAME, NEED, REASON]
HALF = 'The landlord wants the dep'
REST = 'osit by Friday.'
AGAIN = 'Still no room; the guesthouse is full.'
RADIOS = (R.RADIO_BUTTON, R.CHECK_BOX)


class Desk:
    """One organization: its folder, and what stands in it according to tessera-cli."""

    def __init__(self, program, cli, root, organization, worker):
        self.program, self.cli = program, cli
        self.folder = root / organization.split()[0].lower()
        self.folder.mkdir()
        self.organization = organization
        self.vault = self.folder / 'vault'
        self.key = root / (self.folder.name + '.passphrase')
        self.key.write_text(PASSPHRASE + '\n')
        self.run('vault', 'create', '--organization', organization, '--worker', worker, '--work-factor', 'minimum',
                 key='--new-passphrase-file')

    def run(self, *arguments, key='--passphrase-file'):
        command = [self.cli, '--vault', self.vault, key, self.key, '--json', *arguments]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failure('%s: %s' % (' '.join(map(str, arguments)), done.stderr))
        return json.loads(done.stdout) if done.stdout.strip() else None

    def window(self):
        return App(self.program, folder=str(self.folder), width=1100, height=760)

    def sealed(self):
        return sorted((self.vault / 'outbox').glob('*.age'))


def prepare(shop, clinic, root):
    """The service directory in both languages, and cards compared in person."""
    directory = pathlib.Path(os.environ['TESSERA_DATA_DIR']) / 'directory'
    shop.run('directory', 'import', *(directory / ('services-jordan-2015.%s.hsds.json' % tag) for tag in ('en', 'ar')))
    for desk in (shop, clinic):
        desk.run('partner', 'card', root / (desk.folder.name + '.card'))
    for desk, other in ((shop, clinic), (clinic, shop)):
        partner = desk.run('partner', 'add', root / (other.folder.name + '.card'))
        desk.run('partner', 'trust', partner['id'], '--fingerprint', other.run('partner', 'card')['fingerprint'])


def carry(sender, receiver):
    """The stick from one desk to the other."""
    files = sender.sealed()
    if not files:
        raise Failure('nothing waits in the outbox of %s' % sender.organization)
    inbox = receiver.vault / 'inbox'
    inbox.mkdir(exist_ok=True)
    for file in files:
        shutil.copy(file, inbox)


def unlock(app):
    app.set('Passphrase', PASSPHRASE)
    app.press('Unlock')
    app.find(R.LABEL, 'Today', 20)


def focused(node):
    return node.get_state_set().contains(Atspi.StateType.FOCUSED)


def walk_to(app, node, key='Tab', limit=60):
    """Goes there with the keyboard alone."""
    for _ in range(limit):
        if focused(node):
            return
        app.key(key)
    raise Failure('%r cannot be reached with %s' % (node.get_name(), key))


def outer_row(row):
    """The row that opens, around the line that is always seen."""
    node = row.get_parent()
    while node.get_role() != R.LIST_ITEM:
        node = node.get_parent()
    return node


def texts(app, within=None):
    """Everything a person can read there."""
    found = []
    for node in app.walk(within):
        found.append(node.get_name() or '')
        if node.get_role() in ENTRIES + (R.LABEL,):
            found.append(app.text(node))
    return '\n'.join(found)


def nothing_hidden(app, within, where):
    text = texts(app, within)
    for place, word in HIDDEN.items():
        if word in text:
            raise Failure('%s shows %r (%s), which the client did not agree to' % (where, word, place))
    return text


def register(app):
    app.key('ctrl+2')
    app.find(R.LABEL, 'No Clients Yet')
    app.press('Register the First Client')
    app.set('Full name', NAME)
    app.set('Phone', HIDDEN['phone'])
    app.set('Do not', 'Leave a message with the gatekeeper')
    app.set('What they want, in their own words', NEED)
    pump(0.5)
    app.screenshot('day-intake')
    app.press('Register')
    app.find(BUTTONS, 'Record Visit')
    app.see('is registered as T-')


def fill_in(app):
    """What only the edit page asks."""
    app.menu('More', 'Edit')
    app.set('Household size', '4')
    app.set('Where they live now', 'In a borrowed caravan.')
    app.set('Health', 'Is asthmatic, has an inhaler.')
    app.set('Safety and protection', 'Her brother in law is threatening her.')
    app.set("Worker's notes", 'Plays the accordion: ask about the orchestra.')
    pump(0.3)
    app.screenshot('day-edit')
    app.key('ctrl+s')
    app.find(BUTTONS, 'Record Visit')


def visit_in_two_languages(app):
    arabic = words('ar')
    app.key('ctrl+n')
    said = app.find(ENTRIES, 'What was said')
    app.press('A place to sleep')
    walk_to(app, said)
    app.type(HALF)
    choose_language(app, 'Language', 'العربية')
    said = entry_with(app, HALF)
    if arabic('What was said') not in said.get_name():
        raise Failure('the visit is not in Arabic')
    app.screenshot('day-visit-arabic')
    # The hands never left the keys: the sentence goes on in the middle of the word.
    app.type(REST)
    entry_with(app, HALF + REST)
    choose_language(app, arabic('Language'), 'English')
    entry_with(app, HALF + REST)
    app.set('What we told them', 'The night shelter is open until nine.')
    app.set("Worker's notes", 'He is stubborn: call him ourselves.')
    pump(0.3)
    app.screenshot('day-visit')
    app.key('ctrl+s')
    app.see('Visit saved')
    app.see(HALF + REST)


def second_visit(app):
    app.key('ctrl+n')
    app.set('What was said', AGAIN)
    app.key('ctrl+s')
    app.see(AGAIN)
    app.gone(ENTRIES, 'What was said')


def assess(app):
    app.press('Assess')
    for domain, level in (('A place to sleep', 1), ('Health and calm', 2), ('Language', 2)):
        row = app.find(R.LIST_ITEM, domain)
        walk_to(app, row)
        app.key('Return')
        row = outer_row(row)
        choice = app.find(RADIOS, '%d ·' % level, within=row)
        # Into what opened, down to the level.
        app.key('Tab', *['Down'] * (level - 1), 'Return')
        app.wait(lambda: choice.get_state_set().contains(Atspi.StateType.CHECKED), 'level %d' % level)
    app.find(BUTTONS, 'The client says 3', within=row).do_action(0)
    app.set("Worker's notes", 'Looked exhausted.')
    pump(0.3)
    app.screenshot('day-assessment')
    app.press('Save and Set Step')


def set_step(app):
    choice = app.find(RADIOS, 'Basic needs')
    app.wait(lambda: choice.get_state_set().contains(Atspi.StateType.CHECKED), 'the suggested step')
    app.set("Worker's notes", 'Was reluctant at first.')
    app.screenshot('day-step')
    app.press('Set Step')
    app.see('Step: Basic needs')
    app.find(BUTTONS, 'Record Visit')
    app.screenshot('day-client')


def choose_service(app):
    app.find(R.LABEL, 'Choose a Service…')
    app.key('Return')
    app.find(R.LIST, 'Services', 15)
    app.type('mental')
    app.see('Psychosocial & Mental Health', 15)
    app.key('Return')
    pump(0.3)
    app.key('Down', 'Return')
    app.wait(lambda: app.look(R.LIST, 'Services') is None, 'the picker to close')


def refer(app):
    app.press('Refer')
    choose_service(app)
    app.key('Tab', 'space')
    pump(0.5)
    app.key('Down', 'Return')
    app.see(CLINIC)
    app.set('Reason', REASON)
    app.find(SWITCHES, 'Identity').do_action(0)
    app.find(SWITCHES, 'Needs').do_action(0)
    preview = app.find(R.LIST, 'What they will see', 15)
    app.see('Full name: ' + NAME, 15)
    app.see(NEED)
    text = nothing_hidden(app, preview, 'the preview')
    if NAME not in text or 'Household' in text:
        raise Failure('the preview does not show what was agreed to: %s' % text)
    app.screenshot('day-refer-preview')
    app.press('Turn the Screen')
    app.find(BUTTONS, 'Yes')
    app.screenshot('day-consent-turned')
    app.press('Yes')
    app.press('Send')
    app.see('The referral is sealed and waits in the outbox', 15)


def working_day(app):
    unlock(app)
    register(app)
    fill_in(app)
    visit_in_two_languages(app)
    second_visit(app)
    assess(app)
    set_step(app)
    refer(app)
    pump(0.5)
    app.screenshot('day-sent')
    app.close()


def open_first_referral(app, title):
    """The first row under that heading, with the keyboard."""
    app.see(title)
    row = app.find(R.LIST_ITEM, 'Psychosocial & Mental Health')
    walk_to(app, row)
    app.key('Return')


def accept(app):
    unlock(app)
    app.key('ctrl+3')
    app.press('Take In', seconds=15)
    app.see('A referral to us has arrived.', 15)
    open_first_referral(app, 'Referrals to Us')
    app.see('What Was Received')
    app.see(NAME)
    app.see(NEED)
    nothing_hidden(app, None, 'what was received')
    app.screenshot('day-received')
    app.press('Accept')
    app.see('The answer is sealed and waits in the outbox', 15)
    pump(0.3)
    app.screenshot('day-answered')
    app.key('ctrl+2')
    app.see(NAME)
    app.close()


def learn_the_answer(app):
    unlock(app)
    app.key('ctrl+3')
    app.press('Take In', seconds=15)
    app.see('An answer has arrived.', 15)
    app.see('Answers to Ours')
    app.see('Accepted')
    app.screenshot('day-accepted')
    app.key('ctrl+2')
    app.see(NAME)
    app.key('Tab', 'Down', 'Return')
    app.find(BUTTONS, 'Record Visit')
    app.see('Referral · Accepted')
    app.screenshot('day-client-accepted')
    app.close()


def readable_nowhere(desks):
    for path in (path for desk in desks for path in desk.vault.rglob('*') if path.is_file()):
        contents = path.read_bytes()
        for word in [*HIDDEN.values(), *SHOWN]:
            for encoding in ('utf-8', 'utf-16-le', 'utf-16-be'):
                if word.encode(encoding) in contents:
                    raise Failure('%r can be read in %s' % (word, path))


def afterwards(shop, clinic):
    """What the windows said is what stands in both vaults."""
    sent = shop.run('referral', 'list', '--out')
    if len(sent) != 1:
        raise Failure('%d referrals instead of one' % len(sent))
    for desk in (shop, clinic):
        shown = desk.run('referral', 'show', sent[0]['id'])
        if shown['status'] != 'accepted':
            raise Failure('the referral is %s at %s' % (shown['status'], desk.organization))
        desk.run('vault', 'check')
    if sorted(sent[0].get('groups', ['identity', 'needs'])) != ['identity', 'needs']:
        raise Failure('other groups than agreed: %s' % sent[0])
    client = shop.run('client', 'list')[0]
    visits = shop.run('visit', 'list', client['id'])
    if sorted(visit['summary'] for visit in visits) != sorted([HALF + REST, AGAIN]):
        raise Failure('the visits are not as they were written: %s' % visits)
    if client['step'] != 'basic-needs' or len(shop.run('assessment', 'list', client['id'])[0]['scores']) != 3:
        raise Failure('the assessment or the step was not kept')
    theirs = json.dumps([clinic.run('client', 'list'), clinic.run('referral', 'list', '--in')])
    if NAME not in theirs or any(word in theirs for word in HIDDEN.values()):
        raise Failure('the partner does not have exactly what was agreed to')
    readable_nowhere([shop, clinic])


def story(program, cli):
    root = pathlib.Path(tempfile.mkdtemp(prefix='tessera-day-'))
    try:
        shop = Desk(program, cli, root, SHOP, 'Nora Quist')
        clinic = Desk(program, cli, root, CLINIC, 'Bruno Specimen')
        prepare(shop, clinic, root)
        with shop.window() as app:
            working_day(app)
        carry(shop, clinic)
        with clinic.window() as app:
            accept(app)
        carry(clinic, shop)
        with shop.window() as app:
            learn_the_answer(app)
        afterwards(shop, clinic)
    finally:
        shutil.rmtree(root, ignore_errors=True)


if __name__ == '__main__':
    harness.run(lambda program: story(program, sys.argv[2]))

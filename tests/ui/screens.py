#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""screens.py PROGRAM SHOP HSDS-FILE...: the screens of a working day, driven as a person drives them.

A visit is begun in English, continued in Arabic, survives SIGKILL and is saved; a referral is prepared with the preview
of what the partner will see, agreed to on the turned screen, and sealed; a referral that arrived is taken in and accepted.
"""
import os
import subprocess
import sys

import harness  # noqa: F401 (asks for the right version of the library below)
from gi.repository import Atspi

from harness import App, BUTTONS, ENTRIES, Failure, R, pump

PASSPHRASE = 'four walls make a room'
HALF = 'She asked whether the dent'
REST = 'ist sees her this week'
SWITCHES = (R.TOGGLE_BUTTON, R.CHECK_BOX)


def prepare(app, shop, files):
    subprocess.run([shop, app.folder] + files, check=True)


def unlock(app):
    app.set('Passphrase', PASSPHRASE)
    app.key('Return')
    app.find(R.LABEL, 'Today', 20)


def open_client(app):
    app.key('ctrl+2')
    app.see('Amal Test')
    app.key('Tab', 'Down', 'Return')
    app.find(BUTTONS, 'Record Visit', 10)


def entry_with(app, text, seconds=10):
    def look():
        for node in app.walk():
            if node.get_role() in ENTRIES and app.text(node) == text:
                return node
        return None
    return app.wait(look, 'an entry that holds %r' % text, seconds)


def choose_language(app, shown, wanted):
    # The sidebar's menu button, which has a button inside, not the chip of the domain "Language".
    def look():
        for node in app.walk():
            if node.get_role() in BUTTONS and (node.get_name() or '') == shown:
                inner = next((n for n in app.walk(node) if n is not node and n.get_role() in BUTTONS), None)
                if inner is not None:
                    return inner
        return None
    app.wait(look, 'the language menu').do_action(0)
    app.find((R.MENU_ITEM, R.RADIO_MENU_ITEM, R.CHECK_MENU_ITEM), wanted).do_action(0)
    pump(0.5)


def visit_in_two_languages(app):
    open_client(app)
    app.key('ctrl+n')
    node = app.find(ENTRIES, 'What was said')
    app.press('Health and calm')
    for _ in range(20):
        if node.get_state_set().contains(Atspi.StateType.FOCUSED):
            break
        app.key('Tab')
    app.type(HALF)
    pump(0.3)
    choose_language(app, 'Language', 'العربية')
    entry_with(app, HALF)
    app.screenshot('visit-arabic')
    # The keyboard goes on where it was, in the middle of the word.
    app.type('ist')
    entry_with(app, HALF + 'ist')
    app.key('BackSpace', 'BackSpace', 'BackSpace')
    entry_with(app, HALF)
    pump(0.2)


def draft_after_kill(app):
    app.kill()
    app.start()
    app.set('Passphrase', PASSPHRASE) if app.look(ENTRIES, 'Passphrase') else app.type(PASSPHRASE)
    app.key('Return')
    pump(2)
    app.key('ctrl+2')
    pump(1)
    app.key('Tab', 'Down', 'Return')
    pump(1)
    app.key('ctrl+n')
    node = entry_with(app, HALF)
    app.screenshot('visit-after-kill')
    node.set_text_contents(HALF + REST)
    pump(0.3)
    app.key('ctrl+s')
    app.wait(lambda: app.look(ENTRIES, 'What was said') is None and entry_gone(app), 'the visit to be saved')


def entry_gone(app):
    return not any(node.get_role() in ENTRIES and app.text(node).startswith(HALF) for node in app.walk())


def refer(app):
    app.press('Refer')
    app.find(R.LABEL, 'Choose a Service…')
    app.key('Return')
    app.find(R.LIST, 'Services', 15)
    app.type('health')
    app.see('Health Services', 15)
    app.key('Return')
    pump(0.3)
    app.key('Down', 'Return')
    app.wait(lambda: app.look(R.LIST, 'Services') is None, 'the picker to close')
    app.key('Tab', 'space')
    pump(0.5)
    app.key('Down', 'Return')
    app.see('Lantern Clinic')
    app.set('Reason', 'Toothache for two weeks.')
    app.find(SWITCHES, 'Identity').do_action(0)
    app.find(R.LIST, 'What they will see', 15)
    app.see('Full name: Amal Test', 15)
    if any('Synthetic' in (node.get_name() or '') for node in app.walk()):
        raise Failure('the preview shows what the client did not agree to')
    app.screenshot('refer-preview')
    app.press('Turn the Screen')
    app.find(BUTTONS, 'Yes')
    app.screenshot('refer-turned')
    app.press('Yes')
    app.press('Send')
    app.see('The referral is sealed and waits in the outbox', 15)
    outbox = os.path.join(app.vault, 'outbox')
    if len([name for name in os.listdir(outbox) if name.endswith('.age')]) != 1:
        raise Failure('no sealed bundle in the outbox')


def receive(app):
    app.key('ctrl+3')
    app.press('Take In', seconds=15)
    app.see('A referral to us has arrived.', 15)
    app.see('Language café')
    app.screenshot('inbox')


def story(program, shop, files):
    app = App(program, width=1100, height=760)
    prepare(app, shop, files)
    with app:
        unlock(app)
        visit_in_two_languages(app)
        draft_after_kill(app)
        refer(app)
        receive(app)
        app.close()


if __name__ == '__main__':
    try:
        story(sys.argv[1], sys.argv[2], sys.argv[3:])
    except Failure as failure:
        print('FAILED: %s' % failure, file=sys.stderr)
        sys.exit(1)

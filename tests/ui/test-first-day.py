#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first day of a new shop: first run, recovery key, register someone, Arabic in the middle of a form, lock, unlock.

And what must not be lost: a form half-written when the power goes is offered again.
"""
import gettext
import os

import harness
from harness import App, BUTTONS, Failure, R, pump


def reader(language):
    """The words of the screen in that language, as the program itself reads them."""
    return gettext.translation('tessera', os.environ['TESSERA_LOCALE_DIR'], [language]).gettext


ARABIC = reader('ar')
FRENCH = reader('fr')
PASSPHRASE = 'four walls make a room'


def register(app):
    app.key('ctrl+2')
    app.find(R.LABEL, 'No Clients Yet')
    app.screenshot('clients-empty')
    app.press('Register the First Client')
    app.set('Full name', 'Amal Sample')
    app.set('How to call them', 'Amal')
    app.set('What they want, in their own words', 'مكان آمن للنوم')
    pump(0.5)
    app.screenshot('intake')
    app.press('Register')
    app.find(BUTTONS, 'Record Visit')
    app.see('Amal is registered as T-')
    app.screenshot('client')


def switch_in_the_middle(app):
    app.key('ctrl+shift+n')
    app.set('Full name', 'Amal Sampel')
    app.see('Already Here?')
    app.set('Full name', 'Bilal Sam')
    app.screenshot('intake-english')
    # The window behind the dialog has the menu; its action is what the menu calls.
    app.close_dialog()
    app.menu('Language', 'العربية')
    app.see(ARABIC('Clients'))
    app.key('ctrl+shift+n')
    name = app.find(harness.ENTRIES, ARABIC('Full name'))
    app.wait(lambda: app.text(name) == 'Bilal Sam', 'the half-written name in Arabic')
    app.screenshot('intake-arabic')
    app.close_dialog()
    app.screenshot('client-arabic')
    app.resize(360, 640)
    app.screenshot('client-arabic-narrow')
    app.resize(1000, 700)


def lock_and_unlock(app):
    app.key('ctrl+l')
    app.find(BUTTONS, ARABIC('Unlock'))
    if app.look(R.LABEL, 'Amal') is not None:
        raise Failure('a name is still on the locked screen')
    app.screenshot('locked-arabic')
    app.set(ARABIC('Passphrase'), 'wrong wrong wrong')
    app.press(ARABIC('Unlock'))
    app.find(R.ALERT, '', 20)
    app.set(ARABIC('Passphrase'), PASSPHRASE)
    app.press(ARABIC('Unlock'))
    # Back where it was: the client, not the first page.
    app.find(BUTTONS, ARABIC('Record Visit'), 20)
    app.menu(ARABIC('Language'), 'Français')
    app.see(FRENCH('Clients'))
    app.menu(FRENCH('Language'), 'English')
    app.find(BUTTONS, 'Record Visit')


def power_cut(app):
    app.key('ctrl+shift+n')
    app.set('Full name', 'Bilal Sample')
    pump(1)
    app.kill()
    app.start()
    app.set('Passphrase', PASSPHRASE)
    app.press('Unlock')
    app.see('Half-Written', 20)
    app.see('A new client')
    app.screenshot('today-draft')
    app.key('ctrl+shift+n')
    name = app.find(harness.ENTRIES, 'Full name')
    app.wait(lambda: app.text(name) == 'Bilal Sample', 'the name typed before the power cut')


def story(program):
    with App(program) as app:
        app.screenshot('first-run')
        harness.create_organization(app, passphrase=PASSPHRASE)
        app.screenshot('today-empty')
        register(app)
        switch_in_the_middle(app)
        lock_and_unlock(app)
        power_cut(app)
        app.close_dialog()
        app.close()


harness.run(story)

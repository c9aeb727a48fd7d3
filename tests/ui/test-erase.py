#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-erase.py PROGRAM: a supervisor erases a client from its page; the code has to be typed, and then nobody finds them."""
import harness
from harness import App, BUTTONS, Failure, R, pump


def find_yusuf(app):
    app.key('ctrl+2')
    app.find(R.LABEL, 'Basic needs', 20)
    app.type('yusuf')
    app.see('يوسف')
    app.key('Tab', 'Down', 'Return')
    app.find(BUTTONS, 'Record Visit')
    pump(0.5)


def is_enabled(button):
    return button.get_state_set().contains(harness.Atspi.StateType.SENSITIVE)


def story(program):
    with App(program, arguments=['--demo']) as app:
        app.find(R.LABEL, 'Due', 60)
        find_yusuf(app)
        app.menu('More', 'Erase…')
        app.wait(lambda: len(app.window_ids()) > 1, 'the dialog')
        code = app.find(R.LABEL, 'Yusuf · ').get_name().split(' · ')[1]
        button = app.find(BUTTONS, 'Erase for Ever')
        app.screenshot('erase')
        if is_enabled(button):
            raise Failure('it can be erased without the code')
        app.set('Client code', code[:-1])
        if is_enabled(button):
            raise Failure('it can be erased with half of the code')
        app.set('Client code', code.lower())
        app.press('Erase for Ever')
        app.wait(lambda: len(app.window_ids()) == 1, 'the end of erasing', 30)
        app.gone(BUTTONS, 'Record Visit')
        app.gone(R.LABEL, code)
        app.screenshot('erased')
        app.close()


if __name__ == '__main__':
    harness.run(story)

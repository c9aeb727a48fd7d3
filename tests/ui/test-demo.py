#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-demo.py PROGRAM: what `./run` opens, as the README tells it: search in any script, a client's page, the letters of
a partner that wait in the inbox, the directory; then in the dark and on a narrow screen.

Its screenshots are those of the README.
"""
import sys

import harness
from harness import App, BUTTONS, R, pump


def clients(app):
    app.key('ctrl+2')
    app.find(R.LABEL, 'Basic needs', 20)
    app.screenshot('clients')
    app.type('yusuf')
    app.see('يوسف')
    app.screenshot('clients-found')
    app.key('Tab', 'Down', 'Return')
    app.find(BUTTONS, 'Record Visit')
    app.see('Domains of Life')
    app.screenshot('client')


def inbox(app):
    app.key('ctrl+3')
    app.press('Take In')
    app.see('3 bundles were taken in', 20)
    app.screenshot('inbox')


def directory(app):
    app.key('ctrl+4')
    app.see('160 services', 20)
    app.screenshot('directory')


def story(program):
    with App(program, arguments=['--demo']) as app:
        app.find(R.LABEL, 'Due', 60)
        app.screenshot('today')
        clients(app)
        inbox(app)
        directory(app)
        app.close()
    with App(program, arguments=['--demo'], width=360, height=640,
             environment={'ADW_DEBUG_COLOR_SCHEME': 'prefer-dark'}) as app:
        app.find(R.LABEL, 'Due', 60)
        app.screenshot('today-dark-narrow')
        app.key('ctrl+2')
        pump(1)
        app.screenshot('clients-dark-narrow')
        app.close()


if __name__ == '__main__':
    harness.run(story)

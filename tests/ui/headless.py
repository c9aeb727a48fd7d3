#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""headless.py COMMAND...: runs it with a private X server and a private session bus.

Like xvfb-run, but the server itself picks a free display number, so that many may start at the same moment.
"""
import os
import subprocess
import sys


def main():
    reader, writer = os.pipe()
    server = subprocess.Popen(['Xvfb', '-displayfd', str(writer), '-screen', '0', '1920x1080x24', '-nolisten', 'tcp', '-noreset'],
                              pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        with os.fdopen(reader) as numbers:
            number = numbers.readline().strip()
        if not number:
            print('Xvfb did not start', file=sys.stderr)
            return 1
        environment = dict(os.environ, DISPLAY=':' + number, GDK_BACKEND='x11')
        environment.pop('WAYLAND_DISPLAY', None)
        return subprocess.run(['dbus-run-session', '--'] + sys.argv[1:], env=environment, check=False).returncode
    finally:
        server.terminate()
        server.wait()


sys.exit(main())

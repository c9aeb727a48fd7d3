# SPDX-License-Identifier: GPL-3.0-or-later
"""A system bus of its own with a logind that does what a test says, and a screen saver on the session bus."""
import os
import subprocess

import harness  # noqa: F401 (asks for the right versions)
from gi.repository import Gio, GLib

MANAGER = '''<node><interface name="org.freedesktop.login1.Manager">
  <method name="Inhibit"><arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="h" direction="out"/></method>
  <method name="GetSession"><arg type="s" direction="in"/><arg type="o" direction="out"/></method>
</interface></node>'''
PATH = '/org/freedesktop/login1'
SESSION = PATH + '/session/_31'


class Login:
    """Set `address` as DBUS_SYSTEM_BUS_ADDRESS of the program. Answers while the test pumps its main loop."""

    def __init__(self):
        self.daemon = subprocess.Popen(['dbus-daemon', '--session', '--nofork', '--nopidfile', '--print-address=1'],
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = self.daemon.stdout.readline().strip()
        self.asked = []
        self.delays = []
        self.bus = self._connect()
        self.bus.register_object(PATH, Gio.DBusNodeInfo.new_for_xml(MANAGER).interfaces[0], self._called, None, None)
        self.bus.call_sync('org.freedesktop.DBus', '/', 'org.freedesktop.DBus', 'RequestName',
                           GLib.Variant('(su)', ('org.freedesktop.login1', 4)), None, 0, -1, None)

    def _connect(self):
        flags = Gio.DBusConnectionFlags
        return Gio.DBusConnection.new_for_address_sync(
            self.address, flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION, None, None)

    def _called(self, bus, sender, path, interface, method, arguments, invocation):
        if method == 'GetSession':
            invocation.return_value(GLib.Variant('(o)', (SESSION,)))
            return
        self.asked.append(arguments.unpack())
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        self.delays.append(reader)
        descriptors = Gio.UnixFDList.new()
        index = descriptors.append(writer)
        os.close(writer)
        invocation.return_value_with_unix_fd_list(GLib.Variant('(h)', (index,)), descriptors)

    def is_held(self):
        """Whether the program still holds the delay it was given last."""
        if not self.delays:
            return False
        try:
            return os.read(self.delays[-1], 1) != b''
        except BlockingIOError:
            return True

    def sleep(self, before=True):
        self.bus.emit_signal(None, PATH, 'org.freedesktop.login1.Manager', 'PrepareForSleep',
                             GLib.Variant('(b)', (before,)))

    def lock(self):
        self.bus.emit_signal(None, SESSION, 'org.freedesktop.login1.Session', 'Lock', None)

    def hint(self, locked):
        self.bus.emit_signal(None, SESSION, 'org.freedesktop.DBus.Properties', 'PropertiesChanged', GLib.Variant(
            '(sa{sv}as)', ('org.freedesktop.login1.Session', {'LockedHint': GLib.Variant('b', locked)}, [])))

    def close(self):
        self.bus.close_sync(None)
        self.daemon.terminate()
        self.daemon.wait()


class ScreenSaver:
    """The desktop's, on the session bus."""

    NAME = 'org.gnome.ScreenSaver'

    def __init__(self):
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
        self.bus.call_sync('org.freedesktop.DBus', '/', 'org.freedesktop.DBus', 'RequestName',
                           GLib.Variant('(su)', (self.NAME, 4)), None, 0, -1, None)

    def activate(self, active=True):
        self.bus.emit_signal(None, '/org/gnome/ScreenSaver', self.NAME, 'ActiveChanged', GLib.Variant('(b)', (active,)))

# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives the real application in real windows through the accessibility tree.

Run inside `xvfb-run ... dbus-run-session` (see meson.build here). It finds things by role and name, the way a screen
reader does, so a control without a name fails the test that needs it.

Facts of GTK 4.8 it works around: text must be read with its length, SHOWING is only set on windows, menu and list rows
have no actions (the keyboard and the Selection interface are used instead).
"""
import gettext
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings

warnings.simplefilter('ignore')
import gi  # noqa: E402

gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, GLib  # noqa: E402

R = Atspi.Role
BUTTONS = (R.PUSH_BUTTON, R.TOGGLE_BUTTON)
ENTRIES = (R.TEXT, R.ENTRY, R.PASSWORD_TEXT)


class Failure(Exception):
    """What was expected did not come."""


def pump(seconds=0.05):
    """Lets accessibility events in for a while."""
    context, end = GLib.MainContext.default(), time.time() + seconds
    while time.time() < end:
        if not context.iteration(False):
            time.sleep(0.005)


def words(language):
    """The function from a text of the sources to what stands on the screen in @language."""
    return gettext.translation('tessera', os.environ['TESSERA_LOCALE_DIR'], [language]).gettext


class App:
    """One run of the program on a vault in a folder of its own."""

    def __init__(self, program, folder=None, language='en', width=1000, height=700, arguments=(), environment=None):
        self.program = program
        self.folder = folder or tempfile.mkdtemp(prefix='tessera-ui-')
        self.owns_folder = folder is None
        self.size = (width, height)
        self.arguments = list(arguments)
        self.environment = dict(os.environ, LANGUAGE=language, GSK_RENDERER='cairo', GSETTINGS_BACKEND='memory',
                                ADW_DISABLE_PORTAL='1', GTK_A11Y='atspi',
                                XDG_DATA_HOME=os.path.join(self.folder, 'data'))
        self.environment.setdefault('LANG', 'en_US.UTF-8')
        self.environment.update(environment or {})
        self.process = None
        self.settings = os.path.join(self.folder, 'config')

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            self.screenshot('failure')
            self.dump()
        self.stop()
        if self.owns_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def vault(self):
        return os.path.join(self.folder, 'vault')

    def start(self):
        config = os.path.join(self.settings, 'gtk-4.0')
        os.makedirs(config, exist_ok=True)
        with open(os.path.join(config, 'settings.ini'), 'w', encoding='utf-8') as file:
            file.write('[Settings]\ngtk-enable-animations=0\ngtk-cursor-blink=0\n')
        arguments = (self.arguments or ['--vault', self.vault]) + ['--quick-keys']
        self.process = subprocess.Popen([self.program] + arguments,
                                        env=dict(self.environment, XDG_CONFIG_HOME=self.settings))
        self.wait(lambda: self.root() is not None, 'the application in the accessibility tree', 20)
        self.wait(lambda: self.window_ids(), 'a window', 20)
        self.resize(*self.size)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process = None

    def kill(self):
        """SIGKILL, as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def close(self):
        """Ctrl+Q; fails unless the program ends by itself without a complaint."""
        self.key('ctrl+q')
        try:
            code = self.process.wait(20)
        except subprocess.TimeoutExpired as error:
            raise Failure('the program did not end after Ctrl+Q') from error
        self.process = None
        if code != 0:
            raise Failure('the program ended with status %d' % code)

    # The tree.

    def root(self):
        desktop = Atspi.get_desktop(0)
        for index in range(desktop.get_child_count()):
            child = desktop.get_child_at_index(index)
            if child is not None and child.get_process_id() == self.process.pid:
                return child
        return None

    def walk(self, node=None, limit=60):
        node = node or self.root()
        if node is None:
            return
        yield node
        for child in self.children(node, limit):
            yield from self.walk(child, limit)

    @staticmethod
    def children(node, limit):
        """The visible children. All are asked for at once, because GTK 4.8 ends when a client asks for a window that was
        closed since it counted; what is not visible is in the tree as well, but is not there for a person."""
        try:
            found = [node.get_child_at_index(index) for index in range(min(node.get_child_count(), limit))]
        except GLib.Error:
            return
        for child in found:
            try:
                if child is not None and child.get_state_set().contains(Atspi.StateType.VISIBLE):
                    yield child
            except GLib.Error:
                continue

    def look(self, roles, name, within=None):
        """The first such node at this moment, or None. `name` is a part of its name."""
        roles = roles if isinstance(roles, (tuple, list)) else (roles,)
        for node in self.walk(within):
            try:
                if node.get_role() in roles and name in (node.get_name() or ''):
                    return node
            except GLib.Error:
                continue
        return None

    def wait(self, condition, what, seconds=10):
        end = time.time() + seconds
        while time.time() < end:
            if self.process is not None and self.process.poll() is not None:
                raise Failure('the program ended with status %s while waiting for %s' % (self.process.returncode, what))
            try:
                result = condition()
            except GLib.Error:
                result = None
            if result:
                return result
            pump(0.05)
        raise Failure('not found: %s' % what)

    def find(self, roles, name, seconds=10, within=None):
        return self.wait(lambda: self.look(roles, name, within), '%s %r' % (roles, name), seconds)

    def gone(self, roles, name, seconds=10):
        self.wait(lambda: self.look(roles, name) is None, 'the end of %r' % name, seconds)

    def see(self, text, seconds=10):
        """Some visible node has this text in its name or content."""
        def condition():
            for node in self.walk():
                if text in (node.get_name() or ''):
                    return node
                if node.get_role() in ENTRIES + (R.LABEL,) and text in self.text(node):
                    return node
            return None
        return self.wait(condition, 'the text %r' % text, seconds)

    @staticmethod
    def text(node):
        try:
            return Atspi.Text.get_text(node, 0, node.get_character_count())
        except GLib.Error:
            return ''

    # What a person does.

    def press(self, name, roles=BUTTONS, seconds=10):
        node = self.wait(lambda: self._enabled(roles, name), 'a button %r that can be pressed' % name, seconds)
        node.do_action(0)
        pump(0.15)

    def _enabled(self, roles, name):
        for node in self.walk():
            if (node.get_role() in roles and name == (node.get_name() or '')
                    and node.get_state_set().contains(Atspi.StateType.SENSITIVE)):
                return node
        return None

    def menu(self, button, item):
        """Opens the menu button named so and chooses an item."""
        node = self.find(BUTTONS, button)
        inner = next((n for n in self.walk(node) if n is not node and n.get_role() in BUTTONS), node)
        inner.do_action(0)
        choice = self.find((R.MENU_ITEM, R.RADIO_MENU_ITEM, R.CHECK_MENU_ITEM), item)
        choice.do_action(0)
        pump(0.3)

    def set(self, name, value):
        """Writes into the entry of that name, at once."""
        node = self.find(ENTRIES, name)
        node.set_text_contents(value)
        pump(0.1)
        return node

    def toggle(self, name):
        node = self.find((R.TOGGLE_BUTTON, R.CHECK_BOX), name)
        node.do_action(0)
        pump(0.1)

    def key(self, *keys):
        window = self.window_ids()[-1]
        subprocess.run(['xdotool', 'windowfocus', '--sync', window], check=False, stderr=subprocess.DEVNULL)
        for key in keys:
            subprocess.run(['xdotool', 'key', '--clearmodifiers', key], check=True)
            pump(0.1)

    def close_dialog(self):
        """Escape in the dialog on top; waits until it has gone."""
        before = self.window_ids()
        self.key('Escape')
        self.wait(lambda: len(self.window_ids()) < len(before), 'the end of the dialog')
        pump(0.3)

    def type(self, text):
        window = self.window_ids()[-1]
        subprocess.run(['xdotool', 'windowfocus', '--sync', window], check=False, stderr=subprocess.DEVNULL)
        subprocess.run(['xdotool', 'type', '--delay', '15', text], check=True)
        pump(0.1)

    # The outside.

    def window_ids(self):
        found = subprocess.run(['xdotool', 'search', '--onlyvisible', '--pid', str(self.process.pid)],
                               capture_output=True, text=True, check=False)
        return found.stdout.split()

    def resize(self, width, height):
        window = self.window_ids()[0]
        subprocess.run(['xdotool', 'windowsize', window, str(width), str(height)], check=False)
        subprocess.run(['xdotool', 'windowmove', window, '0', '0'], check=False)
        pump(0.3)

    def screenshot(self, name):
        folder = os.environ.get('TESSERA_SCREENSHOT_DIR')
        if not folder or self.process is None:
            return
        os.makedirs(folder, exist_ok=True)
        pump(0.3)
        windows = self.window_ids()
        if len(windows) > 1:
            # Nothing manages windows here: a dialog is put where a desktop would, over the middle of its window.
            whole = self._geometry(windows[0])[2:]
            for window in windows[1:]:
                self._center(window, whole)
            pump(0.3)
            what = ['root', '-crop', '%dx%d+0+0' % tuple(whole), '+repage']
        else:
            what = windows
        if windows:
            subprocess.run(['import', '-window', *what, os.path.join(folder, name + '.png')], check=False)

    @staticmethod
    def _geometry(window):
        told = subprocess.run(['xdotool', 'getwindowgeometry', '--shell', window], capture_output=True, text=True,
                              check=False).stdout
        facts = dict(line.split('=', 1) for line in told.splitlines() if '=' in line)
        return [int(facts.get(key, 0)) for key in ('X', 'Y', 'WIDTH', 'HEIGHT')]

    def _center(self, window, whole):
        x, y, width, height = self._geometry(window)
        if (x, y) != (0, 0):
            return
        place = [str(max(0, (whole - part) // 2)) for whole, part in zip(whole, (width, height))]
        subprocess.run(['xdotool', 'windowmove', window] + place, check=False)

    def dump(self, file=sys.stderr):
        """The tree as a screen reader sees it."""
        def show(node, depth):
            print('%s%s %r %r' % ('  ' * depth, node.get_role_name(), node.get_name(), self.text(node)[:40]), file=file)
            for index in range(min(node.get_child_count(), 40)):
                child = node.get_child_at_index(index)
                if child is not None and child.get_state_set().contains(Atspi.StateType.VISIBLE):
                    show(child, depth + 1)
        root = self.root()
        if root is not None:
            show(root, 0)


def create_organization(app, organization='Harbor House', name='Nora Quist', passphrase='four walls make a room'):
    """From the first-run page to the desk."""
    app.set('Name of your organization', organization)
    app.set('Your name', name)
    app.set('Passphrase', passphrase)
    app.set('Passphrase again', passphrase)
    app.press('Create the Vault')
    app.find(R.LABEL, 'Write Down the Recovery Key', 30)
    app.toggle('I have written it down')
    app.press('Begin')
    app.find(R.LABEL, 'Today', 20)


def run(story):
    """Runs story(program) and reports as a test program does."""
    try:
        story(sys.argv[1])
    except Failure as failure:
        print('FAILED: %s' % failure, file=sys.stderr)
        sys.exit(1)

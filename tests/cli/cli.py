# SPDX-License-Identifier: GPL-3.0-or-later
"""What the scripts of this folder share: running tessera-cli, throw-away folders, and TAP output."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import traceback

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else 'build/src/cli/tessera-cli'
SOURCE = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else '.').resolve()
PASSPHRASE = 'correct horse battery staple'


class Skip(Exception):
    """The machine cannot show this."""


class Vault:
    """One vault folder and the passphrase to it."""

    def __init__(self, root, name='vault', passphrase=PASSPHRASE, now=None):
        self.folder = pathlib.Path(root) / name
        self.key = pathlib.Path(root) / f'{name}.passphrase'
        self.key.write_text(passphrase + '\n')
        self.now = now
        self.prefix = []
        self.said = ''

    def run(self, *words, status=0, json_output=True, unlocked=True, extra=(), stdin=None, passphrase_file=None):
        """Runs one command and returns what --json printed (or the text), after checking the exit status (None: any)."""
        command = [*self.prefix, PROGRAM, '--vault', str(self.folder), *extra]
        if unlocked:
            command += ['--passphrase-file', str(passphrase_file or self.key)]
        if json_output:
            command.append('--json')
        environment = dict(os.environ, LC_ALL='C.UTF-8', TESSERA_DATA_DIR=str(SOURCE / 'data'))
        if self.now:
            environment['TESSERA_NOW'] = self.now
        done = subprocess.run(command + [str(word) for word in words], capture_output=True, text=True, stdin=stdin or
                              subprocess.DEVNULL, env=environment, timeout=120, check=False)
        self.said = done.stderr
        assert status is None or done.returncode == status, \
            f'{" ".join(map(str, words))}: exit {done.returncode} instead of {status}\n{done.stderr}{done.stdout}'
        assert done.returncode == 0 or done.stderr.strip(), f'{words}: refused without a word'
        for word in ('assertion', 'CRITICAL', 'Sanitizer', 'runtime error'):
            assert word not in done.stderr, done.stderr
        if json_output and done.stdout.strip():
            return json.loads(done.stdout)
        return done.stdout

    def create(self, organization='Example Shop', worker='Ana', *more, **keywords):
        """Makes the vault with the fast work factor."""
        return self.run('vault', 'create', '--organization', organization, '--worker', worker, '--work-factor', 'minimum',
                        *more, extra=('--new-passphrase-file', str(self.key)), unlocked=False, **keywords)


def data_file(name):
    """A file of the service directory, from the source tree."""
    for folder in (SOURCE / 'data' / 'directory',):
        if (folder / name).exists():
            return folder / name
    raise Skip(f'{name} is not here')


def main(*tests):
    """Runs functions that take a temporary folder, and prints TAP."""
    print(f'1..{len(tests)}')
    failed = False
    for number, test in enumerate(tests, 1):
        root = tempfile.mkdtemp(prefix='tessera-cli-')
        name = f'{number} {test.__name__}'
        try:
            test(pathlib.Path(root))
            print(f'ok {name}')
        except Skip as reason:
            print(f'ok {name} # SKIP {reason}')
        except Exception:  # every failure is reported, and the other tests still run
            failed = True
            print(f'not ok {name}')
            for line in traceback.format_exc().splitlines():
                print(f'# {line}')
        finally:
            subprocess.run(['chmod', '-R', 'u+rwX', root], check=False)
            shutil.rmtree(root, ignore_errors=True)
        sys.stdout.flush()
    sys.exit(failed)

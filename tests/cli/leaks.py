#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A marker in every field and through every command: none may be readable in any file that was ever written.

Where strace is at hand, every write is looked at, that of a file that is gone again too, and every place where a file
was made. What the commands print is for the person who asked; what they log is not.
"""
import base64
import os
import random
import re
import shutil
import string
import subprocess

from cli import PASSPHRASE, Skip, Vault, main

STRACE = ['strace', '-f', '-qq', '-y', '-s', '1048576', '-e',
          'trace=%file,write,pwrite64,writev,pwritev,sendto,sendmsg', '-o']
WRITING = ('write(', 'pwrite64(', 'writev(', 'pwritev', 'sendto(', 'sendmsg(')
MAKING = re.compile(r'\b(?:openat|open|creat|mkdir|mkdirat|rename|renameat|renameat2|link|linkat|symlink|symlinkat)\(')


class Markers:
    """Words that occur nowhere else, by where they were put."""

    def __init__(self):
        self.words = {}

    def new(self, place):
        word = 'q' + ''.join(random.choices(string.ascii_lowercase, k=15))
        self.words[word] = place
        return word

    def add(self, word, place):
        self.words[word] = place
        return word


def encodings(word):
    """The word as it may stand in a file: as it is, in UTF-16, in hexadecimal, in base64 at any offset."""
    plain = word.encode()
    found = [plain, word.encode('utf-16-le'), word.encode('utf-16-be'), plain.hex().encode(),
             plain.hex().upper().encode()]
    for skip in range(3):
        # The letters that depend on neighbors are left out.
        found.append(base64.b64encode(b'\0' * skip + plain)[4 if skip else 0:-4].rstrip(b'='))
    return found


def search(contents, markers):
    return sorted({f'{place} ({word})' for word, place in markers.words.items()
                   for encoded in encodings(word) if encoded in contents})


class WatchedVault(Vault):
    """Runs everything in a home of its own, with all logs on, and under strace if there is one."""

    def __init__(self, root, name, markers):
        super().__init__(root, name)
        self.root, self.markers, self.traces, self.spoken = root, markers, 0, ''
        self.traced = shutil.which('strace') is not None
        for variable, folder in (('HOME', 'home'), ('TMPDIR', 'tmp'), ('XDG_CONFIG_HOME', 'home/config'),
                                 ('XDG_CACHE_HOME', 'home/cache'), ('XDG_DATA_HOME', 'home/data'),
                                 ('XDG_STATE_HOME', 'home/state'), ('XDG_RUNTIME_DIR', 'run')):
            (root / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
            os.environ[variable] = str(root / folder)
        os.environ['G_MESSAGES_DEBUG'] = 'all'

    def run(self, *words, **keywords):
        trace = self.root / 'trace'
        if self.traced:
            self.prefix = [*STRACE, str(trace)]
        result = super().run(*words, **keywords)
        self.spoken += self.said
        if self.traced:
            judge_trace(self.root, trace, self.markers, words)
            trace.unlink()
            self.traces += 1
        return result


def judge_trace(root, trace, markers, words):
    """No marker is written but to the terminal or where it was asked for, no file made elsewhere, nothing started."""
    started = 0
    for line in trace.read_text(errors='surrogateescape').splitlines():
        call = line.split(' ', 1)[-1].lstrip()
        if call.startswith('execve('):
            started += ' = 0' in call
        elif call.startswith(WRITING):
            flat = call.replace('\\0', '')  # zeros, as strace writes them
            to = call[call.index('(') + 1:call.index(',')]
            if not to.startswith('1<') and str(root / 'asked') not in to:
                found = [place for word, place in markers.words.items() if word in flat]
                assert not found, f'{words[:2]}: {found} written to {to}'
        elif MAKING.match(call) and ' = -1' not in call and 'O_RDONLY' not in call:
            for path in re.findall(r'"([^"]+)"', call):
                assert not path.startswith('/') or path.startswith((str(root), '/dev/')), f'{words[:2]}: made {path}'
    assert started == 1, f'{words[:2]}: started {started - 1} other programs'


def list_entities(vault):
    vault.run('record', 'fields', 'nonsense', status=1)
    return [word for word in re.findall(r'[a-z_]+', vault.said.split('nonsense', 1)[-1])
            if word not in ('there', 'is', 'no', 'entity', 'known', 'are')]


def fill(field, entity, markers, known):
    """A value for one field, or None."""
    if field['automatic'] or field['name'].endswith('_key'):
        return None
    kind = field['type']
    if kind == 'text':
        return markers.new(f'{entity}.{field["name"]}')
    if kind in ('choice', 'set'):
        return field['codes'][0] if field.get('codes') else None
    if kind == 'reference':
        return known.get(field['of'])
    return {'date': '2026-11-20', 'language': 'ar', 'boolean': 'yes', 'integer': '3', 'number': '1.5',
            'instant': '2026-11-20T10:00:00Z'}.get(kind)


def fill_every_entity(vault, markers):
    """A row of each kind, with all fields that take a value; some rows need others before them."""
    known, left, done = {}, list_entities(vault), []
    assert 'client' in left and 'visit' in left, left
    for _ in range(2):
        for entity in list(left):
            tried = Markers()
            fields = vault.run('record', 'fields', entity)
            values = {field['name']: fill(field, entity, tried, known) for field in fields}
            if any(field['required'] and values[field['name']] is None and not field['automatic'] for field in fields):
                continue
            words = [f'{name}={value}' for name, value in values.items() if value is not None]
            made = add_row(vault, entity, words, values)
            if made:
                known[entity] = made['id']
                markers.words.update(tried.words)
                left.remove(entity)
                done.append(entity)
    return known, done, left


def add_row(vault, entity, words, values):
    """Some fields are refused for words without a meaning (a number, an address): then they are left out."""
    noun = {'client': ['client', 'add'], 'visit': ['visit', 'add', values.get('client')]}.get(entity)
    for _ in range(8):
        command = noun or ['record', 'add', entity]
        given = [word for word in words if not (noun and entity == 'visit' and word.startswith('client='))]
        try:
            return vault.run(*command, *given)
        except AssertionError:
            refused = [word for word in words if word.split('=', 1)[0] in vault.said or word.split('=', 1)[1] in vault.said]
            vault.said = ''
            if not refused:
                return None
            words = [word for word in words if word not in refused[:1]]
    return None


def everything(root):
    markers = Markers()
    (root / 'asked').mkdir()
    vault, other = WatchedVault(root, 'vault', markers), WatchedVault(root, 'other', markers)
    made = vault.create('Organization ' + markers.new('organization'), 'Ana ' + markers.new('worker'))
    markers.add(PASSPHRASE, 'passphrase')
    markers.add(made['recovery_key'], 'recovery key')
    markers.add(made['recovery_key'].replace('-', ''), 'recovery key')
    other.create('Other', 'Bruno')
    known, done, left = fill_every_entity(vault, markers)
    print(f'# {len(done)} kinds of rows, {len(markers.words)} markers; not by hand: {" ".join(left)}')
    assert len(done) >= 8, done

    client = known['client']
    code = vault.run('client', 'show', client)['code']
    vault.run('client', 'edit', client, 'notes=' + markers.new('client edit'))
    vault.run('client', 'find', markers.new('words searched for'))
    vault.run('assessment', 'add', code, 'home=1/2', '--notes', markers.new('assessment'))
    vault.run('step', 'set', code, 'basic-needs', '--reason', 'assessment', '--notes', markers.new('step'))
    vault.run('need', 'add', code, 'domain=home', 'text=' + markers.new('need'))
    vault.run('goal', 'add', code, 'domain=home', 'text=' + markers.new('goal'))
    vault.run('task', 'add', code, 'text=' + markers.new('task'))
    paper = root / 'asked' / f'{markers.new("name of a paper")}.txt'
    paper.write_text(f'A paper that says {markers.new("text of a paper")}.\n' * 3000)
    vault.run('document', 'add', code, paper, 'title=' + markers.new('title of a paper'))
    vault.run('document', 'save', vault.run('document', 'list', code)[0]['id'], root / 'asked' / 'paper.txt')
    table = root / 'asked' / 'people.csv'
    table.write_text(f'name,notes\n{markers.new("CSV name")},{markers.new("CSV notes")}\n')
    vault.run('client', 'import', table, json_output=False)
    vault.run('client', 'export', client)
    vault.run('report', 'caseload')
    vault.run('report', 'indicators', '--from', '2026-01-01', '--to', '2026-12-31')
    vault.run('report', 'audit')

    partner = send(root, vault, other, code, markers)
    vault.run('consent', 'list', code)
    vault.run('partner', 'revoke', partner)
    vault.run('vault', 'check')
    vault.run('vault', 'backup')
    vault.run('vault', 'backup', root / 'copy.backup')
    restored = WatchedVault(root, 'restored', markers)
    restored.run('vault', 'restore', root / 'copy.backup', passphrase_file=vault.key)
    restored.run('vault', 'check', passphrase_file=vault.key)

    files = judge_files(root, markers)
    for one in (vault, other, restored):
        found = search(one.spoken.encode(), markers)
        assert not found, f'logged: {found}'
    print(f'# {len(markers.words)} markers, {files} files, {vault.traces + other.traces + restored.traces} traces')


def send(root, vault, other, code, markers):
    """A consent and a referral, there and back."""
    ours = vault.run('partner', 'card', root / 'asked' / 'ours.card')
    theirs = other.run('partner', 'card', root / 'asked' / 'theirs.card')
    partner = vault.run('partner', 'add', root / 'asked' / 'theirs.card')['id']
    sender = other.run('partner', 'add', root / 'asked' / 'ours.card')['id']
    vault.run('partner', 'trust', partner, '--fingerprint', theirs['fingerprint'])
    other.run('partner', 'trust', sender, '--fingerprint', ours['fingerprint'])
    vault.run('consent', 'give', code, '--to', partner, '--purpose', 'share_for_service', '--groups', 'identity,needs')
    referral = vault.run('referral', 'create', code, '--partner', partner, '--reason', markers.new('reason'),
                         '--service-name', markers.new('service name'))
    vault.run('bundle', 'export', '--to', partner, root / 'out.age')
    other.run('bundle', 'inspect', root / 'out.age')
    other.run('bundle', 'import', root / 'out.age')
    other.run('referral', 'answer', referral['id'], 'accept', '--text', markers.new('answer'))
    other.run('bundle', 'export', '--to', sender, root / 'back.age')
    vault.run('bundle', 'import', root / 'back.age')
    return partner


def judge_files(root, markers):
    """Everything that is left, but what was asked for or given as input; names too."""
    count = 0
    for path in root.rglob('*'):
        if root / 'asked' in path.parents or path.suffix == '.passphrase':
            continue
        found = search(os.fsencode(path.name), markers)
        if path.is_file():
            count += 1
            found += search(path.read_bytes(), markers)
        assert not found, f'{path}: {found}'
    return count


def the_search_finds(root):
    """The test itself: a marker in any of the encodings is found."""
    markers = Markers()
    word = markers.new('somewhere')
    for skip in range(5):
        padded = b'x' * skip + word.encode() + b'yy'
        for contents in (padded, padded.hex().encode(), base64.b64encode(padded), padded.decode().encode('utf-16-le')):
            assert search(b'...' + contents + b'...', markers), (skip, contents)
    assert not search(b'nothing of the kind', markers)
    if shutil.which('strace') is None:
        raise Skip('without strace only what is left is searched')
    for script, seen in ((f'echo {word} > {root}/there', True), (f'echo {word} > {root}/there; rm {root}/there', True),
                         ('echo nothing > /tmp/tessera-leaks-elsewhere; rm /tmp/tessera-leaks-elsewhere', True),
                         ('/bin/true', True), (f'echo {word}', False)):
        subprocess.run([*STRACE, str(root / 'trace'), 'sh', '-c', script + '; :'], check=True, capture_output=True)
        try:
            judge_trace(root / 'nowhere' if '/tmp/' in script else root, root / 'trace', markers, [script])
        except AssertionError:
            assert seen, script
        else:
            assert not seen, script



main(the_search_finds, everything)

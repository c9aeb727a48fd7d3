#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""SQLite's shell on the page layer, loaded as an extension, and beside it the shell as it is.

The same statements must print the same; what the one leaves on the disk must not hold what the other's files hold.
Every page size, with a write-ahead log and with a rollback journal, finished properly and killed. Prints TAP.
"""
import pathlib
import subprocess
import sys
import tempfile

shell, module = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
MARKER = 'Nightingale-Marker-7741'
SIZES = [1024, 2048, 4096, 8192, 16384, 32768, 65536]
MODES = ['wal', 'delete']
TIMEOUT = 50

FILL = f'''
CREATE TABLE note (id INTEGER PRIMARY KEY, title TEXT, body BLOB);
CREATE INDEX note_title ON note (title);
CREATE VIRTUAL TABLE words USING fts5 (text);
INSERT INTO note SELECT value, '{MARKER} ' || value, zeroblob(value * 40) FROM generate_series(1, 120);
INSERT INTO words SELECT '{MARKER} number ' || value FROM generate_series(1, 120);
INSERT INTO note VALUES (1000, 'a file', readfile('picture'));
'''
CHANGE = '''
DELETE FROM note WHERE id % 3 = 0;
UPDATE note SET body = zeroblob(9000) WHERE id % 5 = 0;
UPDATE note SET title = title || ' again' WHERE id % 7 = 0;
INSERT INTO words (words) VALUES ('optimize');
'''
LOOK = '''
PRAGMA page_size;
PRAGMA integrity_check;
SELECT count(*), sum(length(body)), max(title) FROM note;
SELECT count(*) FROM words WHERE words MATCH 'number';
SELECT title FROM note INDEXED BY note_title WHERE title > 'N' ORDER BY title DESC LIMIT 3;
SELECT writefile('picture-again', body) FROM note WHERE id = 1000;
'''
UNFINISHED = f'''
PRAGMA cache_size = 2;
PRAGMA wal_autocheckpoint = 0;
INSERT INTO note VALUES (2000, '{MARKER} committed', NULL);
BEGIN;
UPDATE note SET title = 'lost', body = zeroblob(5000);
SELECT 'now';
'''
number = 0


def say(name, problems):
    global number
    number += 1
    print(f'{"not ok" if problems else "ok"} {number} {name}')
    for problem in problems:
        print('# ' + problem.replace('\n', '\n# '))
    failures.extend(problems)


def prepare(layer, folder, path):
    """What comes before the statements. The file is opened only when the layer is there."""
    return (f'.load {module}\n' if layer else '') + f'.open {folder / path}\n.cd {folder}\n.mode list\n'


def run(layer, folder, path, statements):
    """What the shell prints, complaints included."""
    return subprocess.run([shell, '-batch'], input=prepare(layer, folder, path) + statements, text=True, cwd=folder,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT, check=False).stdout


def kill(layer, folder, path, statements):
    """The same for a shell that is killed once it has printed "now"."""
    printed = ''
    with subprocess.Popen([shell, '-batch'], text=True, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as process:
        process.stdin.write(prepare(layer, folder, path) + statements)
        process.stdin.flush()
        for line in process.stdout:
            printed += line
            if line == 'now\n':
                break
        process.kill()
    return printed


def use(layer, folder, size, mode):
    """A life of a database; what was printed, and which files were seen."""
    (folder / 'picture').write_bytes(bytes(range(256)) * 500)
    printed = run(layer, folder, 'a.db', f'PRAGMA page_size = {size};\nPRAGMA journal_mode = {mode};\n' + FILL + LOOK)
    printed += run(layer, folder, 'a.db', CHANGE + LOOK + 'VACUUM;\n.backup b.db\nVACUUM INTO \'c.db\';\n' + LOOK)
    for copy in ('b.db', 'c.db'):
        printed += run(layer, folder, copy, LOOK + '.dump\n')
    printed += kill(layer, folder, 'a.db', UNFINISHED)
    left = [path.name for path in folder.iterdir()]
    holding = [path.name for path in folder.iterdir() if MARKER.encode() in path.read_bytes()]
    printed += run(layer, folder, 'a.db', LOOK + '.dump\nPRAGMA wal_checkpoint(TRUNCATE);\nPRAGMA journal_mode;\n')
    holding += [path.name for path in folder.iterdir() if MARKER.encode() in path.read_bytes()]
    if (folder / 'picture').read_bytes() != (folder / 'picture-again').read_bytes():
        printed += 'the blob came back different\n'
    return printed, left, set(holding)


def first_difference(mine, theirs):
    for mine_line, their_line in zip(mine.splitlines() + ['(nothing)'], theirs.splitlines() + ['(nothing)']):
        if mine_line != their_line:
            return [f'with the layer: {mine_line[:200]}', f'without: {their_line[:200]}']
    return []


def check_life(size, mode):
    with tempfile.TemporaryDirectory() as with_layer, tempfile.TemporaryDirectory() as without:
        printed, left, holding = use(True, pathlib.Path(with_layer), size, mode)
        plain, plain_left, plain_holding = use(False, pathlib.Path(without), size, mode)
    problems = first_difference(printed, plain)
    companion = 'a.db-wal' if mode == 'wal' else 'a.db-journal'
    for kind, files in (('with', left), ('without', plain_left)):
        if companion not in files:
            problems.append(f'the killed shell {kind} the layer left no {companion}')
    if holding:
        problems.append('readable: ' + ', '.join(sorted(holding)))
    if not {'a.db', 'b.db', 'c.db', companion} <= plain_holding:
        problems.append('the marker is not even in the readable files')
    if 'Error' in printed or 'committed' not in printed:
        problems.append(printed[:2000])
    say(f'pages of {size} bytes, {mode}', problems)


def check_refusals():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run(False, folder, 'plain.db', 'CREATE TABLE t (a);')
        run(True, folder, 'sealed.db', 'CREATE TABLE t (a);')
        say('the shell is on the layer',
            [] if run(True, folder, 'sealed.db', '.vfsname\n').startswith('tessera-') else ['it is not'])
        printed = run(True, folder, 'plain.db', 'SELECT * FROM t;')
        say('a readable database is refused', [] if 'not a database' in printed else [printed])
        printed = run(False, folder, 'sealed.db', 'SELECT * FROM t;')
        say('a sealed database is none without the layer', [] if 'not a database' in printed else [printed])
        printed = run(True, folder, 'sealed.db', "ATTACH 'other.db' AS other; CREATE TABLE other.t (a);"
                      f"INSERT INTO other.t VALUES ('{MARKER}'); SELECT count(*) FROM other.t;")
        readable = MARKER.encode() in (folder / 'other.db').read_bytes()
        say('an attached database is sealed', [] if printed == '1\n' and not readable else [printed])
        printed = run(True, folder, 'two.db', '.connection 1\n.open two.db\nSELECT count(*) FROM sqlite_schema;\n'
                      '.connection 0\nPRAGMA page_size = 8192;\nPRAGMA journal_mode = wal;\nCREATE TABLE t (a);\n'
                      '.connection 1\nSELECT count(*) FROM t;\n')
        say('a connection learns how large pages are from the log', [] if printed == '0\nwal\n0\n' else [printed])
        # The journal of the second transaction is shorter than what is left of the first one's.
        printed = run(True, folder, 'left.db', 'CREATE TABLE t (a); PRAGMA locking_mode = exclusive;'
                      'PRAGMA synchronous = off; PRAGMA cache_size = 2;'
                      'INSERT INTO t SELECT zeroblob(3000) FROM generate_series(1, 40); UPDATE t SET a = zeroblob(3001);'
                      'BEGIN; UPDATE t SET a = zeroblob(2) WHERE rowid < 9; ROLLBACK;'
                      'SELECT count(*), sum(length(a)) FROM t; PRAGMA integrity_check;')
        say('the remains of an earlier journal are no damage', [] if printed == 'exclusive\n40|120040\nok\n' else [printed])
        with subprocess.Popen([shell, '-batch'], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
            first.stdin.write(prepare(True, folder, 'sealed.db') + "SELECT count(*) FROM t;\nSELECT 'now';\n")
            first.stdin.flush()
            while first.stdout.readline() != 'now\n':
                pass
            printed = run(True, folder, 'sealed.db', 'SELECT * FROM t;')
            first.stdin.close()
            first.wait()
        say('a second process is kept out', [] if 'locked' in printed else [printed])


failures = []
print(f'1..{len(SIZES) * len(MODES) + 7}')
for page_size in SIZES:
    for journal_mode in MODES:
        check_life(page_size, journal_mode)
check_refusals()
sys.exit(bool(failures))

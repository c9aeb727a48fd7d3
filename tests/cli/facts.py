#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`report facts`: what gets out, what does not, and that PostgreSQL takes it and answers the questions it comes with.

Starts a PostgreSQL of its own in the temporary folder, reached through a socket there, if there is one to start.
"""
import collections
import csv
import os
import pathlib
import pwd
import re
import shutil
import subprocess

from cli import Skip, Vault, main

NOW = '2026-11-21T12:00:00Z'
PERIOD = ('--from', '2025-12-01', '--to', '2026-11-21')
SECRET = ('id', 'code', 'name', 'how_to_call', 'other_names', 'phone', 'email', 'address', 'birth_date', 'notes',
          'health_note', 'protection_note', 'access_needs', 'expectation', 'worker', 'household')
QUASI = ('household', 'age_band', 'language', 'gender', 'step')
ROW_FILES = {'schema.sql', 'load.sql', 'queries.sql', 'export.csv', 'person.csv', 'registration.csv', 'visit.csv',
             'visit_domain.csv', 'step_change.csv', 'assessment.csv', 'need.csv', 'referral.csv', 'task.csv'}


def shop(root, clients=300):
    vault = Vault(root, now=NOW)
    vault.run('demo', 'create', '--clients', clients, '--visits-per-client', 6, '--seed', 4, '--work-factor', 'minimum',
              extra=('--new-passphrase-file', str(vault.key)), unlocked=False)
    return vault


def facts(vault, folder, *more, **keywords):
    return vault.run('report', 'facts', *PERIOD, *more, folder, **keywords)


def read(folder, table):
    with open(folder / f'{table}.csv', newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


def rows(root):
    """Each description fits enough people, two exports have no number in common, and nothing says who anybody is."""
    vault = shop(root)
    out, again = root / 'out', root / 'again'
    said = facts(vault, out)
    assert set(said['files']) == ROW_FILES == {path.name for path in out.iterdir()}, said
    assert all(path.stat().st_mode & 0o077 == 0 for path in out.iterdir())
    people = read(out, 'person')
    groups = collections.Counter(tuple(person[name] for name in QUASI) for person in people)
    assert len(people) == said['people'] > 250 and min(groups.values()) >= 10, groups
    assert groups[('suppressed',) * 5] == said['suppressed'] and len(groups) > 5, groups
    keys = {person['person'] for person in people}
    assert len(keys) == len(people)
    for table in ('registration', 'visit', 'step_change', 'assessment', 'need', 'referral', 'task'):
        lines = read(out, table)
        assert lines and {line['person'] for line in lines} <= keys, table
    hidden = {person['person'] for person in people if person['step'] == 'suppressed'}
    assert all((line['person'] in hidden) == (line['to_step'] == 'suppressed') for line in read(out, 'step_change'))
    facts(vault, again, '--smallest', '30')
    others = read(again, 'person')
    assert not keys & {person['person'] for person in others}
    assert min(collections.Counter(tuple(person[name] for name in QUASI) for person in others).values()) >= 30
    assert [(line['person'], line['week']) for line in read(out, 'visit')] \
        != [(line['person'], line['week']) for line in read(again, 'visit')]
    # What people are called, where they live, what was said, who works here, and ids of any kind.
    written = '\n'.join(path.read_text(encoding='utf-8') for path in out.iterdir())
    secret = set()
    for client in vault.run('client', 'list', '--limit', '400'):
        whole = vault.run('client', 'show', client['id'])
        for name in SECRET:
            if isinstance(whole.get(name), str) and len(whole[name]) > 4:
                secret.add(whole[name])
        if len(secret) > 500:
            break
    assert len(secret) > 300
    assert not [word for word in secret if word in written]
    assert not re.search(r'[0-9a-f]{8}-[0-9a-f]{4}-', written)
    for table in ('visit_domain', 'assessment', 'need'):
        assert not {'health', 'safety'} & {line['domain'] for line in read(out, table)}
    entry = vault.run('report', 'audit', '--limit', '1')[0]
    assert entry['action'] == 'export' and 'rows csv smallest=30' in entry['detail'], entry


def counts(root):
    """Small numbers are not there, in whatever month; sums do not give them back."""
    vault = shop(root)
    out = root / 'out'
    assert set(facts(vault, out, '--aggregate')['files']) == {'schema.sql', 'load.sql', 'queries.sql', 'export.csv',
                                                               'people_count.csv'}
    lines = read(out, 'people_count')
    assert not [line for line in lines if line['people'] and 0 < int(line['people']) < 10]
    assert {line['hidden'] for line in lines} == {'', 'small', 'complementary'}
    assert all((line['people'] == '') == (line['hidden'] != '') for line in lines)
    whole = {(line['topic'], line['code'] or line['language']): line for line in lines if not line['month']}
    indicators = {(row['group'], row['code']): row for row in vault.run('report', 'indicators', *PERIOD)['indicators']}
    assert int(whole['served', 'all']['people']) == indicators['clients', 'seen']['value']
    assert int(whole['registered', 'all']['people']) == indicators['clients', 'registered']['value']
    assert ('domain', 'health') in whole
    for topic in ('step', 'language', 'age', 'gender', 'mediator'):
        for month in {line['month'] for line in lines}:
            parts = [line for line in lines if line['topic'] == topic and line['month'] == month]
            gone = [line for line in parts if line['hidden']]
            assert len(gone) != 1, parts


def refusals(root):
    """What is refused leaves nothing behind, and nothing is written over."""
    vault = shop(root, clients=12)
    out = root / 'out'
    for words, status in ((('--format', 'pdf'), 2), (('--smallest', '4'), 1), (('--smallest', 'many'), 2),
                          (('--smallest', '13'), 1)):
        facts(vault, out, *words, status=status)
        assert not out.exists(), words
    vault.run('report', 'facts', '--from', '2026-02-30', '--to', '2026-03-01', out, status=1)
    vault.run('report', 'facts', '--from', '2026-03-02', '--to', '2026-03-01', out, status=1)
    vault.run('report', 'facts', '--from', '2026-03-01', '--to', '2026-03-01', status=2)
    facts(vault, vault.folder / 'out', status=1)
    facts(vault, root / 'absent' / 'out', status=1)
    out.write_text('mine')
    facts(vault, out, status=1)
    assert out.read_text() == 'mine'
    out.unlink()
    out.mkdir()
    (out / 'visit.csv').write_text('mine')
    facts(vault, out, status=1)
    assert [path.name for path in out.iterdir()] == ['visit.csv'] and (out / 'visit.csv').read_text() == 'mine'
    (out / 'visit.csv').unlink()
    (out / 'task.csv').symlink_to(root / 'elsewhere')
    facts(vault, out, status=1)
    assert [path.name for path in out.iterdir()] == ['task.csv'] and not (root / 'elsewhere').exists()
    entries = vault.run('report', 'audit', '--limit', '50')
    assert not [entry for entry in entries if entry['action'] == 'export' and 'facts' in entry['detail']]


class Server:
    """PostgreSQL with one folder and one socket, for as long as a test runs."""

    def __init__(self, root):
        found = sorted(pathlib.Path('/usr/lib/postgresql').glob('*/bin/initdb'))
        if not found or not shutil.which('psql'):
            raise Skip('PostgreSQL is not installed')
        self.tools = found[-1].parent
        self.folder = root / 'pg'
        self.folder.mkdir()
        self.user = None
        if os.getuid() == 0:  # it does not run as root
            self.user = pwd.getpwnam('nobody')
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
            root.chmod(0o755)
        self.environment = dict(os.environ, PGHOST=str(self.folder), PGUSER='tessera', PGDATABASE='postgres',
                                LC_ALL='C.UTF-8', PGTZ='UTC')

    def run(self, name, *words):
        extra = {'user': self.user.pw_uid, 'group': self.user.pw_gid, 'extra_groups': []} if self.user else {}
        subprocess.run([self.tools / name, *map(str, words)], check=True, capture_output=True, cwd=self.folder,
                       env=self.environment, timeout=60, **extra)

    def __enter__(self):
        self.run('initdb', '-D', 'data', '-U', 'tessera', '-E', 'UTF8', '--no-sync', '-A', 'trust')
        options = f"-k '{self.folder}' -c listen_addresses= -F"
        self.run('pg_ctl', '-D', 'data', '-w', '-l', 'log', '-o', options, 'start')
        return self

    def __exit__(self, *reason):
        self.run('pg_ctl', '-D', 'data', '-m', 'immediate', 'stop')

    def ask(self, *words, folder=None):
        done = subprocess.run(['psql', '-X', '-q', '-A', '-t', *map(str, words)], capture_output=True, text=True,
                              cwd=folder, env=self.environment, timeout=60, check=False)
        assert done.returncode == 0 and not done.stderr.strip(), done.stderr
        return done.stdout

    def number(self, query):
        return int(self.ask('-c', query))


def postgresql(root):
    """Schema, files and questions go through psql; both forms hold the same; numbers are those of the indicators."""
    with Server(root) as server:
        vault = shop(root)
        facts(vault, root / 'files')
        facts(vault, root / 'one', '--format', 'sql')
        facts(vault, root / 'counts', '--aggregate')
        facts(vault, root / 'counts-one', '--aggregate', '--format', 'sql')
        for name in ('files', 'counts'):
            for script in ('schema.sql', 'load.sql'):
                server.ask('-v', f'facts={name}', '-f', script, folder=root / name)
        server.ask('-f', 'facts.sql', folder=root / 'one')
        server.ask('-v', 'facts=counts_one', '-f', 'facts.sql', folder=root / 'counts-one')
        for name, least in (('files', 10), ('counts', 5)):
            queries = (root / name / 'queries.sql').read_text()
            answers = server.ask('-v', f'facts={name}', '-f', 'queries.sql', folder=root / name)
            assert queries.count(';\n') - 1 >= least and len(answers.splitlines()) > least, answers
            for query in re.findall(r'^SELECT.*?;$', queries, re.S | re.M):
                assert server.ask('-c', f'SET search_path TO {name}', '-c', query).strip(), query
        for table in sorted(name[:-4] for name in ROW_FILES if name.endswith('.csv')):
            both = [server.number(f'SELECT count(*) FROM {schema}.{table}') for schema in ('files', 'tessera_facts')]
            assert both[0] == both[1] == len(read(root / 'files', table)) > 0, (table, both)
        assert server.ask('-c', 'SELECT * FROM counts.people_count ORDER BY number') \
            == server.ask('-c', 'SELECT * FROM counts_one.people_count ORDER BY number')
        indicators = {(row['group'], row['code']): row['value']
                      for row in vault.run('report', 'indicators', *PERIOD)['indicators']}
        for query, group, code in (
                ('count(*) FROM files.visit', 'visits', 'total'),
                ("count(*) FROM files.visit WHERE how = 'phone'", 'visits_how', 'phone'),
                ("count(*) FROM files.visit WHERE mediator = 'not-available'", 'visits_mediator', 'not-available'),
                ('count(DISTINCT person) FROM files.visit', 'clients', 'seen'),
                ('count(*) FROM files.registration', 'clients', 'registered'),
                ("count(*) FROM files.visit_domain WHERE domain = 'work'", 'domains', 'work'),
                ("count(*) FROM files.step_change WHERE way = 'forward'", 'step_changes', 'forward'),
                ("count(*) FROM files.task WHERE done_by = 'client'", 'tasks_done', 'client'),
                ("count(*) FROM files.referral WHERE outcome = 'accepted'", 'referrals', 'accepted'),
                ('count(*) FROM files.referral', 'referrals', 'sent')):
            assert server.number('SELECT ' + query) == indicators[group, code], query


main(rows, counts, refusals, postgresql)

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command once as the README says it, and the ways people get it wrong."""
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import termios
import time

from cli import PASSPHRASE, PROGRAM, Skip, Vault, data_file, main

UUID = re.compile(r'[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$')
CODE = re.compile(r'T-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$')


def usage(root):
    """Help needs no vault; words that make no command give 2 and the usage line."""
    vault = Vault(root)
    assert 'client list' in vault.run('--help', json_output=False, unlocked=False)
    listed = vault.run('client', '--help', json_output=False, unlocked=False)
    assert 'client find' in listed and 'vault create' not in listed
    assert 'tessera-cli visit add' in vault.run('visit', 'add', '--help', json_output=False, unlocked=False)
    assert vault.run('--version', json_output=False, unlocked=False).startswith('tessera-cli ')
    for words in ([], ['nonsense'], ['client'], ['client', 'nonsense'], ['client', 'show'], ['client', 'show', 'a', 'b'],
                  ['client', 'list', '--limit'], ['client', 'list', '--nonsense'],
                  ['client', 'list', '--overdue', '--overdue'], ['client', 'list', '--overdue=yes'],
                  ['vault', 'create', '--worker', 'Ana'], ['step', 'set', 'a', 'b'], ['client', 'list', '-x']):
        vault.run(*words, status=2, json_output=False, unlocked=False)
    vault.run('client', 'show', status=2)
    assert 'tessera-cli client show CLIENT' in vault.said


def vault_commands(root):
    vault = Vault(root)
    vault.run('vault', 'info', status=1)
    made = vault.create('Casa do Exemplo', 'Ana', '--role', 'mediator', '--language', 'pt')
    assert made['organization'] == 'Casa do Exemplo' and made['role'] == 'mediator' and made['language'] == 'pt'
    assert re.fullmatch(r'[0-9A-HJKMNP-TV-Z-]{40,}', made['recovery_key'])
    mode = vault.folder.stat().st_mode & 0o777
    assert mode == 0o700, oct(mode)
    vault.create('Another', 'Ana', status=1)
    info = vault.run('vault', 'info')
    assert info['organization'] == 'Casa do Exemplo' and info['worker'] == 'Ana' and info['clients'] == 0
    assert vault.run('vault', 'check')['audit'] == 'ok'
    # Wrong passphrase, and none at all with no terminal to ask on.
    wrong = root / 'wrong'
    wrong.write_text('not the passphrase\n')
    vault.run('vault', 'info', status=3, passphrase_file=wrong)
    vault.run('vault', 'info', status=3, unlocked=False)
    vault.run('vault', 'info', status=1, passphrase_file=root / 'absent')
    vault.run('vault', 'info', '--passphrase-fd', '3', status=2)
    # A second worker, who unlocks with her own passphrase.
    second = root / 'second'
    second.write_text('another good passphrase\n')
    added = vault.run('vault', 'add-worker', 'Bea', '--role', 'worker', '--work-factor', 'minimum',
                      extra=('--new-passphrase-file', str(second)))
    assert added['name'] == 'Bea' and added['role'] == 'worker' and UUID.match(added['id'])
    vault.run('vault', 'add-worker', 'Bea', '--role', 'worker', '--work-factor', 'minimum', status=1,
              extra=('--new-passphrase-file', str(second)))
    vault.run('vault', 'add-worker', 'Cora', '--role', 'queen', '--work-factor', 'minimum', status=1,
              extra=('--new-passphrase-file', str(second)))
    assert vault.run('vault', 'info', extra=('--worker', 'Bea'), passphrase_file=second)['worker'] == 'Bea'
    vault.run('vault', 'info', extra=('--worker', 'Bea'), status=3)
    # Change it, lose it, recover it.
    third = root / 'third'
    third.write_text('a third good passphrase\n')
    vault.run('vault', 'passphrase', '--work-factor', 'minimum', extra=('--worker', 'Bea', '--new-passphrase-file',
              str(third)), passphrase_file=second)
    vault.run('vault', 'info', extra=('--worker', 'Bea'), passphrase_file=second, status=3)
    recovery = root / 'recovery'
    recovery.write_text(made['recovery_key'].lower() + '\n')
    vault.run('vault', 'recover', '--work-factor', 'minimum', extra=('--worker', 'Bea', '--new-passphrase-file', str(second)),
              passphrase_file=recovery, json_output=False)
    assert vault.run('vault', 'info', extra=('--worker', 'Bea'), passphrase_file=second)['worker'] == 'Bea'
    recovery.write_text('00000-' + made['recovery_key'][6:] + '\n')
    vault.run('vault', 'recover', extra=('--worker', 'Bea', '--new-passphrase-file', str(second)),
              passphrase_file=recovery, status=1)
    recovery.write_text(Vault(root, 'other').create()['recovery_key'] + '\n')
    vault.run('vault', 'recover', extra=('--worker', 'Bea', '--new-passphrase-file', str(second)),
              passphrase_file=recovery, status=3)
    vault.run('vault', 'remove-worker', 'Bea', extra=('--worker', 'Ana'), json_output=False)
    vault.run('vault', 'info', extra=('--worker', 'Bea'), passphrase_file=second, status=3)
    vault.run('vault', 'remove-worker', 'Ana', extra=('--worker', 'Ana'), status=1)


def data_key(root):
    """Changed with two workers, one of whom is away; what that keeps out and what it leaves alone."""
    vault = Vault(root)
    made = vault.create()
    second = root / 'second'
    second.write_text('another good passphrase\n')
    for name in ('Bea', 'Cora'):
        vault.run('vault', 'add-worker', name, '--role', 'worker', '--work-factor', 'minimum',
                  extra=('--new-passphrase-file', str(second), '--worker', 'Ana'))
    client = vault.run('client', 'add', 'name=Nour', extra=('--worker', 'Ana'))
    kept = (vault.folder / 'vault.keys').read_bytes()
    said = vault.run('vault', 'remove-worker', 'Cora', extra=('--worker', 'Ana'), json_output=False)
    assert 'vault rotate' in said, said
    assert vault.run('vault', 'info', extra=('--worker', 'Ana'))['key_slots'] == 2
    done = vault.run('vault', 'rotate', extra=('--worker', 'Ana'))
    assert done['data_key'] == 'changed' and done['pages'] > 10, done
    # The one who was away, the one who did it, and the recovery key.
    assert vault.run('vault', 'info', extra=('--worker', 'Bea'), passphrase_file=second)['worker'] == 'Bea'
    assert vault.run('client', 'show', client['code'], extra=('--worker', 'Ana'))['name'] == 'Nour'
    assert vault.run('vault', 'check', extra=('--worker', 'Ana'))['audit'] == 'ok'
    newest = vault.run('report', 'audit', '--limit', '1', extra=('--worker', 'Ana'))[0]
    assert newest['action'] == 'rotate' and newest['worker_name'] == 'Ana', newest
    recovery = root / 'recovery'
    recovery.write_text(made['recovery_key'] + '\n')
    vault.run('vault', 'recover', '--work-factor', 'minimum', passphrase_file=recovery,
              extra=('--worker', 'Ana', '--new-passphrase-file', str(vault.key)))
    # The key file of before still opens with Cora's passphrase, but not this store.
    present = (vault.folder / 'vault.keys').read_bytes()
    (vault.folder / 'vault.keys').write_bytes(kept)
    vault.run('vault', 'info', extra=('--worker', 'Cora'), passphrase_file=second, status=4)
    (vault.folder / 'vault.keys').write_bytes(present)
    said = vault.run('vault', 'remove-worker', 'Bea', '--rotate', extra=('--worker', 'Ana'), json_output=False)
    assert 'data key is changed' in said, said
    assert vault.run('client', 'show', client['code'])['name'] == 'Nour'
    wrong = root / 'wrong'
    wrong.write_text('not the passphrase\n')
    vault.run('vault', 'rotate', passphrase_file=wrong, status=3)


def halves(root):
    """Half a vault, another one's half, one of another time: each refused with what to do, and nothing taken away."""
    vault = Vault(root)
    vault.create()
    keys, store = vault.folder / 'vault.keys', vault.folder / 'store.db'
    kept = keys.read_bytes(), store.read_bytes()
    store.unlink()
    vault.run('vault', 'info', status=4)
    assert 'store.db' in vault.said and not store.exists()
    vault.create(status=1)
    store.write_bytes(kept[1])
    keys.unlink()
    vault.run('vault', 'info', status=4, unlocked=False)
    assert 'vault.keys' in vault.said
    vault.create(status=4)
    assert store.read_bytes() == kept[1] and not keys.exists()
    keys.write_bytes(kept[0][:300])
    vault.run('vault', 'info', status=4, unlocked=False)
    assert 'cut off' in vault.said
    keys.write_bytes(b'tessera vault keys 3\n')
    vault.run('vault', 'info', status=1, unlocked=False)
    assert 'newer' in vault.said
    keys.write_bytes(b'tessera vault keys 1\n')
    vault.run('vault', 'info', status=1, unlocked=False)
    assert 'trial version' in vault.said
    other = Vault(root, 'other')
    other.create()
    keys.write_bytes((other.folder / 'vault.keys').read_bytes())
    vault.run('vault', 'info', status=4)
    assert 'another vault' in vault.said
    keys.write_bytes(kept[0])
    assert vault.run('vault', 'check')['audit'] == 'ok'


def waiting(root):
    """From the fourth wrong passphrase on there is a wait, which no clock can make long."""
    vault = Vault(root)
    made = vault.create()
    wrong, tries = root / 'wrong', vault.folder / 'vault.tries'
    wrong.write_text('not the passphrase\n')
    for _ in range(4):
        vault.run('vault', 'info', status=3, passphrase_file=wrong)
    vault.run('vault', 'info', status=3)
    assert 'wait 1 second ' in vault.said, vault.said
    recovery = root / 'recovery'
    recovery.write_text(made['recovery_key'] + '\n')
    for text in ('900 99999999999999\n', '900 0\n', 'nonsense', '-3 -3\n', '900 ' + '9' * 40, '', '\0' * 100):
        tries.write_text(text)
        vault.run('vault', 'info')
        assert not tries.exists()
    tries.write_text(f'900 {int(time.time() * 1000)}\n')
    vault.run('vault', 'info', status=3)
    assert re.search(r'wait (59|60) seconds', vault.said), vault.said
    vault.run('vault', 'recover', '--work-factor', 'minimum', passphrase_file=recovery,
              extra=('--new-passphrase-file', str(vault.key)))
    vault.run('vault', 'info')


def interrupted_creation(root):
    """Killed at any moment of its making, a vault is whole, or can be made again, or says that it must be."""
    outcomes = set()
    command = [PROGRAM, '--vault', 'FOLDER', '--new-passphrase-file', 'KEY', 'vault', 'create', '--organization', 'Example',
               '--worker', 'Ana', '--work-factor', 'minimum']
    for number in range(24):
        vault = Vault(root, f'vault{number}')
        command[2], command[4] = str(vault.folder), str(vault.key)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # From the first sight of the folder on, in small steps.
        while not vault.folder.exists() and process.poll() is None:
            time.sleep(0.0005)
        time.sleep(number * 0.004)
        process.kill()
        process.wait()
        again = subprocess.run(command, capture_output=True, text=True, check=False)
        if again.returncode == 0:
            outcomes.add('made again')
            vault.run('vault', 'check')
            continue
        assert again.returncode == 1 and 'already a vault' in again.stderr, again.stderr
        info = subprocess.run([*command[:3], '--passphrase-file', str(vault.key), 'vault', 'info'], capture_output=True,
                              text=True, check=False)
        assert info.returncode == 0 or 'delete its folder and make it again' in info.stderr, info.stderr
        outcomes.add('whole' if info.returncode == 0 else 'told')
    assert 'made again' in outcomes, outcomes


def type_into(vault, text):
    """Runs a command on a terminal and types; gives exit status, what was shown, and whether it echoes afterwards."""
    process, terminal = pty.fork()
    if process == 0:
        os.execv(PROGRAM, [PROGRAM, '--vault', str(vault.folder), 'vault', 'info', '--json'])
    shown = b''
    while b':' not in shown:
        shown += os.read(terminal, 1000)
    os.write(terminal, text.encode())
    status = None
    while status is None:
        done, code = os.waitpid(process, os.WNOHANG)
        status = os.waitstatus_to_exitcode(code) if done else None
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                shown += os.read(terminal, 100000)
            except OSError:
                pass  # the other end of the terminal is closed
    echoes = bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
    os.close(terminal)
    return status, shown, echoes


def passphrases(root):
    """From a descriptor; from the terminal, twice for a new one and never shown."""
    vault = Vault(root)
    reading, writing = os.pipe()
    os.write(writing, f'{PASSPHRASE}\n'.encode())
    os.close(writing)
    done = subprocess.run([PROGRAM, '--vault', vault.folder, '--new-passphrase-fd', str(reading), 'vault', 'create',
                           '--organization', 'Example', '--worker', 'Ana', '--work-factor', 'minimum'],
                          pass_fds=[reading], capture_output=True, check=False)
    os.close(reading)
    assert done.returncode == 0, done.stderr
    status, shown, echoes = type_into(vault, f'{PASSPHRASE}\n')
    assert status == 0 and b'"clients" : 0' in shown and PASSPHRASE.encode() not in shown and echoes, shown
    status, shown, echoes = type_into(vault, 'wrong\n')
    assert status == 3 and echoes, shown
    # Interrupted, it leaves a terminal that shows what is typed.
    status, shown, echoes = type_into(vault, 'half\x03')
    assert status == -signal.SIGINT and echoes, (status, shown, echoes)
    vault.key.write_text('short\n')
    other = Vault(root, 'other', 'short')
    other.create(status=1)
    assert not other.folder.exists() or not list(other.folder.iterdir())


def clients(root):
    vault = Vault(root, now='2026-11-21T10:00:00Z')
    vault.create()
    # Options may stand anywhere; "--" ends them.
    client = vault.run('client', 'add', '--', 'name=Maria Exemplo', 'birth_date=1990-02-03', 'language=pt-BR',
                       'languages=pt-BR; es, en', 'gender=woman', 'phone=+351 555 001 002')
    assert UUID.match(client['id']) and CODE.match(client['code']) and client['step'] == 'basic-needs'
    assert client['languages'] == ['en', 'es', 'pt-BR'] and client['registered_at'] == 1795255200000
    same = vault.run('client', 'show', client['code'].lower().replace('-', ''))
    assert same == vault.run('client', 'show', client['id'])
    edited = vault.run('client', 'edit', client['code'], 'name=Maria da Amostra', 'phone=')
    assert edited['name'] == 'Maria da Amostra' and 'phone' not in edited and edited['gender'] == 'woman'
    # Wrong input: nothing changes, the sentence helps.
    vault.run('client', 'add', 'name=X', 'birth_date=2026-02-31', status=1)
    assert 'birth_date' in vault.said
    vault.run('client', 'add', 'nme=X', status=1)
    assert 'how_to_call' in vault.said and 'code' not in vault.said.split('there are:')[1].split(',')
    vault.run('client', 'add', 'name=X', 'code=T-0000-0000', status=1)
    vault.run('client', 'add', 'name=X', 'gender=nonsense', status=1)
    assert 'woman' in vault.said
    vault.run('client', 'add', 'name', status=2)
    vault.run('client', 'add', 'gender=man', status=1)
    vault.run('client', 'add', 'name=bell\a', status=1)
    vault.run('client', 'add', 'name=X', 'worker=Nobody', status=1)
    vault.run('client', 'show', 'T-0000-0001', status=1)
    vault.run('client', 'show', '01a00000-0000-7000-8000-000000000000', status=1)
    assert len(vault.run('client', 'list')) == 1
    # Several, listed and found in another script.
    vault.run('client', 'add', 'name=محمد المثال', 'language=ar', 'worker=Ana')
    vault.run('client', 'add', 'how_to_call=Оксана', 'language=uk')
    assert len(vault.run('client', 'list')) == 3
    assert len(vault.run('client', 'list', '--limit', '2')) == 2
    assert len(vault.run('client', 'list', '--step', 'inclusion')) == 0
    vault.run('client', 'list', '--limit', 'x', status=2)
    vault.run('client', 'list', '--step', 'nonsense', status=1)
    assert len(vault.run('client', 'list', '--worker', 'Ana')) >= 1
    vault.run('client', 'list', '--worker', 'Nobody', status=1)
    found = vault.run('client', 'find', 'Muhammad', 'al-Mithal')
    assert found and found[0]['language'] == 'ar' and found[0]['score'] > 0 and found[0]['reasons']
    # A twin is announced, merged and unmerged.
    twin = vault.run('client', 'add', 'name=Maria Amostra', 'birth_date=1990-02-03')
    assert client['code'] in vault.said, vault.said
    vault.run('client', 'merge', client['code'], client['code'], status=1)
    vault.run('client', 'merge', client['code'], twin['code'])
    assert vault.run('client', 'show', twin['code'])['id'] == client['id']
    vault.run('client', 'unmerge', twin['code'])
    assert vault.run('client', 'show', twin['code'])['id'] == twin['id']
    assert vault.run('client', 'close', twin['code'])['case_state'] == 'closed'
    assert len(vault.run('client', 'list')) == 3 and len(vault.run('client', 'list', '--closed')) == 1
    assert vault.run('client', 'reopen', twin['code'])['case_state'] == 'reopened'
    package = vault.run('client', 'export', client['code'])
    assert package['client']['id'] == client['id'] and package['visit'] == [] and 'consent' in package
    assert 'Maria da Amostra' in vault.run('client', 'show', client['code'], json_output=False)
    assert client['code'] in vault.run('client', 'list', json_output=False)


def client_table(root):
    vault = Vault(root)
    vault.create()
    table = root / 'people.csv'
    table.write_text('\ufeffName;Born;Language;Remark\r\n'
                     '"Exemplo; Ana";1980-01-31;pt;"two\nlines"\r\n'
                     'Ngọc Mẫu;1990-02-31;vi;\r\n\r\n'
                     'سارة المثال;;ar;x\r\n', encoding='utf-8')
    mapping = root / 'map'
    mapping.write_text('# columns\nName=name\nBorn=birth_date\nLanguage=language\nRemark=\n')
    vault.run('client', 'import', table, status=1)
    assert vault.run('client', 'list') == []
    done = vault.run('client', 'import', table, '--map', mapping, status=5)
    assert [row['name'] for row in done] == ['Exemplo; Ana', 'سارة المثال'] and '4' in vault.said
    table.write_text('name,language\nBeto Exemplo,pt\n')
    assert len(vault.run('client', 'import', table)) == 1
    for contents in (b'', b'name\n"never closed', b'name\n\xff\xfe\n', b'name\nA,B,C\n'):
        table.write_bytes(contents)
        vault.run('client', 'import', table, status=1)
    vault.run('client', 'import', root / 'absent.csv', status=1)
    assert len(vault.run('client', 'list')) == 3


def desk(root):
    """Visits and the pathway."""
    vault = Vault(root, now='2026-11-21T10:00:00Z')
    vault.create()
    code = vault.run('client', 'add', 'name=Tomé Exemplo', 'language=pt')['code']
    visit = vault.run('visit', 'add', code, 'summary=Came by', 'domains=work home', 'minutes=25',
                      'next_step=Call back', 'next_who=worker', 'next_by=2026-11-20')
    assert visit['how'] == 'in-person' and visit['at'] == 1795255200000 and visit['domains'] == ['home', 'work']
    assert visit['language'] == 'pt' and UUID.match(visit['worker'])
    vault.run('visit', 'add', code, 'how=nonsense', status=1)
    vault.run('visit', 'add', code, 'minutes=many', status=1)
    vault.run('visit', 'add', 'T-0000-0001', 'summary=x', status=1)
    right = vault.run('visit', 'correct', visit['id'], 'summary=Came by at noon')
    assert right['corrects'] == visit['id'] and right['minutes'] == 25
    assert [row['summary'] for row in vault.run('visit', 'list', code)] == ['Came by at noon']
    assert vault.run('client', 'list', '--overdue')[0]['next_what'] == 'Call back'
    task = vault.run('task', 'list', code)[0]
    vault.run('task', 'done', task['id'], '--by', 'nonsense', status=1)
    assert vault.run('task', 'done', task['id'], '--by', 'client')['done_by'] == 'client'
    assert vault.run('task', 'list', code) == [] and len(vault.run('task', 'list', '--all')) == 1
    added = vault.run('task', 'add', code, 'text=Bring the paper', 'who=client', 'due=2026-12-01')
    assert [row['id'] for row in vault.run('task', 'list')] == [added['id']]
    need = vault.run('need', 'add', code, 'domain=work', 'text=A contract')
    assert vault.run('need', 'met', need['id'])['met_at'] and vault.run('need', 'list', code) == []
    goal = vault.run('goal', 'add', code, 'text=Quero trabalhar', 'domain=work', 'by=2027-01-31')
    assert goal['language'] == 'pt'
    assert vault.run('goal', 'done', goal['id'], '--by', 'together')['done_by'] == 'together'
    assert vault.run('goal', 'list', code) == [] and len(vault.run('goal', 'list', code, '--all')) == 1
    assessment = vault.run('assessment', 'add', code, 'home=3', 'essentials=4/3', 'safety=3/-', 'health=/5',
                           'work=not-said', '--answered-by', 'together')
    assert {score['domain']: score.get('worker_level') for score in assessment['scores']} == \
        {'home': 3, 'essentials': 4, 'safety': 3, 'health': None, 'work': None}
    assert 'suggestion' in assessment
    for wrong in ('home=6', 'home=0', 'kitchen=2', 'home', 'home=2/9'):
        vault.run('assessment', 'add', code, wrong, status=2 if wrong == 'home' else 1)
    assert len(vault.run('assessment', 'list', code)) == 1
    vault.run('step', 'set', code, 'inclusion', '--reason', 'nonsense', status=1)
    vault.run('step', 'set', code, 'heaven', '--reason', 'other', status=1)
    change = vault.run('step', 'set', code, 'inclusion', '--reason', 'client-wish')
    assert change['from_step'] == 'basic-needs' and change['to_step'] == 'inclusion'
    assert vault.run('client', 'show', code)['step'] == 'inclusion' and len(vault.run('step', 'list', code)) == 1
    vault.run('record', 'add', 'procedure_template', 'code=school', 'name=School', 'steps=Register\nBooks\nFirst day')
    assert vault.run('procedure', 'start', code, 'school')['position'] == 1
    vault.run('procedure', 'start', code, 'nonsense', status=1)
    moved = vault.run('procedure', 'next', code, '--waits-for', 'the office', '--due', '2026-12-05')
    assert moved['position'] == 2 and moved['due'] == '2026-12-05'
    assert len(vault.run('procedure', 'list', code)) == 1
    vault.run('procedure', 'next', code)
    assert vault.run('procedure', 'next', code, 'school')['done_at']
    vault.run('procedure', 'next', code, status=1)
    consent = vault.run('consent', 'give', code, '--purpose', 'store_file', '--answer', 'later', '--language', 'pt')
    assert consent['answer'] == 'later' and len(vault.run('consent', 'list', code)) == 1
    vault.run('consent', 'give', code, '--purpose', 'share_for_service', '--groups', 'identity', status=1)
    vault.run('consent', 'give', code, '--purpose', 'nonsense', status=1)
    vault.run('consent', 'withdraw', '01a00000-0000-7000-8000-000000000000', status=1)
    assert vault.run('consent', 'withdraw', consent['id'])['withdrawn_at']
    assert len(vault.run('consent', 'list')) == 1


def documents(root):
    """A paper comes into the file and out again; nothing readable stays on the disk but the copy asked for."""
    vault = Vault(root)
    vault.create()
    client = vault.run('client', 'add', 'name=Amal Synthetic')['code']
    other = vault.run('client', 'add', 'name=Bahar Sample')['code']
    marker = b'MARKER-OF-A-PAPER '
    paper = root / 'Scan of: the\u202e lease.pdf'
    paper.write_bytes(b'%PDF-1.4\n' + marker * 30000)
    added = vault.run('document', 'add', client, paper, 'kind=contract', 'date=2026-03-01', 'note=Original at home.')
    assert added['kind'] == 'contract' and added['date'] == '2026-03-01', added
    assert added['media_type'] == 'application/pdf' and added['size'] == paper.stat().st_size
    assert added['file_name'] == 'Scan of_ the lease.pdf' and added['title'] == 'Scan of_ the lease', added
    assert re.fullmatch('[0-9a-f]{64}', added['attachment']) and UUID.match(added['id'])
    # The same paper in another file is kept once; a picture is no PDF because it is called so.
    again = vault.run('document', 'add', other, paper, 'title=The same')
    assert again['attachment'] == added['attachment'] and again['kind'] == 'other'
    wrong = root / 'wrong.pdf'
    wrong.write_bytes(b'\x89PNG\r\n\x1a\n' + bytes(100))
    assert vault.run('document', 'add', client, wrong)['media_type'] == 'image/png'
    assert [row['title'] for row in vault.run('document', 'list', client)] == ['wrong', 'Scan of_ the lease']
    assert 'Contract' in vault.run('document', 'list', client, json_output=False)
    edited = vault.run('document', 'edit', added['id'], 'title=Lease')
    assert edited['title'] == 'Lease'
    vault.run('document', 'edit', added['id'], 'size=1', status=1)
    # Out again, readable for this user alone, and never over what is there.
    out = root / 'out.pdf'
    assert vault.run('document', 'save', added['id'], out)['file'] == str(out)
    assert 'not protected' in vault.said
    assert out.read_bytes() == paper.read_bytes() and out.stat().st_mode & 0o777 == 0o600
    out.write_text('mine')
    vault.run('document', 'save', added['id'], out, status=1)
    assert out.read_text() == 'mine' and 'not overwritten' in vault.said
    vault.run('document', 'save', added['id'], vault.folder / 'paper', status=1)
    vault.run('document', 'save', added['id'], root / 'no-such-folder' / 'paper', status=1)
    # It is in what we keep about the person, and reading it is remembered.
    package = vault.run('client', 'export', client)
    assert [row['title'] for row in package['document']] == ['Lease', 'wrong']
    trail = vault.run('report', 'audit')
    assert sum(entry['action'] == 'export' and entry.get('entity') == 'document' for entry in trail) >= 2, trail[-5:]
    for path in vault.folder.rglob('*'):
        if path.is_file():
            assert marker not in path.read_bytes() and b'lease' not in path.read_bytes(), path
    # What is not taken in.
    empty = root / 'empty'
    empty.write_bytes(b'')
    vault.run('document', 'add', client, empty, status=1)
    vault.run('document', 'add', client, root / 'absent', status=1)
    vault.run('document', 'add', client, root, status=1)
    vault.run('document', 'add', 'T-0000-0000', paper, status=1)
    vault.run('document', 'add', client, paper, 'kind=secret', status=1)
    vault.run('document', 'add', client, paper, 'attachment=' + 'a' * 64, status=1)
    assert vault.run('document', 'limit')['limit'] == 25000000
    assert vault.run('document', 'limit', '--set', '1000')['limit'] == 1000
    vault.run('document', 'add', client, paper, status=1)
    assert '1.0' in vault.said and 'larger' in vault.said, vault.said
    vault.run('document', 'limit', '--set', '0', status=2)
    # Gone from one file, still in the other; gone from both, gone.
    vault.run('document', 'remove', added['id'])
    vault.run('document', 'save', added['id'], root / 'late.pdf', status=1)
    vault.run('document', 'remove', added['id'], status=1)
    assert not (root / 'late.pdf').exists()
    copy = root / 'copy.pdf'
    vault.run('document', 'save', again['id'], copy)
    assert copy.read_bytes() == paper.read_bytes()
    # The same name and the same content after the data key was changed, and out of a backup.
    vault.run('vault', 'rotate')
    assert vault.run('vault', 'check')['attachments'] == 'ok'
    assert vault.run('document', 'add', other, wrong)['attachment'] == vault.run('document', 'list', client)[0]['attachment']
    vault.run('document', 'save', again['id'], root / 'rotated.pdf')
    vault.run('vault', 'backup', root / 'backup')
    restored = Vault(root, 'restored')
    restored.run('vault', 'restore', root / 'backup')
    restored.run('document', 'save', again['id'], root / 'restored.pdf')
    for name in ('rotated.pdf', 'restored.pdf'):
        assert (root / name).read_bytes() == paper.read_bytes(), name
    vault.run('document', 'remove', again['id'])
    assert [row['title'] for row in vault.run('document', 'list', other)] == ['wrong']
    assert [row['title'] for row in vault.run('document', 'list', client)] == ['wrong']


def records(root):
    vault = Vault(root)
    vault.create()
    listed = vault.run('record', 'fields', 'client', unlocked=False)
    names = {field['name']: field for field in listed}
    assert names['name']['category'] == 'identity' and names['code']['automatic'] and 'woman' in names['gender']['codes']
    vault.run('record', 'fields', 'nonsense', unlocked=False, status=1)
    home = vault.run('record', 'add', 'household', 'name=Exemplo', 'size=3')
    assert vault.run('record', 'edit', 'household', home['id'], 'size=4')['size'] == 4
    assert vault.run('record', 'show', 'household', 'Exemplo')['id'] == home['id']
    code = vault.run('client', 'add', 'name=Ana Exemplo', 'household=Exemplo')['code']
    note = vault.run('record', 'add', 'note', 'client=' + code, 'text=Call in the morning')
    assert vault.run('record', 'list', 'note', '--client', code) == [note] and note['at']
    vault.run('record', 'edit', 'note', note['id'], 'text=Changed', status=1)
    vault.run('record', 'list', 'worker', '--client', code, status=1)
    vault.run('record', 'add', 'client', 'name=Nobody', status=1)
    vault.run('record', 'add', 'household_member', 'name=Nobody', status=1)
    vault.run('record', 'edit', 'household', home['id'], 'size=many', status=1)
    caseload = vault.run('report', 'caseload')
    assert [row['basic-needs'] for row in caseload if row.get('worker_name') == 'Ana'] == [1]
    audit = vault.run('report', 'audit')
    assert audit[0]['number'] == vault.run('report', 'audit', '--verify')['entries'] and audit[0]['worker_name'] == 'Ana'


def directory(root):
    vault = Vault(root)
    vault.create()
    english, arabic = data_file('services-jordan-2015.en.hsds.json'), data_file('services-jordan-2015.ar.hsds.json')
    done = vault.run('directory', 'import', english, '--language', 'en')
    again = vault.run('directory', 'import', english)
    assert done[0]['added'] > 0 and again[0]['added'] == 0 and again[0]['changed'] == 0
    vault.run('directory', 'import', arabic)
    services = vault.run('directory', 'find')
    one = vault.run('directory', 'show', services[0]['id'], '--language', 'ar')
    assert one['id'] == services[0]['id']
    words = services[0]['name'].split()[0]
    assert services[0]['id'] in [row['id'] for row in vault.run('directory', 'find', words)]
    assert vault.run('directory', 'find', 'quokkamarker') == []
    vault.run('directory', 'find', '--language', 'not a language', status=1)
    vault.run('directory', 'show', 'nowhere', status=1)
    before = len(vault.run('directory', 'due'))
    vault.run('directory', 'verify', services[0]['id'], '--result', 'nonsense', status=1)
    assert vault.run('directory', 'verify', services[0]['id'])['result'] == 'confirmed'
    assert len(vault.run('directory', 'due')) == before - 1
    vault.run('directory', 'export', root / 'out.json')
    exported = json.loads((root / 'out.json').read_text(encoding='utf-8'))
    assert len(exported['contents']) == len(services)
    vault.run('directory', 'export', root / 'absent' / 'out.json', status=1)
    for contents in ('not json', '{"a": 1}', '[{"name": "no id"}]', '[{"id": 5, "name": []}]'):
        (root / 'bad.json').write_text(contents)
        vault.run('directory', 'import', root / 'bad.json', status=1)
    (root / 'bad.json').write_bytes(b'[{"id": "\xff\xfe"}]')
    vault.run('directory', 'import', root / 'bad.json', status=1)
    vault.run('directory', 'import', root / 'bad.json', english, status=5)
    assert 'bad.json' in vault.said and len(vault.run('directory', 'find')) == len(services)


def demo(root):
    """The same seed, the same shop, with every state of a referral."""
    shops = []
    for name in ('one', 'two'):
        vault = Vault(root, name, now='2026-11-20T12:00:00Z')
        vault.run('demo', 'create', '--clients', '60', '--visits-per-client', '4', '--seed', '7', '--work-factor',
                  'minimum')
        shops.append(vault)
    other = Vault(root, 'three', now='2026-11-20T12:00:00Z')
    other.run('demo', 'create', '--clients', '5', '--visits-per-client', '2', '--seed', '8', '--work-factor', 'minimum')
    for entity in ('client', 'visit', 'assessment_score', 'referral_event', 'consent', 'household_member', 'task'):
        rows = [vault.run('record', 'list', entity) for vault in shops]
        for row in rows[0] + rows[1]:
            row.pop('worker', None)  # the one who is signed in has an id of this vault
            row.pop('explained_by', None)
        assert rows[0] == rows[1], entity
        assert rows[0] != other.run('record', 'list', entity)
    vault = shops[0]
    assert len(vault.run('client', 'list')) + len(vault.run('client', 'list', '--closed')) == 60
    outgoing = [row for row in vault.run('referral', 'list', '--out')]
    assert {row['status'] for row in outgoing} >= {'draft', 'sent', 'received', 'accepted', 'declined', 'completed',
                                                   'expired', 'withdrawn', 'info_needed', 'scheduled'}
    assert vault.run('referral', 'list', '--in')
    scripts = ''.join(row.get('name', '') for row in vault.run('client', 'list'))
    for first, last in (('\u0600', '\u06ff'), ('\u0400', '\u04ff'), ('\u0900', '\u097f')):
        assert any(first <= letter <= last for letter in scripts), first
    assert vault.run('vault', 'check')['pages'] == 'ok'
    # The directory came along, partners have cards, and one of them has written.
    assert len(vault.run('directory', 'find')) > 0 and any('service' in row for row in outgoing)
    assert all(re.fullmatch(r'(\w{4}-){4}\w{4}', row['fingerprint']) for row in vault.run('partner', 'list'))
    waiting = sorted((vault.folder / 'inbox').iterdir())
    arrived = vault.run('bundle', 'import', *waiting)
    assert len(arrived) == len(waiting) == 3 and all(row['new'] for row in arrived)
    assert vault.run('referral', 'answer', arrived[0]['referral'], 'accept')['client']
    vault.run('demo', 'create', '--clients', '5', status=1)
    vault.run('demo', 'create', '--clients', 'many', status=2)
    vault.run('demo', 'create', '--seed', 'apple', status=2)


def damage(root):
    """A changed byte in the store is damage (4), a missing store or key file its own sentence."""
    vault = Vault(root)
    vault.create()
    for number in range(30):
        vault.run('client', 'add', f'name=Exemplo {number}', 'notes=' + 'x' * 3000)
    store = vault.folder / 'store.db'
    whole = store.read_bytes()
    changed = bytearray(whole)
    for place in range(5000, len(changed), 4096):
        changed[place] ^= 1
    store.write_bytes(changed)
    vault.run('vault', 'check', status=4)
    # Damage that only the full check meets is one sentence for each damaged part, not SQLite's list of pages.
    changed = bytearray(whole)
    changed[-4096 * 3:] = bytes(4096 * 3)
    store.write_bytes(changed)
    found = vault.run('vault', 'check', status=4)
    damaged = [name for name, state in found.items() if state == 'damaged']
    assert 'pages' in damaged and 'audit' not in damaged, found
    assert vault.said.count('\n') == len(damaged) + 1 and '***' not in vault.said, vault.said
    vault.run('vault', 'backup', root / 'backup', status=4)
    assert not (root / 'backup').exists() and not (root / 'backup.new').exists()
    store.write_bytes(whole)
    vault.run('vault', 'check')
    keys = vault.folder / 'vault.keys'
    whole = keys.read_bytes()
    keys.write_bytes(whole[:-20])
    vault.run('vault', 'info', status=4)
    keys.unlink()
    vault.run('vault', 'info', status=4)


def read_only(root):
    """A folder that may be read and not written: refused with the reason, nothing half-made."""
    vault = Vault(root)
    vault.create()
    vault.run('client', 'add', 'name=Ana Exemplo')
    if os.geteuid() == 0:
        if not shutil.which('setpriv'):
            raise Skip('root may write everywhere')
        vault.prefix = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
        subprocess.run(['chown', '-R', '65534:65534', root], check=True)
        if subprocess.run([*vault.prefix, PROGRAM, '--version'], capture_output=True, check=False).returncode != 0:
            raise Skip('another user cannot run the program')
    before = {path: path.read_bytes() for path in vault.folder.iterdir() if path.is_file()}
    subprocess.run(['chmod', '-R', 'a-w', root], check=True)
    vault.run('client', 'add', 'name=Bruno Exemplo', status=1)
    other = Vault.__new__(Vault)
    other.__dict__.update(vault.__dict__, folder=root / 'other')
    other.create(status=1)
    assert not other.folder.exists()
    subprocess.run(['chmod', '-R', 'u+w', root], check=True)
    assert {path: path.read_bytes() for path in before} == before
    assert len(vault.run('client', 'list')) == 1


def full_disk(root):
    """On small disks: a sentence; nothing half-made, and what was saved stays and can be read."""
    disk = root / 'disk'
    disk.mkdir()
    tiny = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=200k', 'tmpfs', disk], capture_output=True, check=False)
    if tiny.returncode == 0:
        vault = Vault(root)
        vault.folder = disk / 'vault'
        try:
            vault.create(status=1)
            assert not vault.folder.exists()
        finally:
            subprocess.run(['umount', disk], check=True)
    mounted = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], capture_output=True, check=False)
    if mounted.returncode != 0:
        raise Skip('no small disk can be mounted')
    try:
        vault = Vault(root)
        vault.folder = disk / 'vault'
        try:
            vault.create()
        except AssertionError:
            raise Skip('an empty vault does not fit on the small disk') from None
        filler = disk / 'filler'
        filler.write_bytes(bytes(800000))
        saved = 0
        while saved < 40:
            try:
                vault.run('client', 'add', 'name=Ana Exemplo', 'notes=' + 'x' * 60000)
                saved += 1
            except AssertionError:
                break
        assert saved < 40
        vault.run('client', 'add', 'name=Ana Exemplo', 'notes=' + 'x' * 90000, status=1)
        assert len(vault.run('client', 'list')) == saved
        filler.unlink()
        vault.run('client', 'add', 'name=Ana Exemplo', 'notes=' + 'x' * 90000)
        assert len(vault.run('client', 'list')) == saved + 1
        vault.run('vault', 'check')
    finally:
        subprocess.run(['umount', disk], check=False)


def backup(root):
    """A backup is one file that opens with the passphrases of its time; nothing half is left, nothing is written over."""
    vault = Vault(root)
    made = vault.create()
    vault.run('client', 'add', 'name=Ana Exemplo')
    assert 'last_backup_at' not in vault.run('vault', 'info')
    first = vault.run('vault', 'backup', root / 'first')
    assert first['file'] == str(root / 'first') and first['key_slots'] == 1 and first['elsewhere'] is False
    info = vault.run('vault', 'info')
    assert info['last_backup_file'] == first['file'] and info['backup_due'] is False
    assert vault.run('vault', 'backup')['made'] is True and vault.run('vault', 'backup')['made'] is False
    assert vault.run('vault', 'check')['backups_count'] == 1
    assert vault.run('vault', 'check', root / 'first')['id'] == first['id']
    # A vault that was set back is betrayed by what was made since.
    old = (vault.folder / 'store.db').read_bytes()
    vault.run('client', 'add', 'name=Ana Duarte')
    vault.run('vault', 'backup', root / 'newer')
    now = (vault.folder / 'store.db').read_bytes()
    (vault.folder / 'store.db').write_bytes(old)
    vault.run('vault', 'check', root / 'first')
    vault.run('vault', 'check', root / 'newer', status=4)
    assert 'set back' in vault.said, vault.said
    (vault.folder / 'store.db').write_bytes(now)
    vault.run('vault', 'check', root / 'newer')
    # Where it must not go.
    (root / 'letter').write_text('Dear friend')
    (root / 'here').symlink_to(vault.folder)
    for target in (root / 'letter', root, vault.folder / 'x', root / 'here' / 'x', vault.folder / 'store.db',
                   root / 'missing' / 'x'):
        vault.run('vault', 'backup', target, status=1)
    assert (root / 'letter').read_text() == 'Dear friend'
    vault.run('vault', 'backup', '--overwrite', root / 'letter')
    vault.run('client', 'add', 'name=Bia Exemplo')
    assert vault.run('vault', 'backup', root / 'first')['id'] != first['id']
    # With a passphrase of that time, even if it was changed since.
    second = root / 'second'
    second.write_text('another good passphrase\n')
    vault.run('vault', 'passphrase', '--work-factor', 'minimum', extra=('--new-passphrase-file', str(second)))
    new = Vault(root, 'new')
    new.run('vault', 'restore', root / 'first', status=3, passphrase_file=second)
    assert not new.folder.exists() and not (root / 'new.new').exists()
    assert new.run('vault', 'restore', root / 'first')['folder'] == str(new.folder)
    assert {row['name'] for row in new.run('client', 'list')} == {'Ana Exemplo', 'Ana Duarte', 'Bia Exemplo'}
    new.run('vault', 'check')
    new.run('client', 'add', 'name=Carla Exemplo')
    new.run('vault', 'restore', root / 'first', status=1)
    new.run('vault', 'check')
    # Another data key: the vault's own backups are replaced, those elsewhere open as before.
    vault.run('vault', 'rotate', passphrase_file=second)
    own = vault.run('vault', 'backup', passphrase_file=second)
    assert own['made'] is False and len(list((vault.folder / 'backups').iterdir())) == 1
    assert vault.run('vault', 'check', passphrase_file=second)['backups_count'] == 1
    vault.run('vault', 'check', root / 'first', status=4, passphrase_file=second)
    third = Vault(root, 'third')
    third.key.write_text(made['recovery_key'] + '\n')
    third.run('vault', 'restore', '--recovery-key', root / 'letter')
    third.key.write_text(PASSPHRASE + '\n')
    assert {row['name'] for row in third.run('client', 'list')} == {'Ana Exemplo', 'Ana Duarte'}
    # What is no backup, or no longer one.
    fourth = Vault(root, 'fourth')
    whole = (root / 'first').read_bytes()
    for content, status in ((b'', 4), (b'Dear friend', 4), (whole[:-1], 4), (whole[:1000], 4),
                            (whole[:200000] + bytes(4096) + whole[204096:], 4)):
        (root / 'damaged').write_bytes(content)
        fourth.run('vault', 'restore', root / 'damaged', status=status)
        assert not fourth.folder.exists() and not (root / 'fourth.new').exists()
    fourth.run('vault', 'restore', root / 'absent', status=1)
    fourth.run('vault', 'restore', root, status=4)


def backup_disks(root):
    """Small, full and write-protected disks: a sentence and no half file; a disk of its own is noticed."""
    disk = root / 'disk'
    disk.mkdir()

    def mount(*options):
        if subprocess.run(['mount', '-t', 'tmpfs', '-o', ','.join(options), 'tmpfs', disk], capture_output=True,
                          check=False).returncode != 0:
            raise Skip('no disk can be mounted')

    vault = Vault(root)
    vault.create()
    vault.run('client', 'add', 'name=Ana Exemplo', 'notes=' + 'x' * 90000)
    vault.run('vault', 'backup', root / 'near')
    mount('size=700k')
    try:
        vault.run('vault', 'backup', disk / 'small', status=1)
        assert 'no space left' in vault.said, vault.said
        new = Vault(root, 'new')
        new.folder = disk / 'new'
        new.run('vault', 'restore', root / 'near', status=1)
        assert 'no space left' in new.said and not list(disk.iterdir()), new.said
        subprocess.run(['mount', '-o', 'remount,size=20m', disk], check=True)
        assert vault.run('vault', 'backup', disk / 'roomy')['elsewhere'] is True
        assert vault.run('vault', 'info')['last_backup_elsewhere_file'] == str(disk / 'roomy')
        subprocess.run(['mount', '-o', 'remount,ro', disk], check=True)
        vault.run('vault', 'backup', disk / 'roomy', status=1)
        vault.run('vault', 'backup', disk / 'other', status=1)
        assert 'write-protected' in vault.said and [path.name for path in disk.iterdir()] == ['roomy'], vault.said
        new.folder = root / 'new'
        new.run('vault', 'restore', disk / 'roomy')
        new.run('vault', 'check')
    finally:
        subprocess.run(['umount', disk], check=False)
    # The vault's own disk is full: the backup is made all the same.
    mount('size=20m')
    try:
        crammed = Vault(root, 'crammed')
        crammed.folder = disk / 'crammed'
        crammed.create()
        with open(disk / 'filler', 'wb', buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(4096))
            except OSError:
                pass
        crammed.run('vault', 'backup', root / 'from-full')
        crammed.run('vault', 'backup', status=1)
        assert not (crammed.folder / 'backups').exists()
        crammed.run('vault', 'check')
    finally:
        subprocess.run(['umount', disk], check=False)


def broken_output(root):
    """A result that cannot be written is said to be so."""
    vault = Vault(root)
    vault.create()
    if not pathlib.Path('/dev/full').exists():
        raise Skip('there is no /dev/full')
    with open('/dev/full', 'w', encoding='utf-8') as full:
        done = subprocess.run([PROGRAM, '--vault', vault.folder, '--passphrase-file', vault.key, 'vault', 'info'],
                              stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1 and done.stderr


def targets(root):
    """No command writes over the vault's own files or over what is no file; nothing is lost by a slip of the hand."""
    vault = Vault(root)
    vault.create()
    (root / 'link').symlink_to(vault.folder)
    os.mkfifo(root / 'pipe')
    for command in (('partner', 'card'), ('directory', 'export'), ('bundle', 'export', '--to', 'Nobody')):
        for target in (vault.folder / 'store.db', vault.folder / 'vault.keys', root / 'link' / 'store.db', root / 'pipe'):
            vault.run(*command, target, status=1)
            assert 'choose another place' in vault.said, vault.said
    assert (root / 'pipe').is_fifo()
    vault.run('bundle', 'import', root / 'a', root / 'b', status=1)
    assert 'nothing was taken in' in vault.said
    vault.run('vault', 'check')


main(targets, backup, usage, vault_commands, data_key, halves, waiting, interrupted_creation, passphrases, clients,
     client_table, desk, documents, records, directory, demo, damage, read_only, full_disk, backup_disks, broken_output)

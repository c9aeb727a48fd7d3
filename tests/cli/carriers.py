#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carriers as people set them up, and two organizations that exchange a referral over one with `sync` alone."""
import contextlib
import os
import shutil
import socket
import subprocess
import time

from cli import Skip, Vault, main

SECRET = 'numbatpassword'
PIN = '01:23:45:67:89:AB:CD:EF:' * 3 + '01:23:45:67:89:AB:CD:EF'


def settings(root):
    """Added, listed, checked, removed; what cannot be is refused with a sentence, and nothing changes."""
    vault = Vault(root)
    vault.create()
    stick = root / 'stick'
    stick.mkdir()
    vault.run('sync', status=1)
    assert vault.run('carrier', 'list') == []
    added = vault.run('carrier', 'add', 'Stick', stick)
    assert added['name'] == 'Stick' and added['kind'] == 'folder' and added['place'] == str(stick), added
    assert added['state'] == 'idle' and 'last_exchange' not in added
    password = root / 'password'
    password.write_text(SECRET + '\n')
    # Nobody listens there.
    server = vault.run('carrier', 'add', 'Cloud', 'http://127.0.0.1:9/dav/', '--user', 'ana', '--password-file', password,
                       '--metered')
    assert server['kind'] == 'webdav' and server['user'] == 'ana' and server['metered'] is True
    pinned = vault.run('carrier', 'add', 'Pinned', 'https://cloud.example.org/dav/', '--pin', PIN)
    assert pinned['pin'] == PIN.replace(':', '').lower()
    listed = vault.run('carrier', 'list')
    assert [row['name'] for row in listed] == ['Cloud', 'Pinned', 'Stick']
    assert all(row['waiting'] == row['on_the_way'] == 0 for row in listed)
    assert vault.run('carrier', 'check', 'Stick')['works'] is True
    vault.run('carrier', 'check', 'Cloud', status=1)
    vault.run('carrier', 'check', 'Nothing', status=1)
    assert 'Stick' in vault.said, vault.said
    # Wrong words.
    for words in (('Stick', stick), ('', stick), ('x' * 61, stick), ('two\nlines', stick), ('Other', root / 'missing'),
                  ('Other', ''), ('Other', vault.folder), ('Other', vault.folder / 'inbox'), ('Other', 'ftp://example.org/'),
                  ('Other', 'http://cloud.example.org/'), ('Other', 'https://ana:secret@cloud.example.org/'),
                  ('Other', 'https://'), ('Other', stick, '--user', 'ana', '--password-file', password),
                  ('Other', stick, '--pin', PIN), ('Other', 'https://cloud.example.org/', '--pin', '1234'),
                  ('Other', 'https://cloud.example.org/', '--user', 'ana', '--password-file', root / 'missing')):
        vault.run('carrier', 'add', *words, status=1)
    vault.run('carrier', 'add', 'Other', 'https://cloud.example.org/', '--password-file', password, status=2)
    vault.run('carrier', 'add', 'Other', status=2)
    vault.run('carrier', 'remove', 'Other', status=1)
    assert len(vault.run('carrier', 'list')) == 3
    # A password stays where it belongs.
    assert SECRET not in vault.run('carrier', 'list', json_output=False)
    assert all(SECRET.encode() not in path.read_bytes() for path in vault.folder.rglob('*') if path.is_file())
    assert vault.run('carrier', 'remove', 'Cloud')['name'] == 'Cloud'
    with open(password, encoding='utf-8') as by_descriptor:
        vault.run('carrier', 'add', 'Cloud', 'https://cloud.example.org/', '--user', 'ana', '--password-fd', '0',
                  stdin=by_descriptor)
    vault.run('carrier', 'remove', 'Cloud')
    (root / 'empty').write_text('')
    vault.run('carrier', 'add', 'Cloud', 'https://cloud.example.org/', '--user', 'ana', '--password-file', root / 'empty',
              status=3)
    vault.run('carrier', 'remove', 'Cloud', status=1)
    # The stick that is there does not wait for the server that is not.
    vault.run('carrier', 'add', 'Cloud', 'http://127.0.0.1:9/dav/', '--user', 'ana', '--password-file', password)
    vault.run('carrier', 'remove', 'Pinned')
    done = {row['carrier']: row for row in vault.run('sync', status=1)}
    assert done['Stick']['state'] == 'done' and done['Cloud']['state'] == 'failed' and done['Cloud']['problem']
    listed = {row['name']: row for row in vault.run('carrier', 'list')}
    assert listed['Cloud']['state'] == 'waiting' and listed['Cloud']['next_try'] and listed['Stick']['last_exchange']
    vault.run('sync', '--carrier', 'Stick')
    vault.run('sync', '--carrier', 'Nowhere', status=1)


def befriend(root, shop, clinic):
    """Each has the other's card and compared the fingerprint; gives the ids each knows."""
    ids = []
    for here, there in ((shop, clinic), (clinic, shop)):
        card = root / f'{there.folder.name}.card'
        fingerprint = there.run('partner', 'card', card)['fingerprint']
        ids.append(here.run('partner', 'add', card)['id'])
        here.run('partner', 'trust', ids[-1], '--fingerprint', fingerprint)
    return ids


def two_shops(root):
    """Two organizations that have each other's cards, a folder between them, and a client who agreed."""
    shop, clinic = Vault(root, 'shop'), Vault(root, 'clinic')
    shop.create('Example Shop', 'Ana')
    clinic.create('Sample Clinic', 'Bruno')
    partner, _ = befriend(root, shop, clinic)
    between = root / 'between'
    between.mkdir()
    for vault in (shop, clinic):
        vault.run('carrier', 'add', 'Folder', between)
    client = shop.run('client', 'add', 'name=Zarzuela Exemplo', 'language=ar')
    shop.run('consent', 'give', client['code'], '--to', partner, '--purpose', 'share_for_service', '--groups', 'identity')
    return shop, clinic, between, client, partner


def refer(shop, client, partner, reason='Cough'):
    """A referral that waits to be sent."""
    return shop.run('referral', 'create', client['code'], '--partner', partner, '--service-name', 'Doctor', '--reason',
                    reason)


def sync(vault, status=0):
    """One exchange over the folder; gives what it did."""
    done = vault.run('sync', status=status)
    assert len(done) == 1 and done[0]['carrier'] == 'Folder', done
    return done[0]


def referral(root):
    """There, accepted, and back: with `sync` and nothing else; the carrier is empty of what was read."""
    shop, clinic, between, client, partner = two_shops(root)
    sent = refer(shop, client, partner)
    assert shop.run('carrier', 'list')[0]['waiting'] == 0
    first = sync(shop)
    assert first['sealed'] == first['sent'] == 1 and first['came'] == 0, first
    assert shop.run('referral', 'show', sent['id'])['status'] == 'sent'
    assert shop.run('carrier', 'list')[0]['on_the_way'] == 1
    files = [path for path in between.rglob('*.age')]
    assert len(files) == 1 and all(b'Zarzuela' not in path.read_bytes() for path in files)
    assert [row['sent'] for row in shop.run('sync')] == [0]

    came = sync(clinic)
    assert came['applied'] == 1 and came['arrivals'][0]['referral'] == sent['id'], came
    assert came['arrivals'][0]['flow'] == 'referral' and came['arrivals'][0]['sender'] == 'Example Shop'
    # What was read is gone; that it was received went back in the same visit.
    assert not files[0].exists() and came['sent'] == 1, came
    assert [row['id'] for row in clinic.run('referral', 'list', '--in', '--waiting')] == [sent['id']]
    assert sync(clinic)['came'] == 0
    sync(shop)
    assert [event['kind'] for event in shop.run('referral', 'show', sent['id'])['events']][-1] == 'received'

    clinic.run('referral', 'answer', sent['id'], 'accept', '--text', 'Come on Monday.')
    sync(clinic)
    assert sync(shop)['applied'] == 1
    assert shop.run('referral', 'show', sent['id'])['status'] == 'accepted'
    for vault in (shop, clinic):
        vault.run('vault', 'check')
    assert 'sent' in shop.run('sync', json_output=False)


def troubled_folder(root):
    """Pulled, filled with rubbish, read-only, and set back: nothing is lost, and what is wrong is said."""
    shop, clinic, between, client, partner = two_shops(root)
    sent = refer(shop, client, partner)
    hidden = root / 'elsewhere'
    between.rename(hidden)
    done = sync(shop, status=1)
    assert done['state'] == 'failed' and 'not there' in done['problem'], done
    assert shop.run('carrier', 'list')[0]['state'] == 'waiting'
    hidden.rename(between)
    assert sync(shop)['sent'] == 1

    # Rubbish beside the letter, and a letter for somebody else in the same mailbox.
    letter, = between.rglob('*.age')
    mailbox = letter.parent
    (mailbox / 'holiday.jpg').write_bytes(b'sea')
    (mailbox / ('a' * 52 + '.age')).write_bytes(b'half a file')
    (mailbox / ('b' * 52 + '.age')).symlink_to('/etc/passwd')
    (mailbox / '..age').write_bytes(b'')
    done = sync(clinic)
    assert done['applied'] == 1 and done['refused'] == 0 and done['incomplete'] >= 1, done
    assert not (clinic.folder / 'inbox' / ('a' * 52 + '.age')).exists()
    assert (mailbox / 'holiday.jpg').exists()

    # Somebody else's letter: refused once, told, taken out of the mailbox.
    other = Vault(root, 'other')
    other.create('Specimen Office', 'Carla')
    befriend(root, shop, other)
    partner_list = {row['name']: row['id'] for row in shop.run('partner', 'list')}
    shop.run('consent', 'give', client['code'], '--to', partner_list['Specimen Office'], '--purpose', 'share_for_service',
             '--groups', 'identity')
    refer(shop, client, partner_list['Specimen Office'])
    before = set(between.rglob('*.age'))
    assert sync(shop)['sent'] == 1
    stray, = set(between.rglob('*.age')) - before
    shutil.copy(stray, mailbox / stray.name)
    refused = sync(clinic, status=5)
    assert refused['refused'] == 1 and refused['arrivals'][0]['reason'] and stray.name in clinic.said, refused
    assert not (mailbox / stray.name).exists()
    assert sync(clinic)['came'] == 0

    # The folder is set back to nothing: what was not confirmed is brought again, what was read is not read twice.
    shutil.rmtree(between / 'tessera1')
    sync(shop)
    sync(clinic)
    assert len(clinic.run('referral', 'list', '--in')) == 1
    clinic.run('referral', 'answer', sent['id'], 'decline', '--code', 'full')
    sync(clinic)
    sync(shop)
    assert shop.run('referral', 'show', sent['id'])['status'] == 'declined'


def changed_mind(root):
    """Sealed and carried, but not read yet: when the client takes the consent back, the letter comes back too."""
    shop, clinic, between, client, partner = two_shops(root)
    consent, = shop.run('consent', 'list', client['code'])
    refer(shop, client, partner)
    sync(shop)
    letter, = between.rglob('*.age')
    shop.run('consent', 'withdraw', consent['id'], '--reason', 'Changed her mind')
    assert sync(shop)['withheld'] == 1
    assert not letter.exists()
    sync(clinic)
    assert clinic.run('referral', 'list', '--in') == []
    assert all(b'Zarzuela' not in path.read_bytes() for path in between.rglob('*.age'))


def revoked_partner(root):
    """Nothing sealed goes to a partner who was revoked since."""
    shop, _, between, client, partner = two_shops(root)
    refer(shop, client, partner)
    between.rename(root / 'away')
    sync(shop, status=1)
    shop.run('partner', 'revoke', partner)
    (root / 'away').rename(between)
    assert sync(shop)['withheld'] == 1
    assert not list(between.rglob('*.age'))


@contextlib.contextmanager
def server(root):
    """A WebDAV server on this computer, with one user; gives its address."""
    program = shutil.which('lighttpd', path=os.environ.get('PATH', '') + ':/usr/sbin')
    if not program or not os.path.exists('/usr/lib/lighttpd/mod_webdav.so'):
        raise Skip('lighttpd with mod_webdav is not here')
    for name in ('files', 'tmp', 'db'):
        (root / name).mkdir()
    (root / 'users').write_text('ana:' + SECRET + '\n')
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    (root / 'lighttpd.conf').write_text(f'''
server.port = {port}
server.bind = "127.0.0.1"
server.document-root = "{root}/files"
server.upload-dirs = ("{root}/tmp")
server.modules = ("mod_auth", "mod_authn_file", "mod_webdav")
auth.backend = "plain"
auth.backend.plain.userfile = "{root}/users"
auth.require = ("" => ("method" => "basic", "realm" => "mailbox", "require" => "valid-user"))
webdav.activate = "enable"
webdav.is-readonly = "disable"
webdav.sqlite-db-name = "{root}/db/lock.sqlite"
''')
    process = subprocess.Popen([program, '-D', '-f', root / 'lighttpd.conf'], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(('127.0.0.1', port)) == 0:
                    break
            time.sleep(0.1)
        yield f'http://127.0.0.1:{port}/'
    finally:
        process.terminate()
        process.wait()


def over_a_server(root):
    """The same over WebDAV: the password comes from the vault, a wrong one waits for a person."""
    shop, clinic, _, client, partner = two_shops(root)
    (root / 'password').write_text(SECRET + '\n')
    (root / 'wrong').write_text('wombatpassword\n')
    with server(root) as address:
        for vault in (shop, clinic):
            vault.run('carrier', 'remove', 'Folder')
            vault.run('carrier', 'add', 'Folder', address, '--user', 'ana', '--password-file', root / 'wrong')
            vault.run('carrier', 'check', 'Folder', status=1)
            sync(vault, status=1)
            assert vault.run('carrier', 'list')[0]['state'] == 'needs-attention'
            vault.run('carrier', 'remove', 'Folder')
            vault.run('carrier', 'add', 'Folder', address, '--user', 'ana', '--password-file', root / 'password')
            assert vault.run('carrier', 'check', 'Folder')['works'] is True
        sent = refer(shop, client, partner)
        assert sync(shop)['sent'] == 1
        assert sync(clinic)['applied'] == 1
        clinic.run('referral', 'answer', sent['id'], 'accept')
        sync(clinic)
        sync(shop)
        assert shop.run('referral', 'show', sent['id'])['status'] == 'accepted'
        assert all(path.stat().st_size > 1000 for path in (root / 'files').rglob('*.age'))
    done = sync(shop, status=1)
    assert done['state'] == 'failed' and shop.run('carrier', 'list')[0]['state'] == 'waiting'


def colleague(root, shop):
    """A second laptop of the shop, admitted and joined."""
    desk = Vault(root, 'desk')
    desk.run('vault', 'create', '--joining', '--worker', 'Bruno Exemplo', '--work-factor', 'minimum',
             extra=('--new-passphrase-file', str(desk.key)), unlocked=False)
    asked = desk.run('team', 'request', root / 'desk.request')
    shop.run('team', 'admit', root / 'desk.request', '--role', 'worker', '--fingerprint', asked['fingerprint'],
             root / 'desk.invitation')
    desk.run('team', 'join', root / 'desk.invitation')
    return desk


def exchange(*vaults):
    """Until nothing comes any more."""
    for _ in range(6):
        if sum(sync(vault)['came'] for vault in vaults) == 0:
            return
    raise AssertionError('they do not come to rest')


def colleagues(root):
    """Two laptops of one shop come to the same over a folder, come to rest, and leave nothing unread there."""
    shop = Vault(root, 'shop')
    shop.create('Example Shop', 'Ana')
    before = shop.run('client', 'add', 'name=Zarzuela Exemplo', 'notes=quokkamarker')
    desk = colleague(root, shop)
    between = root / 'between'
    between.mkdir()
    for vault in (shop, desk):
        vault.run('carrier', 'add', 'Folder', between)
    exchange(shop, desk)
    assert desk.run('client', 'show', before['code'])['name'] == 'Zarzuela Exemplo'
    added = desk.run('client', 'add', 'name=Bruna Exemplo')
    shop.run('client', 'edit', before['code'], 'name=Zarzuela Duarte')
    exchange(desk, shop)
    for vault in (shop, desk):
        assert {row['name'] for row in vault.run('client', 'list')} == {'Zarzuela Duarte', 'Bruna Exemplo'}
        assert vault.run('client', 'show', added['id'])['name'] == 'Bruna Exemplo'
        vault.run('vault', 'check')
    assert all(b'quokka' not in path.read_bytes() for path in between.rglob('*') if path.is_file())


def scans(root):
    """What is in a document comes in a file of its own; until it is here, the colleague is told, and nothing is called
    damaged."""
    shop = Vault(root, 'shop')
    shop.create('Example Shop', 'Ana')
    client = shop.run('client', 'add', 'name=Zarzuela Exemplo')['code']
    desk = colleague(root, shop)
    between, aside, paper = root / 'between', root / 'aside', root / 'lease.pdf'
    between.mkdir()
    paper.write_bytes(b'%PDF-1.4 quokkamarker ' * 20000)
    for vault in (shop, desk):
        vault.run('carrier', 'add', 'Folder', between)
    exchange(shop, desk)
    known = set(between.rglob('*.age'))
    document = shop.run('document', 'add', client, paper)['id']
    shop.run('sync')
    contents = [path for path in set(between.rglob('*.age')) - known
                if 'stream' not in desk.run('bundle', 'inspect', path)['manifest']]
    assert len(contents) == 1, contents
    place = contents[0].rename(aside) and contents[0]
    desk.run('sync')
    assert [row['id'] for row in desk.run('document', 'list', client)] == [document]
    desk.run('document', 'save', document, root / 'early.pdf', status=1)
    assert 'has not arrived yet' in desk.said and not (root / 'early.pdf').exists(), desk.said
    desk.run('vault', 'check')
    aside.rename(place)
    desk.run('sync')
    desk.run('document', 'save', document, root / 'copy.pdf')
    assert (root / 'copy.pdf').read_bytes() == paper.read_bytes()
    desk.run('vault', 'check')
    exchange(desk, shop)
    assert all(b'quokka' not in path.read_bytes() for path in between.rglob('*') if path.is_file())


def by_hand(root):
    """The same without a carrier: files in an envelope, looked at before they are taken in."""
    shop = Vault(root, 'shop')
    shop.create('Example Shop', 'Ana')
    desk = colleague(root, shop)
    client = shop.run('client', 'add', 'name=Zarzuela Exemplo')
    envelope = root / 'envelope'
    envelope.mkdir()
    files = [row['file'] for row in shop.run('bundle', 'export', '--to', 'team', envelope)]
    assert files and shop.run('bundle', 'export', '--to', 'Example Shop', envelope)
    shop.run('bundle', 'export', '--to', 'Nobody', envelope, status=1)
    done = desk.run('bundle', 'import', *files)
    assert {row['state'] for row in done} <= {'applied', 'parked'}, done
    # Who sent the list of laptops is known once it is here.
    assert {row['sender'] for row in done if row['flow'] != 'roster'} == {'Ana'}, done
    assert desk.run('client', 'show', client['code'])['name'] == 'Zarzuela Exemplo'
    assert all(row['known'] for row in desk.run('bundle', 'import', *files))
    flows = set()
    for file in files:
        assert desk.run('bundle', 'verify', file)['valid'] is True
        seen = desk.run('bundle', 'inspect', file)
        flows.add(seen['manifest']['flow'])
        assert seen['device']['name'] == 'Ana' and seen['device']['active'] is True, seen
    assert 'roster' in flows and flows & {'team', 'snapshot'}, flows
    damaged = root / 'damaged.age'
    whole = bytearray((root / files[0]).read_bytes())
    whole[len(whole) // 2] ^= 1
    damaged.write_bytes(whole)
    for verb in ('verify', 'inspect', 'import'):
        desk.run('bundle', verb, damaged, status=1)
    stranger = Vault(root, 'stranger')
    stranger.create('Specimen Office', 'Carla')
    stranger.run('bundle', 'import', *files, status=1)
    stranger.run('bundle', 'export', '--to', 'team', envelope, status=1)


main(settings, referral, troubled_folder, changed_mind, revoked_partner, over_a_server, colleagues, scans, by_hand)

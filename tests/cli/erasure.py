#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody is erased: two laptops of a team and a partner, with `sync` alone. Afterwards nothing of the person is left in
what any of them can print, in any table of their stores, or in their backups; and nothing old brings them back."""
import json
import shutil

from cli import Vault, main

MARKERS = {'name': 'Quokkamarker Exemplo', 'notes': 'numbatmarker', 'summary': 'axolotlmarker', 'story': 'kakapomarker',
           'reason': 'platypusmarker', 'household': 'pangolinmarker', 'answer': 'okapimarker', 'code': None}
WORDS = [word.split()[0] for word in MARKERS.values() if word]


def befriend(root, shop, clinic):
    """Each has the other's card and compared the fingerprint; gives the ids each knows."""
    ids = []
    for here, there in ((shop, clinic), (clinic, shop)):
        card = root / f'{there.folder.name}.card'
        fingerprint = there.run('partner', 'card', card)['fingerprint']
        ids.append(here.run('partner', 'add', card)['id'])
        here.run('partner', 'trust', ids[-1], '--fingerprint', fingerprint)
    return ids


def sync(*vaults, rounds=1):
    """Everybody visits the folder, in turns."""
    for _ in range(rounds):
        for vault in vaults:
            vault.run('sync')


def join(root, shop, name, worker, role):
    """A second laptop of the team."""
    vault = Vault(root, name)
    vault.run('vault', 'create', '--joining', '--worker', worker, '--work-factor', 'minimum',
              extra=('--new-passphrase-file', str(vault.key)), unlocked=False)
    asked = vault.run('team', 'request', root / f'{name}.request')
    shop.run('team', 'admit', root / f'{name}.request', '--role', role, root / f'{name}.invitation', '--fingerprint',
             asked['fingerprint'])
    vault.run('team', 'join', root / f'{name}.invitation')
    return vault


def register(shop):
    """A person with something in many corners of the record."""
    household = shop.run('record', 'add', 'household', 'name=' + MARKERS['household'], 'situation=' + MARKERS['household'])
    client = shop.run('client', 'add', 'name=' + MARKERS['name'], 'notes=' + MARKERS['notes'], 'language=ar',
                      'household=' + household['id'])
    shop.run('record', 'add', 'household_member', 'household=' + household['id'], 'name=' + MARKERS['household'])
    shop.run('visit', 'add', client['code'], 'how=in-person', 'summary=' + MARKERS['summary'], 'told=' + MARKERS['summary'])
    shop.run('record', 'add', 'story', 'client=' + client['code'], 'text=' + MARKERS['story'])
    return client


def dump(vault):
    """Everything that the store holds, as far as commands print it."""
    entities = ('client', 'household', 'household_member', 'visit', 'advice', 'note', 'story', 'consent', 'referral',
                'referral_event', 'erasure_request', 'bundle', 'conflict', 'task', 'need')
    return json.dumps([vault.run('record', 'list', entity) for entity in entities]
                      + [vault.run('report', 'audit'), vault.run('client', 'erased')], ensure_ascii=False)


def assert_gone(vault, *more):
    """No marker, no client code, and the store is whole."""
    said = dump(vault)
    for word in (*WORDS, *more):
        assert word not in said, f'{word} is still in {vault.folder.name}'
    vault.run('vault', 'check')
    for word in WORDS:
        assert vault.run('client', 'find', word) == []


def world(root):
    """Shop and desk are a team, the clinic is a partner; all know of the client."""
    shop, clinic = Vault(root, 'shop'), Vault(root, 'clinic')
    shop.create('Example Shop', 'Ana')
    clinic.create('Sample Clinic', 'Bruno')
    partner, _ = befriend(root, shop, clinic)
    desk = join(root, shop, 'desk', 'Carla Exemplo', 'worker')
    between = root / 'between'
    between.mkdir()
    for vault in (shop, desk, clinic):
        vault.run('carrier', 'add', 'Folder', between)
    client = register(shop)
    shop.run('consent', 'give', client['code'], '--to', partner, '--purpose', 'share_for_service', '--groups', 'identity')
    referral = shop.run('referral', 'create', client['code'], '--partner', partner, '--service-name', 'Doctor', '--reason',
                        MARKERS['reason'])
    sync(shop, desk, clinic, rounds=3)
    assert desk.run('client', 'show', client['code'])['name'] == MARKERS['name']
    assert [row['id'] for row in clinic.run('referral', 'list', '--in')] == [referral['id']]
    return shop, desk, clinic, client, referral, between


def everywhere(root):
    """From the supervisor's laptop to the colleague's and the partner's."""
    shop, desk, clinic, client, referral, between = world(root)
    clinic.run('referral', 'answer', referral['id'], 'accept', '--text', MARKERS['answer'])
    sync(clinic, shop, desk, rounds=2)
    outside = root / 'outside.tessera-backup'
    shop.run('vault', 'backup', outside)
    shop.run('vault', 'backup')
    before = {path.name: path.read_bytes() for path in between.rglob('*') if path.is_file()}
    # What the colleague writes meanwhile does not bring the person back.
    desk.run('client', 'edit', client['code'], 'notes=' + MARKERS['notes'] + ' again')
    desk.run('visit', 'add', client['code'], 'how=phone', 'summary=' + MARKERS['summary'])

    shop.run('client', 'erase', client['code'], status=2)
    shop.run('client', 'erase', client['code'], '--reason', 'because', status=1)
    desk.run('client', 'erase', client['code'], '--reason', 'other', status=1)
    assert 'supervisor' in desk.said.lower(), desk.said
    done = shop.run('client', 'erase', client['code'], '--reason', 'asked-by-person')
    assert done['scrubbed'] is True and done['erased'] == client['id'], done
    assert (done['devices_done'], done['devices'], done['partners_asked'], done['partners_answered']) == (1, 2, 1, 0), done
    assert done['backup_file'] == str(outside) and str(outside) in shop.said
    shop.run('client', 'show', client['code'], status=1)
    assert_gone(shop, client['code'])

    sync(shop, desk, clinic, rounds=2)
    assert_gone(desk, client['code'])
    sync(shop, desk, rounds=2)
    erased = shop.run('client', 'erased')
    assert len(erased) == 1 and erased[0]['devices_done'] == erased[0]['devices'] == 2, erased
    assert erased[0]['by'] == 'Ana' and erased[0]['reason'] == 'asked-by-person'

    # The partner is asked, and answers by erasing the client it registered.
    asked = clinic.run('referral', 'list', '--in')[0]
    assert asked['erasure_asked_at'], asked
    assert MARKERS['name'] in dump(clinic)
    clinic.run('referral', 'answer', referral['id'], 'erase-done', status=1)
    assert 'registered here' in clinic.said, clinic.said
    clinic.run('client', 'erase', asked['client'], '--reason', 'other')
    assert_gone(clinic)
    sync(clinic, shop, desk, rounds=2)
    for vault in (shop, desk):
        assert vault.run('client', 'erased')[0]['partners_answered'] == 1

    # What lay on the carrier is gone, and once more it does nothing.
    left = {path.name for path in between.rglob('*') if path.is_file()} & set(before)
    carried = {row['file_name']: row for vault in (shop, desk, clinic) for row in vault.run('record', 'list', 'bundle')
               if row['direction'] == 'out'}
    for name in left:
        assert carried[name]['flow'] == 'roster' or carried[name]['number'] == 0, carried[name]
    for name, contents in before.items():
        (root / name).write_bytes(contents)
        for vault in (desk, shop, clinic):
            vault.run('bundle', 'import', root / name, status=None)
    for vault in (shop, desk, clinic):
        assert_gone(vault)
    restored(root, shop, outside, client)


def restored(root, shop, outside, client):
    """A backup from before holds the person; restored, it erases again."""
    again = Vault(root, 'again')
    assert (root / 'outside.tessera-backup.erased').exists()
    again.run('vault', 'restore', outside)
    assert_gone(again, client['code'])
    assert [row['erased'] for row in again.run('client', 'erased')] == [client['id']]
    # Without the list it would not; and with a damaged one nothing is restored.
    moved = root / 'elsewhere'
    moved.mkdir()
    shutil.copy(outside, moved / 'old')
    damaged = moved / 'damaged'
    text = (shop.folder / 'erased').read_text()
    damaged.write_text(text[:40] + ('B' if text[40] == 'A' else 'A') + text[41:])
    other = Vault(root, 'other')
    other.run('vault', 'restore', moved / 'old', '--erased', damaged, status=4)
    other.run('vault', 'restore', moved / 'old', '--erased', moved / 'missing', status=1)
    other.run('vault', 'restore', moved / 'old', '--erased', shop.folder / 'erased')
    assert_gone(other, client['code'])
    for word in (client['id'], *WORDS):
        assert word not in text


def never_registered(root):
    """The partner never registered them: what was received goes with one word."""
    shop, _, clinic, client, referral, _ = world(root)
    clinic.run('referral', 'answer', referral['id'], 'erase-done', status=1)
    shop.run('client', 'erase', client['code'], '--reason', 'recorded-by-mistake')
    sync(shop, clinic)
    assert MARKERS['reason'] in dump(clinic)
    clinic.run('referral', 'answer', referral['id'], 'erase-done')
    assert_gone(clinic)
    sync(clinic, shop)
    assert shop.run('client', 'erased')[0]['partners_answered'] == 1


def before_it_left(root):
    """The letter was sealed and not carried yet: it never goes."""
    shop, clinic = Vault(root, 'shop'), Vault(root, 'clinic')
    shop.create('Example Shop', 'Ana')
    clinic.create('Sample Clinic', 'Bruno')
    partner, _ = befriend(root, shop, clinic)
    client = register(shop)
    shop.run('consent', 'give', client['code'], '--to', partner, '--purpose', 'share_for_service', '--groups', 'identity')
    shop.run('referral', 'create', client['code'], '--partner', partner, '--service-name', 'Doctor', '--reason',
             MARKERS['reason'])
    letters = shop.run('bundle', 'export', '--to', partner, root / 'letter.age')
    assert letters
    sealed = set((shop.folder / 'outbox').iterdir())
    assert sealed
    shop.run('client', 'erase', client['code'], '--reason', 'asked-by-person')
    assert not sealed & set((shop.folder / 'outbox').iterdir())
    states = {row['state'] for row in shop.run('record', 'list', 'bundle')}
    assert states == {'withdrawn'}, states
    between = root / 'between'
    between.mkdir()
    for vault in (shop, clinic):
        vault.run('carrier', 'add', 'Folder', between)
    sync(shop, clinic, shop)
    assert shop.run('client', 'erased')[0]['partners_answered'] == 1
    # Whoever kept the letter cannot bring the person to the partner any more.
    clinic.run('bundle', 'import', root / 'letter.age', status=None)
    assert_gone(clinic)


main(everywhere, never_registered, before_it_left)

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two and three laptops of one shop write the same fields on the same day without knowing of each other; what they see,
what a person decides, and that it then holds on every laptop."""
from cli import Vault, main

ZERO = '00000000-0000-7000-8000-000000000000'


def colleague(root, shop, name, worker, device):
    """A laptop that has joined the shop."""
    desk = Vault(root, name)
    desk.run('vault', 'create', '--joining', '--worker', worker, '--device', device, '--work-factor', 'minimum',
             extra=('--new-passphrase-file', str(desk.key)), unlocked=False)
    asked = desk.run('team', 'request', root / f'{name}.request')
    shop.run('team', 'admit', root / f'{name}.request', '--role', 'worker', '--fingerprint', asked['fingerprint'],
             root / f'{name}.invitation')
    desk.run('team', 'join', root / f'{name}.invitation')
    return desk


def exchange(*vaults):
    """Over the folder until nothing comes any more."""
    for _ in range(8):
        if sum(vault.run('sync')[0]['came'] for vault in vaults) == 0:
            return
    raise AssertionError('they do not come to rest')


def team(root, *others):
    """A shop with a client, and laptops that have all of it."""
    shop = Vault(root, 'shop')
    shop.create('Example Shop', 'Ana')
    client = shop.run('client', 'add', 'name=Zarzuela Exemplo', 'phone=000', 'birth_date=1990-01-01',
                      'address=Sample Street 1')
    vaults = [shop] + [colleague(root, shop, *other) for other in others]
    between = root / 'between'
    between.mkdir()
    for vault in vaults:
        vault.run('carrier', 'add', 'Folder', between)
    exchange(*vaults)
    return client, vaults


def write(client, field, *pairs):
    """Each writes its own value, then all meet."""
    for vault, value in pairs:
        vault.run('client', 'edit', client['code'], f'{field}={value}')
    exchange(*(vault for vault, _ in pairs))


def only(vault):
    """The one open conflict there."""
    found = vault.run('conflict', 'list')
    assert len(found) == 1, found
    return found[0]


def two(root):
    """Seen alike on both, decided on one, held on both; mine, theirs, both, and a value."""
    client, (shop, desk) = team(root, ('desk', 'Bruno Exemplo', 'Reception'))
    assert shop.run('conflict', 'list') == [] == desk.run('conflict', 'list')
    write(client, 'phone', (shop, '111'), (desk, '222'))
    here, there = only(shop), only(desk)
    assert here['id'] == there['id'] and here['client'] == here['row'] == client['id'] and here['code'] == client['code']
    assert (here['entity'], here['field'], here['label']) == ('client', 'phone', 'Phone')
    assert len(here['values']) == 2 and 'resolved_at' not in here
    by_value = {value['value']: value for value in here['values']}
    assert by_value['111']['mine'] is True and by_value['222']['mine'] is False
    assert by_value['222']['device_name'] == 'Reception' and by_value['222']['worker'] == 'Bruno Exemplo'
    assert by_value['111']['device_name'] == by_value['111']['worker'] == 'Ana'
    assert by_value['222']['at'].startswith('20') and by_value['222']['text'] == '222'
    assert [value['value'] for value in there['values'] if value['mine']] == ['222']
    shown = [value['value'] for value in here['values'] if value['shown']]
    assert shown == [value['value'] for value in there['values'] if value['shown']] == [
        shop.run('client', 'show', client['id'])['phone']]
    for vault in (shop, desk):
        text = vault.run('conflict', 'list', json_output=False)
        assert '111' in text and 'Reception' in text and client['code'] in text, text

    # What cannot be decided so changes nothing.
    shop.run('conflict', 'resolve', ZERO, 'mine', status=1)
    shop.run('conflict', 'resolve', 'rubbish', 'mine', status=1)
    shop.run('conflict', 'resolve', here['id'], status=2)
    assert only(shop) == here

    done = shop.run('conflict', 'resolve', here['id'], 'theirs')
    assert done['resolved_at'] and done['resolved_by']['worker'] == 'Ana' and done['values'][0]['value'] == '222'
    assert shop.run('conflict', 'list') == []
    shop.run('conflict', 'resolve', here['id'], 'mine', status=1)
    assert 'decided' in shop.said
    assert only(desk) == there
    exchange(shop, desk)
    for vault in (shop, desk):
        assert vault.run('conflict', 'list') == []
        assert vault.run('client', 'show', client['id'])['phone'] == '222'
        settled = vault.run('conflict', 'list', '--settled')
        assert len(settled) == 1 and settled[0]['resolved_by']['worker'] == 'Ana', settled
        assert settled[0]['values'][0]['value'] == '222'

    # The same field again, this time both, decided by the other.
    write(client, 'phone', (shop, '333'), (desk, '444'))
    assert only(shop)['id'] == here['id']
    joined = desk.run('conflict', 'resolve', here['id'], 'both')['values'][0]['value']
    assert sorted(joined.split(' / ')) == ['333', '444']
    exchange(desk, shop)
    assert shop.run('client', 'show', client['id'])['phone'] == joined and shop.run('conflict', 'list') == []

    # Two dates of birth cannot both be right; a date must be one.
    write(client, 'birth_date', (shop, '1991-01-01'), (desk, '1992-02-02'))
    birth = only(shop)['id']
    shop.run('conflict', 'resolve', birth, 'both', status=1)
    shop.run('conflict', 'resolve', birth, 'yesterday week', status=1)
    assert only(shop)['id'] == birth
    shop.run('conflict', 'resolve', birth, '1993-03-03')
    exchange(shop, desk)
    assert desk.run('client', 'show', client['id'])['birth_date'] == '1993-03-03'

    # An ordinary edit that has seen both settles as well.
    write(client, 'address', (shop, 'Sample Street 2'), (desk, 'Sample Street 3'))
    assert only(desk)['field'] == 'address'
    desk.run('client', 'edit', client['id'], 'address=Sample Street 4')
    exchange(desk, shop)
    for vault in (shop, desk):
        assert vault.run('conflict', 'list') == [] and vault.run('client', 'show', client['id'])['address'] == 'Sample Street 4'
        vault.run('vault', 'check')
        vault.run('report', 'audit', '--verify')


def same_value(root):
    """Who wrote the same needs no deciding."""
    client, (shop, desk) = team(root, ('desk', 'Bruno Exemplo', 'Reception'))
    write(client, 'phone', (shop, '111'), (desk, '111'))
    assert shop.run('conflict', 'list') == [] == desk.run('conflict', 'list')


def three(root):
    """With three values “theirs” is no answer, and where none was written here “mine” is none."""
    client, (shop, desk, van) = team(root, ('desk', 'Bruno Exemplo', 'Reception'), ('van', 'Carla Exemplo', 'Van'))
    write(client, 'phone', (shop, '111'), (desk, '222'), (van, '333'))
    assert len(only(van)['values']) == 3
    shop.run('conflict', 'resolve', only(shop)['id'], 'theirs', status=1)
    assert '222' in shop.said and '333' in shop.said, shop.said
    shop.run('conflict', 'resolve', only(shop)['id'], '222')
    exchange(shop, desk, van)
    assert {vault.run('client', 'show', client['id'])['phone'] for vault in (shop, desk, van)} == {'222'}
    for vault, value in ((desk, '444'), (van, '555')):
        vault.run('client', 'edit', client['code'], f'phone={value}')
    exchange(shop, desk, van)
    shop.run('conflict', 'resolve', only(shop)['id'], 'mine', status=1)
    van.run('conflict', 'resolve', only(van)['id'], 'mine')
    exchange(shop, desk, van)
    assert {vault.run('client', 'show', client['id'])['phone'] for vault in (shop, desk, van)} == {'555'}


main(two, same_value, three)

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three laptops of one organization: asking, admitting, joining, roles, revoking, and the root key on paper; and everything
that must be refused on the way. What they tell each other is tested elsewhere."""
import base64
import json
import re
import shutil

from cli import Vault, main

FINGERPRINT = re.compile(r'^([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}$')


def joining(root, name, worker, *more, now=None, **keywords):
    """A vault that is to join an organization."""
    vault = Vault(root, name, now=now)
    made = vault.run('vault', 'create', '--joining', '--worker', worker, '--work-factor', 'minimum', *more,
                     extra=('--new-passphrase-file', str(vault.key)), unlocked=False, **keywords)
    return vault, made


def founded(root, name='shop', worker='Ana', **keywords):
    """A vault with an organization of its own."""
    vault = Vault(root, name, **keywords)
    vault.create('Example Shop', worker)
    return vault


def admit(root, shop, vault, role, *more, file=None):
    """Request and invitation; gives the invitation's path."""
    file = file or vault.folder.name
    asked = vault.run('team', 'request', root / f'{file}.request')
    shop.run('team', 'admit', root / f'{file}.request', '--role', role, root / f'{file}.invitation', '--fingerprint',
             asked['fingerprint'], *more)
    return root / f'{file}.invitation'


def three_laptops(root):
    """The whole story, as the help tells it."""
    shop = founded(root)
    desk, made = joining(root, 'desk', 'Bruno Exemplo', '--device', 'Reception')
    assert 'recovery_key' in made and 'organization' not in made and made['worker'] == 'Bruno Exemplo'
    van, _ = joining(root, 'van', 'Carla Exemplo')

    # Before it has joined it is of no use, and says what to do.
    for words in (('client', 'add', 'name=Zarzuela Exemplo'), ('client', 'list'), ('vault', 'info'), ('team', 'list')):
        desk.run(*words, status=1)
        assert 'team request' in desk.said

    asked = desk.run('team', 'request', root / 'desk.request')
    assert FINGERPRINT.match(asked['fingerprint']) and asked['file'] == str(root / 'desk.request')
    assert desk.run('team', 'request', root / 'again.request')['fingerprint'] == asked['fingerprint']
    admitted = shop.run('team', 'admit', root / 'desk.request', '--role', 'mediator', root / 'desk.invitation')
    assert asked['fingerprint'] in shop.said, 'a supervisor must be told to compare'
    assert admitted['fingerprint'] == asked['fingerprint'] and admitted['name'] == 'Reception'
    invitation = (root / 'desk.invitation').read_text()
    assert len(invitation) < 2900, 'an invitation fits one QR code'
    joined = desk.run('team', 'join', root / 'desk.invitation')
    assert joined['organization'] == 'Example Shop' and joined['fingerprint'] == admitted['organization_fingerprint']
    assert joined['fingerprint'] == shop.run('partner', 'card')['fingerprint'] == desk_fingerprint(desk, shop)
    info = desk.run('vault', 'info')
    assert info['organization'] == 'Example Shop' and info['clients'] == 0
    desk.run('team', 'list', status=1)  # no roster has come yet

    van.run('team', 'join', admit(root, shop, van, 'worker', '--name', 'Van'), '--fingerprint',
            joined['fingerprint'].lower().replace('-', ' '))

    listed = {device['name']: device for device in shop.run('team', 'list')}
    assert set(listed) == {'Ana', 'Reception', 'Van'}, listed
    assert listed['Reception']['worker'] == 'Bruno Exemplo' and listed['Reception']['role'] == 'mediator'
    assert listed['Reception']['fingerprint'] == asked['fingerprint']
    assert listed['Ana']['role'] == 'supervisor' and 'last_heard' in listed['Ana']
    assert all(device['state'] == 'active' and device['circles'] == ['Example Shop'] for device in listed.values())
    assert {worker['name'] for worker in shop.run('record', 'list', 'worker')} == {'Ana', 'Bruno Exemplo', 'Carla Exemplo'}

    # Whoever joined works in their own name from the first day, and knows nothing of the root key.
    client = desk.run('client', 'add', 'name=Zarzuela Exemplo')
    assert desk.run('client', 'show', client['code'])['name'] == 'Zarzuela Exemplo'
    desk.run('vault', 'check')
    desk.run('report', 'audit', '--verify')

    by_name = {device['name']: device for device in shop.run('team', 'role', 'Van', 'supervisor')}
    assert by_name['Van']['role'] == 'supervisor'
    shop.run('team', 'circle', 'add', 'North')
    circles = {circle['name']: circle for circle in shop.run('team', 'circle', 'list')}
    assert circles['Example Shop']['devices'] == 3 and circles['North']['devices'] == 2
    assert len(circles['North']['mailbox']) == 26 and circles['North']['mailbox'] != circles['Example Shop']['mailbox']
    shop.run('team', 'circle', 'put', 'Reception', 'North')
    after = {device['name']: device for device in shop.run('team', 'revoke', listed['Reception']['id'])}
    assert after['Reception']['state'] == 'revoked'
    assert {c['name']: c['devices'] for c in shop.run('team', 'circle', 'list')}['North'] == 2
    shop.run('team', 'revoke', 'Reception', '--since', '2026-01-01T00:00:00Z')
    assert {d['name']: d['state'] for d in shop.run('team', 'retire', 'Van')}['Van'] == 'retired'
    shop.run('report', 'audit', '--verify')
    actions = [entry['action'] for entry in shop.run('report', 'audit')]
    for action in ('admit', 'roster', 'revoke', 'retire', 'role', 'circle'):
        assert action in actions, f'{action} is not in the audit: {set(actions)}'
    assert 'join' in [entry['action'] for entry in desk.run('report', 'audit')]


def desk_fingerprint(desk, shop):
    """What a device without the root key answers when it is asked for the card: not here yet; then the shop's."""
    desk.run('partner', 'card', status=1)
    return shop.run('partner', 'card')['fingerprint']


def standing(shop):
    """The list of devices without what every save changes."""
    return [{name: value for name, value in device.items() if name != 'last_heard'} for device in shop.run('team', 'list')]


def wrong_requests(root):
    """What cannot be admitted changes nothing."""
    shop = founded(root)
    desk, _ = joining(root, 'desk', 'Bruno Exemplo')
    asked = desk.run('team', 'request', root / 'good')
    before = standing(shop)
    text = (root / 'good').read_text()
    line, signature = text.split('\n', 1)
    changed = json.loads(line)
    changed['worker'] = 'Ana'
    bad = {'empty': '', 'text': 'hello\n', 'cut': text[:-30], 'line': line + '\n', 'huge': line + ' ' * 20000,
           'changed': json.dumps(changed, separators=(',', ':')) + '\n' + signature,
           'newer': text.replace('tessera-request/1', 'tessera-request/2', 1)}
    for name, contents in bad.items():
        (root / name).write_text(contents)
        shop.run('team', 'admit', root / name, '--role', 'worker', root / 'out', status=1)
    shop.run('partner', 'card', root / 'card')
    shop.run('team', 'admit', root / 'card', '--role', 'worker', root / 'out', status=1)
    shop.run('team', 'admit', root / 'nowhere', '--role', 'worker', root / 'out', status=1)
    other = '0' * 20
    shop.run('team', 'admit', root / 'good', '--role', 'worker', root / 'out', '--fingerprint', other, status=1)
    shop.run('team', 'admit', root / 'good', '--role', 'worker', root / 'out', '--fingerprint', 'x', status=1)
    shop.run('team', 'admit', root / 'good', '--role', 'owner', root / 'out', status=1)
    shop.run('team', 'admit', root / 'good', '--role', 'worker', root / 'out', '--circle', 'Nowhere', status=1)
    shop.run('team', 'admit', root / 'good', '--role', 'worker', root / 'out', '--name', 'a\nb', status=1)
    shop.run('team', 'admit', root / 'good', '--role', 'worker', shop.folder / 'out', status=1)
    shop.run('team', 'admit', root / 'good', root / 'out', status=2)
    shop.run('team', 'admit', root / 'good', '--role', 'worker', status=2)
    assert standing(shop) == before and not (root / 'out').exists()
    # Only with the root key, and only a supervisor.
    shop.run('vault', 'add-worker', 'Dora Exemplo', '--role', 'worker', '--work-factor', 'minimum',
             extra=('--new-passphrase-file', str(shop.key), '--worker', 'Ana'))
    shop.run('team', 'admit', root / 'good', '--role', 'worker', root / 'out', extra=('--worker', 'Dora Exemplo'), status=1)
    desk.run('team', 'admit', root / 'good', '--role', 'worker', root / 'out', status=1)
    assert not (root / 'out').exists()
    shop.run('team', 'admit', root / 'good', '--role', 'worker', root / 'out', '--fingerprint', asked['fingerprint'],
             extra=('--worker', 'Ana'))
    # A revoked device does not come back, a retired one may.
    shop.run('team', 'retire', 'Bruno Exemplo', extra=('--worker', 'Ana'))
    shop.run('team', 'admit', root / 'good', '--role', 'worker', root / 'out', extra=('--worker', 'Ana'))
    shop.run('team', 'revoke', 'Bruno Exemplo', extra=('--worker', 'Ana'))
    shop.run('team', 'admit', root / 'good', '--role', 'worker', root / 'out', extra=('--worker', 'Ana'), status=1)
    assert 'revoked' in shop.said


def wrong_invitations(root):
    """For somebody else, changed, of somebody else, too late, twice."""
    day = '2026-11-22T10:00:00Z'
    shop = founded(root, now=day)
    desk, _ = joining(root, 'desk', 'Bruno Exemplo', now=day)
    van, _ = joining(root, 'van', 'Carla Exemplo', now=day)
    other = founded(root, 'other', 'Dora', now=day)
    invitation = admit(root, shop, desk, 'worker')
    text = invitation.read_text()
    van.run('team', 'join', invitation, status=1)
    assert 'another device' in van.said
    shop.run('team', 'join', invitation, status=1)
    for name, contents in {'empty': '', 'text': 'hello', 'cut': text[:len(text) // 2], 'huge': text * 50,
                           'line': text.replace('\n', '', 2),
                           'flipped': flip(text)}.items():
        (root / name).write_text(contents)
        desk.run('team', 'join', root / name, status=1)
    desk.run('team', 'join', root / 'desk.request', status=1)
    desk.run('team', 'join', root / 'nowhere', status=1)
    desk.run('team', 'join', invitation, '--fingerprint', other.run('partner', 'card')['fingerprint'], status=1)
    assert 'nothing was changed' in desk.said
    desk.run('team', 'join', status=2)
    late = Vault(root, 'desk', now='2026-12-07T10:00:00Z')
    late.run('team', 'join', invitation, status=1)
    assert 'past its date' in late.said
    desk.run('client', 'list', status=1)
    # A copy from mail, with other line ends and blanks around it, is as good.
    (root / 'mailed').write_text('\n  ' + text.replace('\n', '\r\n') + '\r\n\r\n')
    desk.run('team', 'join', root / 'mailed')
    desk.run('team', 'join', invitation, status=1)
    assert 'joined already' in desk.said
    # Another organization cannot take over a device, however it is asked.
    taken = admit(root, other, desk, 'worker', file='taken')
    desk.run('team', 'join', taken, status=1)
    assert 'another organization' in desk.said
    # A later invitation of the same one renews the certificate.
    shop.now = desk.now = '2026-11-23T10:00:00Z'
    desk.run('team', 'join', admit(root, shop, desk, 'worker', file='renewed'))
    desk.run('team', 'request', desk.folder / 'x', status=1)


def flip(text):
    """One bit of the sealed content, in valid armor."""
    lines = text.strip().split('\n')
    contents = bytearray(base64.b64decode(''.join(lines[1:-1])))
    contents[-20] ^= 1
    body = base64.b64encode(contents).decode()
    return '\n'.join([lines[0], *(body[i:i + 64] for i in range(0, len(body), 64)), lines[-1], ''])


def decisions(root):
    """Usage, names that are nobody's, and one's own device."""
    shop = founded(root)
    own = shop.run('team', 'list')[0]
    for words in (('revoke', own['id']), ('retire', 'Ana'), ('role', own['fingerprint'], 'worker'), ('revoke', 'Nobody'),
                  ('role', 'Nobody', 'worker'), ('circle', 'put', 'Ana', 'Nowhere'), ('circle', 'add', '')):
        shop.run('team', *words, status=1)
    for words in (('revoke',), ('circle',), ('circle', 'remove'), ('root',), ('root', 'print', 'x'), ('nothing',),
                  ('revoke', 'Ana', '--since', 'tomorrow'), ('list', 'x')):
        shop.run('team', *words, status=2)
    for words in (('--organization', 'A', '--joining', '--worker', 'B'), ('--worker', 'B'),
                  ('--joining', '--worker', 'B', '--role', 'supervisor')):
        other = Vault(root, 'none')
        other.run('vault', 'create', *words, '--work-factor', 'minimum', unlocked=False, status=2,
                  extra=('--new-passphrase-file', str(other.key)))
        assert not other.folder.exists()
    assert len(shop.run('team', 'list')) == 1 and shop.run('team', 'circle', 'list')[0]['devices'] == 1
    shop.run('team', 'list', passphrase_file=shop.folder / 'vault.keys', status=3)


def rotation(root):
    """Another encryption key: at once with the root key, by a request without."""
    shop = founded(root)
    desk, _ = joining(root, 'desk', 'Bruno Exemplo')
    desk.run('team', 'join', admit(root, shop, desk, 'worker'))
    first = shop.run('partner', 'card')['card']
    shop.run('team', 'rotate')
    assert shop.run('partner', 'card')['card'] != first
    desk.run('team', 'rotate', status=2)
    desk.run('team', 'rotate', root / 'rotate.request', status=1)  # the roster has not come: it knows no key of ours
    assert not (root / 'rotate.request').exists()


def old_key_still_opens(root):
    """What a partner sealed with a card of before the last change of key can be read; of before the one before, no more."""
    shop = founded(root)
    clinic = Vault(root, 'clinic')
    clinic.create('Sample Clinic', 'Bruno')
    fingerprints = {}
    for vault, name in ((shop, 'shop'), (clinic, 'clinic')):
        vault.run('partner', 'card', root / f'{name}.card')
        fingerprints[name] = vault.run('partner', 'card')['fingerprint']
    partner = clinic.run('partner', 'add', root / 'shop.card')['id']
    sender = shop.run('partner', 'add', root / 'clinic.card')['id']
    clinic.run('partner', 'trust', partner, '--fingerprint', fingerprints['shop'])
    shop.run('partner', 'trust', sender, '--fingerprint', fingerprints['clinic'])
    for number in (1, 2):
        shop.run('team', 'rotate')
        client = clinic.run('client', 'add', f'name=Zarzuela Exemplo {number}')['code']
        clinic.run('consent', 'give', client, '--to', partner, '--purpose', 'share_for_service', '--groups', 'identity')
        clinic.run('referral', 'create', client, '--partner', partner, '--service-name', 'Bed', '--reason', 'Cold')
        clinic.run('bundle', 'export', '--to', partner, root / f'{number}.age')
        shop.run('bundle', 'import', root / f'{number}.age', status=0 if number == 1 else 1)
    assert len(shop.run('referral', 'list', '--in')) == 1


def on_paper(root):
    """The root key: printed, taken away, brought back."""
    shop = founded(root)
    shop.run('team', 'root', 'remove', status=1)
    sheets = shop.run('team', 'root', 'print', '--split')
    assert len(sheets['sheets']) == 2 and sheets['fingerprint'] == shop.run('partner', 'card')['fingerprint']
    assert sheets['sheets'][0] != sheets['sheets'][1]
    (root / 'both').write_text('\n'.join(sheets['sheets']) + '\n')
    (root / 'one').write_text(sheets['sheets'][0] + '\n')
    (root / 'wrong').write_text(sheets['sheets'][0] + '\n' + sheets['sheets'][1][:-1] + 'Z\n')
    (root / 'none').write_text('')
    shop.run('team', 'root', 'restore', '--root-file', root / 'both', status=1)
    shop.run('team', 'root', 'remove')
    shop.run('team', 'root', 'print', status=1)
    shop.run('team', 'circle', 'add', 'North', status=1)
    for name in ('one', 'none', 'wrong', 'missing'):
        shop.run('team', 'root', 'restore', '--root-file', root / name, status=1)
    shop.run('team', 'root', 'restore', '--root-fd', '77', status=2)
    shop.run('team', 'root', 'restore', status=3)
    shop.run('team', 'root', 'restore', '--root-file', root / 'both')
    shop.run('team', 'circle', 'add', 'North')
    whole = shop.run('team', 'root', 'print', json_output=False)
    assert sheets['fingerprint'] in whole
    actions = [entry['action'] for entry in shop.run('report', 'audit')]
    assert {'root-print', 'root-restore', 'root-remove'} <= set(actions)
    for sheet in sheets['sheets']:
        for path in shop.folder.rglob('*'):
            assert not path.is_file() or sheet.encode() not in path.read_bytes()


def slots(root):
    """The numbers of key slots mean nothing on another laptop."""
    shop = founded(root)
    shop.run('vault', 'add-worker', 'Dora Exemplo', '--role', 'mediator', '--work-factor', 'minimum',
             extra=('--new-passphrase-file', str(shop.key), '--worker', 'Ana'))
    assert shop.run('vault', 'info', extra=('--worker', 'Dora Exemplo'))['role'] == 'mediator'
    desk, _ = joining(root, 'desk', 'Dora Exemplo')
    invitation = root / 'desk.invitation'
    asked = desk.run('team', 'request', root / 'desk.request')
    shop.run('team', 'admit', root / 'desk.request', '--role', 'mediator', invitation, '--fingerprint',
             asked['fingerprint'], extra=('--worker', 'Ana'))
    # The same person on another laptop, not a second one of that name.
    workers = shop.run('record', 'list', 'worker', extra=('--worker', 'Ana'))
    assert sorted(worker['name'] for worker in workers) == ['Ana', 'Dora Exemplo'] and 'slot' not in workers[0]
    desk.run('team', 'join', invitation)
    client = desk.run('client', 'add', 'name=Zarzuela Exemplo')
    dora = next(worker for worker in workers if worker['name'] == 'Dora Exemplo')
    assert client['worker'] == dora['id']
    shutil.rmtree(desk.folder)
    shop.run('vault', 'remove-worker', 'Dora Exemplo', extra=('--worker', 'Ana'))
    assert shop.run('vault', 'info')['role'] == 'supervisor'


main(three_laptops, wrong_requests, wrong_invitations, decisions, rotation, old_key_still_opens, on_paper, slots)

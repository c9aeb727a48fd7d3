#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A day of two organizations, each with its own vault: from an empty folder to an accepted referral.

Nothing the client did not agree to show may be in the bundle, and nothing they said may be readable on either disk.
"""
import json

from cli import Vault, data_file, main

# Planted where the consent does not reach; none of them may leave the first shop or be readable in a file.
HIDDEN = {
    'notes': 'quokkamarker', 'visit_notes': 'numbatmarker', 'health': 'axolotlmarker', 'household': 'pangolinmarker',
    'phone': '+351555777333', 'protection': 'okapimarker', 'summary': 'narwhalmarker', 'step_notes': 'dugongmarker',
    'story': 'kakapomarker', 'member': 'tapirmarker', 'goal': 'wombatmarker',
}
# Agreed to: arrives, and is still readable in no file.
SHOWN = {'name': 'Zarzuelamarker Exemplo', 'need': 'bandicootmarker', 'reason': 'platypusmarker'}


def read_everything(folder):
    """Every byte of every file below a folder, by name."""
    return {path: path.read_bytes() for path in folder.rglob('*') if path.is_file()}


def assert_unreadable(folders, words):
    for folder in folders:
        for path, contents in read_everything(folder).items():
            for word in words:
                for encoded in (word.encode(), word.encode('utf-16-le'), word.encode('utf-16-be')):
                    assert encoded not in contents, f'{word} can be read in {path}'


def register(shop):
    """A person with something in every corner of the record; gives client and need ids."""
    household = shop.run('record', 'add', 'household', 'name=' + HIDDEN['household'], 'size=4',
                         'situation=' + HIDDEN['household'])
    client = shop.run('client', 'add', 'name=' + SHOWN['name'], 'birth_date=1988-04-12', 'gender=woman', 'language=ar',
                      'languages=ar,fr', 'interpreter_needed=yes', 'phone=' + HIDDEN['phone'],
                      'health_note=' + HIDDEN['health'], 'protection_note=' + HIDDEN['protection'],
                      'notes=' + HIDDEN['notes'], 'household=' + household['id'], 'household_size=4')
    shop.run('record', 'add', 'household_member', 'household=' + household['id'], 'client=' + client['id'],
             'name=' + HIDDEN['member'], 'relation=child')
    shop.run('record', 'add', 'story', 'client=' + client['code'], 'text=' + HIDDEN['story'], 'language=ar')
    shop.run('need', 'add', client['code'], 'domain=home', 'text=' + SHOWN['need'], 'urgent=yes')
    return client


def accompany(shop, client):
    """Two visits, an assessment of three domains, a step, a goal."""
    code = client['code']
    shop.run('visit', 'add', code, 'how=in-person', 'domains=home,health', 'summary=' + HIDDEN['summary'],
             'told=The night shelter is open until nine.', 'next_step=Call the shelter', 'next_who=worker',
             'next_by=2026-11-25', 'notes=' + HIDDEN['visit_notes'])
    shop.run('visit', 'add', code, 'how=phone', 'domains=home', 'summary=Still no room. ' + HIDDEN['summary'])
    assert len(shop.run('visit', 'list', code)) == 2
    assert [task['text'] for task in shop.run('task', 'list', code)] == ['Call the shelter']
    assessment = shop.run('assessment', 'add', code, 'home=1/2', 'health=2', 'language=2/3')
    assert len(assessment['scores']) == 3
    change = shop.run('step', 'set', code, 'basic-needs', '--reason', 'assessment', '--notes', HIDDEN['step_notes'])
    assert change['to_step'] == 'basic-needs'
    shop.run('goal', 'add', code, 'text=' + HIDDEN['goal'], 'domain=home')


def exchange_cards(root, shop, clinic):
    """Each takes the other's card and compares the fingerprint; gives the partner ids each knows."""
    ours = shop.run('partner', 'card', root / 'shop.card')
    theirs = clinic.run('partner', 'card', root / 'clinic.card')
    partner = shop.run('partner', 'add', root / 'clinic.card')
    assert partner['fingerprint'] == theirs['fingerprint'] and partner['trust'] == 'none'
    shop.run('partner', 'trust', partner['id'], '--fingerprint', ours['fingerprint'], status=1)
    shop.run('partner', 'trust', partner['id'], '--fingerprint', theirs['fingerprint'])
    sender = clinic.run('partner', 'add', root / 'shop.card')
    clinic.run('partner', 'trust', sender['id'], '--fingerprint', ours['fingerprint'], '--in-person')
    assert [row['fingerprint'] for row in shop.run('partner', 'list')] == [theirs['fingerprint']]
    return partner['id'], sender['id']


def import_directory(vault):
    """The real directory in both languages: one directory, not two."""
    summaries = vault.run('directory', 'import', data_file('services-jordan-2015.en.hsds.json'),
                          data_file('services-jordan-2015.ar.hsds.json'))
    assert [summary['language'] for summary in summaries] == ['en', 'ar'], summaries
    assert summaries[0]['services'] > 0 and summaries[1]['translations'] > 0
    services = vault.run('directory', 'find')
    assert len(services) == summaries[0]['services'] == vault.run('vault', 'info')['services']
    arabic = vault.run('directory', 'find', '--language', 'ar', '--limit', '5')
    assert any('\u0600' <= letter <= '\u06ff' for row in arabic for letter in row['name'])
    return services[0]


def one_story(root):
    shop, clinic = Vault(root, 'shop'), Vault(root, 'clinic')
    shop.create('Example Shop', 'Ana')
    clinic.create('Sample Clinic', 'Bruno')
    service = import_directory(shop)
    client = register(shop)
    accompany(shop, client)
    partner, sender = exchange_cards(root, shop, clinic)

    # No consent, no referral; then a consent for two groups only.
    shop.run('referral', 'create', client['code'], '--service', service['id'], '--partner', partner, '--reason',
             SHOWN['reason'], status=1)
    consent = shop.run('consent', 'give', client['code'], '--to', partner, '--purpose', 'share_for_service', '--groups',
                       'identity,needs')
    referral = shop.run('referral', 'create', client['code'], '--service', service['id'], '--partner', partner,
                        '--reason', SHOWN['reason'], '--consent', consent['id'], '--kind', 'refer')
    assert referral['status'] == 'draft' and sorted(referral['groups']) == ['identity', 'needs']
    exported = shop.run('bundle', 'export', '--to', partner, root / 'out.age')
    assert exported['referral'] == referral['id']
    assert shop.run('referral', 'show', referral['id'])['status'] == 'sent'

    # The far side sees exactly what was agreed.
    clinic.run('bundle', 'verify', root / 'out.age')
    seen = clinic.run('bundle', 'inspect', root / 'out.age')
    text = json.dumps(seen, ensure_ascii=False)
    for word in SHOWN.values():
        assert word in text, f'{word} was agreed to and is not in the bundle'
    for place, word in HIDDEN.items():
        assert word not in text, f'{word} ({place}) was not agreed to and is in the bundle'
    assert client['id'] in text and client['code'] in text
    shop.run('bundle', 'inspect', root / 'out.age', status=1)

    # In, twice: the second time changes nothing.
    arrivals = clinic.run('bundle', 'import', root / 'out.age')
    assert arrivals[0]['new'] and not arrivals[0]['answered'] and not arrivals[0]['known'] and arrivals[0]['partner'] == sender
    assert clinic.run('bundle', 'import', root / 'out.age')[0]['known']
    received = clinic.run('referral', 'list', '--in', '--waiting')
    assert [row['id'] for row in received] == [referral['id']]
    assert received[0]['due_on'] == shop.run('referral', 'show', referral['id'])['due_on']

    # Declining needs a reason that is one; accepting answers.
    clinic.run('referral', 'answer', referral['id'], 'decline', status=1)
    clinic.run('referral', 'answer', referral['id'], 'decline', '--code', 'nonsense', status=1)
    answered = clinic.run('referral', 'answer', referral['id'], 'accept', '--text', 'Come on Monday.')
    assert answered['status'] == 'accepted'
    registered = clinic.run('client', 'show', answered['client'])
    assert registered['name'] == SHOWN['name'] and 'phone' not in registered and registered['code'] != client['code']
    clinic.run('bundle', 'export', '--to', sender, root / 'back.age')
    back = shop.run('bundle', 'import', root / 'back.age')
    assert back[0]['answered']
    final = shop.run('referral', 'show', referral['id'])
    assert final['status'] == 'accepted', final
    assert [event['kind'] for event in final['events'] if event['side'] == 'receiver'][-1] == 'accepted'

    for vault in (shop, clinic):
        vault.run('vault', 'check')
        vault.run('report', 'audit', '--verify')
    assert_unreadable([shop.folder, clinic.folder], [*HIDDEN.values(), *SHOWN.values(), client['code']])
    for name in ('out.age', 'back.age'):
        contents = (root / name).read_bytes()
        assert all(word.encode() not in contents for word in [*HIDDEN.values(), *SHOWN.values()])


def bad_bundles(root):
    """Truncated, changed, replayed and wrongly addressed bundles are refused and change nothing."""
    shop, clinic, other = Vault(root, 'shop'), Vault(root, 'clinic'), Vault(root, 'other')
    shop.create('Example Shop', 'Ana')
    clinic.create('Sample Clinic', 'Bruno')
    other.create('Specimen Office', 'Carla')
    client = shop.run('client', 'add', 'name=Zarzuela Exemplo')
    partner, _ = exchange_cards(root, shop, clinic)
    shop.run('consent', 'give', client['code'], '--to', partner, '--purpose', 'share_for_service', '--groups', 'identity')
    shop.run('referral', 'create', client['code'], '--partner', 'Sample Clinic', '--service-name', 'Doctor', '--reason',
             'Cough')
    shop.run('bundle', 'export', '--to', 'Sample Clinic', root / 'out.age')
    whole = (root / 'out.age').read_bytes()
    before = clinic.run('referral', 'list')
    (root / 'short.age').write_bytes(whole[:len(whole) // 2])
    flipped = bytearray(whole)
    flipped[len(flipped) // 2] ^= 1
    (root / 'flipped.age').write_bytes(flipped)
    (root / 'empty.age').write_bytes(b'')
    (root / 'text.age').write_text('This is no bundle.')
    for name in ('short', 'flipped', 'empty', 'text'):
        clinic.run('bundle', 'import', root / f'{name}.age', status=1)
        clinic.run('bundle', 'verify', root / f'{name}.age', status=1)
        clinic.run('bundle', 'inspect', root / f'{name}.age', status=1)
    other.run('bundle', 'import', root / 'out.age', status=1)
    clinic.run('bundle', 'import', root / 'nowhere.age', status=1)
    assert clinic.run('referral', 'list') == before == []
    # Of several the good one is taken in, the others are named.
    done = clinic.run('bundle', 'import', root / 'flipped.age', root / 'out.age', status=5)
    assert len(done) == 1 and 'flipped.age' in clinic.said
    # A sender we know nothing of.
    other.run('partner', 'add', root / 'clinic.card')
    listed = other.run('partner', 'list')
    other.run('partner', 'trust', 'Sample Clinic', '--fingerprint', listed[0]['fingerprint'].lower().replace('-', ' '))
    person = other.run('client', 'add', 'name=Somebody Exemplo')
    other.run('consent', 'give', person['id'], '--to', 'Sample Clinic', '--purpose', 'share_for_service', '--groups',
              'identity')
    other.run('referral', 'create', person['id'], '--partner', 'Sample Clinic', '--service-name', 'Doctor', '--reason',
              'Cough')
    other.run('bundle', 'export', '--to', 'Sample Clinic', root / 'unknown.age')
    clinic.run('bundle', 'import', root / 'unknown.age', status=1)
    assert len(clinic.run('referral', 'list')) == 1


def refusals_to_send(root):
    """Untrusted and revoked partners, withdrawn consent: nothing is sent."""
    shop, clinic = Vault(root, 'shop'), Vault(root, 'clinic')
    shop.create('Example Shop', 'Ana')
    clinic.create('Sample Clinic', 'Bruno')
    clinic.run('partner', 'card', root / 'clinic.card')
    fingerprint = clinic.run('partner', 'card')['fingerprint']
    shop.run('partner', 'card', root / 'own.card')
    shop.run('partner', 'add', root / 'own.card', status=1)
    partner = shop.run('partner', 'add', root / 'clinic.card')['id']
    client = shop.run('client', 'add', 'name=Zarzuela Exemplo')['code']
    consent = shop.run('consent', 'give', client, '--to', partner, '--purpose', 'share_for_service', '--groups',
                       'identity')
    referral = shop.run('referral', 'create', client, '--partner', partner, '--service-name', 'Doctor', '--reason', 'Cough')
    shop.run('bundle', 'export', '--to', partner, root / 'out.age', status=1)
    assert not (root / 'out.age').exists()
    shop.run('partner', 'trust', partner, '--fingerprint', fingerprint)
    shop.run('partner', 'revoke', partner)
    shop.run('bundle', 'export', '--to', partner, root / 'out.age', status=1)
    shop.run('partner', 'trust', partner, '--fingerprint', fingerprint)
    shop.run('consent', 'withdraw', consent['id'], '--reason', 'Changed her mind')
    shop.run('bundle', 'export', '--to', partner, root / 'out.age', status=1)
    assert not (root / 'out.age').exists()
    assert shop.run('referral', 'show', referral['id'])['status'] in ('draft', 'void', 'withdrawn')


main(one_story, bad_bundles, refusals_to_send)

# SPDX-License-Identifier: GPL-2.0-or-later
"""The certificates of the server, as objects."""

from theatre import NAME, ROOT, SERVER, expect, read, wait_for

OWN, AUTHORITY = f'{ROOT}/certificates/own', f'{ROOT}/certificates/authority'
IFACE = f'{NAME}.Certificate'


def renew(stage, user, options='@a{sv} {}', path=OWN):
    return stage.call(user, path, IFACE, 'Renew', f'({options},)')


def story_certificates_public(stage):
    """Everybody may read what a certificate tells, and hears when it changes; only who may configure renews it."""
    expect("'own'" in stage.get('eve', OWN, 'Certificate', 'Origin').must().out)
    expect("'authority'" in stage.get('eve', AUTHORITY, 'Certificate', 'Kind').must().out)
    expect("'certificates'" in stage.get('eve', SERVER, 'Server', 'Features').must().out)
    heard = stage.listen('bob')
    expect(renew(stage, 'bob').must(1).out.startswith('NotAuthorized\n'))
    expect(renew(stage, 'carol').must(1).out.startswith('NotAuthorizedCanObtain\n'))
    expect('ExpiresAt' not in read(heard), read(heard))
    renew(stage, 'dave').must()
    wait_for('the change', lambda: 'ExpiresAt' in read(heard) and 'vpn.test' in read(heard))


def story_certificates_renewal(stage):
    """The own certificate is renewed for the names that are given; others are refused, by their name."""
    renew(stage, 'root', "{'names': <['a.example', '192.0.2.1']>}").must()
    expect("['a.example', '192.0.2.1']" in stage.get('eve', OWN, 'Certificate', 'Names').must().out)
    for options in ("{'names': <'a.example'>}", "{'names': <@as []>}", "{'names': <['%s']>}" % ('x' * 1100), "{'names': <['two words']>}",
                    "{'nonsense': <1>}"):
        refused = renew(stage, 'root', options).must(1)
        expect(refused.out.startswith('InvalidArgs\n'), options, refused)
    expect('two words' in renew(stage, 'root', "{'names': <['two words']>}").out)
    expect(renew(stage, 'root', path=AUTHORITY).must(1).out.startswith('NotSupported\n'))
    expect("['a.example', '192.0.2.1']" in stage.get('eve', OWN, 'Certificate', 'Names').must().out)


def _listed(stage):
    return stage.control('root', 'certificate', 'list', '--json').must().json['certificates']


def story_certificates_control(stage):
    """The control tool lists certificates and renews the own one; of the shipped daemon, which keeps its pin."""
    stage.use_shipped_service()
    stage.control('root', 'start').must()
    # The process that has them tells of them while the server starts.
    wait_for('two certificates', lambda: [entry['id'] for entry in _listed(stage)] == ['authority', 'own'])
    before = _listed(stage)
    expect(all(entry['active'] and entry['origin'] == 'own' for entry in before), before)
    expect(before[1]['issuer'] == before[0]['subject'] and 'Sallyport authority' in before[0]['subject'], before)
    stage.control('bob', 'certificate', 'renew').must(5)
    stage.control('dave', 'certificate', 'renew', 'home.example.net', '2001:db8::7').must()
    after = _listed(stage)
    expect(after[1]['names'] == ['home.example.net', '2001:db8::7'], after)
    expect(after[1]['fingerprint'] != before[1]['fingerprint'] and after[1]['key-pin'] == before[1]['key-pin'], after)
    expect(after[0] == before[0], after)
    expect(stage.control('eve', 'status', '--json').must().json['certificate-pin'] == after[1]['key-pin'])
    wrong = stage.control('root', 'certificate', 'renew', 'two words').must(4)
    expect('two words' in wrong.err, wrong)
    stage.control('root', 'certificate', 'renew').must()
    expect('home.example.net' not in stage.control('root', 'certificate', 'list').must().out)

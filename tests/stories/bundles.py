# SPDX-License-Identifier: GPL-2.0-or-later
"""Certificates that somebody brings in files, made by the programs that people make them with."""

import os
import subprocess

from theatre import FOLDER, NAME, ROOT, SERVER, expect, read, wait_for
import whole

PASSPHRASE = 'Zugbrücke-7'
EXTENSIONS = '''[ca]
basicConstraints=critical,CA:true
keyUsage=keyCertSign
[leaf]
basicConstraints=CA:false
keyUsage=digitalSignature
extendedKeyUsage=serverAuth
subjectAltName=DNS:home.example.net,IP:192.0.2.1
[client]
keyUsage=digitalSignature
extendedKeyUsage=clientAuth
[mute]
keyUsage=keyAgreement
'''
P256, P384, RSA = ('ec', '-pkeyopt', 'ec_paramgen_curve:P-256'), ('ec', '-pkeyopt', 'ec_paramgen_curve:P-384'), ('rsa:2048',)
SECRET = ('-passout', f'pass:{PASSPHRASE}')


def openssl(*arguments):
    done = subprocess.run(['openssl', *arguments], cwd=FOLDER, capture_output=True, text=True, check=False)
    expect(done.returncode == 0, arguments, done.stderr)


def issue(name, by, section, days, kind, begin=None):
    """NAME.pem and NAME.key, signed by BY or by itself."""
    openssl('req', '-newkey', *kind, '-nodes', '-keyout', f'{name}.key', '-out', f'{name}.csr', '-subj', f'/CN={name}')
    signer = ['-signkey', f'{name}.key'] if by is None else ['-CA', f'{by}.pem', '-CAkey', f'{by}.key', '-CAcreateserial']
    openssl('x509', '-req', '-in', f'{name}.csr', *signer, '-out', f'{name}.pem', '-days', str(days), '-extfile', 'extensions',
            '-extensions', section)


def join(to, *files):
    with open(f'{FOLDER}/{to}', 'wb') as out:
        for file in files:
            with open(f'{FOLDER}/{file}', 'rb') as part:
                out.write(part.read())


def furnish():
    """An authority, one between, and a leaf of theirs in every shape."""
    with open(f'{FOLDER}/extensions', 'w', encoding='ascii') as file:
        file.write(EXTENSIONS)
    issue('root', None, 'ca', 3650, P256)
    issue('between', 'root', 'ca', 3650, P256)
    issue('leaf', 'between', 'leaf', 90, RSA)
    join('full.pem', 'leaf.pem', 'between.pem')
    join('all.pem', 'leaf.key', 'between.pem', 'leaf.pem')
    openssl('x509', '-in', 'leaf.pem', '-outform', 'DER', '-out', 'leaf.der')
    openssl('x509', '-in', 'between.pem', '-outform', 'DER', '-out', 'between.der')
    openssl('rsa', '-in', 'leaf.key', '-traditional', '-out', 'old.key')
    openssl('rsa', '-in', 'leaf.key', '-traditional', '-aes128', *SECRET, '-out', 'old-locked.key')
    openssl('rsa', '-in', 'leaf.key', '-traditional', '-outform', 'DER', '-out', 'old.key.der')
    openssl('pkcs8', '-topk8', '-in', 'leaf.key', *SECRET, '-out', 'locked.key')
    openssl('pkcs8', '-topk8', '-in', 'leaf.key', *SECRET, '-outform', 'DER', '-out', 'locked.key.der')
    openssl('pkcs8', '-topk8', '-nocrypt', '-in', 'leaf.key', '-outform', 'DER', '-out', 'plain.key.der')
    export = ('pkcs12', '-export', '-in', 'leaf.pem', '-inkey', 'leaf.key', '-certfile', 'between.pem')
    openssl(*export, *SECRET, '-out', 'new.p12')
    openssl(*export, '-legacy', *SECRET, '-out', 'old.p12')
    openssl(*export, '-passout', 'pass:', '-out', 'empty.p12')
    openssl('pkcs12', '-export', '-nokeys', '-in', 'full.pem', *SECRET, '-out', 'keyless.p12')


def files(stage, verb, names, *options, passphrase=None, user='root'):
    if passphrase is not None:
        options += ('--passphrase-file', '-')
    return stage.control(user, 'certificate', verb, *(f'{FOLDER}/{name}' for name in names), *options, '--json',
                         text=None if passphrase is None else passphrase + '\n')


def findings(result):
    return {entry['check']: (entry['severity'], entry['details']['text']) for entry in result.json['findings']}


def check(stage, names, status=0, **options):
    return findings(files(stage, 'check', names, **options).must(status))


def certificates(stage):
    return {entry['id']: entry for entry in stage.control('root', 'certificate', 'list', '--json').must().json['certificates']}


def story_bundle_formats(stage):
    """A certificate and its key are found in files of every format, in any combination and order."""
    stage.use_shipped_service()
    stage.secret(PASSPHRASE)
    furnish()
    stage.control('root', 'start').must()
    combinations = [
        (('all.pem',), None), (('full.pem', 'leaf.key'), None), (('leaf.key', 'full.pem'), None),
        (('leaf.pem', 'between.pem', 'leaf.key'), None), (('between.der', 'old.key', 'leaf.der'), None),
        (('full.pem', 'old.key.der'), None), (('full.pem', 'plain.key.der'), None), (('full.pem', 'old-locked.key'), PASSPHRASE),
        (('full.pem', 'locked.key'), PASSPHRASE), (('leaf.der', 'between.der', 'locked.key.der'), PASSPHRASE),
        (('new.p12',), PASSPHRASE), (('old.p12',), PASSPHRASE), (('empty.p12',), None), (('keyless.p12', 'leaf.key'), PASSPHRASE),
        (('keyless.p12', 'locked.key'), PASSPHRASE), (('root.pem', 'new.p12'), PASSPHRASE), (('all.pem', 'all.pem'), None),
    ]
    imported = set()
    for names, passphrase in combinations:
        found = check(stage, names, passphrase=passphrase)
        expect(found['key'][0] == 'ok' and found['files'][0] == 'ok' and found['strength'] == ('ok', 'RSA 2048'), names, found)
        expect('CN=root' in found['chain'][1], names, found)
        before = set(certificates(stage))
        imported.add(files(stage, 'import', names, passphrase=passphrase).must().json['id'])
        expect(len(set(certificates(stage)) - before) == (1 if names == combinations[0][0] else 0), names, 'the same twice')
    expect(len(imported) == 1, imported)
    expect(not certificates(stage)[imported.pop()]['active'], 'what is imported is in use by itself')


def story_bundle_verdict(stage):
    """What is wrong with files is said before anything is used, and nothing of them is kept."""
    stage.use_shipped_service()
    stage.secret(PASSPHRASE)
    furnish()
    issue('other', 'between', 'leaf', 90, P256)
    issue('over', 'between', 'leaf', -1, P256)
    issue('soon', 'between', 'leaf', 9, P384)
    issue('client', 'between', 'client', 90, P256)
    issue('mute', 'between', 'mute', 90, P256)
    issue('alone', None, 'leaf', 90, P256)
    issue('weak', 'between', 'leaf', 90, ('rsa:1024',))
    issue('edwards', 'between', 'leaf', 90, ('ed25519',))
    join('over-all.pem', 'over.pem', 'over.key')
    with open(f'{FOLDER}/garbage', 'wb') as file:
        file.write(os.urandom(5000))
    with open(f'{FOLDER}/cut.pem', 'w', encoding='ascii') as file:
        file.write(read(f'{FOLDER}/full.pem')[:700])
    with open(f'{FOLDER}/huge', 'wb') as file:
        file.write(bytes(70000))
    with open(f'{FOLDER}/many.pem', 'w', encoding='ascii') as file:
        file.write(read(f'{FOLDER}/leaf.pem') * 30)
    openssl('pkcs12', '-export', '-in', 'other.pem', '-inkey', 'other.key', '-iter', '9000000', '-nomaciter', *SECRET, '-out', 'slow.p12')
    stage.control('root', 'start').must()
    problems = [
        (('garbage',), None, 'files', 'file 1 is neither'), (('cut.pem', 'leaf.key'), None, 'files', 'file 1 is neither'),
        (('full.pem', 'garbage'), None, 'files', 'file 2 is neither'), (('extensions',), None, 'files', 'file 1 is neither'),
        (('leaf.key',), None, 'files', 'no certificate'), (('leaf.csr',), None, 'files', 'neither'),
        (('new.p12',), None, 'files', 'needs a passphrase'), (('new.p12',), 'wrong', 'files', 'does not open'),
        (('full.pem', 'locked.key'), None, 'files', 'file 2 needs a passphrase'), (('full.pem', 'locked.key'), 'wrong', 'files', 'does not open'),
        (('full.pem', 'old-locked.key'), 'wrong', 'files', 'does not open'), (('slow.p12',), PASSPHRASE, 'files', 'too long to open'),
        (('full.pem', 'other.key'), None, 'key', 'another certificate'), (('full.pem',), None, 'key', 'missing'),
        (('keyless.p12',), PASSPHRASE, 'key', 'missing'),
        (('over-all.pem',), None, 'dates', 'ended on'), (('client.pem', 'client.key'), None, 'use', 'not for servers'),
        (('mute.pem', 'mute.key'), None, 'use', 'does not allow its key to sign'),
        (('weak.pem', 'weak.key'), None, 'strength', 'RSA 1024'), (('edwards.pem', 'edwards.key'), None, 'strength', 'EC P-256'),
    ]
    for names, passphrase, what, words in problems:
        found = check(stage, names, 1, passphrase=passphrase)
        expect(found[what][0] == 'problem' and words in found[what][1], names, found)
        refused = files(stage, 'import', names, passphrase=passphrase).must(1)
        expect(words in refused.err, names, refused)
    warnings = [
        (('leaf.pem', 'leaf.key'), 'chain', 'missing: CN=between'), (('full.pem', 'leaf.key'), 'chain', 'missing: CN=root'),
        (('full.pem', 'leaf.key', 'root.pem'), 'chain', 'told to trust CN=root'), (('alone.pem', 'alone.key'), 'chain', 'signed by itself'),
        (('soon.pem', 'soon.key'), 'dates', 'in 8 days'),
    ]
    for names, what, words in warnings:
        found = check(stage, names)
        expect(found[what][0] == 'warning' and words in found[what][1], names, found)
    expect(check(stage, ('many.pem', 'leaf.key'))['files'] == ('ok', 'read: certificates: 1, keys: 1'))
    files(stage, 'check', ('huge',)).must(4)
    files(stage, 'check', ('nothing',)).must(1)
    expect(set(certificates(stage)) == {'authority', 'own'}, certificates(stage))


def story_bundle_known(stage):
    """An authority that the computer trusts is known, and a name in the settings is compared."""
    stage.use_shipped_service()
    furnish()
    os.makedirs('/etc/ssl/certs', exist_ok=True)
    with open('/etc/ssl/certs/ca-certificates.crt', 'w', encoding='ascii') as file:
        file.write(read(os.path.join(FOLDER, 'root.pem')))
    stage.control('root', 'start').must()
    expect(check(stage, ('full.pem', 'leaf.key'))['chain'] == ('ok', 'signed by an authority that is known: CN=root'))
    expect(check(stage, ('leaf.pem', 'leaf.key'))['chain'][0] == 'warning')
    for name, severity in (('home.example.net', 'ok'), ('other.example.net', 'warning')):
        stage.control('root', 'config', 'set', f'name={name}').must()
        found = check(stage, ('full.pem', 'leaf.key'))
        expect(found['names'][0] == severity and name in found['names'][1], found)


def story_bundle_rights(stage):
    """Who may configure may look; to give the server a key, a password is asked for, also of the owner's group."""
    stage.use_shipped_service()
    furnish()
    for name in os.listdir(FOLDER):
        if name.endswith(('.pem', '.key')):
            os.chmod(f'{FOLDER}/{name}', 0o644)
    stage.control('root', 'start').must()
    expect(files(stage, 'check', ('all.pem',), user='dave').must().json['usable'])
    files(stage, 'check', ('all.pem',), user='bob').must(5)
    files(stage, 'import', ('all.pem',), '--no-ask-password', user='dave').must(5)
    element = files(stage, 'import', ('all.pem',), user='alice').must().json['id']
    path = f'{ROOT}/certificates/{element}'
    for method in ('Activate', 'Remove'):
        refused = stage.call('bob', path, f'{NAME}.Certificate', method, '(@a{sv} {},)').must(1)
        expect(refused.out.startswith('NotAuthorized\n'), refused)
    for kind in ('unsealed', 'pipe', 'file'):
        refused = stage.call('root', SERVER, f'{NAME}.Server', 'CheckCertificate', '([handle 0], @a{sv} {})', '--fd', kind, 'x').must(1)
        expect(refused.out.startswith('InvalidArgs\n') and 'sealed' in refused.out, kind, refused)
    for handles in ('@ah []', '[handle 7]', '[handle 0, handle 0, handle 0, handle 0, handle 0]'):
        refused = stage.call('root', SERVER, f'{NAME}.Server', 'CheckCertificate', f'({handles}, @a{{sv}} {{}})', '--fd', 'sealed', 'x').must(1)
        expect(refused.out.startswith('InvalidArgs\n'), handles, refused)


def story_bundle_token(stage):
    """A key in a token is named by its URI; a PIN goes with it and nowhere else, and what is wrong with it is said by name."""
    stage.use_shipped_service()
    pin = 'Token-Pin-4711'
    stage.secret(pin)
    furnish()
    stage.control('root', 'start').must()
    good = 'pkcs11:token=none;object=none?module-path=/usr/lib/none.so'
    with open(f'{FOLDER}/pin', 'w', encoding='ascii') as file:
        file.write(pin + '\n')

    def bring(verb, uri, *options):
        return stage.control('root', 'certificate', verb, f'{FOLDER}/full.pem', '--token', uri, '--pin-file', f'{FOLDER}/pin', *options, '--json')

    for bad in ('http://example.net', 'pkcs11', 'pkcs11:token=a?pin-value=1', 'pkcs11:token=a?pin-source=/etc/passwd', 'pkcs11:a b', 'pkcs11:ü',
                'pkcs11:' + 'x' * 1024):
        done = bring('import', bad)
        expect(done.status != 0 and '“token”' in done.err, bad, done)
    done = bring('check', good, '--passphrase-file', f'{FOLDER}/pin')
    expect(done.status != 0 and '“passphrase” has no meaning with “token”' in done.err, done)
    found = findings(bring('check', good).must(1))
    expect(found['key'][0] == 'problem' and 'the token: ' in found['key'][1] and found['strength'][0] == 'ok', found)
    before = set(certificates(stage))
    expect(bring('import', good).status != 0 and set(certificates(stage)) == before, 'it was kept')
    expect(all(entry['token'] == '' for entry in certificates(stage).values()), certificates(stage))


def story_bundle_use(stage):
    """An imported certificate is shown once it is activated, and over restarts; the own one can come back."""
    pin = whole.start(stage)['certificate-pin']
    furnish()
    issue('second', 'between', 'leaf', 90, P384)
    heard = stage.listen('eve')
    element = files(stage, 'import', ('all.pem',)).must().json['id']
    expect(stage.control('root', 'status', '--json').json['certificate-pin'] == pin, 'imported and in use')
    stage.control('root', 'certificate', 'activate', element).must()
    new_pin = certificates(stage)[element]['key-pin']
    wait_for('the new pin', lambda: new_pin in read(heard))
    expect([name for name, entry in certificates(stage).items() if entry['active']] in (['authority', element], [element, 'authority']))
    client = whole.Client(stage, new_pin, 'anna', whole.add(stage, 'anna')).connected()
    second = files(stage, 'import', ('second.pem', 'second.key', 'between.pem'), '--activate').must().json['id']
    expect(len(whole.sessions(stage)) == 1 and client.process.poll() is None, 'the session is gone')
    stage.control('root', 'certificate', 'remove', second).must(4)
    stage.control('root', 'certificate', 'remove', 'own').must(4)
    stage.control('root', 'certificate', 'activate', 'authority').must(4)
    stage.control('root', 'certificate', 'remove', element).must()
    stage.control('root', 'certificate', 'remove', element).must(3)
    stage.run('root', 'pkill', '-KILL', '-x', 'sallyportd').must()
    wait_for('being on', lambda: stage.control('eve', 'status', '--json').json.get('state') == 'on')
    expect(stage.control('root', 'status', '--json').json['certificate-pin'] == certificates(stage)[second]['key-pin'])
    stage.control('root', 'certificate', 'activate', 'own').must()
    expect(stage.control('root', 'status', '--json').json['certificate-pin'] == pin)


def story_bundle_killed(stage):
    """Whatever was acknowledged of imports is there after the keyholder was killed in the midst of others, and nothing half."""
    stage.use_shipped_service()
    furnish()
    stage.control('root', 'start').must()
    for number in range(8):
        issue(f'leaf{number}', 'between', 'leaf', 90, P256)
    acknowledged = set()
    for number in range(8):
        script = f'sallyportctl certificate import {FOLDER}/leaf{number}.pem {FOLDER}/leaf{number}.key --json'
        busy = subprocess.Popen(['sh', '-c', script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if number % 2:
            stage.run('root', 'sh', '-c', f'sleep 0.0{number}; pkill -KILL -x sallyport-keyho').must()
        out, _ = busy.communicate(timeout=30)
        if busy.returncode == 0:
            acknowledged.add(out.split('"id": "')[1].split('"')[0])
        wait_for('the keyholder', lambda: files(stage, 'check', ('all.pem',)).status == 0)
    expect(len(acknowledged) >= 4, acknowledged)
    there = certificates(stage)
    expect(acknowledged <= set(there), acknowledged, there)
    for element in set(there) - {'authority', 'own'}:
        stage.control('root', 'certificate', 'activate', element).must()
        expect(stage.control('root', 'status', '--json').json['certificate-pin'] == there[element]['key-pin'])


def health(stage):
    result = stage.control('eve', 'check', '--json')
    entries = {entry['id']: entry for entry in result.json['health']}
    expect(result.status == (1 if entries else 0), result)
    # The stage has no way to the internet, and says so.
    return {name: entry for name, entry in entries.items() if name != 'no-internet'}


def story_bundle_health(stage):
    """Who looks is told that the certificate in use ends soon or has another name, and hears when that changes."""
    stage.use_shipped_service()
    furnish()
    issue('soon', 'between', 'leaf', 9, P256)
    stage.control('root', 'start').must()
    expect(not health(stage), health(stage))
    heard = stage.listen('eve')
    soon = files(stage, 'import', ('soon.pem', 'soon.key')).must().json['id']
    expect(not health(stage), 'what is not in use is nobody’s worry')
    stage.control('root', 'certificate', 'activate', soon).must()
    entries = health(stage)
    expect(list(entries) == ['certificate-expires-soon'] and entries['certificate-expires-soon']['severity'] == 'warning', entries)
    expect(entries['certificate-expires-soon']['details']['certificate'] == f'{ROOT}/certificates/{soon}', entries)
    wait_for('the change', lambda: 'certificate-expires-soon' in read(heard))
    stage.control('root', 'config', 'set', 'name=other.example.net').must()
    expect(set(health(stage)) == {'certificate-expires-soon', 'certificate-name'}, health(stage))
    stage.control('root', 'config', 'set', 'name=home.example.net').must()
    expect(set(health(stage)) == {'certificate-expires-soon'}, health(stage))
    stage.control('root', 'certificate', 'activate', 'own').must()
    wait_for('all being well', lambda: not health(stage))


def story_bundle_request(stage):
    """A key is made here and stays here; what an authority answers to its request is imported without it, and used."""
    stage.use_shipped_service()
    furnish()
    stage.control('root', 'start').must()
    stage.control('bob', 'certificate', 'request', 'home.example.net').must(5)
    stage.control('root', 'certificate', 'request', 'two words').must(4)
    made = stage.control('dave', 'certificate', 'request', 'home.example.net', '192.0.2.1', '--json').must().json
    with open(f'{FOLDER}/asked.csr', 'w', encoding='ascii') as file:
        file.write(made['request'])
    openssl('req', '-in', 'asked.csr', '-noout', '-verify')
    there = certificates(stage)[made['id']]
    expect(there['kind'] == 'request' and not there['active'] and there['names'] == ['home.example.net', '192.0.2.1'], there)
    expect(stage.control('eve', 'certificate', 'request', '--again', made['id'], '--json').must().json == made)
    stage.control('root', 'certificate', 'activate', made['id']).must(4)
    openssl('x509', '-req', '-in', 'asked.csr', '-CA', 'between.pem', '-CAkey', 'between.key', '-CAcreateserial', '-out', 'answer.pem',
            '-days', '90', '-extfile', 'extensions', '-extensions', 'leaf')
    stage.run('root', 'pkill', '-KILL', '-x', 'sallyport-keyho').must()
    wait_for('the request', lambda: files(stage, 'check', ('answer.pem', 'between.pem')).status == 0)
    expect('already' in check(stage, ('answer.pem', 'between.pem'))['key'][1])
    answered = files(stage, 'import', ('answer.pem', 'between.pem'), '--activate').must().json['id']
    now = certificates(stage)
    expect(made['id'] not in now and now[answered]['active'] and now[answered]['key-pin'] == there['key-pin'], now)
    whole.Client(stage, there['key-pin'], 'anna', whole.add(stage, 'anna')).connected()
    another = stage.control('root', 'certificate', 'request', 'a.example', '--json').must().json['id']
    stage.control('root', 'certificate', 'remove', another).must()
    expect(another not in certificates(stage))

# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of a certificate from an authority: pebble, the test server of a large one, looks for the server from outside of it."""

import contextlib
import hashlib
import json
import os
import socket
import ssl
import subprocess

import lab

FOLDER = '/run/authority'
PLACE, KNOWLEDGE, DNS, RECORDS = '127.0.0.1:14000', '127.0.0.1:15000', '127.0.0.1:8053', '127.0.0.1:8055'
TOP = 'roots'  # below which the authority tells its own certificates
NAME, OTHER = 'vpn.test', 'door.vpn.test'
# An authority that refuses nonces now and then, and proves each name anew.
MANNERS = {'PEBBLE_VA_NOSLEEP': '1', 'PEBBLE_WFE_NONCEREJECT': '20', 'PEBBLE_AUTHZREUSE': '0'}


def _make_house_authority():
    """Who signed the certificate of the authority's own web server: nobody that a computer knows."""
    os.makedirs(FOLDER)
    lab.run('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', f'{FOLDER}/house.key',
            '-out', f'{FOLDER}/house.pem', '-days', '2', '-subj', '/CN=house')
    lab.run('openssl', 'req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', f'{FOLDER}/web.key',
            '-out', f'{FOLDER}/web.csr', '-subj', '/CN=web')
    with open(f'{FOLDER}/web.ext', 'w', encoding='utf-8') as file:
        file.write('subjectAltName=IP:127.0.0.1\n')
    lab.run('openssl', 'x509', '-req', '-in', f'{FOLDER}/web.csr', '-CA', f'{FOLDER}/house.pem', '-CAkey', f'{FOLDER}/house.key',
            '-CAcreateserial', '-days', '2', '-extfile', f'{FOLDER}/web.ext', '-out', f'{FOLDER}/web.pem')


def _fetch(url):
    return lab.run('curl', '-s', '-f', '-m', '10', '--cacert', f'{FOLDER}/house.pem', url, namespace=lab.SERVER)


def _answers(url):
    return lab.succeeds('curl', '-s', '-f', '-m', '10', '-o', '/dev/null', '--cacert', f'{FOLDER}/house.pem', url, namespace=lab.SERVER)


@contextlib.contextmanager
def _authority():
    _make_house_authority()
    with open(f'{FOLDER}/pebble.json', 'w', encoding='utf-8') as file:
        json.dump({'pebble': {'listenAddress': PLACE, 'managementListenAddress': KNOWLEDGE, 'certificate': f'{FOLDER}/web.pem',
                              'privateKey': f'{FOLDER}/web.key', 'httpPort': 80, 'tlsPort': lab.PORT, 'ocspResponderURL': '',
                              'externalAccountBindingRequired': False}}, file)
    commands = (('pebble-challtestsrv', '-http01', '', '-https01', '', '-tlsalpn01', '', '-dns01', DNS, '-management', RECORDS,
                 '-defaultIPv4', lab.SERVER_ADDRESS, '-defaultIPv6', ''),
                ('pebble', '-config', f'{FOLDER}/pebble.json', '-strict', '-dnsserver', DNS))
    with open(f'{FOLDER}/log', 'wb') as log, lab.inside(lab.SERVER):
        running = [subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | MANNERS) for command in commands]
    try:
        lab.wait_until('the authority', lambda: _answers(f'https://{PLACE}/dir') and _answers(f'https://{KNOWLEDGE}/{TOP}/0'), 30)
        with open(f'{FOLDER}/trusted.pem', 'w', encoding='utf-8') as file:
            file.write(_fetch(f'https://{KNOWLEDGE}/{TOP}/0'))
        yield
    finally:
        for process in running:
            process.terminate()
            process.wait()


def _state():
    return lab.control_json('authority', 'show')


def _wait_for(state):
    return lab.wait_until(f'the state {state}', lambda: _state()['state'] == state and _state(), 90)


def _shown():
    """The fingerprint of what somebody sees who calls the server by its name, and trusts the authority."""
    context = ssl.create_default_context(cafile=f'{FOLDER}/trusted.pem')
    with lab.inside(lab.CLIENT):
        connection = socket.create_connection((lab.SERVER_ADDRESS, lab.PORT), timeout=15)
    with context.wrap_socket(connection, server_hostname=OTHER) as encrypted:
        return hashlib.sha256(encrypted.getpeercert(binary_form=True)).hexdigest()


def _certificates():
    return {entry['id']: entry for entry in lab.control_json('certificate', 'list')['certificates']}


def _order(*more):
    lab.control('config', 'set', f'name={NAME}', f'acme-directory=https://{PLACE}/dir', f'acme-authorities={FOLDER}/house.pem', *more)


def an_authority_certifies_the_server_again_and_again():
    with _authority():
        _order('acme-agree=yes', 'acme-contact=admin@vpn.test', f'acme-names={OTHER}', 'name-gate=name')
        first = _wait_for('current')['certificate']
        entry = _certificates()[first]
        lab.equal(sorted(entry['names']), sorted((NAME, OTHER)), 'names')
        lab.holds(entry['active'], 'it is not in use')
        lab.equal(_shown(), entry['fingerprint'], 'certificate of a new connection')
        lab.control('authority', 'order')
        second = lab.wait_until('another', lambda: _state()['certificate'] not in ('', first) and _state()['certificate'], 90)
        lab.wait_until('the end of the first', lambda: first not in _certificates(), 30)
        lab.equal(_shown(), _certificates()[second]['fingerprint'], 'certificate of a new connection')
        lab.control('restart')
        lab.equal(_wait_for('current')['certificate'], second, 'certificate after a restart')
        lab.equal([entry['id'] for entry in _certificates().values() if entry['kind'] == 'request'], [], 'requests that stay')


def what_an_authority_refuses_is_told_with_what_mends_it():
    with _authority():
        _order()
        lab.equal(_wait_for('failed')['reason'], 'terms', 'reason')
        answer = json.loads(lab.control('check', '--json', check=False))
        lab.equal([entry['id'] for entry in answer['health']], ['acme-failed'], 'health')
        lab.holds('agree of [acme]' in lab.control('check', check=False), 'no advice')
        lab.control('config', 'set', 'acme-agree=yes', 'acme-authorities=')
        lab.wait_until('distrust', lambda: _state()['reason'] == 'not-trusted', 60)
        lab.control('config', 'set', f'acme-authorities={FOLDER}/house.pem')
        _wait_for('current')

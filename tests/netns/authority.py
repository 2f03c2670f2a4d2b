# SPDX-License-Identifier: GPL-2.0-or-later
"""An authority that certifies servers (ACME, RFC 8555): pebble, the test server of a large one."""

import contextlib
import json
import os
import subprocess

import lab

FOLDER = '/run/authority'
HOUSE = f'{FOLDER}/house.pem'  # who signed the certificate of the authority's own web server: nobody that a computer knows
TRUSTED = f'{FOLDER}/trusted.pem'  # its root, for who trusts what it certifies
TOP = 'roots'  # below which it tells its own certificates
DNS, RECORDS = '127.0.0.1:8053', '127.0.0.1:8055'
# An authority that refuses nonces now and then, and proves each name anew.
MANNERS = {'PEBBLE_VA_NOSLEEP': '1', 'PEBBLE_WFE_NONCEREJECT': '20', 'PEBBLE_AUTHZREUSE': '0'}


def certify(what, name):
    """A web server of that house, by WHAT.pem and WHAT.key in the folder."""
    lab.run('openssl', 'req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', f'{FOLDER}/{what}.key',
            '-out', f'{FOLDER}/{what}.csr', '-subj', f'/CN={what}')
    with open(f'{FOLDER}/{what}.ext', 'w', encoding='utf-8') as file:
        file.write(f'subjectAltName={name}\n')
    lab.run('openssl', 'x509', '-req', '-in', f'{FOLDER}/{what}.csr', '-CA', HOUSE, '-CAkey', f'{FOLDER}/house.key',
            '-CAcreateserial', '-days', '2', '-extfile', f'{FOLDER}/{what}.ext', '-out', f'{FOLDER}/{what}.pem')


class Authority:
    """In a namespace, at an address of it; asks that name server where names lead."""

    def __init__(self, namespace, address, name_server, tls_port=lab.PORT):
        self.namespace, self.name_server, self.tls_port = namespace, name_server, tls_port
        self.place, self.knowledge = f'{address}:14000', f'{address}:15000'
        self.directory = f'https://{self.place}/dir'

    def make_certificates(self, address):
        os.makedirs(FOLDER)
        lab.run('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', f'{FOLDER}/house.key',
                '-out', HOUSE, '-days', '2', '-subj', '/CN=house')
        certify('web', f'IP:{address}')

    def command(self):
        with open(f'{FOLDER}/pebble.json', 'w', encoding='utf-8') as file:
            json.dump({'pebble': {'listenAddress': self.place, 'managementListenAddress': self.knowledge, 'certificate': f'{FOLDER}/web.pem',
                                  'privateKey': f'{FOLDER}/web.key', 'httpPort': 80, 'tlsPort': self.tls_port, 'ocspResponderURL': '',
                                  'externalAccountBindingRequired': False}}, file)
        return 'pebble', '-config', f'{FOLDER}/pebble.json', '-strict', '-dnsserver', self.name_server

    def _curl(self, url):
        return 'curl', '-s', '-f', '-m', '10', '--cacert', HOUSE, url

    def answers(self, url):
        return lab.succeeds(*self._curl(url), namespace=self.namespace)

    def lead_names_to(self, address):
        """All of them; of a name server that is the authority's own."""
        lab.run('curl', '-s', '-f', '-m', '10', '-d', json.dumps({'ip': address}), f'http://{RECORDS}/set-default-ipv4', namespace=self.namespace)

    def wait(self):
        root = f'https://{self.knowledge}/{TOP}/0'
        lab.wait_until('the authority', lambda: self.answers(self.directory) and self.answers(root), 30)
        with open(TRUSTED, 'w', encoding='utf-8') as file:
            file.write(lab.run(*self._curl(root), namespace=self.namespace))


def _make_names():
    """A name server by which every name leads to the server."""
    return ('pebble-challtestsrv', '-http01', '', '-https01', '', '-tlsalpn01', '', '-dns01', DNS, '-management', RECORDS,
            '-defaultIPv4', lab.SERVER_ADDRESS, '-defaultIPv6', '')


@contextlib.contextmanager
def standing(namespace=lab.SERVER, address='127.0.0.1', name_server=None, tls_port=lab.PORT):
    """Without a name server it gets one that leads every name to the server."""
    authority = Authority(namespace, address, name_server or DNS, tls_port)
    authority.make_certificates(address)
    commands = [authority.command()] + ([] if name_server else [_make_names()])
    with open(f'{FOLDER}/log', 'wb') as log, lab.inside(namespace):
        running = [subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | MANNERS) for command in commands]
    try:
        authority.wait()
        yield authority
    finally:
        for process in running:
            process.terminate()
            process.wait()

# SPDX-License-Identifier: GPL-2.0-or-later
"""The name server of the internet (BIND), with a zone whose names lead where their owners say."""

import contextlib
import os
import subprocess

import lab

ADDRESS = os.environ['LAB_INTERNET_ADDRESS']
ZONE = 'homes.test'
KNOWN = 'letsencrypt.org'  # leads to the internet's one web server, whatever is before it
FOLDER = '/run/public-names'
SETTINGS = f'''
options {{ directory "{FOLDER}"; pid-file none; session-keyfile none; listen-on {{ {ADDRESS}; }}; listen-on-v6 {{ none; }};
  recursion no; dnssec-validation no; }};
controls {{ }};
zone "{KNOWN}" {{ type primary; file "{FOLDER}/known"; }};
zone "{ZONE}" {{ type primary; file "{FOLDER}/zone"; allow-update {{ {ADDRESS}; }}; }};
'''


def ask(name):
    """The address that a name leads to, as a customer sees it; empty: none."""
    return lab.run('dig', '+short', f'@{ADDRESS}', name, 'A', namespace=lab.CLIENT).strip()


def lead(name, address):
    """By the protocol for that (RFC 2136)."""
    lab.run('nsupdate', namespace=lab.ROUTER, input=f'server {ADDRESS}\nlocal {ADDRESS}\nzone {ZONE}\nupdate delete {name} A\nupdate add {name} 5 A {address}\nsend\n')


def _records(zone):
    names = f'ns.{zone}.', f'owner.{zone}.'
    return f'$TTL 5\n@ SOA {" ".join(names)} 1 60 60 3600 5\n@ NS {names[0]}\nns A {ADDRESS}\n'


@contextlib.contextmanager
def standing():
    """And who asks for names on the server's computer asks there."""
    os.makedirs(FOLDER)
    for name, text in (('named.conf', SETTINGS), ('zone', _records(ZONE)), ('known', _records(KNOWN) + f'* A {ADDRESS}\n')):
        with open(f'{FOLDER}/{name}', 'w', encoding='ascii') as file:
            file.write(text)
    with open('/etc/resolv.conf', 'w', encoding='ascii') as file:
        file.write(f'nameserver {ADDRESS}\n')
    with open(f'{FOLDER}/log', 'wb') as log:
        process = subprocess.Popen(['ip', 'netns', 'exec', lab.ROUTER, 'named', '-g', '-n', '1', '-c', f'{FOLDER}/named.conf'],
                                   stdout=log, stderr=log)
    try:
        lab.wait_until('the name server', lambda: lab.succeeds('dig', '+time=1', '+tries=1', f'@{ADDRESS}', ZONE, 'SOA', namespace=lab.CLIENT), 30)
        yield
    finally:
        process.terminate()
        process.wait(20)

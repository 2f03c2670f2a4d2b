# SPDX-License-Identifier: GPL-2.0-or-later
"""A name server on the server's own computer: BIND, which takes updates that are signed with a key."""

import contextlib
import datetime
import os
import subprocess

import lab

FOLDER = '/run/name-server'
PLACE, PORT = '127.0.0.1', 5353
KEY, SECRET, OTHER_SECRET = 'our.key', 'c2VjcmV0IG9mIG91ciBrZXk=', 'YW5vdGhlciBzZWNyZXQgaGVyZQ=='
ZONE, SHUT_ZONE = 'home.test', 'shut.test'

CONFIGURATION = f'''
options {{ directory "{FOLDER}"; pid-file none; session-keyfile none; listen-on port {PORT} {{ {PLACE}; }};
  listen-on-v6 {{ none; }}; recursion no; dnssec-validation no; notify no; querylog yes; }};
controls {{ }};
key "{KEY}" {{ algorithm hmac-sha256; secret "{SECRET}"; }};
zone "{ZONE}" {{ type primary; file "{ZONE}"; update-policy {{ grant {KEY} zonesub ANY; }}; }};
zone "{SHUT_ZONE}" {{ type primary; file "{SHUT_ZONE}"; update-policy {{ grant {KEY} name other.{SHUT_ZONE}. A; }}; }};
'''


def ask(name, kind):
    """What stands there, each record as text."""
    answer = lab.run('dig', '+short', '+tcp', '+timeout=5', '+tries=1', f'@{PLACE}', '-p', str(PORT), name, kind, namespace=lab.SERVER,
                     check=False)
    return [line for line in answer.splitlines() if not line.startswith(';')]


def count_changes(name):
    """How often something was added there, or taken away."""
    with open(f'{FOLDER}/log', encoding='utf-8') as file:
        return sum(1 for line in file if f' an RR at {name} TXT' in line.replace("'", ''))


def first_asked(name, kind):
    """When somebody asked for it first, in seconds since 1970."""
    with open(f'{FOLDER}/log', encoding='utf-8') as file:
        when = next(line for line in file if f'query: {name} IN {kind} ' in line)
    return datetime.datetime.strptime(' '.join(when.split()[:2]), '%d-%b-%Y %H:%M:%S.%f').timestamp()


@contextlib.contextmanager
def serving(addresses=None):
    """`addresses`: of names in ZONE."""
    os.makedirs(FOLDER)
    hosts = ''.join(f'{name}. IN A {address}\n' for name, address in (addresses or {}).items())
    for zone in (ZONE, SHUT_ZONE):
        with open(f'{FOLDER}/{zone}', 'w', encoding='ascii') as file:
            file.write(f'$TTL 60\n@ IN SOA ns hostmaster 1 3600 600 86400 60\n@ IN NS ns\nns IN A {PLACE}\n{hosts if zone == ZONE else ""}')
    with open(f'{FOLDER}/named.conf', 'w', encoding='ascii') as file:
        file.write(CONFIGURATION)
    with open(f'{FOLDER}/log', 'wb') as log, lab.inside(lab.SERVER):
        named = subprocess.Popen(['named', '-g', '-n', '1', '-c', f'{FOLDER}/named.conf'], stdout=log, stderr=log)
    try:
        lab.wait_until('the name server', lambda: ask(ZONE, 'SOA'), 30)
        yield
    finally:
        named.terminate()
        named.wait()

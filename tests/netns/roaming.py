# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of clients whose address or port changes under way, as NATs and travels do it."""

import os

import lab
from client import Client
from transfers import BIG, checksum

CONNECTED = r'Got CONNECT response: HTTP/1\.1 200'
DTLS = 'Established DTLS connection'
NAT = 'add table ip nat; add chain ip nat out { type nat hook postrouting priority srcnat; }; flush chain ip nat out'
HALF = 100_000_000


def translate(rules):
    """What the router makes of the client's packets to the server from now on: it forgets what it knew."""
    commands = [NAT, *(f'add rule ip nat out oifname servers {rule}' for rule in rules)]
    lab.run('nft', '-f', '-', namespace=lab.ROUTER, input='\n'.join(commands).replace('; ', '\n') + '\n')
    lab.succeeds('conntrack', '-D', '-p', 'udp', namespace=lab.ROUTER)


def udp_from(address, port):
    return f'meta l4proto udp udp dport {lab.PORT} snat to {address}:{port}'


def roams():
    return [session['roams'] for session in lab.sessions()]


def server_peers():
    """Where the server's UDP sockets are connected to."""
    lines = lab.run('ss', '-Hun', 'state', 'established', namespace=lab.SERVER).splitlines()
    return {line.split()[3].removeprefix('[::ffff:').replace(']', '') for line in lines}


def _grown_beyond(path, size):
    return os.path.exists(path) and os.stat(path).st_size > size


def a_transfer_survives_that_the_nat_changes_the_port():
    """Both the address and the session stay; only the DTLS records prove whose the new port is."""
    translate([udp_from('198.51.100.1', 20001)])
    client = Client().wait_connected().wait_dtls()
    lab.wait_until('the translated peer', lambda: '198.51.100.1:20001' in server_peers())
    expected = client.fetch(f'{BIG}.sha256').strip()
    arriving = '/run/download'
    transfer = client.fetch_in_background(BIG, arriving, '--limit-rate', '25M')
    for number in (1, 2, 3):
        lab.wait_until('the transfer', lambda n=number: _grown_beyond(arriving, n * HALF // 3), 60)
        translate([udp_from('198.51.100.1', 20001 + number)])
        lab.wait_until('the move', lambda n=number: roams() == [n], 20)
        lab.wait_until('the new peer', lambda n=number: f'198.51.100.1:{20001 + n}' in server_peers())
    lab.holds(transfer.poll() is None, 'the transfer was over before the last change')
    lab.equal(transfer.wait(120), 0, 'status of the transfer')
    lab.equal(checksum(arriving), expected, 'checksum')
    lab.equal(client.count(DTLS), 1, 'DTLS handshakes')
    lab.equal(client.count(CONNECTED), 1, 'connections')
    lab.equal([session['transport'] for session in lab.sessions()], ['dtls'], 'transport')

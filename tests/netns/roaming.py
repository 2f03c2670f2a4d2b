# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of clients whose address or port changes under way, and of the networks that they are in."""

import os

import lab
from client import Client
from reconnects import CONNECTED
from transfers import BIG, checksum

DTLS = 'Established DTLS connection'
NAT = ('add table ip nat', 'add chain ip nat out { type nat hook postrouting priority srcnat; }', 'flush chain ip nat out')
OTHER_ADDRESS = '192.0.2.11'
GATEWAY = '192.0.2.1'
LINKS = ((lab.CLIENT, 'eth0'), (lab.ROUTER, 'clients'), (lab.ROUTER, 'servers'), (lab.SERVER, 'wan'))
IPV6_MTU_MIN = 1280


def translate(rules):
    """What the router makes of the client's packets to the server from now on: it forgets what it knew."""
    commands = [*NAT, *(f'add rule ip nat out oifname servers {rule}' for rule in rules)]
    lab.run('nft', '-f', '-', namespace=lab.ROUTER, input='\n'.join(commands) + '\n')
    lab.succeeds('conntrack', '-D', '-p', 'udp', namespace=lab.ROUTER)


def udp_from(address, port):
    return f'meta l4proto udp udp dport {lab.PORT} snat to {address}:{port}'


def roams():
    return [session['roams'] for session in lab.sessions()]


def _server_sockets():
    """(local, peer) of its connected UDP sockets"""
    lines = lab.run('ss', '-Hun', 'state', 'established', namespace=lab.SERVER).splitlines()
    return [[name.replace('[::ffff:', '').replace('[', '').replace(']', '') for name in line.split()[2:4]] for line in lines]


def server_peers():
    return {peer for _, peer in _server_sockets()}


def server_locals():
    return {local.rpartition(':')[0] for local, _ in _server_sockets()}


def _grown_beyond(path, size):
    return os.path.exists(path) and os.stat(path).st_size > size


def follows_the_nat(client, places):
    """During a transfer the NAT puts the client's datagrams at these addresses and ports in turn."""
    expected, arriving = client.fetch(f'{BIG}.sha256').strip(), '/run/following'
    before, dtls, connected = roams()[0], client.count(DTLS), client.count(CONNECTED)
    transfer = client.fetch_in_background(BIG, arriving, '--limit-rate', '25M')
    for number, (address, port) in enumerate(places, 1):
        lab.wait_until('the transfer', lambda n=number: _grown_beyond(arriving, n * 100_000_000 // len(places)), 60)
        translate([udp_from(address, port)])
        lab.wait_until('the move', lambda n=number: roams() == [before + n], 20)
        lab.wait_until('the new peer', lambda a=address, p=port: f'{a}:{p}' in server_peers())
    lab.holds(transfer.poll() is None, 'the transfer was over before the last change')
    lab.equal(transfer.wait(120), 0, 'status of the transfer')
    lab.equal(checksum(arriving), expected, 'checksum')
    lab.equal(client.count(DTLS), dtls, 'DTLS handshakes')
    lab.equal(client.count(CONNECTED), connected, 'connections')
    lab.equal([session['transport'] for session in lab.sessions()], ['dtls'], 'transport')


def an_upload_survives_that_the_nat_changes_the_port():
    translate([udp_from('198.51.100.1', 20001)])
    client = Client().wait_connected().wait_dtls()
    path, there = f'{os.environ["LAB_WWW"]}/{BIG}', f'{os.environ["LAB_WWW"]}/upload'
    expected = client.fetch(f'{BIG}.sha256').strip()
    client.fetch(BIG, '--output', '/run/download')
    transfer = client.fetch_in_background('upload', '/run/answer', '--upload-file', '/run/download', '--limit-rate', '25M')
    lab.wait_until('the transfer', lambda: _grown_beyond(there, 50_000_000), 60)
    translate([udp_from('198.51.100.1', 20002)])
    lab.wait_until('the move', lambda: roams() == [1], 20)
    lab.holds(transfer.poll() is None, f'the transfer of {path} was over before the change')
    lab.equal(transfer.wait(120), 0, 'status of the transfer')
    lab.equal(checksum(there), expected, 'checksum')
    lab.equal(client.count(DTLS), 1, 'DTLS handshakes')


def a_client_that_was_asleep_behind_its_nat_is_followed():
    """Nothing was sent either way while the NAT forgot it: its first record is the proof."""
    translate([udp_from('198.51.100.1', 20001)])
    client = Client().wait_connected().wait_dtls()
    for number in (1, 2, 3):
        translate([udp_from('198.51.100.1', 20001 + number)])
        lab.run('ping', '-c', '3', '-i', '0.5', '-W', '5', lab.HOME_ADDRESS, namespace=client.namespace)
        lab.wait_until('the move', lambda n=number: roams() == [n])
    lab.equal(client.count(DTLS), 1, 'DTLS handshakes')


def _take_other_address():
    """In one step: a client that finds no way at all does not look for one for DTLS again within a minute.  The
    other length of its network keeps the new address from going with the old one."""
    for command in (f'addr add {OTHER_ADDRESS}/25 dev eth0',
                    f'route replace default via {GATEWAY} dev eth0 src {OTHER_ADDRESS}',
                    f'route replace {lab.SERVER_ADDRESS} via {GATEWAY} dev eth0 src {OTHER_ADDRESS}',
                    f'addr del {os.environ["LAB_CLIENT_ADDRESS"]}/24 dev eth0'):
        lab.run('ip', '-n', lab.CLIENT, *command.split())


def a_transfer_survives_that_the_clients_address_changes():
    """All of the client's connections break; it comes back by its cookie."""
    client = Client('--force-dpd', '2').wait_connected().wait_dtls()
    before, session = client.addresses(), lab.sessions()[0]['id']
    expected = client.fetch(f'{BIG}.sha256').strip()
    transfer = client.fetch_in_background(BIG, '/run/download', '--limit-rate', '15M')
    lab.wait_until('the transfer', lambda: _grown_beyond('/run/download', 50_000_000), 60)
    _take_other_address()
    client.wait_for_line(CONNECTED, 60, 2)
    client.wait_dtls(times=2, seconds=30)
    lab.wait_until('the session on DTLS', lambda: [s['transport'] for s in lab.sessions()] == ['dtls'], 30)
    lab.equal(transfer.wait(120), 0, 'status of the transfer')
    lab.equal(checksum('/run/download'), expected, 'checksum')
    lab.equal(client.addresses(), before, 'addresses')
    lab.equal([s['id'] for s in lab.sessions()], [session], 'sessions')
    lab.holds(lab.sessions()[0]['remote-address'].startswith(f'{OTHER_ADDRESS}:'), 'the session tells the old address')


def _carries(*options, url=None, dtls=True):
    client = Client(*options, url=url).wait_connected()
    if dtls:
        client.wait_dtls(seconds=30)
    expected = client.fetch(f'{BIG}.sha256').strip()
    client.fetch(BIG, '--output', '/run/download')
    lab.equal(checksum('/run/download'), expected, 'checksum of the download')
    lab.equal(client.fetch('upload', '--upload-file', '/run/download').strip(), expected, 'checksum of the upload')
    lab.equal([s['transport'] for s in lab.sessions()], ['dtls' if dtls else 'tls'], 'transport')
    addresses = client.addresses()
    lab.equal(client.disconnect(), 0, 'status of openconnect')
    return addresses


def files_arrive_where_the_outside_has_ipv6_only():
    for namespace, device in LINKS:
        lab.run('ip', '-n', namespace, '-4', 'addr', 'flush', 'dev', device)
    url = f'https://[{lab.SERVER_ADDRESS6}]:{lab.PORT}'
    for options, dtls in (((), True), (('--no-dtls',), False)):
        addresses = _carries(*options, url=url, dtls=dtls)
        lab.holds(any('.' in address for address in addresses), f'no IPv4 inside: {addresses}')


def _fits(mtu, *options, dtls=True):
    for namespace, device in LINKS:
        lab.run('ip', '-n', namespace, 'link', 'set', device, 'mtu', str(mtu))
    addresses = _carries(*options, dtls=dtls)
    lab.equal(any(':' in address for address in addresses), mtu > IPV6_MTU_MIN, 'IPv6 inside')


def files_arrive_over_links_of_576_bytes():
    _fits(576)
    _fits(576, '--no-dtls', dtls=False)


def files_arrive_over_links_of_1280_bytes():
    _fits(1280)
    _fits(1280, '--no-dtls', dtls=False)


def files_arrive_over_links_of_9000_bytes():
    _fits(9000)
    _fits(9000, '--no-dtls', dtls=False)

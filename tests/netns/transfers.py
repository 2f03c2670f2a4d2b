# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of files that go through the tunnel and arrive as they were."""

import hashlib
import os
import socket

import lab
import rooms
from client import Client
from load import Load

BIG = '200M.bin'
SOME_BYTES = 2_000_000
NARROW = '1300'  # MTU


def checksum(path):
    with open(path, 'rb') as file:
        return hashlib.file_digest(file, 'sha256').hexdigest()


def _carry_both_ways(client):
    expected = client.fetch(f'{BIG}.sha256').strip()
    client.fetch(BIG, '--output', '/run/download')
    lab.equal(checksum('/run/download'), expected, 'checksum of the download')
    lab.equal(client.fetch('upload', '--upload-file', '/run/download').strip(), expected, 'checksum of the upload')


def a_large_file_goes_both_ways_over_dtls():
    client = Client().wait_connected().wait_dtls()
    _carry_both_ways(client)


def a_large_file_goes_both_ways_over_tls():
    client = Client('--no-dtls').wait_connected()
    _carry_both_ways(client)
    lab.equal(client.count('DTLS connection'), 0, 'DTLS connections')


def _carry_both_ways_in_super_packets(*options):
    client = Load(*options)
    expected = lab.run('curl', '-sSf', f'http://{lab.HOME_ADDRESS}/{BIG}.sha256', namespace=lab.CLIENT).strip()
    lab.run('curl', '-sSf', '-o', '/run/download', f'http://{lab.HOME_ADDRESS}/{BIG}', namespace=lab.CLIENT, timeout=150)
    lab.equal(checksum('/run/download'), expected, 'checksum of the download')
    seen = lab.run('curl', '-sSf', '-T', '/run/download', f'http://{lab.HOME_ADDRESS}/upload', namespace=lab.CLIENT, timeout=150)
    lab.equal(seen.strip(), expected, 'checksum of the upload')
    counters, size = client.counters(), os.stat('/run/download').st_size
    lab.holds(counters['received_bytes'] > size, f'the download went elsewhere: {counters}')
    lab.holds(counters['sent'] > size / client.facts['mtu'], f'the upload went elsewhere: {counters}')
    lab.equal(counters['broken'], 0, 'packets with a wrong checksum inside')
    lab.equal(client.disconnect(), 0, 'status of the client')


def super_packets_carry_a_large_file_both_ways_over_dtls():
    _carry_both_ways_in_super_packets()


def super_packets_carry_a_large_file_both_ways_over_tls():
    _carry_both_ways_in_super_packets('--tls')


def _size(path):
    return os.stat(path).st_size if os.path.exists(path) else 0


def _arrives(transfer, path, expected):
    lab.equal(transfer.wait(150), 0, 'status of the transfer')
    lab.equal(checksum(path), expected, 'checksum')


def _survives_that_udp_is_blocked(client, transfer, arriving):
    """`arriving` is the file that grows; while UDP is blocked it goes on growing, over TLS."""
    lab.wait_until('the transfer', lambda: _size(arriving) > 0)
    lab.router_rules([f'udp dport {lab.PORT} drop', f'udp sport {lab.PORT} drop'])
    client.wait_for_line('DTLS Dead Peer Detection detected dead peer', 30)
    when_dead = _size(arriving)
    lab.wait_until('data over TLS', lambda: _size(arriving) > when_dead + SOME_BYTES, 60)
    lab.holds(transfer.poll() is None, 'the transfer was over before UDP came back')
    lab.router_rules([])
    client.wait_dtls(times=2, seconds=90)
    lab.wait_until('the session on DTLS', lambda: [s['transport'] for s in lab.sessions()] == ['dtls'])
    lab.equal(client.count(r'Got CONNECT response'), 1, 'connections')


def an_upload_survives_that_udp_is_blocked_and_returns_to_it():
    client = Client('--force-dpd', '2').wait_connected().wait_dtls()
    expected = client.fetch(f'{BIG}.sha256').strip()
    there = f'{os.environ["LAB_WWW"]}/upload'
    transfer = client.fetch_in_background('upload', '/run/answer', '--upload-file', f'{os.environ["LAB_WWW"]}/{BIG}',
                                          '--limit-rate', '8M')
    _survives_that_udp_is_blocked(client, transfer, there)
    _arrives(transfer, there, expected)


def a_download_survives_that_udp_is_blocked_and_returns_to_it():
    client = Client('--force-dpd', '2').wait_connected().wait_dtls()
    expected = client.fetch(f'{BIG}.sha256').strip()
    transfer = client.fetch_in_background(BIG, '/run/download', '--limit-rate', '8M')
    _survives_that_udp_is_blocked(client, transfer, '/run/download')
    _arrives(transfer, '/run/download', expected)


def a_download_survives_that_the_path_becomes_narrower():
    """Far from the server, where routers cut its datagrams; then at its own link, which refuses them together."""
    client = Client().wait_connected().wait_dtls()
    expected = client.fetch(f'{BIG}.sha256').strip()
    transfer = client.fetch_in_background(BIG, '/run/download', '--limit-rate', '12M')
    for namespace, device in ((lab.ROUTER, 'clients'), (lab.SERVER, 'wan')):
        arrived = _size('/run/download')
        lab.wait_until('the transfer', lambda: _size('/run/download') > arrived + SOME_BYTES)
        lab.holds(transfer.poll() is None, 'the transfer was over before the path was narrow')
        lab.run('ip', '-n', namespace, 'link', 'set', device, 'mtu', NARROW)
    _arrives(transfer, '/run/download', expected)
    lab.equal([session['transport'] for session in lab.sessions()], ['dtls'], 'transport')


def _translates():
    """Whether the server stands for its devices towards computers that speak IPv4."""
    return any('ip saddr' in line and 'masquerade' in line
               for line in lab.run('nft', 'list', 'table', 'inet', 'sallyport', namespace=lab.SERVER).splitlines())


def _is_open_after(connection, seconds):
    """One that says nothing."""
    connection.settimeout(seconds)
    try:
        return connection.recv(1) != b''
    except TimeoutError:
        return True


def a_transfer_does_not_notice_settings_that_apply_at_once():
    """Which are other rooms for those who come now: a door, a nursery and its workers."""
    first = Client().wait_connected().wait_dtls()
    expected = first.fetch(f'{BIG}.sha256').strip()
    transfer = first.fetch_in_background(BIG, '/run/download', '--limit-rate', '12M')
    lab.wait_until('the transfer', lambda: _size('/run/download') > 0)
    worker, before = rooms.worker_of('192.0.2.10'), [rooms.room(name) for name in ('door', 'nursery')]
    lab.holds(_translates(), 'devices are seen under their own addresses')
    changed = lab.control_json('config', 'set', 'tls=1.2', 'log-level=debug', 'half-open-connections=64', 'hello-timeout=60', 'masquerade=no')
    lab.equal(changed['restart-needed'], [], 'what needs a restart')
    lab.wait_until('another door and nursery',
                   lambda: all(room and room not in before for room in (rooms.room(name) for name in ('door', 'nursery'))), 30)
    lab.holds(not _translates(), 'devices are still seen under the address of the server')
    lab.control('config', 'set', 'masquerade=yes')
    lab.holds(_translates(), 'devices are seen under their own addresses again')
    with lab.inside(lab.CLIENT):
        silent = socket.create_connection((lab.SERVER_ADDRESS, lab.PORT))
    second = Client(namespace=lab.add_client_namespace('second', 3)).wait_connected().wait_dtls()
    second.fetch('peer')
    lab.equal((first.count(r'ciphersuite \(TLS1\.3\)'), second.count(r'ciphersuite \(TLS1\.2\)')), (1, 1), 'TLS 1.3, then 1.2')
    lab.holds(_is_open_after(silent, 6), 'who says nothing is sent away as before')
    lab.holds(' debug ' in lab.server_log(), 'the log says no more')
    lab.equal(rooms.worker_of('192.0.2.10'), worker, 'the worker')
    _arrives(transfer, '/run/download', expected)
    lab.equal((first.count('Got CONNECT response'), first.count('Established DTLS')), (1, 1), 'connections and datagram channels')

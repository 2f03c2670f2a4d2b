# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of files that go through the tunnel and arrive as they were."""

import hashlib

import lab
from client import Client

BIG = '200M.bin'


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


def a_transfer_survives_that_udp_is_blocked_and_returns_to_it():
    client = Client('--force-dpd', '2').wait_connected().wait_dtls()
    expected = client.fetch(f'{BIG}.sha256').strip()
    transfer = client.fetch_in_background(BIG, '/run/download', '--limit-rate', '12M')
    lab.wait_until('the transfer', lambda: lab.succeeds('test', '-s', '/run/download'))
    lab.router_rules([f'udp dport {lab.PORT} drop', f'udp sport {lab.PORT} drop'])
    client.wait_for_line('DTLS Dead Peer Detection detected dead peer', 20)
    # Now it goes over TLS: it still grows.
    at_block = lab.run('stat', '-c', '%s', '/run/download')
    lab.wait_until('data over TLS', lambda: int(lab.run('stat', '-c', '%s', '/run/download')) > int(at_block) + 2000000)
    lab.router_rules([])
    client.wait_dtls(times=2, seconds=90)
    lab.equal(transfer.wait(120), 0, 'status of the transfer')
    lab.equal(checksum('/run/download'), expected, 'checksum of the download')
    lab.equal(client.count('Failed to reconnect|Reconnect failed'), 0, 'failed reconnects')

# SPDX-License-Identifier: GPL-2.0-or-later
"""Datagrams and where they come from: old ones, repeated ones, and clients behind NATs and in front of two addresses."""

import os
import signal
import socket
import threading
import time

import lab
from client import Client
from reconnects import CONNECTED, Eavesdropper
from roaming import DTLS, follows_the_nat, roams, server_locals, server_peers, translate, udp_from
from transfers import BIG, checksum

ROUTER_ADDRESS = '198.51.100.1'
ELSEWHERE = os.environ['LAB_INTERNET_ADDRESS']
SECOND_ADDRESSES = '198.51.100.21', '2001:db8:2::21'
SECOND_NETWORK = '198.51.101'


def client_socket(port=0):
    with lab.inside(lab.CLIENT):
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind((os.environ['LAB_CLIENT_ADDRESS'], port))
    opened.settimeout(10)
    return opened


class Flood(threading.Thread):
    """Some thousand old datagrams a second from the port that sent them."""

    def __init__(self, datagrams):
        super().__init__(daemon=True)
        self.socket = client_socket(datagrams[0][0])
        self.datagrams = [datagram for _, datagram in datagrams]
        self.over = threading.Event()
        self.sent = 0

    def run(self):
        while not self.over.wait(0.01):
            for datagram in self.datagrams[:40]:
                self.socket.sendto(datagram, (lab.SERVER_ADDRESS, lab.PORT))
                self.sent += 1

    def stop(self):
        self.over.set()
        self.join()


def item_47_a_flood_of_stale_records_disturbs_no_reconnect():
    ear = Eavesdropper()
    ear.start()
    client = Client().wait_connected().wait_dtls()
    client.fetch('upload', '--upload-file', '/usr/bin/openssl')
    lab.wait_until('datagrams', lambda: len(ear.datagrams) > 100)
    addresses = client.addresses()
    client.signal(signal.SIGUSR2)
    client.wait_dtls(times=2)
    flood = Flood(list(ear.datagrams))
    flood.start()
    for times in range(3, 13):
        client.signal(signal.SIGUSR2)
        client.wait_for_line(CONNECTED, 20, times)
        client.wait_dtls(times=times)
        client.fetch('peer')
    flood.stop()
    lab.holds(flood.sent > 1000, f'only {flood.sent} stale datagrams')
    lab.equal(client.addresses(), addresses, 'addresses')
    lab.equal(client.count(CONNECTED), 12, 'connections')
    lab.equal(roams(), [0], 'moves')
    lab.wait_until('the session on DTLS', lambda: [session['transport'] for session in lab.sessions()] == ['dtls'])


def item_48_a_new_nat_port_is_followed_without_a_new_handshake():
    translate([udp_from(ROUTER_ADDRESS, 20001)])
    client = Client().wait_connected().wait_dtls()
    lab.wait_until('the translated peer', lambda: f'{ROUTER_ADDRESS}:20001' in server_peers())
    follows_the_nat(client, [(ROUTER_ADDRESS, 20002), (ROUTER_ADDRESS, 20003), (ROUTER_ADDRESS, 20004)])


def _catch_undelivered(client):
    """Genuine datagrams that never arrived."""
    lab.router_rules([f'udp dport {lab.PORT} drop'])
    ear = Eavesdropper()
    ear.start()
    for _ in range(5):
        lab.succeeds('ping', '-c', '1', '-W', '0.2', lab.HOME_ADDRESS, namespace=client.namespace)
    lab.wait_until('datagrams', lambda: len(ear.datagrams) >= 5)
    lab.router_rules([])
    return [datagram for _, datagram in ear.datagrams]


def item_48_a_forged_record_moves_nothing():
    client = Client().wait_connected().wait_dtls()
    genuine = _catch_undelivered(client)
    forger = client_socket()
    for datagram in genuine:
        for changed in (10, 20, len(datagram) - 1):
            forged = bytearray(datagram)
            forged[changed] ^= 1
            forger.sendto(forged, (lab.SERVER_ADDRESS, lab.PORT))
            time.sleep(0.05)
    forger.settimeout(3)
    try:
        raise AssertionError(f'answered by {len(forger.recv(2048))} bytes')
    except TimeoutError:
        pass
    client.fetch('peer')
    lab.equal(roams(), [0], 'moves')
    lab.equal(client.count(DTLS), 1, 'DTLS handshakes')


def item_48_a_genuine_record_repeated_from_elsewhere_moves_nothing():
    """The thief is asked, as anybody at a new address is, and cannot answer."""
    client = Client().wait_connected().wait_dtls()
    genuine = _catch_undelivered(client)
    thief = client_socket()
    thief.sendto(genuine[-1], (lab.SERVER_ADDRESS, lab.PORT))
    lab.holds(len(thief.recv(2048)) < len(genuine[-1]), 'the question is larger than what provoked it')
    thief_peer = f'{os.environ["LAB_CLIENT_ADDRESS"]}:{thief.getsockname()[1]}'
    lab.holds(thief_peer in server_peers(), 'no socket for the question')
    client.fetch('peer')
    lab.wait_until('the end of the trial', lambda: thief_peer not in server_peers())
    client.fetch('peer')
    lab.equal(roams(), [0], 'moves')
    lab.equal(client.count(DTLS), 1, 'DTLS handshakes')
    lab.equal([session['transport'] for session in lab.sessions()], ['dtls'], 'transport')


def item_49_datagrams_may_come_from_another_address_than_the_connection():
    translate([udp_from(ELSEWHERE, 20001)])
    client = Client().wait_connected().wait_dtls()
    lab.holds(f'{ELSEWHERE}:20001' in server_peers(), f'{server_peers()}')
    lab.holds(lab.sessions()[0]['remote-address'].startswith(os.environ['LAB_CLIENT_ADDRESS']), 'connection translated, too')
    expected = client.fetch(f'{BIG}.sha256').strip()
    client.fetch(BIG, '--output', '/run/download')
    lab.equal(checksum('/run/download'), expected, 'checksum')
    lab.equal([session['transport'] for session in lab.sessions()], ['dtls'], 'transport')
    # Its port and its address may change there, too.
    follows_the_nat(client, [(ELSEWHERE, 20002), (ROUTER_ADDRESS, 20003)])


def _reached_at(address):
    """openconnect's socket is connected: it hears nothing from any other address."""
    host = f'[{address}]' if ':' in address else address
    client = Client(url=f'https://{host}:{lab.PORT}').wait_connected().wait_dtls()
    lab.holds(address in server_locals(), f'{server_locals()}')
    expected = client.fetch(f'{BIG}.sha256').strip()
    client.fetch(BIG, '--output', '/run/download')
    lab.equal(checksum('/run/download'), expected, 'checksum')
    lab.equal([session['transport'] for session in lab.sessions()], ['dtls'], 'transport')
    lab.equal(client.disconnect(), 0, 'status of openconnect')


def item_50_answers_come_from_the_address_that_was_asked():
    for address, length in zip(SECOND_ADDRESSES, ('24', '64')):
        lab.run('ip', '-n', lab.SERVER, 'addr', 'add', f'{address}/{length}', 'dev', 'wan',
                *(['nodad'] if ':' in address else []))
    for address in (*SECOND_ADDRESSES, lab.SERVER_ADDRESS, lab.SERVER_ADDRESS6):
        _reached_at(address)


def item_50_a_server_with_two_ways_answers_from_the_one_that_was_asked():
    """The second network has no default route of its own: answers leave by the first one, under the right name."""
    lab.run('ip', 'link', 'add', 'wan2', 'index', '51', 'netns', lab.SERVER, 'type', 'veth', 'peer', 'name', 'servers2',
            'index', '52', 'netns', lab.ROUTER)
    for namespace, device, host in ((lab.SERVER, 'wan2', 20), (lab.ROUTER, 'servers2', 1)):
        lab.run('ip', '-n', namespace, 'addr', 'add', f'{SECOND_NETWORK}.{host}/24', 'dev', device)
        lab.run('ip', '-n', namespace, 'link', 'set', device, 'up')
    _reached_at(f'{SECOND_NETWORK}.20')
    _reached_at(lab.SERVER_ADDRESS)


def item_50_a_client_of_a_second_address_may_move():
    address = SECOND_ADDRESSES[0]
    lab.run('ip', '-n', lab.SERVER, 'addr', 'add', f'{address}/24', 'dev', 'wan')
    translate([udp_from(ROUTER_ADDRESS, 20001)])
    client = Client(url=f'https://{address}:{lab.PORT}').wait_connected().wait_dtls()
    follows_the_nat(client, [(ROUTER_ADDRESS, 20002)])
    lab.holds(address in server_locals(), f'{server_locals()}')

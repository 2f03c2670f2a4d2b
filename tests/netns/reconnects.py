# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of clients that lose their connection and come back, and of those that shall not."""

import json
import os
import re
import signal
import socket
import struct
import threading
import time

import lab
import records
from client import Client, take_cookie
from gnutls import DtlsClient
from record_client import DTLS

CONNECTED = r'Got CONNECT response: HTTP/1\.1 200'
EVERY_PROTOCOL = 3  # what goes out is only shown to who listens to all


def _comes_back_to_the_same(client, by):
    """`by` breaks the connection; the session and its addresses stay."""
    before, session = client.addresses(), lab.sessions()[0]['id']
    times, dtls_times = client.count(CONNECTED), client.count('Established DTLS connection')
    by()
    client.wait_for_line(CONNECTED, 40, times + 1)
    client.wait_for_line('Established DTLS connection', 40, dtls_times + 1)
    lab.equal(client.fetch('peer').strip(), '192.168.50.1', 'address that the home host sees')
    lab.equal(client.addresses(), before, 'addresses')
    lab.equal([s['id'] for s in lab.sessions()], [session], 'sessions')


def a_client_comes_back_by_its_cookie_to_the_same_address():
    client = Client().wait_connected().wait_dtls()
    for _ in range(3):
        _comes_back_to_the_same(client, lambda: client.signal(signal.SIGUSR2))


def _devices():
    """Of the server: which there are, and whether each is up."""
    links = json.loads(lab.run('ip', '-j', 'link', 'show', 'type', 'tun', namespace=lab.SERVER))
    return {link['ifname']: 'UP' in link['flags'] for link in links}


def a_clients_device_is_made_while_it_signs_in():
    lab.equal(_devices(), {}, 'devices while nobody comes')
    cookie = take_cookie()
    lab.wait_until('a device ahead of time', _devices)
    (made, up), = _devices().items()
    lab.holds(not up, 'it is up before it is anybody\'s')
    client = Client(cookie=cookie).wait_connected()
    lab.equal([device for device, up in _devices().items() if up], [made], 'devices that are up')
    client.fetch('peer')


def _connection_of(namespace):
    """Local port of the client's TCP connection with the server."""
    line = lab.run('ss', '-Htn', 'state', 'established', f'( dport = :{lab.PORT} )', namespace=namespace)
    return int(line.split()[2].rpartition(':')[2])


def a_client_comes_back_after_its_tcp_connection_is_killed():
    client = Client('--force-dpd', '2').wait_connected().wait_dtls()
    port = _connection_of(client.namespace)
    # Resets for both ends, for this connection alone.
    rules = [f'tcp {end} {port} reject with tcp reset' for end in ('sport', 'dport')]
    _comes_back_to_the_same(client, lambda: lab.router_rules(rules))
    lab.holds(_connection_of(client.namespace) != port, 'it is still the same connection')
    ids = re.findall(r'X-DTLS-App-ID: (\w{64})', client.log())
    lab.equal((len(ids), len(set(ids))), (2, 2), 'ids for DTLS, and how many differ')


def a_transfer_survives_reconnects():
    client = Client().wait_connected().wait_dtls()
    expected = client.fetch('200M.bin.sha256').strip()
    transfer = client.fetch_in_background('200M.bin', '/run/download', '--limit-rate', '40M')
    lab.wait_until('the transfer', lambda: lab.succeeds('test', '-s', '/run/download'))
    _comes_back_to_the_same(client, lambda: client.signal(signal.SIGUSR2))
    lab.equal(transfer.wait(120), 0, 'status of the transfer')
    lab.equal(lab.run('sha256sum', '/run/download').split()[0], expected, 'checksum')


def the_newest_of_two_clients_with_one_cookie_wins():
    cookie = take_cookie()
    first = Client(cookie=cookie).wait_connected()
    addresses = first.addresses()
    second = Client(cookie=cookie, namespace=lab.add_client_namespace('second', 3)).wait_connected()
    lab.equal(second.addresses()[0], addresses[0], 'IPv4 address')
    lab.equal(first.wait_exit(30), 1, 'status of the first client')
    lab.equal(first.count('Received server disconnect: b0 \'Replaced by a newer connection\''), 1, 'times that it is told')
    second.fetch('peer')
    lab.equal(len(lab.sessions()), 1, 'sessions')


def who_the_owner_disconnects_is_told_why_and_stays_away():
    reason = 'The house sleeps now'
    cookie = take_cookie()
    client = Client(cookie=cookie).wait_connected()
    lab.control('session', 'disconnect', '--reason', reason, lab.sessions()[0]['id'])
    lab.equal(client.wait_exit(), 1, 'status of openconnect')
    lab.equal(client.count(reason), 1, 'times that the reason is told')
    lab.equal(client.count(CONNECTED), 1, 'connections')
    lab.equal(lab.sessions(), [], 'sessions')
    again = Client(cookie=cookie)
    lab.equal(again.wait_exit(), 2, 'status of openconnect with the dead cookie')
    # The person may sign in anew.
    Client().wait_connected()


def the_newest_device_of_a_person_takes_the_place_of_the_oldest():
    """LAB_SETTINGS: sessions-per-user 2."""
    cookie = take_cookie()
    first = Client(cookie=cookie).wait_connected()
    second = Client(namespace=lab.add_client_namespace('second', 3)).wait_connected()
    second.signal(signal.SIGUSR2)  # its reconnect is no third device
    second.wait_for_line(CONNECTED, 40, times=2)
    lab.holds(first.process.poll() is None, 'a reconnect took somebody\'s place')
    third = Client(namespace=lab.add_client_namespace('third', 4)).wait_connected()
    lab.equal(first.wait_exit(), 1, 'status of the first client')
    lab.equal(first.count('Another device of yours took its place'), 1, 'times that it is told')
    lab.equal(Client(cookie=cookie).wait_exit(), 2, 'status of openconnect with the dead cookie')
    lab.holds('ended: replaced' in lab.server_log(), 'the log does not say why')
    for client in (second, third):
        client.fetch('peer')
        lab.equal(client.process.poll(), None, 'status of who may stay')


class Eavesdropper(threading.Thread):
    """Keeps the UDP payloads that the client sends to the server."""

    def __init__(self):
        super().__init__(daemon=True)
        with lab.inside(lab.CLIENT):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(EVERY_PROTOCOL))
        self.datagrams = []

    def run(self):
        while len(self.datagrams) < 2000:
            packet, origin = self.socket.recvfrom(65535)
            if origin[0] != 'eth0' or packet[0] >> 4 != 4 or packet[9] != socket.IPPROTO_UDP:
                continue
            header = (packet[0] & 15) * 4
            ports = struct.unpack('!HH', packet[header:header + 4])
            if ports[1] == lab.PORT:
                self.datagrams.append((ports[0], packet[header + 8:]))


def stale_datagrams_after_a_reconnect_are_harmless():
    ear = Eavesdropper()
    ear.start()
    client = Client().wait_connected().wait_dtls()
    client.fetch('upload', '--upload-file', '/usr/bin/openssl')
    lab.wait_until('datagrams', lambda: len(ear.datagrams) > 100)
    _comes_back_to_the_same(client, lambda: client.signal(signal.SIGUSR2))
    stale = list(ear.datagrams)
    port = stale[0][0]
    with lab.inside(lab.CLIENT):
        old = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    old.bind((os.environ['LAB_CLIENT_ADDRESS'], port))
    connections = client.count(CONNECTED)
    transfer = client.fetch_in_background('200M.bin', '/run/download', '--limit-rate', '60M')
    deadline = time.monotonic() + 60
    while transfer.poll() is None and time.monotonic() < deadline:
        for _, datagram in stale[:500]:
            old.sendto(datagram, (lab.SERVER_ADDRESS, lab.PORT))
            old.sendto(b'', (lab.SERVER_ADDRESS, lab.PORT))
    lab.equal(transfer.wait(60), 0, 'status of the transfer')
    lab.equal(lab.run('sha256sum', '/run/download').split()[0], client.fetch('200M.bin.sha256').strip(), 'checksum')
    lab.equal(client.count(CONNECTED), connections, 'connections')
    lab.equal([s['transport'] for s in lab.sessions()], ['dtls'], 'transports')


def who_lost_a_datagram_channel_gets_another_at_the_same_port():
    """It said nothing about it, and the server's socket for that port belongs to the channel that is lost."""
    tunnel = records.open_tunnel(dtls=True)
    lost = tunnel.dtls
    lab.equal(tunnel.dtls_dpd(b'one'), b'one', 'answer on the first channel')
    tunnel.open_dtls(lost.socket)
    lab.equal(tunnel.dtls_dpd(b'two'), b'two', 'answer on the second channel')
    lab.equal(tunnel.ping(lab.HOME_ADDRESS), DTLS, 'channel of the reply')
    # The one before, whose keys nobody has, is not dropped for a hello while its client answers.
    other = DtlsClient.psk(lost.socket, tunnel.psk(), tunnel.app_id)
    other.try_handshake()
    end = time.monotonic() + 4
    while time.monotonic() < end:
        lab.equal(tunnel.ping(lab.HOME_ADDRESS), DTLS, 'channel of the reply')
    tunnel.close()


def who_gave_a_handshake_up_gets_another_at_the_same_port():
    tunnel = records.open_tunnel()
    socket_ = records.udp_socket()
    wrong = DtlsClient.psk(socket_, bytes(32), tunnel.app_id)
    try:
        wrong.handshake(2)
    except (TimeoutError, OSError, RuntimeError):
        pass
    tunnel.open_dtls(socket_)
    lab.equal(tunnel.dtls_dpd(b'one'), b'one', 'answer')
    tunnel.close()

# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of strangers: what they send costs them their own connection and nobody else anything."""

import random
import socket

import lab
from client import Client
from portal import tcp_connection, tls_connection
from reconnects import CONNECTED

DICE = random.Random(1)
HEADS = {
    'plain HTTP': b'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    'random bytes': DICE.randbytes(4096),
    'zeros': bytes(70000),
    'a hello that lies about its length': bytes.fromhex('1603010200010001fc0303') + DICE.randbytes(30),
    'an alert': bytes.fromhex('15030300020228'),
    'SSH': b'SSH-2.0-OpenSSH_9.2\r\n',
    'nothing': b'',
}
REQUESTS = {
    'a head without end': b'GET / HTTP/1.1\r\n' + b'X-Long: ' + b'a' * 100000,
    'many headers': b'GET / HTTP/1.1\r\n' + b'A: b\r\n' * 20000,
    'a long target': b'GET /' + b'a' * 70000 + b' HTTP/1.1\r\n\r\n',
    'a folded header': b'GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n',
    'a bare line feed': b'GET / HTTP/1.1\nHost: x\n\n',
    'a blank before the colon': b'GET / HTTP/1.1\r\nHost : x\r\n\r\n',
    'a huge body': b'POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n' + b'a' * 400000,
    'two lengths': b'POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef',
    'chunks': b'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n',
    'a document type': b'POST / HTTP/1.1\r\nContent-Length: 60\r\n\r\n<?xml version="1.0"?><!DOCTYPE x [<!ENTITY y "z">]><x>&y;</x>',
    'a tunnel without cookie': b'CONNECT /CSCOSSLC/tunnel HTTP/1.1\r\n\r\n',
    'random bytes': DICE.randbytes(4096),
}


def _loses_its_connection(connection, what, words):
    """The server ends it, at latest at its own deadlines; None of the answers is a success."""
    connection.settimeout(40)
    answer = b''
    try:
        connection.sendall(words)
        if not words:
            connection.shutdown(socket.SHUT_WR)
        while chunk := connection.recv(65536):
            answer += chunk
            lab.holds(len(answer) < 100000, f'{what}: answered without end')
            if b'HTTP/1.1 2' in answer:
                connection.close()
                break
    except TimeoutError as error:
        raise AssertionError(f'{what}: the connection stays open') from error
    except OSError:
        pass
    lab.holds(b' CONNECTED' not in answer and b'id="success"' not in answer, f'{what}: {answer[:200]}')


def _flood_of_datagrams():
    with lab.inside(lab.CLIENT):
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.connect((lab.SERVER_ADDRESS, lab.PORT))
    for size in (0, 1, 12, 13, 59, 60, 93, 168, 1200):
        for start in (b'', bytes.fromhex('16fefd000000000000000000'), bytes.fromhex('17fefd0001000000000001')):
            udp.send((start + DICE.randbytes(size))[:size])


def garbage_loses_only_its_own_connection():
    client = Client().wait_connected().wait_dtls()
    transfer = client.fetch_in_background('200M.bin', '/run/download', '--limit-rate', '20M')
    for what, words in HEADS.items():
        _loses_its_connection(tcp_connection(), what, words)
    for what, words in REQUESTS.items():
        _loses_its_connection(tls_connection(), f'{what} inside TLS', words)
    lab.wait_until('the cause in the log', lambda: 'a client made no usable request: ' in lab.server_log())
    _flood_of_datagrams()
    lab.equal(transfer.wait(120), 0, 'status of the transfer')
    lab.equal(lab.run('sha256sum', '/run/download').split()[0], client.fetch('200M.bin.sha256').strip(), 'checksum')
    lab.equal(client.count(CONNECTED), 1, 'connections')
    second = Client(namespace=lab.add_client_namespace('second', 3)).wait_connected()
    second.fetch('peer')


def a_cookie_from_nowhere_is_refused():
    client = Client(cookie='0' * 64)
    lab.equal(client.wait_exit(), 2, 'status of openconnect')
    lab.equal(lab.sessions(), [], 'sessions')


def _datagram_socket(namespace, address, port=0):
    with lab.inside(namespace):
        endpoint = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_DGRAM)
    endpoint.bind((address, port))
    endpoint.settimeout(10)
    return endpoint


def a_client_cannot_send_from_an_address_that_is_not_its_own():
    client = Client().wait_connected().wait_dtls()
    own = client.addresses()
    for forged, prefix, home, mine in (('192.168.50.77', 32, lab.HOME_ADDRESS, own[0]),
                                       ('2001:db8:50::77', 128, lab.HOME_ADDRESS6, own[1])):
        lab.run('ip', '-n', client.namespace, 'addr', 'add', f'{forged}/{prefix}', 'dev', 'tun0')
        ear = _datagram_socket(lab.HOME, home, 7777)
        # The honest one is sent last: when it is there, the other one would be.
        for source, words in ((forged, b'forged'), (mine, b'honest')):
            mouth = _datagram_socket(client.namespace, source)
            lab.wait_until('a way', lambda m=mouth, w=words, h=home: m.sendto(w, (h, 7777)) > 0)
        lab.equal(ear.recv(100), b'honest', f'first datagram that reached {home}')

# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of clients that have signed in, and then send nonsense: it costs them their own connection at most."""

import os
import random
import socket
import struct

import lab
import packets
import records
from client import Client
from reconnects import CONNECTED
from record_client import BYE, COMPRESSED, DATA, DPD, KEEPALIVE, MAGIC, TERMINATE, Refused, frame

DICE = random.Random(2)
HEADERS = (
    'X-CSTP-Version', 'X-CSTP-Hostname', 'X-CSTP-Protocol', 'X-CSTP-Accept-Encoding', 'X-CSTP-Base-MTU', 'X-CSTP-MTU',
    'X-CSTP-Address-Type', 'X-CSTP-Address', 'X-CSTP-Full-IPv6-Capability', 'X-CSTP-License', 'X-CSTP-TCP-Keepalive',
    'X-CSTP-Local-Address-IP4', 'X-CSTP-Remote-Address-IP4', 'X-DTLS-Master-Secret', 'X-DTLS-CipherSuite',
    'X-DTLS12-CipherSuite', 'X-DTLS-Accept-Encoding', 'X-DTLS-Header-Pad-Length', 'X-AnyConnect-Identifier-Platform',
    'X-AnyConnect-Identifier-DeviceType', 'X-AnyConnect-STRAP-Pubkey', 'X-AnyConnect-STRAP-Verify', 'User-Agent', 'Host')
VALUES = (
    '', '0', '-1', '1', '799', '65535', '65536', '4294967295', '18446744073709551616', 'abc', '%s%n%1000000x', ',,,,,,', '::::::',
    '"', "';--", '../../../etc/passwd', '<x>&y;', 'true,false,true', 'oc-lz4,' * 60, 'IPv6,IPv4,' * 60,
    'PSK-NEGOTIATE:' * 40, 'F' * 96, 'F' * 95, 'Z' * 96, '[::1]', '255.255.255.255', '::', b'\xff\xfe\x80', b'\xc3\xa4' * 50,
    'a' * 600)
INDIVIDUAL = ('', '65535', 'a' * 8000, b'\xff' * 200)
COOKIES = {
    'nothing': '', 'a blank': ' ', 'one digit less': '0' * 63, 'one digit more': '0' * 65, 'no digits': 'g' * 64,
    'twice as much': '0' * 128, 'very much': '0' * 8000, 'quotes': '"' + '0' * 64 + '"', 'base64': 'A' * 43 + '=',
    'percent signs': '%30' * 64, 'bytes': b'\xff' * 32, 'a text': 'yes, please', 'spaces inside': '0' * 32 + ' ' + '0' * 32,
    'an unknown one': '0' * 64, 'signs': '-' * 64, 'a path': '../' * 20, 'hexadecimal as C writes it': '0x' + '0' * 62}


class Bystander:
    """A real client of another house, in the middle of a transfer."""

    def __init__(self):
        self.client = Client(namespace=lab.add_client_namespace('bystander', 3)).wait_connected().wait_dtls()
        self.expected = self.client.fetch('200M.bin.sha256').strip()
        self.transfer = self.client.fetch_in_background('200M.bin', '/run/download', '--limit-rate', '20M')

    def has_noticed_nothing(self):
        lab.equal(self.transfer.wait(120), 0, 'status of the transfer')
        lab.equal(lab.run('sha256sum', '/run/download').split()[0], self.expected, 'checksum')
        lab.equal(self.client.count(CONNECTED), 1, 'connections')
        lab.equal([session['transport'] for session in lab.sessions() if session['remote-address'].startswith('192.0.3.')],
                  ['dtls'], 'transports')
        lab.holds('crashed' not in lab.server_log(), 'a worker crashed')


def _tunnel_or_refusal(headers, cookie):
    """Either works; what does not is an answer that promises a tunnel which is none, or none at all."""
    with records.connect() as connection:
        try:
            tunnel = connection.open_tunnel(cookie, headers)
        except Refused as refused:
            return refused.answer.status
        except ConnectionError:
            return 0
        lab.equal(tunnel.dpd(b'?'), b'?', f'answer with {str(headers)[:200]}')
        tunnel.ping(lab.HOME_ADDRESS if tunnel.ipv4 else lab.HOME_ADDRESS6)
        return 200


def absurd_headers_are_harmless():
    bystander, cookies = Bystander(), records.cookies()
    for value in VALUES:
        lab.equal(_tunnel_or_refusal({name: value for name in HEADERS}, next(cookies)), 200, f'status with {value!r}')
    for name in HEADERS:
        for value in INDIVIDUAL:
            lab.equal(_tunnel_or_refusal({name: value}, next(cookies)), 200, f'status with {name}: {value[:20]!r}')
    lab.equal(_tunnel_or_refusal({'X-CSTP-Base-MTU': ['1400'] * 40}, next(cookies)), 200, 'status with many of a kind')
    for headers in ({'X-CSTP-Base-MTU': ['1400'] * 100}, {'X-CSTP-Hostname': 'a' * 20000}, {'X-CSTP-MTU': '1\r\n 2'},
                    {'X-CSTP-MTU': b'1\0'}, {'X CSTP': '1'}, {'X-CSTP-Hostname': 'a\rb'}):
        status = _tunnel_or_refusal(headers, next(cookies))
        lab.holds(status != 200, f'a tunnel with {str(headers)[:100]}')
    bystander.has_noticed_nothing()


def cookies_of_every_wrong_shape_are_refused():
    bystander, cookie = Bystander(), records.take_cookie()
    lines = {what: f'Cookie: webvpn={wrong}'.encode() if isinstance(wrong, str) else b'Cookie: webvpn=' + wrong
             for what, wrong in COOKIES.items()}
    lines |= {'no name': f'Cookie: {cookie}'.encode(), 'another name': f'Cookie: webvpnx={cookie}'.encode(),
              'a longer name': f'Cookie: xwebvpn={cookie}'.encode(), 'semicolons': b'Cookie: ;;;;;=;=;webvpn',
              'one that was cut off': f'Cookie: webvpn={cookie[:-1]}'.encode(), 'half of it': f'Cookie: webvpn={cookie[:32]}'.encode(),
              'one that goes on': f'Cookie: webvpn={cookie}0'.encode(), 'two in one': f'Cookie: webvpn={cookie}{cookie}'.encode(),
              'a wrong place': f'X-Cookie: webvpn={cookie}'.encode(), 'nothing but the header': b'Cookie:'}
    for what, line in lines.items():
        with records.connect() as connection:
            connection.send(b'CONNECT /CSCOSSLC/tunnel HTTP/1.1\r\nHost: x\r\nX-CSTP-Version: 1\r\n' + line + b'\r\n\r\n')
            try:
                lab.equal(connection.receive_answer(has_body=False).status, 401, f'status with {what}')
            except ConnectionError:
                pass
            lab.holds(connection.is_closed_within(), f'{what}: the connection stays open')
    # The same words in the right place are good.
    lab.equal(records.connect().ask_for_tunnel(cookie).status, 200, 'status with the cookie itself')
    bystander.has_noticed_nothing()


def _broken_packets(tunnel):
    """What is inside a data frame, but no packet that may pass."""
    good = packets.udp(tunnel.ipv4, 1, lab.HOME_ADDRESS, 7777, b'x' * 100)
    six = packets.udp(tunnel.ipv6, 1, lab.HOME_ADDRESS6, 7777, b'x' * 100)
    for packet in (good, six):
        for size in (1, 2, 4, 19, 20, 39, 40, len(packet) - 1):
            yield packet[:size]
        for first in (0x00, 0x40, 0x41, 0x44, 0x50, 0x70, 0xff):
            yield bytes([first]) + packet[1:]
        where, whole = (2, len(packet)) if packet is good else (4, len(packet) - 40)
        for length in (0, 1, 19, whole + 1, 0xffff):
            yield packet[:where] + struct.pack('!H', length) + packet[where + 2:]
    yield packets.udp('192.168.50.77', 1, lab.HOME_ADDRESS, 7777, b'x')
    yield packets.udp('2001:db8:50::77', 1, lab.HOME_ADDRESS6, 7777, b'x')
    yield packets.udp(tunnel.ipv4, 1, lab.HOME_ADDRESS, 7777, bytes(9000))
    for size in (1, 7, 64, 1434, 16000):
        yield DICE.randbytes(size)


def _nonsense_that_a_session_survives(tunnel, send, echo):
    """The same over either channel."""
    for kind in range(256):
        if kind not in (DATA, DPD, BYE, COMPRESSED):
            for payload in (b'', DICE.randbytes(40)):
                send(kind, payload)
    for kind in (KEEPALIVE, TERMINATE):
        send(kind, DICE.randbytes(1000))
    send(DATA, b'')
    for packet in _broken_packets(tunnel):
        if len(packet) <= tunnel.mtu or send == tunnel.send_frame:
            send(DATA, packet)
    lab.equal(echo(b'and now?'), b'and now?', 'answer behind the nonsense')


def _lies_that_end_a_connection():
    whole = frame(DPD, b'abcdefgh')
    yield from (whole[:size] for size in range(1, len(whole)))
    yield whole + whole
    yield whole + b'\0'
    yield from (frame(DPD, b'abc', length=length) for length in (0, 1, 2, 4, 255, 16384, 65535))
    yield from (MAGIC[:i] + bytes([MAGIC[i] ^ 0x20]) + whole[i + 1:] for i in range(4))
    yield from (frame(DPD, b'abc', reserved=reserved) for reserved in (1, 128, 255))
    yield frame(COMPRESSED, DICE.randbytes(100))
    yield DICE.randbytes(16384)
    yield b'GET / HTTP/1.1\r\n\r\n'


def _ear():
    with lab.inside(lab.HOME):
        ear = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    ear.bind(('::', 7777))
    ear.settimeout(10)
    return ear


def broken_frames_and_packets_are_counted_by_cause():
    bystander, ear, lies = Bystander(), _ear(), 0
    with records.open_tunnel(dtls=True) as tunnel:
        _nonsense_that_a_session_survives(tunnel, tunnel.send_frame, tunnel.dpd)
        _nonsense_that_a_session_survives(tunnel, tunnel.send_dtls, tunnel.dtls_dpd)
        tunnel.send_data(packets.udp(tunnel.ipv4, 1, lab.HOME_ADDRESS, 7777, b'a good one'))
        lab.equal(ear.recv(65535), b'a good one', 'first datagram that reached home')
    cookies = records.cookies()
    for lie in _lies_that_end_a_connection():
        with records.open_tunnel(cookie=next(cookies)) as tunnel:
            tunnel.send_record(lie)
            lab.holds(tunnel.is_closed_within(15), f'the connection stays open after {lie[:24].hex()}')
            lies += 1
    lab.holds('a client broke the protocol: ' in lab.server_log(), 'the cause is not in the log')
    bystander.has_noticed_nothing()
    os.kill(int(os.environ['LAB_SERVER_PID']), 15)
    lab.wait_until('the sums in the log', lambda: f'clients that broke the protocol: {lies}' in lab.server_log(), 20)
    lab.holds(' malformed' in lab.server_log() and ' with a foreign source' in lab.server_log(), 'no dropped packets in the log')

# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of requests that are odd, too large, ambiguous, or never end."""

import random
import re
import time

import lab
import records
from gnutls import GnutlsError
from paths import INIT, get, root_of

CUT_OFF_SECONDS = 60  # the server's own limit is 20; a machine under load is slower to say so
HEAD = b'Host: vpn.test\r\nX-Transcend-Version: 1\r\n'
ODD_HEADERS = {
    'X-Pad': '0' * 52, 'X-AnyConnect-STRAP-Pubkey': 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE' + 'A' * 88,
    'X-AnyConnect-STRAP-DH-Pubkey': 'MFkw' * 31, 'X-AnyConnect-Identifier-ClientVersion': '4.10.05085',
    'X-AnyConnect-Identifier-Platform': 'android', 'X-AnyConnect-Identifier-PlatformVersion': '14',
    'X-AnyConnect-Identifier-DeviceType': 'Pixel 7', 'X-AnyConnect-Identifier-Device-UniqueID': 'a' * 64,
    'X-Support-HTTP-Auth': 'true', 'Accept-Encoding': 'identity', 'Accept': '*/*', 'Cookie': 'webvpn=00; lang=de',
    'Authorization': 'Negotiate AAAA', 'X-Unknown': b'\xc3\xa9\t\xff', 'X-Empty': '',
}


def post(body, *fields):
    return b'POST / HTTP/1.1\r\n' + HEAD + b''.join(field + b'\r\n' for field in fields) + b'\r\n' + body


# What is sent, and the cause that the server notes.
DROPPED = {
    'a head of more than 16 KiB': (b'GET / HTTP/1.1\r\nX-Long: ' + b'a' * 16384 + b'\r\n\r\n', 'head too long'),
    'a head without end': (b'GET / HTTP/1.1\r\nX-Long: ' + b'a' * 100000, 'head too long'),
    'a path of 256 bytes': (b'GET /' + b'a' * 255 + b' HTTP/1.1\r\n' + HEAD + b'\r\n', 'target too long'),
    'too many headers': (b'GET / HTTP/1.1\r\n' + b'A: b\r\n' * 65 + b'\r\n', 'too many fields'),
    'a body of more than 256 KiB': (post(b'a' * 100, b'Content-Length: 262145'), 'body too long'),
    'bytes behind a request': (b'GET / HTTP/1.1\r\n' + HEAD + b'\r\nGET / HTTP/1.1\r\n', 'bytes behind the request'),
    'bytes behind a body': (post(b'a=bc', b'Content-Length: 3'), 'bytes behind the request'),
    'tunnel bytes behind CONNECT': (b'CONNECT /CSCOSSLC/tunnel HTTP/1.1\r\n' + HEAD + b'\r\nSTF\x01\x00\x00\x03\x00',
                                    'bytes behind the request'),
    'chunks': (post(b'5\r\nabcde\r\n0\r\n\r\n', b'Transfer-Encoding: chunked'), 'transfer coding'),
    'chunks and a length': (post(b'a=b', b'Transfer-Encoding: chunked', b'Content-Length: 3'), 'transfer coding'),
    'two lengths': (post(b'a=b', b'Content-Length: 3', b'Content-Length: 4'), 'bad syntax'),
    'the same length twice': (post(b'a=b', b'Content-Length: 3', b'Content-Length: 3'), 'bad syntax'),
    'a length below zero': (post(b'a=b', b'Content-Length: -3'), 'bad syntax'),
    'a body of GET': (b'GET / HTTP/1.1\r\nContent-Length: 3\r\n\r\na=b', 'body where none belongs'),
    'an absolute target': (b'GET https://vpn.test/ HTTP/1.1\r\n' + HEAD + b'\r\n', 'target that is no path'),
    'a bare line feed': (b'GET / HTTP/1.1\nHost: vpn.test\n\n', 'line without carriage return'),
    'a folded header': (b'GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n', 'folded field'),
    'a blank before the colon': (b'GET / HTTP/1.1\r\nHost : x\r\n\r\n', 'blank before a colon'),
    'a zero byte': (b'GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n', 'bad syntax'),
    'HTTP/2': (b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'unknown HTTP version'),
    'random bytes': (random.Random(1).randbytes(4000).replace(b'\n', b'') + b'\r\n\r\n', 'bad syntax'),
}


def item_06_unknown_headers_are_ignored():
    with records.connect() as connection:
        answer = connection.post_xml('/', 'init', INIT, ODD_HEADERS)
        lab.equal((answer.status, root_of(answer)), (200, 'config-auth'), 'answer to a request with odd headers')
        lab.equal(get(connection, '/', **ODD_HEADERS).status, 200, 'answer to GET with odd headers')


def item_06_what_is_just_small_enough_is_served():
    requests = {
        'a path of 255 bytes': b'GET /' + b'a' * 254 + b' HTTP/1.1\r\n' + HEAD + b'\r\n',
        '64 headers': b'GET / HTTP/1.1\r\n' + b'A: b\r\n' * 63 + b'X-Aggregate-Auth: 1\r\n\r\n',
        'a body of 256 KiB': post(b'a=' + b'b' * 262142, b'Content-Length: 262144'),
        'a head of almost 16 KiB': b'GET / HTTP/1.1\r\n' + HEAD + b'X-Long: ' + b'a' * 16250 + b'\r\n\r\n',
    }
    with records.connect() as connection:
        for what, request in requests.items():
            connection.send(request)
            lab.equal(connection.receive_answer().status, 200, f'answer to {what}')
        for byte in b'GET / HTTP/1.1\r\n' + HEAD + b'\r\n':
            connection.send(bytes([byte]))
        lab.equal(connection.receive_answer().status, 200, 'answer to a request in single bytes')


def _causes(text):
    return len(re.findall(re.escape(f'the client made no usable request: {text}'), lab.server_log()))


def _is_dropped(connection, what, request):
    """Without an answer."""
    heard = b''
    try:
        connection.send(request)
        while chunk := connection.tls.receive(15):
            heard += chunk
    except TimeoutError as error:
        raise AssertionError(f'{what}: the connection stays open') from error
    except (OSError, GnutlsError):
        pass
    lab.equal(heard, b'', f'answer to {what}')


def item_06_what_is_too_much_or_ambiguous_ends_its_connection_and_no_other():
    """LAB_SETTINGS: every line of the log."""
    neighbour = records.open_tunnel()
    for what, (request, cause) in DROPPED.items():
        before = _causes(cause)
        with records.connect() as connection:
            _is_dropped(connection, what, request)
        lab.wait_until(f'the cause of {what} in the log', lambda c=cause, b=before: _causes(c) == b + 1)
        neighbour.ping(lab.HOME_ADDRESS)
    lab.wait_until('the count in the log', lambda: re.search(r'a client made no usable request: .*\(\d+ in all\)',
                                                             lab.server_log()))
    lab.equal(len(lab.sessions()), 1, 'sessions')


def item_06_a_connection_has_sixteen_requests():
    with records.connect() as connection:
        for number in range(16):
            lab.equal(get(connection, '/').status, 200, f'answer to request {number + 1}')
        _is_dropped(connection, 'the 17th request', b'GET / HTTP/1.1\r\n' + HEAD + b'\r\n')


class Slow:
    """Somebody who does not get on.  step() is called again and again; closed once the server ended it."""

    def __init__(self, what, first=None, drip=b'', answered=True):
        self.what, self.drip, self.closed = what, drip, False
        self.connection = records.connect()
        if first:
            self.connection.send(first)
        if first and not drip and answered:
            self.connection.receive_answer()

    def step(self):
        try:
            if self.drip:
                self.connection.send(self.drip)
            self.closed = self.connection.tls.try_receive() == b''
        except (OSError, GnutlsError):
            self.closed = True


class HalfOpen:
    """Never gets as far as TLS."""

    def __init__(self, what, first):
        self.what, self.closed = what, False
        self.socket = records.tcp_socket()
        self.socket.sendall(first)
        self.socket.setblocking(False)

    def step(self):
        try:
            self.closed = self.socket.recv(1000) == b''
        except BlockingIOError:
            pass
        except OSError:
            self.closed = True


def item_08_who_is_slow_or_half_open_is_cut_off_in_time():
    neighbour = records.open_tunnel()
    slow = [HalfOpen('nothing', b''), HalfOpen('half a hello', bytes.fromhex('16030102000100')),
            Slow('nothing inside TLS'),
            Slow('a slow head', b'GET / HTTP/1.1\r\nX: ', b'a'),
            Slow('a slow body', post(b'', b'Content-Length: 200000'), b'a'),
            Slow('a body that stops', post(b'a=', b'Content-Length: 200000'), answered=False),
            Slow('a connection that rests after an answer', b'GET / HTTP/1.1\r\n' + HEAD + b'\r\n')]
    deadline = time.monotonic() + CUT_OFF_SECONDS
    while waiting := [one for one in slow if not one.closed]:
        lab.holds(time.monotonic() < deadline, f'still there: {[one.what for one in waiting]}')
        for one in waiting:
            one.step()
        neighbour.ping(lab.HOME_ADDRESS)
        time.sleep(0.5)


def item_01_tls_1_3_is_not_spoken_where_the_owner_does_not_want_it():
    """LAB_SETTINGS: tls = 1.2."""
    with records.open_tunnel() as tunnel:
        lab.equal(tunnel.tls.protocol(), 'TLS1.2', 'version with a client that offers both')
        tunnel.ping(lab.HOME_ADDRESS)
    for version in ('1.3', '1.1', '1.0'):
        try:
            records.connect(f'NORMAL:-VERS-ALL:+VERS-TLS{version}').close()
        except (OSError, GnutlsError):
            continue
        raise AssertionError(f'TLS {version} is spoken')

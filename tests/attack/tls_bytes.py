# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS by the byte (RFC 8446, RFC 5246): hellos that no library would write, and what a server answers.

Everything is a function of its arguments; `talk` is the one that sends: to any connected socket.
"""

import os
import select
import struct
import time
from collections import namedtuple

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, DATA, HEARTBEAT = 20, 21, 22, 23, 24
SSL3, TLS10, TLS11, TLS12, TLS13 = 0x300, 0x301, 0x302, 0x303, 0x304
SERVER_NAME, GROUPS, POINTS, SIGNATURES, HEARTBEATS, TICKET, PSK, EARLY_DATA, VERSIONS, PSK_MODES, KEY_SHARE, RENEGOTIATION = (
    0, 10, 11, 13, 15, 35, 41, 42, 43, 45, 51, 0xff01)
MODERN = (0x1301, 0x1302, 0x1303)
USUAL = (0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8)  # AEAD with elliptic curves
X25519, P256 = 29, 23
OF_ALL_VERSIONS = USUAL + (0xc009, 0xc00a, 0xc013, 0xc014, 0x002f, 0x0035)
CLOSE_NOTIFY, UNEXPECTED_MESSAGE, BAD_RECORD_MAC, RECORD_OVERFLOW, HANDSHAKE_FAILURE, ILLEGAL_PARAMETER, DECODE_ERROR = (
    0, 10, 20, 22, 40, 47, 50)
PROTOCOL_VERSION, USER_CANCELED, MISSING_EXTENSION, UNSUPPORTED_EXTENSION = 70, 90, 109, 110
# The generator (SEC 2): somebody's key, whose other half is 1.
POINT_P256 = bytes.fromhex('046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296'
                           '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5')
RANDOM_OF_RETRY = bytes.fromhex('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c')

ServerHello = namedtuple('ServerHello', 'version cipher compression extensions is_retry')
Answer = namedtuple('Answer', 'hello alert closed data')


def record(kind, body, version=TLS10):
    return struct.pack('>BHH', kind, version, len(body)) + body


def records(kind, body, size, version=TLS10):
    """The same, in records of so many bytes."""
    return b''.join(record(kind, body[at:at + size], version) for at in range(0, len(body), size))


def sized(size, body):
    return len(body).to_bytes(size, 'big') + body


def numbers(values):
    return b''.join(struct.pack('>H', value) for value in values)


def extension(kind, body=b''):
    return struct.pack('>H', kind) + sized(2, body)


GROUPS_OF_ALL = extension(GROUPS, sized(2, numbers((X25519, P256))))
SIGNATURES_OF_ALL = extension(SIGNATURES, sized(2, numbers((0x403, 0x503, 0x603, 0x804, 0x805, 0x806, 0x401, 0x501, 0x601))))
RFC_5746 = extension(RENEGOTIATION, b'\0')


def versions(*values):
    return extension(VERSIONS, sized(1, numbers(values)))


def share(group=P256, key=POINT_P256):
    return extension(KEY_SHARE, sized(2, struct.pack('>H', group) + sized(2, key)))


def extensions_12():
    return [GROUPS_OF_ALL, extension(POINTS, b'\1\0'), SIGNATURES_OF_ALL, RFC_5746]


def extensions_13():
    return [GROUPS_OF_ALL, SIGNATURES_OF_ALL, versions(TLS13), extension(PSK_MODES, b'\1\1'), share()]


def hello(version=TLS12, ciphers=USUAL, compressions=b'\0', extensions=None, session=b'', raw_extensions=None, tail=b''):
    """A ClientHello, as a handshake message; no extensions at all where they are None."""
    body = struct.pack('>H', version) + os.urandom(32) + sized(1, session) + sized(2, numbers(ciphers)) + sized(1, compressions)
    if raw_extensions is not None:
        body += raw_extensions
    elif extensions is not None:
        body += sized(2, b''.join(extensions))
    return b'\1' + sized(3, body + tail)


def hello_12(**options):
    return hello(**{'extensions': extensions_12(), **options})


def hello_13(**options):
    return hello(**{'ciphers': MODERN, 'extensions': extensions_13(), 'session': os.urandom(32), **options})


def read_hello(body):
    version, random, session = struct.unpack_from('>H32sB', body)
    at = 35 + session
    cipher, compression = struct.unpack_from('>HB', body, at)
    found, at = {}, at + 5
    while at < len(body):
        kind, size = struct.unpack_from('>HH', body, at)
        found[kind] = body[at + 4:at + 4 + size]
        at += 4 + size
    if VERSIONS in found:
        version = struct.unpack('>H', found[VERSIONS])[0]
    return ServerHello(version, cipher, compression, found, random == RANDOM_OF_RETRY)


def read_records(data):
    """(kind, body) of those that are whole."""
    found = []
    while len(data) >= 5 and len(data) >= 5 + int.from_bytes(data[3:5], 'big'):
        size = 5 + int.from_bytes(data[3:5], 'big')
        found.append((data[0], data[5:size]))
        data = data[size:]
    return found


def read_answer(data, closed):
    server_hello, alert = None, None
    for kind, body in read_records(data):
        if kind == HANDSHAKE and server_hello is None and body[:1] == b'\2':
            server_hello = read_hello(body[4:4 + int.from_bytes(body[1:4], 'big')])
        if kind == ALERT and len(body) == 2:
            alert = body[1]
    return Answer(server_hello, alert, closed, data)


def receive_to_end(socket, seconds, enough=lambda data: False):
    """What comes until the peer closes, or there is enough; whether it closed."""
    data, deadline = b'', time.monotonic() + seconds
    while not enough(data) and (left := deadline - time.monotonic()) > 0:
        if not select.select([socket], [], [], left)[0]:
            break
        try:
            piece = socket.recv(65536)
        except (ConnectionError, BrokenPipeError):
            return data, True
        if not piece:
            return data, True
        data += piece
    return data, False


def has_server_hello(data):
    return any(kind == HANDSHAKE for kind, _ in read_records(data))


def talk(socket, *pieces, seconds=10.0, until_hello=False):
    """Sends the pieces, each as a segment of its own, and reads what is answered to the end (or to the first hello)."""
    socket.setblocking(True)
    try:
        for piece in pieces:
            socket.sendall(piece)
    except (ConnectionError, BrokenPipeError):
        pass  # it had heard enough
    return read_answer(*receive_to_end(socket, seconds, has_server_hello if until_hello else lambda data: False))

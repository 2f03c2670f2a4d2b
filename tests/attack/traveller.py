# SPDX-License-Identifier: GPL-2.0-or-later
"""A client on a bad line, through whose tunnel numbered packets pass at a steady pace in both directions.

It does as stock clients do: what it sends takes the newest channel that is up, and the connection while there is none or
while its keys are renewed; it reads whatever comes by any of them."""

import contextlib
import os
import socket
import struct
import time

import lab
import packets
from client import read_password
from gnutls import DtlsClient, GnutlsError
from record_client import DATA, DPD, DPD_RESPONSE, Connection, frame, parse_frame
from wire import Loop

PERIOD = 0.02
SERVICE, OWN_PORT = 7007, 4004
NUMBER = struct.Struct('!I')
GOT_APPLICATION_DATA = -38
MASTER = bytes(range(48))
GCM = 'NONE:+VERS-DTLS1.2:+COMP-NULL:+AES-256-GCM:+AEAD:+RSA:+SIGN-ALL:%NO_SESSION_HASH:%DISABLE_SAFE_RENEGOTIATION'
RESUMPTION = {'X-DTLS-CipherSuite': None, 'X-DTLS12-CipherSuite': 'AES256-GCM-SHA384', 'X-DTLS-Master-Secret': MASTER.hex().upper()}
SHAKING, UP, RENEWING, OVER = 'shaking', 'up', 'renewing', 'over'


class Channel:
    """One DTLS session on a line of its own."""

    def __init__(self, traveller, line, session):
        self.traveller, self.line, self.session, self.state = traveller, line, session, SHAKING
        traveller.loop.watch(line.client, self.step)
        self.step()

    def carries(self):
        return self.state == UP

    def end(self):
        self.state = OVER
        self.traveller.loop.forget(self.line.client)

    def renew(self):
        self.state = RENEWING
        self.step()

    def _shake_hands(self):
        try:
            done = self.session.try_handshake()
        except GnutlsError as error:
            if error.errno != GOT_APPLICATION_DATA or self.state != RENEWING:
                raise
            self._take(self.session.try_receive())
            done = False
        if done:
            if self.state == SHAKING:
                self.traveller.newest = self
            self.state = UP
        return done

    def _take(self, record):
        if record:
            self.traveller.take(self, record[0], record[1:])
        elif record == b'':
            self.end()
        return record

    def step(self):
        if self.state == OVER:
            return
        try:
            if self.state in (SHAKING, RENEWING):
                self._shake_hands()
            while self.state == UP and self._take(self.session.try_receive()):
                pass
        except GnutlsError:
            self.end()
        if self.state in (SHAKING, RENEWING):
            self.traveller.loop.after(self.session.handshake_timeout() / 1000 + 0.001, self.step)

    def send(self, kind, payload):
        with contextlib.suppress(GnutlsError):
            self.session.try_send(bytes([kind]) + payload)


class Traveller:
    """`up` and `down`: (moment, number, channel or None for the connection) of what arrived at the home host and here."""

    def __init__(self, wire, resumes):
        self.wire, self.resumes, self.loop = wire, resumes, Loop()
        self.connection = Connection(wire.stream().client)
        cookie = self.connection.sign_in(os.environ['LAB_USER'], read_password())
        self.tunnel = self.connection.open_tunnel(cookie, RESUMPTION if resumes else None)
        self.channels, self.newest = [], None
        self.up, self.down, self.unproved = [], [], 0
        self.sent, self.spoken, self.peer = 0, 0, None
        with lab.inside(lab.HOME):
            self.home = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.home.bind((lab.HOME_ADDRESS, SERVICE))
        self.loop.watch(self.home, self._hear_at_home)
        self.loop.watch(self.tunnel.tls.socket, self._hear_stream)
        self._pace(time.monotonic())

    # The two sequences.

    def _pace(self, due):
        packet = packets.udp(self.tunnel.ipv4, OWN_PORT, lab.HOME_ADDRESS, SERVICE, NUMBER.pack(self.sent))
        self.sent += 1
        self._send(DATA, packet)
        if self.peer:
            self.home.sendto(NUMBER.pack(self.spoken), self.peer)
            self.spoken += 1
        self.loop.at(due + PERIOD, lambda: self._pace(due + PERIOD))

    def _send(self, kind, payload):
        if self.newest and self.newest.carries():
            self.newest.send(kind, payload)
        else:
            self.tunnel.tls.try_send(frame(kind, payload))

    def _hear_at_home(self):
        with contextlib.suppress(BlockingIOError):
            data, self.peer = self.home.recvfrom(100)
            self.up.append((time.monotonic(), NUMBER.unpack(data)[0], None))

    # What the server says.

    def _hear_stream(self):
        while (record := self.tunnel.tls.try_receive()) is not None:
            lab.holds(record, 'the server closed the connection')
            self.take(None, *parse_frame(record))

    def take(self, channel, kind, payload):
        if kind == DPD and channel:
            channel.send(DPD_RESPONSE, payload)
        elif kind == DPD:
            self.tunnel.tls.try_send(frame(DPD_RESPONSE, payload))
        elif kind == DATA:
            packet = packets.Packet(payload)
            if packet.ports != (SERVICE, OWN_PORT):
                return
            self.unproved += channel is not None and channel.line.proved is None
            self.down.append((time.monotonic(), NUMBER.unpack(packet.data)[0], channel))

    # What it does.

    def open_channel(self):
        """Begins a handshake from a new port."""
        line = self.wire.line()
        if self.resumes:
            session_id = bytes.fromhex(self.tunnel.answer.value('X-DTLS-Session-ID'))
            session = DtlsClient.resume(line.client, MASTER, session_id, GCM)
        else:
            session = DtlsClient.psk(line.client, self.tunnel.psk(), self.tunnel.app_id)
        self.channels.append(Channel(self, line, session))
        return self.channels[-1]

    def wait_up(self, channel, seconds=15.0):
        """Whether it is, in the end."""
        return self.loop.run(seconds, lambda: channel.state in (UP, OVER)) and channel.state == UP

    def close(self):
        for channel in self.channels:
            channel.end()
        self.home.close()


def _overlap(begin, end, intervals):
    return sum(max(0.0, min(end, to) - max(begin, since)) for since, to in intervals)


def longest_stop(arrivals, begin, end, stalls):
    """Seconds without a packet beyond those between two of them, not counting when this program itself stood still."""
    moments = [begin, *(moment for moment, *_ in arrivals if begin < moment < end), end]
    return max(max(0.0, b - a - PERIOD - _overlap(a, b, stalls)) for a, b in zip(moments, moments[1:]))


def repeated(arrivals):
    """Packets that came more than once."""
    numbers = [number for _, number, _ in arrivals]
    return len(numbers) - len(set(numbers))

# SPDX-License-Identifier: GPL-2.0-or-later
"""A bad line between a client and the server: late, lossy, out of turn, behind a NAT that forgets.

    with Wire(Random(1)) as wire:
        wire.delay = 0.15                       each way; wire.jitter, wire.loss, wire.copies besides
        socket = wire.stream().client           a connection of TCP, only late
        line = wire.line()                      datagrams: line.client is for the client
        line.rebind()                           the NAT gives it another port
        wire.rules.append(lambda line, up, datagram: [0, 0.2])      extra seconds of each copy, or None: as usual

The wire is a thread of its own, since clients wait for what passes it.
"""

import contextlib
import heapq
import itertools
import selectors
import socket
import threading
import time

import records

CHANGE, HANDSHAKE, DATA, HELLO = 20, 22, 23, 1
STALL = 0.005  # a turn that comes later than that, in seconds, is the machine's doing


def is_hello(datagram):
    return len(datagram) > 25 and datagram[0] == HANDSHAKE and datagram[3:5] == bytes(2) and datagram[13] == HELLO


def ends_handshake(datagram):
    """A change of keys, or what follows it."""
    return datagram[:1] == bytes([CHANGE]) or datagram[:1] == bytes([HANDSHAKE]) and datagram[3:5] != bytes(2)


def _find_last_words(datagram):
    """Which parts of a handshake's last flight it has: the change of keys, and what is sealed."""
    found = set()
    while len(datagram) >= 13:
        if ends_handshake(datagram):
            found.add(datagram[0])
        datagram = datagram[13 + int.from_bytes(datagram[11:13], 'big'):]
    return found


def proves(datagram):
    """Data under keys: what only a finished handshake can write."""
    return len(datagram) > 13 and datagram[0] == DATA and datagram[3:5] != bytes(2)


class Loop:
    """Sockets and moments, served one after the other.  `stalls`: (from, to) when it could not serve them."""

    def __init__(self):
        self.selector, self.moments, self.count, self.stalls = selectors.DefaultSelector(), [], itertools.count(), []

    def at(self, moment, act):
        heapq.heappush(self.moments, (moment, next(self.count), act))

    def after(self, seconds, act):
        self.at(time.monotonic() + seconds, act)

    def watch(self, endpoint, act):
        endpoint.setblocking(False)
        self.selector.register(endpoint, selectors.EVENT_READ, act)

    def forget(self, endpoint):
        with contextlib.suppress(KeyError, ValueError):
            self.selector.unregister(endpoint)

    def _serve_moments(self):
        while self.moments and self.moments[0][0] <= time.monotonic():
            due, _, act = heapq.heappop(self.moments)
            now = time.monotonic()
            if now - due > STALL:
                self.stalls.append((due, now))
            act()

    def turn(self, most=0.05):
        left = self.moments[0][0] - time.monotonic() if self.moments else most
        for key, _ in self.selector.select(min(most, max(0.0, left))):
            if key.fileobj in self.selector.get_map():
                key.data()
        self._serve_moments()

    def run(self, seconds, until=lambda: False):
        """That long, or until it is so; returns whether it is."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if until():
                return True
            self.turn(min(0.05, max(0.0, deadline - time.monotonic())))
        return until()


class LastFlight:
    """The client's of one handshake: when it left, when the server had all of it, and how long the server, when data told it
    that there must have been one, took to ask for it."""

    def __init__(self):
        self.left = self.arrived = self.missed = self.asked = None
        self.parts = set()

    def note_leaving(self, datagram):
        if self.left is None and _find_last_words(datagram):
            self.left = time.monotonic()

    def note_arrival(self, datagram):
        self.parts |= _find_last_words(datagram)
        if self.arrived is None and self.parts == {CHANGE, HANDSHAKE}:
            self.arrived = time.monotonic()
        elif self.arrived is None and self.missed is None and proves(datagram):
            self.missed = time.monotonic()

    def note_answer(self, datagram):
        if self.missed is not None and self.asked is None and _find_last_words(datagram):
            self.asked = time.monotonic()

    def measure_way(self):
        """Seconds that the line took, however fast the server asks."""
        if self.left is None or self.arrived is None:
            return 0.0
        return self.arrived - self.left - (self.asked - self.missed if self.asked else 0.0)


class Line:
    """The way of datagrams of one of the client's sockets.  `proved`: when the server got the first record of data."""

    def __init__(self, wire):
        self.wire, self.proved, self.hellos, self.last_flight = wire, None, [], LastFlight()
        self.client, self.near = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.server = None
        wire.loop.watch(self.near, self._carry_up)
        self.rebind()

    def rebind(self):
        """What is under way to the server arrives from the old port; what comes to that is lost."""
        before, self.server = self.server, records.udp_socket()
        self.wire.ports.append(self.server)
        self.wire.loop.watch(self.server, self._carry_down)
        if before:
            self.wire.loop.forget(before)

    def _carry_up(self):
        with contextlib.suppress(OSError):
            datagram = self.near.recv(65536)
            if is_hello(datagram):
                self.hellos.append(datagram)
            self.last_flight.note_leaving(datagram)
            self.wire.post(self, True, datagram, lambda port=self.server: self._arrive(port, datagram))

    def _arrive(self, port, datagram):
        with contextlib.suppress(OSError):
            port.send(datagram)
        self.last_flight.note_arrival(datagram)
        if self.proved is None and proves(datagram):
            self.proved = time.monotonic()

    def repeat(self, datagram, port=None):
        """Somebody says it again."""
        self.wire.loop.after(0, lambda: self._arrive(port or self.server, datagram))

    def _carry_down(self):
        with contextlib.suppress(OSError):
            port, datagram = self.server, self.server.recv(65536)
            self.last_flight.note_answer(datagram)
            self.wire.post(self, False, datagram, lambda: self._give(port, datagram))

    def _give(self, port, datagram):
        if port is self.server:
            with contextlib.suppress(OSError):
                self.near.send(datagram)


class Stream:
    """A connection: all arrives, and in turn."""

    def __init__(self, wire):
        self.wire, self.server = wire, records.tcp_socket()
        self.client, self.near = socket.socketpair()
        for source, sink in ((self.near, self.server), (self.server, self.near)):
            wire.loop.watch(source, lambda source=source, sink=sink: self._carry(source, sink))

    def _carry(self, source, sink):
        try:
            data = source.recv(65536)
        except OSError:
            data = b''
        if not data:
            self.wire.loop.forget(source)
        self.wire.loop.after(self.wire.delay, lambda: self._arrive(sink, data))

    @staticmethod
    def _arrive(sink, data):
        with contextlib.suppress(OSError):
            if data:
                sink.sendall(data)
            else:
                sink.shutdown(socket.SHUT_WR)


class Wire:
    def __init__(self, dice):
        self.dice, self.loop, self.rules, self.ports, self.ends = dice, Loop(), [], [], []
        self.delay = self.jitter = self.loss = self.copies = 0.0
        self.calls, self.wake = socket.socketpair()
        self.orders, self.stopped = [], False
        self.loop.watch(self.calls, self._obey)
        self.thread = threading.Thread(target=self._run, daemon=True)

    def round_trip(self):
        """Of the slowest datagrams that the wire carries as usual."""
        return 2 * (self.delay + self.jitter)

    def _usual(self):
        """Extra seconds of each copy."""
        if self.dice.random() < self.loss:
            return []
        return [self.dice.uniform(0, self.jitter) for _ in range(2 if self.dice.random() < self.copies else 1)]

    def post(self, line, up, datagram, arrive):
        ruled = next((extra for rule in self.rules if (extra := rule(line, up, datagram)) is not None), None)
        for extra in self._usual() if ruled is None else ruled:
            self.loop.after(self.delay + extra, arrive)

    def _obey(self):
        self.calls.recv(100)
        while self.orders:
            self.orders.pop(0)()

    def order(self, act):
        """Lets the wire's own thread do it, and waits."""
        done, results = threading.Event(), []
        self.orders.append(lambda: (results.append(act()), done.set()))
        self.wake.send(b'.')
        done.wait(10)
        return results[0]

    def line(self):
        self.ends.append(self.order(lambda: Line(self)))
        return self.ends[-1]

    def stream(self):
        self.ends.append(self.order(lambda: Stream(self)))
        return self.ends[-1]

    def _run(self):
        while not self.stopped:
            self.loop.turn()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped = True
        self.wake.send(b'.')
        self.thread.join()
        for end in self.ends:
            for each in (end.client, end.near, end.server):
                each.close()

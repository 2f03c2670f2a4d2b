# SPDX-License-Identifier: GPL-2.0-or-later
"""DTLS handshakes that meet one another, new keys and new ports, on a line that loses, delays and mixes up.

Numbered packets pass in both directions all the time: the tunnel never stops for longer than the line's round trip, and
what it sends by comes only from channels that proved themselves."""

import os
import random
import time

import figures
import traveller
from traveller import OVER, UP, Traveller
from wire import Wire, ends_handshake, is_hello

LONG_SECONDS = 1500
ROUNDS = int(os.environ.get('ATTACK_ROUNDS', '60'))  # of the long form
ATTACK = 'handshakes that meet'
SEED = int(os.environ.get('ATTACK_SEED', '0')) or random.SystemRandom().randrange(1, 10 ** 6)
MODES = {'shared key': False, 'resumption': True}
# A stop of one round trip is what a lost datagram costs who has to say it again; the rest is the machine's, and in the
# short form, beside other tests, more of it.
GOAL = figures.by_length('<= 2', '<= 1.25')
SETTLE = 1.2  # after an event, seconds
REKEY_AFTER = 3.0  # half of the settings' time and a little


class Race:
    """A traveller on a wire, and what may happen to it."""

    def __init__(self, wire, client, dice):
        self.wire, self.client, self.dice = wire, client, dice

    def _rest(self, seconds=SETTLE):
        self.client.loop.run(seconds)

    def _repeat_hellos(self, line, port=None, extra=(0.0,)):
        for datagram in line.hellos[:2]:
            for seconds in extra:
                self.wire.loop.after(seconds, lambda datagram=datagram: line.repeat(datagram, port))

    def _open(self, seconds=15.0):
        channel = self.client.open_channel()
        return channel if self.client.wait_up(channel, seconds) else None

    def duplicate_first_flights(self):
        """Each hello arrives five times, early and late."""
        self.wire.rules.append(lambda line, up, datagram: [0, 0.01, 0.05, 0.2, 0.5] if up and is_hello(datagram) else None)
        self._open()
        self._rest()
        self.wire.rules.clear()

    def a_hello_during_a_handshake(self):
        """The same one again, by the same port and by a stranger's, while the server's flight is lost for a while; and one of another port."""
        first = self.client.open_channel()
        until = time.monotonic() + 2 * self.wire.round_trip()
        self.wire.rules.append(lambda line, up, datagram: [] if line is first.line and not up and time.monotonic() < until else None)
        self._rest(1.2 * self.wire.round_trip())
        self._repeat_hellos(first.line, extra=(0, 0.1))
        self._repeat_hellos(first.line, self.wire.line().server)
        second = self.client.open_channel()
        self.client.loop.run(15, lambda: all(each.state in (UP, OVER) for each in (first, second)))
        self._rest()
        self.wire.rules.clear()

    def two_hellos_at_once(self):
        both = [self.client.open_channel() for _ in range(2)]
        self.client.loop.run(15, lambda: all(each.state in (UP, OVER) for each in both))
        self._rest()

    def the_losers_packets_come_late(self):
        """What the old channel sent comes again when there is a new one, and it goes on speaking itself."""
        old = self.client.newest
        self.wire.rules.append(lambda line, up, datagram: [0, 0.6, 1.2] if up and old and line is old.line else None)
        if self._open() and old and old.state == UP:
            for _ in range(10):
                old.send(traveller.DPD, b'late')
                self._rest(0.03)
        self._rest()
        self.wire.rules.clear()

    def a_lost_last_flight(self):
        """The client's: by resumption it has all that it needs then, and does not know."""
        lost, others = [], [each.line for each in self.client.channels]

        def rule(line, up, datagram):
            if not up or line in others or not ends_handshake(datagram):
                return None
            lost.append(time.monotonic())
            return [] if lost[-1] - lost[0] < self.wire.delay else None

        self.wire.rules.append(rule)
        channel = self.client.open_channel()
        self.client.wait_up(channel)
        self._rest()
        self.wire.rules.clear()

    def another_port(self):
        if self._is_up():
            self.wire.order(self.client.newest.line.rebind)
        self._rest(SETTLE + 1)

    def a_channel_that_never_speaks(self):
        """It has the keys, and nothing that it says arrives: the server must not use it."""
        silent = self.client.open_channel()
        self.wire.rules.append(lambda line, up, datagram: [] if line is silent.line and up and datagram[0] == 23 else None)
        before = self.client.newest
        self.client.loop.run(10, lambda: silent.state in (UP, OVER))
        self.client.newest = before
        self._rest()
        self.wire.rules.clear()

    def _is_up(self):
        return self.client.newest is not None and self.client.newest.state == UP

    def _can_renew(self):
        """Resumed sessions have no renegotiation; and nobody may ask too early."""
        if self.client.resumes or not (self._is_up() or self._open()):
            return False
        self._rest(REKEY_AFTER)
        return self._is_up()

    def new_keys(self):
        if self._can_renew():
            self.client.newest.renew()
            self.client.loop.run(15, lambda: self.client.newest.state in (UP, OVER))
        self._rest()

    def a_hello_during_new_keys(self):
        if not self._can_renew():
            return
        current = self.client.newest
        current.renew()
        self._repeat_hellos(current.line, extra=(0, self.wire.delay))
        self._rest(self.wire.delay)
        self._open()
        self._rest()

    def new_keys_while_moving(self):
        if not self._can_renew():
            return
        current = self.client.newest
        current.renew()
        self._rest(self.dice.uniform(0, self.wire.round_trip()))
        self.wire.order(current.line.rebind)
        self._rest()
        self._open()
        self._rest()

    def new_keys_after_a_move(self):
        if not self._can_renew():
            return
        current = self.client.newest
        self.wire.order(current.line.rebind)
        self._rest(self.dice.uniform(0, 2 * self.wire.round_trip()))
        if current.state == UP:
            current.renew()
        self._rest(2 * SETTLE)
        self._open()
        self._rest()


EVENTS = (Race.duplicate_first_flights, Race.a_hello_during_a_handshake, Race.two_hellos_at_once,
          Race.the_losers_packets_come_late, Race.another_port, Race.a_lost_last_flight, Race.a_channel_that_never_speaks)
EVENTS_OF_KEYS = (Race.new_keys, Race.a_hello_during_new_keys, Race.new_keys_while_moving, Race.new_keys_after_a_move)


class Judge:
    """Of the worst that was seen."""

    def __init__(self, mode):
        self.mode, self.stops, self.rounds, self.limit = mode, {}, 0, 0.0

    def look(self, what, client, wire, since):
        stalls, end = client.loop.stalls + wire.loop.stalls, time.monotonic() - 0.05
        for way, arrivals in (('to the server', client.up), ('to the client', client.down)):
            stop = traveller.longest_stop(arrivals, since, end, stalls) / wire.round_trip()
            self.stops[way] = max(self.stops.get(way, 0), stop)
            print(f'{self.mode}, {what}: stopped for {stop:.2f} round trips {way}', flush=True)
        self.limit = max([self.limit, *(self._measure_line(channel.line, wire) for channel in client.channels)])
        self.rounds += 1

    @staticmethod
    def _measure_line(line, wire):
        """Until the last flight had arrived nobody could believe what came by it; what was sent before was a trip on its way."""
        return (line.last_flight.measure_way() - wire.delay) / wire.round_trip()

    def tell(self, client):
        figures.tell(ATTACK, f'{self.mode}: collisions', self.rounds, None, 'collisions')
        for way, stop in self.stops.items():
            figures.tell(ATTACK, f'{self.mode}: longest stop of packets {way}', round(stop, 2), GOAL, 'round trips')
        if self.mode.startswith('resumption'):
            figures.tell_limit(ATTACK, f'{self.mode}: of that the line, which lost or kept a last flight', round(self.limit, 2),
                               f'{self.mode}: longest stop of packets to the server', 'round trips')
        for way, arrivals in (('server', client.up), ('client', client.down)):
            figures.tell(ATTACK, f'{self.mode}: packets that came to the {way} twice', traveller.repeated(arrivals), '== 0', 'packets')
        figures.tell(ATTACK, f'{self.mode}: packets by channels that had proved nothing', client.unproved, '== 0', 'packets')
        figures.tell(ATTACK, f'{self.mode}: packets that came to the client', round(100 * len(client.down) / client.spoken), None, '%')


def _race(mode, what, events, dice):
    """Each event in turn, each on a line that is bad in another way."""
    judge = Judge(f'{mode}, {what}')
    with Wire(dice) as wire:
        client = Traveller(wire, MODES[mode])
        wire.delay = 0.12
        race = Race(wire, client, dice)
        client.loop.run(2, lambda: len(client.up) > 10 and len(client.down) > 10)
        for event in events:
            wire.jitter, wire.loss, wire.copies = dice.uniform(0, 0.05), dice.uniform(0, 0.1), dice.uniform(0, 0.05)
            since = time.monotonic()
            event(race)
            judge.look(' '.join(event.__name__.split('_')), client, wire, since)
        judge.tell(client)
        client.close()


def _tell_race(mode, events, what='hellos'):
    print(f'seed {SEED}')
    dice = random.Random(SEED)
    _race(mode, what, events if not figures.LONG else [dice.choice(events) for _ in range(ROUNDS)], dice)


def a_tunnel_by_shared_key_goes_on_whatever_handshakes_meet():
    _tell_race('shared key', EVENTS)


def a_tunnel_by_resumption_goes_on_whatever_handshakes_meet():
    _tell_race('resumption', EVENTS)


def a_tunnel_goes_on_while_new_keys_meet_hellos_and_moves():
    _tell_race('shared key', EVENTS_OF_KEYS, 'new keys')

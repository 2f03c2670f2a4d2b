# SPDX-License-Identifier: GPL-2.0-or-later
"""Floods of strangers: what each of them costs the server, and whether those who may be there notice it.

ATTACK_SECONDS is how long one flood of the long form takes (60), ATTACK_OTHER_SECONDS that of the same one from the other
sources (10), ATTACK_THEIR_SECONDS that of one on another product (10)."""

import contextlib
import dataclasses
import json
import os
import signal
import time

import figures
import flooding
import guests
import lab
import rooms
from figures import tell
from flooding import NAMESPACE

SERVER_NAME, NEIGHBOURS, MEGABITS, CLOSED_PORT = 'vpn.test', 20, 100, 4444
PRODUCTS = ('sallyport', 'ocserv', 'openvpn')
LONG_SECONDS = 3600

SECONDS, OTHER_SECONDS, THEIR_SECONDS = (
    float(os.environ.get(name, default)) for name, default in
    (('ATTACK_SECONDS', '60'), ('ATTACK_OTHER_SECONDS', '10'), ('ATTACK_THEIR_SECONDS', '10')))
SHORT_SECONDS, SHORT_KINDS = 4, (
    'hang', 'garbage', 'hello', 'gated-misnamed', 'junk', 'guess-deep', 'ids', 'replays')
SOURCES = MANY, ONE, ROTATING = ('4 096 addresses', 'one address', 'a rotating /48')
PROTECTIONS = ('tls-auth', 'tls-crypt')
MAPPED = {'openvpn': {'hello': 'openvpn', 'ids': 'openvpn-datagrams'}}  # what comes nearest


@dataclasses.dataclass
class Attack:
    """kind: of flood.c.  title: in the report.  per: what its cost is the cost of, with the goal in µs.  silent: nothing
    may come back.  is_protected: OpenVPN has a key against it, which can be tried.  is_cheap: without an
    asymmetric operation.  share: of the seconds of a long one.  theirs: products that it means something to."""
    kind: str
    title: str
    per: str
    goal: float = None
    silent: bool = False
    is_protected: bool = False
    is_cheap: bool = False
    share: float = 1
    theirs: tuple = PRODUCTS


ATTACKS = {attack.kind: attack for attack in (
    Attack('hang', 'connect and hang', 'connection', 20, is_cheap=True),
    Attack('drip', 'connect and drip bytes', 'connection', is_cheap=True),
    Attack('garbage', 'garbage over TCP', 'connection', is_cheap=True),
    Attack('nameless', 'hello without a name, then silence', 'connection', share=0.5, theirs=PRODUCTS[:2]),
    Attack('gated-nameless', 'hello without a name, the gate on names is closed', 'connection', 40, share=0.5, is_cheap=True,
           theirs=PRODUCTS[:1]),
    Attack('gated-misnamed', 'hello with a wrong name, the gate on names is closed', 'connection', 40, is_cheap=True,
           theirs=PRODUCTS[:1]),
    Attack('hello', 'hello, then silence (to OpenVPN: its own first packet)', 'connection', is_protected=True),
    Attack('junk', 'handshake, then junk', 'connection', theirs=PRODUCTS[:2]),
    Attack('guess-deep', 'guesses at one login', 'connection', share=0.5, theirs=PRODUCTS[:2]),
    Attack('guess-wide', 'guesses at many logins', 'connection', share=0.5, theirs=PRODUCTS[:2]),
    Attack('datagrams', 'junk datagrams', 'datagram', silent=True, is_protected=True, is_cheap=True),
    Attack('records', 'DTLS records of no session', 'datagram', silent=True, is_cheap=True, share=0.25, theirs=PRODUCTS[:2]),
    Attack('ids', 'DTLS hellos with random ids (to OpenVPN: its own first packets)', 'datagram', 0.6, silent=True,
           is_protected=True, is_cheap=True),
    Attack('replays', 'DTLS hellos with a real id from spoofed addresses', 'datagram', is_cheap=True, theirs=PRODUCTS[:1]))}


class Scene:
    """The lab with somebody who attacks and those who may be there."""

    def __init__(self, over, alone):
        if NAMESPACE not in lab.run('ip', 'netns'):
            flooding.add_attacker()
        self.guests = None if alone else guests.guests(over)
        self.group = flooding.Group()
        flooding.separate_cpus(set(self.group.processes()))
        self.number, self.runs = 0, None

    def end(self):
        if self.guests:
            self.guests.end()
        self.group.end()


@contextlib.contextmanager
def scene(over='udp', alone=False):
    here = Scene(over, alone)
    try:
        yield here
    finally:
        here.end()


def seconds_of(attack, pattern):
    if not figures.LONG:
        return SHORT_SECONDS
    if not figures.OURS:
        return THEIR_SECONDS
    return SECONDS * attack.share if pattern == MANY else OTHER_SECONDS


def kind_of(attack):
    return MAPPED.get(figures.PRODUCT, {}).get(attack.kind, attack.kind).removeprefix('gated-')


def options_of(attack, here):
    options = ['--name', SERVER_NAME] if attack.kind in ('hello', 'junk', 'guess-deep', 'guess-wide') else []
    if attack.kind == 'guess-deep':
        options += ['--login', os.environ.get('LAB_USER', '')]
    if attack.kind == 'guess-wide':
        options += ['--login', 'nobody']
    if attack.kind == 'replays':
        options += ['--id', here.guests.tunnel_id()]
    return options


def cost(here, flood, seconds, settle):
    """CPU µs for each, after the flood has gone on for a moment and while it is alone."""
    time.sleep(settle)
    runs = flooding.keyholder_runs() if figures.OURS else 0
    began, before = time.monotonic(), here.group.cpu()
    time.sleep(seconds)
    ended, spent = time.monotonic(), here.group.cpu() - before
    here.runs = flooding.keyholder_runs() - runs if figures.OURS else None
    time.sleep(1.1)  # it tells each second
    return spent / max(flood.begun(ended) - flood.begun(began), 1), (flood.begun(ended) - flood.begun(began)) / (ended - began)


def crowd(here, seconds):
    """Those who may, meanwhile: strangers who sign in, somebody known who does, a tunnel that carries 100 Mbit/s."""
    disturbed = here.guests.disturbances()
    strangers = flooding.Logins(here.guests.sign_in, figures.by_length(0.3, 0.5))
    known = flooding.Logins(here.guests.sign_in_known, 1) if here.guests.sign_in_known else None
    lost = flooding.Load(seconds, f'{MEGABITS}M').result()
    for logins in filter(None, (strangers, known)):
        logins.stop()
    return strangers, known, lost, here.guests.disturbances() - disturbed


def tell_guests(title, pattern, seen):
    strangers, known, lost, disturbed = seen
    for words, logins in (('of strangers', strangers), ('of somebody known', known)):
        if logins is None:
            continue
        tell(title, f'logins {words} refused, {pattern}', logins.refused, '== 0', 'logins')
        if logins.took:
            tell(title, f'logins {words}, p95, {pattern}', flooding.p95(logins.took), '< 2', 's')
    # What other work on the machine does to it is no fault of the server.
    tell(title, f'tunnel of {MEGABITS} Mbit/s loses, {pattern}', lost, '< 10' if figures.LONG else None, '%')
    tell(title, f'tunnels broken, {pattern}', disturbed, '== 0', '')


def tell_server(attack, title, pattern, measured, watched, before, after):
    each, rate = measured
    grown, hashing, lines = watched
    tell(title, f'CPU a {attack.per}, {pattern}', each, f'<= {attack.goal}' if attack.goal else None, 'µs')
    if attack.is_protected and pattern == MANY and figures.PRODUCT != 'openvpn':
        for protection in PROTECTIONS:
            tell(title, f'the same, beside OpenVPN with {protection}', each, None, 'µs')
    tell(title, f'{attack.per}s a second, {pattern}', rate, None, '')
    tell(title, f'memory grows by, {pattern}', grown, '< 8', 'MB')
    if figures.OURS:
        tell(title, f'… and while passwords are hashed, {pattern}', hashing, None, 'MB')
    tell(title, f'lines in the log a second, {pattern}', lines, '< 20', '')
    if attack.per != 'datagram':
        return
    received, sent = ([late - early for late, early in zip(*pair)] for pair in zip(after, before))
    tell(title, f'bytes out for each byte in, {pattern}', received[1] / max(sent[1], 1), '< 1', '')
    if attack.silent:
        # Neighbours asking for each other's link addresses are not the server's.
        tell(title, f'packets in answer, {pattern}', max(received[0] - NEIGHBOURS, 0), '== 0', '')


def measure(here, attack, pattern, title=None):
    here.number += 1
    title = title or attack.title
    seconds = seconds_of(attack, pattern)
    settle = min(10 if attack.kind in ('hang', 'drip') else 3, seconds / 4)
    source, address = flooding.sources(pattern, here.number)
    if attack.is_cheap and figures.OURS:
        flooding.wait_for_rest()
    before, watch = flooding.traffic(), flooding.Watch(here.group)
    flood = flooding.Flood(kind_of(attack), seconds,
                           [*source, *options_of(attack, here)], address)
    try:
        measured = cost(here, flood, seconds / 4, settle)
        seen = crowd(here, max(seconds * 3 / 4 - settle - 2.5, 1))
        last = flood.end()
    finally:
        flood.stop()
    watched = watch.stop()
    print(f'{title}: {pattern}: {last}', flush=True)
    if attack.is_cheap and figures.OURS:
        tell(title, f'the room with the key ran, {pattern}', here.runs, '== 0', 'times')
    tell_server(attack, title, pattern, measured, watched, before, flooding.traffic())
    tell_guests(title, pattern, seen)


def tell_limit(here, attack, pattern):
    """What it costs to do nothing with it but get rid of it, on this machine and in this moment: no goal is below."""
    if attack.goal is None:
        return
    protocol = 'udp' if attack.per == 'datagram' else 'tcp'
    door = flooding.start_bare_door(protocol, CLOSED_PORT, 6)
    source, address = flooding.sources(pattern, here.number)
    flood = flooding.Flood(kind_of(attack), 5, [*source, *options_of(attack, here)], address, CLOSED_PORT)
    try:
        flood.end()
        told = json.loads(door.communicate(timeout=30)[0])
    finally:
        flood.stop()
    figures.tell_limit(attack.title, f'a program that only ends them: CPU a {attack.per}, {pattern}', told['cpu_us_each'],
                       f'CPU a {attack.per}, {pattern}', 'µs')


def tell_protected(attacks):
    """What OpenVPN's shared keys change.  Its servers are ended, and others take their place."""
    import openvpn
    servers = [int(word) for word in os.environ['LAB_SERVER_PIDS'].split()]
    for protection in PROTECTIONS:
        for server in servers:
            os.kill(server, signal.SIGKILL)
            lab.wait_until('the end of a server', lambda process=server: rooms.is_over(process))
        servers = [server.pid for server in openvpn.start(protection)]
        os.environ['LAB_OPENVPN'], os.environ['LAB_SERVER_PIDS'] = protection, ' '.join(map(str, servers))
        with scene(alone=True) as here:
            for attack in attacks:
                source, address = flooding.sources(MANY, 0)
                flood = flooding.Flood(kind_of(attack), THEIR_SECONDS, source, address)
                try:
                    each, _ = cost(here, flood, THEIR_SECONDS / 2, 2)
                    flood.end()
                finally:
                    flood.stop()
                tell(attack.title, f'the same, beside OpenVPN with {protection}', each, None, 'µs')


def run(*kinds, over=None):
    attacks = [ATTACKS[kind] for kind in kinds
               if figures.PRODUCT in ATTACKS[kind].theirs and (figures.LONG or kind in SHORT_KINDS)]
    if not attacks:
        return
    with scene(over or ('udp' if attacks[0].per == 'datagram' else 'tcp')) as here:
        if figures.LONG:
            tell('no flood, to compare with', f'tunnel of {MEGABITS} Mbit/s loses', flooding.Load(5, f'{MEGABITS}M').result(), None, '%')
        for attack in attacks:
            for pattern in SOURCES if figures.LONG and figures.OURS else SOURCES[:1]:
                measure(here, attack, pattern)
                if figures.LONG and figures.OURS:
                    tell_limit(here, attack, pattern)
    protected = [attack for attack in attacks if attack.is_protected]
    if figures.PRODUCT == 'openvpn' and protected:
        tell_protected(protected)


def silent_and_garbled_connections_cost_little():
    run('hang', 'drip', 'garbage')


def hellos_that_lead_nowhere_cost_little():
    run('hello', 'nameless')


def a_gate_on_the_name_closes_hellos_before_they_cost_anything():
    """LAB_SETTINGS: it is there."""
    run('gated-nameless', 'gated-misnamed', over='name')


def handshakes_and_guesses_keep_nobody_else_out():
    run('junk', 'guess-deep', 'guess-wide')


def datagrams_of_strangers_cost_little_and_get_no_answer():
    run('datagrams', 'records', 'ids', 'replays')


def a_saturated_tunnel_loses_no_more_than_to_a_flood_of_a_closed_port():
    """What the attacker takes from it without any server's help: of the client's CPU, and of the links."""
    seconds = figures.by_length(2, 10)
    with scene() as here:
        before = here.guests.disturbances()
        speeds = {'nobody': flooding.Load(seconds, tcp=True).result()}
        for words, port in (('a closed port', CLOSED_PORT), ('the server', lab.PORT)):
            source, address = flooding.sources(MANY, here.number)
            here.number += 1
            flood = flooding.Flood('datagrams', seconds + 2, source, address, port)
            try:
                time.sleep(1)
                speeds[words] = flooding.Load(seconds, tcp=True).result()
                flood.end()
            finally:
                flood.stop()
        lab.equal(here.guests.disturbances() - before, 0, 'tunnels broken')
    title = 'junk datagrams beside a saturated tunnel'
    for words, speed in speeds.items():
        tell(title, f'TCP through the tunnel while {words} is flooded', speed, None, 'Mbit/s')
        if words != 'nobody':
            tell(title, f'… lost by that while {words} is flooded', 100 * (1 - speed / speeds['nobody']), None, '%')

# SPDX-License-Identifier: GPL-2.0-or-later
"""The rows of the table: which figure of which part, in words, and the goal that ours is to meet."""

import collections
import operator

RELATIONS = {'<=': (operator.le, '≤'), '>=': (operator.ge, '≥')}
FRACTIONS = {1 / 8: '1/8', 1 / 4: '1/4', 1 / 3: '1/3', 1 / 2: '1/2'}

# least: the keys of the limit program's figures by whose sum goals are judged; the same one's, unless it says others.
Row = collections.namedtuple('Row', 'part words key goals least', defaults=[()])


class Fixed:
    """A number to keep to."""

    def __init__(self, relation, limit):
        self.relation, self.limit = relation, limit

    def words(self):
        return f'{RELATIONS[self.relation][1]} {self.limit:g}'

    def limit_by(self, _medians, _key):
        return self.limit


class Versus:
    """A share, or a multiple, of another figure: of ocserv's same one, unless that is named."""

    def __init__(self, relation, factor, product='ocserv', key=None, words='ocserv'):
        self.relation, self.factor, self.product, self.key, self.other = relation, factor, product, key, words

    def words(self):
        share = FRACTIONS.get(self.factor, f'{self.factor:g}')
        return f'{RELATIONS[self.relation][1]} {"" if self.factor == 1 else share + " × "}{self.other}'

    def limit_by(self, medians, key):
        """None while the other was not measured."""
        other = medians.get((self.product, self.key or key))
        return None if other is None else other * self.factor


def meets(goal, value, limit):
    return RELATIONS[goal.relation][0](value, limit)


def wants_more(goal):
    return goal.relation == '>='


EIGHTH, THIRD, HALF = (Versus('<=', share) for share in (1 / 8, 1 / 3, 1 / 2))
NO_MORE = Versus('<=', 1)
KIND_WORDS = {'load datagrams': 'load client, datagrams', 'load stream': 'load client, TLS only',
              'stock datagrams': 'stock client, datagrams', 'stock stream': 'stock client, TLS (TCP) only'}
BULK_FIGURES = {'cpu': 'server CPU s/GB', 'gbit': 'Gbit/s, the server has a CPU for itself', 'shared gbit': 'Gbit/s, both CPUs for all',
                'calls': 'system calls per packet'}
BULK_GOALS = {
    ('load datagrams', 'up', 'cpu'): [EIGHTH], ('load datagrams', 'down', 'cpu'): [EIGHTH],
    ('stock datagrams', 'up', 'cpu'): [HALF], ('stock datagrams', 'down', 'cpu'): [THIRD],
    ('load datagrams', 'up', 'gbit'): [Versus('>=', 5)], ('load datagrams', 'down', 'gbit'): [Versus('>=', 5)],
    ('stock datagrams', 'up', 'shared gbit'): [Versus('>=', 1.3)], ('stock datagrams', 'down', 'shared gbit'): [Versus('>=', 1.3)],
    ('load stream', 'up', 'cpu'): [THIRD], ('load stream', 'down', 'cpu'): [THIRD],
    ('stock stream', 'up', 'cpu'): [THIRD], ('stock stream', 'down', 'cpu'): [THIRD],
    ('load datagrams', 'up', 'calls'): [Fixed('<=', 0.2)], ('load datagrams', 'down', 'calls'): [Fixed('<=', 0.1)],
}
SIZES = (64, 512, 1400)


def bulk_rows():
    for figure, unit in BULK_FIGURES.items():
        for kind, client in KIND_WORDS.items():
            if figure == 'shared gbit' and 'load' in kind:
                continue
            for direction in ('up', 'down'):
                yield Row('bulk', f'TCP {direction}, {client}: {unit}', f'{kind} {direction} {figure}',
                          BULK_GOALS.get((kind, direction, figure), []))


def packet_rows():
    for size in reversed(SIZES):
        judged = size == 1400
        yield Row('packets', f'flood up of single datagrams, {size} bytes: 1000 a second', f'flood {size} kpps',
                  [Versus('>=', 1.5)] if judged else [])
        yield Row('packets', '… sent meanwhile, 1000 a second', f'flood {size} offered kpps', [])
        yield Row('packets', '… server CPU s/GB', f'flood {size} cpu', [THIRD] if judged else [])
        if judged:
            # Only of the limit program, which says so of what sends.
            yield Row('packets', '… taken by a program that only receives, 1000 a second', f'flood {size} received kpps', [])
            yield Row('packets', '… sent to it meanwhile, 1000 a second', f'flood {size} received offered kpps', [])
    for direction in ('up', 'down'):
        for size in SIZES:
            yield Row('packets', f'60 000 packets a second {direction}, {size} bytes: server CPU µs each', f'steady {size} {direction} us',
                      [HALF] if direction == 'down' and size == 64 else [])
    for direction in ('up', 'down'):
        for size in SIZES:
            yield Row('packets', f'without loss {direction}, {size} bytes: 1000 a second', f'lossless {size} {direction} kpps', [])


PING_KINDS = {kind: KIND_WORDS[kind] for kind in ('load datagrams', 'stock datagrams', 'stock stream')}


def ping_rows():
    for kind, client in PING_KINDS.items():
        for part in ('p50', 'p99'):
            yield Row('pings', f'ping idle, {client}: {part} ms', f'{kind} idle {part}', [NO_MORE] if 'datagrams' in kind else [])


def latency_rows():
    for kind, client in PING_KINDS.items():
        for direction in ('up', 'down'):
            for part in ('p50', 'p99'):
                yield Row('latency', f'ping, TCP {direction} as fast as it goes, {client}: {part} ms', f'{kind} full {direction} {part}',
                          [Fixed('<=', 3)] if part == 'p99' and 'datagrams' in kind else [])
                yield Row('latency', f'… as fast as ocserv goes: {part} ms', f'{kind} alike {direction} {part}',
                          [Versus('<=', 1, key=f'{kind} full {direction} {part}', words='ocserv then')])


def login_rows():
    yield Row('login', 'password (yescrypt), TCP connect to first answer through the tunnel, ms', 'password alone', [NO_MORE],
              ('hash', 'cookie alone'))
    yield Row('login', '… with 100 others connected', 'password crowded',
              [Versus('<=', 1.2, product='sallyport', key='password alone', words='alone')])
    yield Row('login', '… of ocserv with the verifiers of its own ocpasswd (SHA-256), ms', 'password of ocpasswd', [])  # for information
    yield Row('login', '… the hash of the password, by itself, ms', 'hash', [])  # only of the limit program
    yield Row('login', 'cookie, TCP connect to first answer through the tunnel, ms', 'cookie alone', [NO_MORE])
    yield Row('login', 'setting up the datagram channel, ms', 'datagrams alone', [Fixed('<=', 2)])
    yield Row('login', '… with 100 others connected', 'datagrams crowded', [])
    yield Row('login', 'start of a stock client to first answer through the tunnel, ms', 'stock', [])


def setup_rows():
    yield Row('setups', 'set-ups by cookie a second and core', 'cookie a core', [Versus('>=', 5)], ('cookie apart a core',))
    yield Row('setups', '… that there were a second', 'cookie a second', [])
    yield Row('setups', 'TLS handshakes a second and core', 'handshakes a core', [Versus('>=', 8)], ('handshakes apart a core',))
    yield Row('setups', '… that there were a second', 'handshakes a second', [])
    # Only of the limit program, which is then judged by: ours has its key there, and so has ocserv.
    yield Row('setups', 'set-ups by cookie a second and core, the key in a process of its own', 'cookie apart a core', [])
    yield Row('setups', 'TLS handshakes a second and core, the key in a process of its own', 'handshakes apart a core', [])


def idle_rows():
    yield Row('idle', 'memory of an idle session, all processes, kB PSS', 'pss', [Fixed('<=', 250)])
    yield Row('idle', '… kB USS', 'uss', [])
    yield Row('idle', 'idle CPU of 200 sessions, s an hour', 'cpu', [Versus('<=', 1 / 4)])


def crowd_rows():
    for crowd in (1, 10, 100):
        for direction in ('up', 'down'):
            who = f'{crowd} load clients at once, TCP {direction}' if crowd > 1 else f'1 load client, TCP {direction}'
            yield Row('crowd', f'{who}: Gbit/s', f'{crowd} {direction} gbit', [])
            yield Row('crowd', '… server CPU s/GB', f'{crowd} {direction} cpu', [])
            if crowd > 1:
                yield Row('crowd', '… the slowest one by its fair share', f'{crowd} {direction} least', [])


ROWS = [*bulk_rows(), *packet_rows(), *ping_rows(), *latency_rows(), *login_rows(), *setup_rows(), *idle_rows(), *crowd_rows()]

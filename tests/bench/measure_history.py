#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""measure_history.py [ROWS]: in a lab, what a long history costs who reads it; one JSON object, times in milliseconds.

The rows are put into the server's database behind its back, the newest last, of a thousand users.  A page is measured from
the call to its answer, the stream from the call until the last of its lines was read."""

import json
import os
import random
import sqlite3
import sys
import time

from gi.repository import GLib

from measure_users import Caller, measure

COLUMNS = ('session', 'user', 'login', 'client_name', 'user_agent', 'remote_address', 'addresses', 'transport', 'started', 'seen', 'ended', 'reason',
           'rx_bytes', 'tx_bytes', 'device', 'device_name')
REASONS = ('logout', 'idle', 'replaced', 'disconnected')
STEP = 1000000  # µs between two sessions
BLOCK = 1 << 20


def rows(n_rows):
    began = time.time_ns() // 1000 - (n_rows + 1) * STEP
    for number in range(n_rows):
        user, at = number % 1000, began + number * STEP
        yield (os.urandom(16), user.to_bytes(16, 'big'), f'person{user:05}', 'phone', 'Open AnyConnect VPN Agent v9.01', '192.0.2.1:51234',
               '10.10.0.2 fd00::2', 'dtls', at, at, at + STEP // 2, REASONS[number % 4], random.getrandbits(32), random.getrandbits(28), bytes(16), '')


def fill(n_rows):
    database = sqlite3.connect(os.path.join(os.environ['LAB_STATE'], 'sallyport.db'), timeout=60)
    with database:
        database.executemany(f'INSERT INTO history ({", ".join(COLUMNS)}) VALUES ({", ".join("?" * len(COLUMNS))})', rows(n_rows))
    database.close()


def page(caller, filters='@a{sv} {}', cursor=''):
    return caller.call('ListHistory', f"({filters}, '{cursor}', uint32 100, @a{{sv}} {{}})")


def read_all(caller):
    """How many lines, and how many bytes: over the descriptor that OpenHistory gives."""
    value = GLib.Variant.parse(None, '(@a{sv} {}, @a{sv} {})', None, None)
    _, descriptors = caller.bus.call_with_unix_fd_list_sync(
        'org.sallyport.Sallyport1', '/org/sallyport/Sallyport1/Server', 'org.sallyport.Sallyport1.Server', 'OpenHistory', value, None, 0, 120000, None, None)
    lines = size = 0
    last = b''
    with open(descriptors.steal_fds()[0], 'rb', buffering=0) as stream:
        while block := stream.read(BLOCK):
            lines += block.count(b'\n')
            size += len(block)
            last = (last + block)[-64:]
    told = json.loads(last.splitlines()[-1])
    if told != {'rows': lines - 1}:
        raise ValueError(f'{lines} lines, and the last is {told}')
    return lines - 1, size


def main(n_rows):
    caller = Caller()
    fill(n_rows)
    middle = page(caller).unpack()[1]
    figures = {'a page of 100': measure(lambda _: page(caller, cursor=middle)),
               'a page of 100 of one login': measure(lambda _: page(caller, "{'Login': <'person00077'>}")),
               'a page of 100 with a reason': measure(lambda _: page(caller, "{'Reason': <'idle'>}")),
               'the whole as a stream': measure(lambda _: read_all(caller), 5)}
    figures['rows'], figures['bytes'] = read_all(caller)
    print(json.dumps(figures, indent=2))


if __name__ == '__main__':
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000000)

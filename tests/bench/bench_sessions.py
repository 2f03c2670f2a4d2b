# SPDX-License-Identifier: GPL-2.0-or-later
"""The second half of bench.py: what having clients costs, ours beside Debian's ocserv, in alternating rounds."""

import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
LAB = os.path.join(HERE, '../lab/lab')
SETTINGS = os.path.join(HERE, '../netns/settings/crowded.conf')
PRODUCTS = ('sallyport', 'ocserv')
FEW = 200


def rows_for(sessions):
    """(words, group, figure, form)"""
    yield from ((f'signing in, {crowd} at once, p50 / p95 ms', f'sign-in {crowd}', ('p50_ms', 'p95_ms'), '.0f')
                for crowd in (1, 10, 100))
    yield from ((f'coming back by cookie, {crowd} at once, p50 / p95 ms', f'return {crowd}', ('p50_ms', 'p95_ms'), '.1f')
                for crowd in (1, 10, 100))
    yield f'until {sessions} are connected, 20 at once, s', f'connect {sessions}', ('all_seconds',), '.1f'
    for count in (FEW, sessions):
        yield f'memory a session, {count} idle: processes, kB PSS', f'memory {count}', ('pss_kb',), '.0f'
        yield 'of these kB their own (USS)', f'memory {count}', ('uss_kb',), '.0f'
        yield '… in the first process, kB', f'memory {count}', ('main_kb',), '.1f'
    for count in (FEW, sessions):
        yield f'idle CPU of {count} sessions, s an hour', f'idle {count}', ('cpu_seconds_an_hour',), '.1f'
    yield f'until {sessions} sessions have ended, s', 'end', ('seconds',), '.1f'


def measure(product, sessions, seconds):
    done = subprocess.run([LAB, '/usr/bin/python3', os.path.join(HERE, 'measure_sessions.py'), str(sessions), str(seconds)],
                          check=False, stdout=subprocess.PIPE, text=True,
                          env={**os.environ, 'LAB_PRODUCT': product, 'LAB_SETTINGS': SETTINGS})
    if done.returncode:
        sys.exit(f'bench: {product} failed')
    found = json.loads(done.stdout)
    last = found[f'connect {sessions}']
    # As if nobody had been there before.
    last['all_seconds'] = last['seconds'] * sessions / last['new']
    return found


def collect(rounds, sessions, seconds):
    seen = {product: [] for product in PRODUCTS}
    for number in range(rounds):
        for product in PRODUCTS:
            print(f'sessions, round {number + 1} of {rounds}: {product}', file=sys.stderr)
            seen[product].append(measure(product, sessions, seconds))
    return seen


def median(seen, group, figure):
    return statistics.median(found[group][figure] for found in seen)


def table(seen, sessions):
    """Markdown; each figure the median of the rounds."""
    yield '| | Sallyport | ocserv | ratio |'
    yield '|---|---|---|---|'
    for words, group, figures, form in rows_for(sessions):
        ours, theirs = ([median(seen[product], group, figure) for figure in figures] for product in PRODUCTS)
        cells = (' / '.join(format(value, form) for value in values) for values in (ours, theirs))
        ratio = format(ours[0] / theirs[0], '.2f') if theirs[0] else '–'
        yield f'| {words} | {" | ".join(cells)} | **{ratio}** |'


def about_main(seen, sessions):
    ours = seen['sallyport']
    silent = ', '.join(f'{median(ours, group, "main_silent_ms"):.0f} ms while {what}' for group, what in (
        (f'connect {sessions}', 'they connect'), ('end', 'all of them end')))
    return (f'With {sessions} sessions `sallyportctl session list --json` takes '
            f'{median(ours, "list", "seconds"):.2f} s. The longest that main kept somebody on the bus waiting: {silent}.')

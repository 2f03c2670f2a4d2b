#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bench.py [OPTION…]: our server beside Debian's ocserv, in the same lab; --help tells the options.

Rounds alternate between the two, so that what else the machine does hits both.  What counts is the
ratio: absolute figures are this machine's.  --record writes RESULTS.md.
"""

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys

sys.dont_write_bytecode = True
import bench_sessions  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
LAB = os.path.join(HERE, '../lab/lab')
PRODUCTS = ('sallyport', 'ocserv')
KINDS = [(path, direction) for path in ('dtls', 'tls') for direction in ('up', 'down')]
FIGURES = {'cpu_s_per_gb': ('server CPU s/GB', '.2f'), 'calls_per_packet': ('system calls per packet', '.2f'),
           'gbit_s': ('Gbit/s', '.2f')}


def measure(product, megabytes):
    done = subprocess.run([LAB, '/usr/bin/python3', os.path.join(HERE, 'measure.py'), str(megabytes)], check=False,
                          stdout=subprocess.PIPE, text=True, env={**os.environ, 'LAB_PRODUCT': product})
    if done.returncode:
        sys.exit(f'bench: {product} failed')
    return [json.loads(line) for line in done.stdout.splitlines()]


def collect(rounds, megabytes):
    seen = {}
    for number in range(rounds):
        for product in PRODUCTS:
            print(f'round {number + 1} of {rounds}: {product}', file=sys.stderr)
            for row in measure(product, megabytes):
                seen.setdefault((product, row['path'], row['direction']), []).append(row)
    return seen


def table(seen):
    """Markdown; each cell the median of the rounds."""
    yield '| | | ' + ' | '.join(f'{title}: Sallyport | ocserv | ratio' for title, _ in FIGURES.values()) + ' |'
    yield '|---|---|' + '---|---|---|' * len(FIGURES)
    for path, direction in KINDS:
        cells = []
        for figure, (_, form) in FIGURES.items():
            ours, theirs = (statistics.median(row[figure] for row in seen[product, path, direction]) for product in PRODUCTS)
            cells += [format(ours, form), format(theirs, form), f'**{ours / theirs:.2f}**']
        yield f'| {path.upper()} | {direction} | ' + ' | '.join(cells) + ' |'


def version_of(package):
    return subprocess.run(['dpkg-query', '-W', '-f=${Version}', package], capture_output=True, text=True,
                          check=False).stdout or 'unknown'


def circumstances():
    commit = subprocess.run(['git', '-C', HERE, 'rev-parse', '--short', 'HEAD'], capture_output=True, text=True,
                            check=False).stdout.strip()
    return (f'{datetime.date.today()}, commit {commit or "unknown"}; {os.cpu_count()} CPUs ({platform.machine()}), Linux '
            f'{platform.release()}; ocserv {version_of("ocserv")}, openconnect {version_of("openconnect")}, GnuTLS '
            f'{version_of("libgnutls30")}')


def load():
    """What else the machine does."""
    return f'load average of the five minutes before: {os.getloadavg()[1]:.1f}'


def transfers(arguments):
    before = load()
    seen = collect(arguments.rounds, arguments.megabytes)
    counted = {row['counted_by'] for rows in seen.values() for row in rows}
    yield from table(seen)
    yield ''
    yield (f'{circumstances()}; medians of {arguments.rounds} alternating rounds of {arguments.megabytes} MB for each figure; '
           f'calls counted by {", ".join(sorted(counted))}; {before}.')


def sessions(arguments):
    before = load()
    seen = bench_sessions.collect(arguments.rounds, arguments.sessions, arguments.idle)
    yield from bench_sessions.table(seen, arguments.sessions)
    yield ''
    yield bench_sessions.about_main(seen, arguments.sessions)
    yield ''
    yield (f'{circumstances()}; medians of {arguments.rounds} alternating rounds; idle for {arguments.idle} s each; {before}.')


PARTS = {'transfers': ('# What `./run bench --record` found of data', transfers),
         'sessions': ('# What `./run bench --record` found of sessions', sessions)}


def record(title, text):
    """Instead of what stands under the same title, or at the end."""
    path = os.path.join(HERE, 'RESULTS.md')
    with open(path, encoding='utf-8') as file:
        parts = [part for part in ('\n' + file.read()).split('\n# ') if part.strip()]
    parts = ['# ' + part.strip() + '\n' for part in parts]
    kept = [part for part in parts if not part.startswith(title + '\n')]
    place = next((i for i, part in enumerate(parts) if part.startswith(title + '\n')), len(kept))
    kept.insert(place, f'{title}\n\n{text}')
    with open(path, 'w', encoding='utf-8') as file:
        file.write('\n'.join(kept))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--only', choices=PARTS)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--megabytes', type=int, default=300)
    parser.add_argument('--sessions', type=int, default=1000)
    parser.add_argument('--idle', type=int, default=90, metavar='SECONDS')
    parser.add_argument('--record', action='store_true')
    arguments = parser.parse_args()
    for name, (title, tell) in PARTS.items():
        if arguments.only not in (None, name):
            continue
        text = '\n'.join(tell(arguments)) + '\n'
        print(f'{title}\n\n{text}', flush=True)
        if arguments.record:
            record(title, text)


if __name__ == '__main__':
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bench.py [--rounds N] [--megabytes N] [--record]: our server beside Debian's ocserv, in the same lab.

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


def circumstances(arguments, seen):
    counted = {row['counted_by'] for rows in seen.values() for row in rows}
    commit = subprocess.run(['git', '-C', HERE, 'rev-parse', '--short', 'HEAD'], capture_output=True, text=True,
                            check=False).stdout.strip()
    return (f'{datetime.date.today()}, commit {commit or "unknown"}; medians of {arguments.rounds} alternating rounds of '
            f'{arguments.megabytes} MB for each figure; {os.cpu_count()} CPUs ({platform.machine()}), Linux '
            f'{platform.release()}; ocserv {version_of("ocserv")}, openconnect {version_of("openconnect")}, GnuTLS '
            f'{version_of("libgnutls30")}; calls counted by {", ".join(sorted(counted))}.')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--megabytes', type=int, default=300)
    parser.add_argument('--record', action='store_true')
    arguments = parser.parse_args()
    seen = collect(arguments.rounds, arguments.megabytes)
    text = '\n'.join(table(seen)) + '\n\n' + circumstances(arguments, seen) + '\n'
    print(text)
    if arguments.record:
        with open(os.path.join(HERE, 'RESULTS.md'), 'w', encoding='utf-8') as file:
            file.write('# What `./run bench --record` found\n\n' + text)


if __name__ == '__main__':
    main()

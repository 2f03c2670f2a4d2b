#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bench.py [OPTION…]: our server beside ocserv, OpenVPN and wireguard-go, in the same lab; README.md says what each part measures.

Rounds go from product to product, each beginning with another, so that what else the machine does hits all of them.  What counts is the
ratio: absolute figures are this machine's.  --record keeps what was measured in results/, part by part and
product by product, and writes the table of all that is kept into RESULTS.md."""

import argparse
import collections
import concurrent.futures
import json
import os
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '../lab'))

import bench_sessions  # noqa: E402
import circumstances  # noqa: E402
import report  # noqa: E402

LAB = os.path.join(HERE, '../lab/lab')
RESULTS, TEXT = os.path.join(HERE, 'results'), os.path.join(HERE, 'RESULTS.md')
SETTINGS = os.path.join(HERE, '../netns/settings/crowded.conf')
PACKAGES = ('ocserv', 'openconnect', 'openvpn', 'wireguard-go', 'libgnutls30')
TITLE = '# What `./run bench --record` found'
SESSIONS_TITLE = '# What `./run bench --only sessions --record` found'
# ocserv goes first in the first round: its throughput is what the others are loaded with, too.
ALL = ('ocserv', 'sallyport', 'openvpn', 'wireguard')
OF_THE_PROTOCOL = ('ocserv', 'sallyport')
# What does the least of what each of those parts is about (limits/); --only limits is these alone.
LIMIT, LIMITED, LIMIT_ROUNDS = 'limit', ('setups', 'login', 'bulk', 'packets', 'pings', 'latency'), 2

Part = collections.namedtuple('Part', 'products rounds at_once')
WITH_LIMIT = (*ALL, LIMIT)
PARTS = {'bulk': Part(WITH_LIMIT, 3, False), 'packets': Part(WITH_LIMIT, 2, False), 'pings': Part(WITH_LIMIT, 15, False),
         'latency': Part(WITH_LIMIT, 3, False), 'login': Part(WITH_LIMIT, 2, False),
         'setups': Part((*OF_THE_PROTOCOL, LIMIT), 2, False), 'crowd': Part(OF_THE_PROTOCOL, 2, False),
         # Who only waits may do so side by side.
         'idle': Part(ALL, 1, True)}


def run(part, product, arguments=()):
    """What it found, or None: a part that fails is told, and the rest goes on."""
    command = [LAB, '/usr/bin/python3', os.path.join(HERE, f'measure_{part}.py'), *map(str, arguments)]
    began = time.monotonic()
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True,
                          env={**os.environ, 'LAB_PRODUCT': product, 'LAB_SETTINGS': SETTINGS})
    print(f'{part}: {product}: {time.monotonic() - began:.0f} s{"" if done.returncode == 0 else ", FAILED"}', file=sys.stderr)
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None


def rates_of(results):
    """What ocserv carried at most, for the part that loads others alike: kind, up, down; …"""
    seen = results.get('latency', {}).get('ocserv', {}).get('rounds', [])
    for kind in ('load datagrams', 'stock datagrams', 'stock stream'):
        rates = [[found[f'{kind} full {direction} mbit'] for found in seen] for direction in ('up', 'down')]
        if all(rates):
            yield from (kind, *(f'{statistics.median(rate):.0f}' for rate in rates))


def arguments_of(part, product, results, options):
    if part == 'idle':
        return [options.idle]
    if part == 'latency' and product in ('sallyport', LIMIT):
        return list(rates_of(results)) or list(rates_of(load_results()))
    return []


def in_turn(products, number):
    """Their order in that round: whoever comes after another finds the machine as that one left it."""
    first = number % len(products)
    return [*products[first:], *products[:first]]


def measure(part, products, rounds, results, options):
    """Fills results in place.  Of a product that is measured anew only the new rounds count, or, to be added, also those of
    the same commit and machine.  Returns how often one failed."""
    fresh, failures = dict(results.get(part, {})) if options.add else {}, 0
    for number in range(rounds):
        with concurrent.futures.ThreadPoolExecutor(len(products) if PARTS[part].at_once else 1) as pool:
            started = []
            for product in in_turn(products, number):
                known = circumstances.find(HERE, PACKAGES)
                task = pool.submit(run, part, product, arguments_of(part, product, results, options))
                started.append((product, known, task))
                if not PARTS[part].at_once:
                    # The next one may need what this one found.
                    failures += not keep(results, fresh, part, *started.pop())
            failures += sum(not keep(results, fresh, part, *one) for one in started)
    return failures


def keep(results, fresh, part, product, known, task):
    """Waits for it; False if there is nothing."""
    found = task.result()
    if found is None:
        return False
    entry = fresh.get(product)
    if entry is None or circumstances.words(entry['circumstances']) != circumstances.words(known):
        entry = fresh[product] = {'rounds': [], 'circumstances': known}
    entry['rounds'].append(found)
    results.setdefault(part, {})[product] = entry
    return True


def load_results():
    results = {}
    for part in PARTS:
        path = os.path.join(RESULTS, part + '.json')
        if os.path.exists(path):
            with open(path, encoding='utf-8') as file:
                results[part] = json.load(file)
    return results


def write_results(results, parts):
    os.makedirs(RESULTS, exist_ok=True)
    for part in parts:
        if part in results:
            with open(os.path.join(RESULTS, part + '.json'), 'w', encoding='utf-8') as file:
                json.dump(results[part], file, indent=1, sort_keys=True, ensure_ascii=False)
                file.write('\n')


def record(title, text):
    """Instead of what stands under the same title, or before everything else."""
    with open(TEXT, encoding='utf-8') as file:
        parts = [part for part in ('\n' + file.read()).split('\n# ') if part.strip()]
    parts = ['# ' + part.strip() + '\n' for part in parts]
    kept = [part for part in parts if not part.startswith(title + '\n')]
    place = next((i for i, part in enumerate(parts) if part.startswith(title + '\n')), 0)
    kept.insert(place, f'{title}\n\n{text}')
    with open(TEXT, 'w', encoding='utf-8') as file:
        file.write('\n'.join(kept))


def plan(options):
    """What is to be measured: (part, products, rounds)."""
    for part in options.only:
        if part == 'limits':
            yield from ((limited, [LIMIT], options.rounds or LIMIT_ROUNDS) for limited in LIMITED
                        if limited not in options.only or LIMIT not in options.product)
            continue
        chosen = [product for product in PARTS[part].products if product in options.product]
        if chosen:
            yield part, chosen, options.rounds or PARTS[part].rounds


def compare(options):
    """The parts of the one table; how often a measurement failed."""
    results, failures, measured = load_results() if options.record else {}, 0, []
    for part, products, rounds in plan(options):
        failures += measure(part, products, rounds, results, options)
        measured.append(part)
        if options.record:
            write_results(results, [part])
    print(report.text({part: results[part] for part in measured if part in results}), flush=True)
    if options.record:
        record(TITLE, report.text(results))
    return failures


def sessions(options):
    rounds = options.rounds or 2
    known, medians = circumstances.find(HERE, PACKAGES), 'one round' if rounds == 1 else f'medians of {rounds} alternating rounds'
    seen = bench_sessions.collect(rounds, options.sessions, options.idle)
    text = '\n'.join([*bench_sessions.table(seen, options.sessions), '', bench_sessions.about_main(seen, options.sessions), '',
                      f'{circumstances.words(known)}; {medians}; idle for {options.idle} s each.']) + '\n'
    print(f'{SESSIONS_TITLE}\n\n{text}', flush=True)
    if options.record:
        record(SESSIONS_TITLE, text)


def names(known):
    def parse(words):
        chosen = words.split(',')
        for word in chosen:
            if word not in known:
                raise argparse.ArgumentTypeError(f'{word}: known are {", ".join(known)}')
        return chosen
    return parse


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--only', type=names([*PARTS, 'limits', 'sessions']), default=list(PARTS), metavar='PART[,PART]',
                        help=f'{", ".join(PARTS)}; limits, which is {", ".join(LIMITED)} of the limit program alone; '
                             'and sessions, which is not measured unless it is named')
    parser.add_argument('--product', type=names(WITH_LIMIT), default=list(WITH_LIMIT), metavar='PRODUCT[,PRODUCT]', help=', '.join(WITH_LIMIT))
    parser.add_argument('--rounds', type=int, help='of each part; the default is its own')
    parser.add_argument('--idle', type=int, default=95, metavar='SECONDS', help='how long sessions are watched doing nothing')
    parser.add_argument('--sessions', type=int, default=1000, help='how many at most, of the part of that name')
    parser.add_argument('--record', action='store_true', help='keep it in results/ and RESULTS.md')
    parser.add_argument('--add', action='store_true', help='the same, beside the rounds of the same commit and machine that are kept')
    parser.add_argument('--report', action='store_true', help='only write RESULTS.md from what is kept')
    options = parser.parse_args()
    options.record |= options.add
    if options.sessions <= bench_sessions.FEW:
        parser.error(f'--sessions: more than {bench_sessions.FEW}, which are measured, too')
    if options.report:
        record(TITLE, report.text(load_results()))
        return 0
    if 'sessions' in options.only:
        options.only.remove('sessions')
        sessions(options)
    return min(1, compare(options)) if options.only else 0


if __name__ == '__main__':
    sys.exit(main())

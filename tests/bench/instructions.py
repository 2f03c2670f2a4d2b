#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""instructions.py PACKET-PATH [--write]: what a packet costs a worker, in instructions, beside what is recorded.

Callgrind counts them everywhere but in two functions, where packet-path does what is not the worker's.  Two runs differ in nothing
but the number of packets, so the difference is theirs alone; it is the same each time, however busy the machine is."""

import argparse
import json
import os
import platform
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDED = os.path.join(HERE, 'instructions.json')
WAYS, FEW, MANY = ('up', 'down', 'down-super', 'echo'), 20, 60
TOLERANCE = 1.15  # for other compilers and libraries
SKIPPED = 77
CALLGRIND = ['valgrind', '--tool=callgrind', '--toggle-collect=__wrap_poll', '--toggle-collect=answer_from_device', '--collect-atstart=yes', '--callgrind-out-file=/dev/null']


def reason_to_skip():
    """The recorded figures are those of one way to do AES."""
    with open('/proc/cpuinfo', encoding='utf-8') as file:
        flags = set(file.read().split())
    if platform.machine() != 'x86_64' or not {'aes', 'pclmulqdq', 'avx2'} <= flags:
        return 'the figures are those of x86-64 with instructions for AES'
    return None


def count(program, way, rounds):
    """(instructions, packets)"""
    done = subprocess.run([*CALLGRIND, program, way, str(rounds)], capture_output=True, text=True, check=False)
    collected = re.search(r'Collected : (\d+)', done.stderr)
    if done.returncode or not collected:
        sys.exit(f'{way}: status {done.returncode}\n{done.stderr[-2000:]}')
    return int(collected.group(1)), int(done.stdout)


def instructions_a_packet(program, way):
    (few, fewer), (many, more) = count(program, way, FEW), count(program, way, MANY)
    return (many - few) / (more - fewer)


def compare(seen, recorded):
    """How many ways cost too much."""
    failures = 0
    for way in WAYS:
        ratio = seen[way] / recorded[way]
        verdict = 'too many' if ratio > TOLERANCE else 'as recorded' if ratio * TOLERANCE > 1 else 'so few that they should be recorded anew'
        print(f'{way}: {seen[way]:.0f} instructions a packet, recorded are {recorded[way]}, ratio {ratio:.2f}: {verdict}')
        failures += ratio > TOLERANCE
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('program')
    parser.add_argument('--write', action='store_true', help='record what is counted')
    options = parser.parse_args()
    if reason := reason_to_skip():
        print(f'skipped: {reason}')
        return SKIPPED
    seen = {way: instructions_a_packet(options.program, way) for way in WAYS}
    if options.write:
        with open(RECORDED, 'w', encoding='ascii') as file:
            json.dump({way: round(number) for way, number in seen.items()}, file, indent=1)
            file.write('\n')
    with open(RECORDED, encoding='ascii') as file:
        return 1 if compare(seen, json.load(file)) else 0


if __name__ == '__main__':
    sys.exit(main())

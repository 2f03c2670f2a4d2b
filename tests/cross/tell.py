#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tell.py [MACHINE…]

Builds the server for other kinds of machines, and runs the tests of units and walls and the seeds of the fuzzers in an
emulator (README.md).  Says what was left out and why, and how many passed and failed."""

import concurrent.futures
import contextlib
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(HERE, '../flatpak'), os.path.join(HERE, '../../tools')]

import building
import emulation
import left_out
import runtime
import summary
import sysroot
from machines import MACHINES

INSIDE = '--inside'
SLOWER = 8  # than the machine itself, with what else runs on it
LONGEST = 40 * 60  # seconds for all tests of a machine
PATIENCE = 30  # seconds for each that was left out
BY_REQUEST = 'by request (-s option)'  # GLib's word for cases that it was told to leave out
AT_ONCE = 8  # of those: most of them wait


def skipped_cases(machine, tests):
    """What a test is told to leave out, by its program."""
    options = {}
    for row in left_out.rows(machine):
        if row.case:
            options.setdefault(tests[row.test]['cmd'][0], []).extend(['-x', row.case])
    return options


def passes(machine, tree, row, test):
    """Whether it passes now that nobody expects it."""
    copy = emulation.copy_of(building.folder_of(machine), test['cmd'][0])
    command = [machine.emulator, '-L', tree, '-0', test['cmd'][0], copy, *test['cmd'][1:], *(['-p', row.case] if row.case else [])]
    with contextlib.suppress(subprocess.TimeoutExpired):
        done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors='replace',
                              timeout=PATIENCE, env={**os.environ, **test['env']})
        cases = [line for line in done.stdout.splitlines() if line.startswith('ok ')]
        return done.returncode == 0 and any('# SKIP' not in line for line in cases)
    return False


def try_left_out(machine, tree, rows, tests):
    print(f'\nLeft out of {machine.name}:')
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        results = pool.map(lambda row: passes(machine, tree, row, tests[row.test]), rows)
        for row, passed in zip(rows, results):
            print(f'  {row.test}{row.case}: {row.reason}{"; but it passes" if passed else ""}', flush=True)


def tell_inside(machine, tree):
    """In namespaces of its own.  Returns 1 where not all tests came to an end."""
    folder = building.folder_of(machine)
    tests, rows = building.tests(folder), list(left_out.rows(machine))
    unknown = [row.test for row in rows if row.test not in tests]
    if unknown:
        print(f'left-out.txt names tests that are not there: {", ".join(unknown)}')
        return 1
    emulation.cover(machine, tree, skipped_cases(machine, tests))
    whole = {row.test for row in rows if not row.case}
    try:
        subprocess.run(['meson', 'test', '-C', folder, '--no-rebuild', '--timeout-multiplier', str(SLOWER), '--print-errorlogs',
                        *(name for name in tests if name not in whole)], check=False, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return 1
    try_left_out(machine, tree, rows, tests)
    return 0


def count_machine(machine, count):
    """What was left out has its own list."""
    folder = building.folder_of(machine)
    summary.count_build(folder, count)
    names = {f'{os.path.basename(folder)}: {row.test}' for row in left_out.rows(machine) if row.case}
    count.skipped = [(name, why) for name, why in count.skipped if name not in names or why != BY_REQUEST]


def tell_machine(machine, count):
    began = time.monotonic()
    with sysroot.held(machine.name) as tree:
        building.build(machine, tree)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f'{building.folder_of(machine)}/meson-logs/testlog.json')
        inside = subprocess.run([*emulation.APART, sys.executable, os.path.abspath(__file__), INSIDE, machine.name, tree], check=False)
    count_machine(machine, count)
    if inside.returncode:
        count.failed.append(f'{machine.name}: the tests did not come to an end')
    print(f'\n{machine.name}: {time.monotonic() - began:.0f} s', flush=True)


def tell(names):
    count = summary.Count()
    for name in names:
        try:
            tell_machine(MACHINES[name], count)
        except (runtime.CannotBeMade, subprocess.CalledProcessError) as error:
            count.failed.append(f'{name}: {error}')
    return summary.tell(count)


def main(arguments):
    if arguments[:1] == [INSIDE]:
        return tell_inside(MACHINES[arguments[1]], arguments[2])
    unknown = [name for name in arguments if name not in MACHINES]
    if unknown:
        print(f'not {", ".join(unknown)}, but: {", ".join(MACHINES)}')
        return 2
    return tell(arguments or MACHINES)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

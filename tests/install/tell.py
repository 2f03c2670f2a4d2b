#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tell.py

Builds the Debian packages, and lives through what an owner does with them, step by step, in a computer that boots
(README.md).  Prints a line for each step, and how many passed and failed."""

import contextlib
import fcntl
import importlib
import inspect
import os
import subprocess
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
LAB = os.path.join(HERE, '../lab')
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, LAB, os.path.join(HERE, '../netns'), os.path.join(HERE, '../flatpak')]

INSIDE = '--inside'
PASSED, FAILED = '✓', '✗'
BUILT = 'Both packages are built from a copy of the tree that has nothing else in it'
EXPLAINED = 'Lintian finds no error and no warning in them that they do not explain'
MADE = 'A small Debian is made of packages, or was'


def steps():
    """Those of steps.py, in the order in which they stand there."""
    found = [value for name, value in vars(importlib.import_module('steps')).items() if name.startswith('step_')]
    return sorted(found, key=lambda function: function.__code__.co_firstlineno)


def take(sentence, function, *arguments):
    """Whether it passed; says which it was, and how long it took."""
    began, failure = time.monotonic(), None
    try:
        function(*arguments)
    except Exception:  # pylint: disable=broad-except
        failure = traceback.format_exc()
    print(f'{FAILED if failure else PASSED} {sentence} ({time.monotonic() - began:.0f} s)')
    for line in (failure or '').splitlines():
        print(f'  | {line}')
    sys.stdout.flush()
    return not failure


def live(tree, packages):
    """In the lab.  A step stands on those before it."""
    import steps as told

    owner = told.Owner(tree, packages)
    is_good = True
    try:
        for function in steps():
            if is_good:
                is_good = take(inspect.getdoc(function).rstrip('.'), function, owner)
                if not is_good:
                    owner.show()
            else:
                print(f'{FAILED} {inspect.getdoc(function).rstrip(".")} (not tried)')
    finally:
        owner.end()
    return 0


def move_in(tree, packages):
    """Counts what is told in there.  Returns how many passed and failed."""
    counts = {PASSED: 0, FAILED: 0}
    lab = subprocess.Popen([f'{LAB}/lab', sys.executable, os.path.abspath(__file__), INSIDE, tree, *packages], text=True,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env={**os.environ, 'LAB_PRODUCT': 'nothing'})
    for line in lab.stdout:
        sys.stdout.write(line)
        sys.stdout.flush()
        if line[0] in counts:
            counts[line[0]] += 1
    if lab.wait():
        counts[FAILED] += 1
        print(f'{FAILED} the lab ended with status {lab.returncode}')
    return counts[PASSED], counts[FAILED]


def outside():
    import packages
    import system

    os.makedirs(system.cache(), exist_ok=True)
    built, trees = {}, []
    # One at a time: what is built lies at one place.
    with open(f'{system.cache()}/lock', 'ab') as lock, contextlib.ExitStack() as held:
        fcntl.flock(lock, fcntl.LOCK_EX)
        results = [take(BUILT, lambda: built.update(packages.build(system.cache())))]
        if built:
            results.append(take(EXPLAINED, packages.examine, built))
            results.append(take(MADE, lambda: trees.append(held.enter_context(system.held(built)))))
        inside = move_in(trees[0], packages.with_newer(built, system.cache())) if trees else (0, 0)
    passed = sum(results) + inside[0]
    failed = len(results) - sum(results) + inside[1]
    print(f'{passed} passed, {failed} failed')
    return 1 if failed else 0


def main(arguments):
    if arguments[:1] == [INSIDE]:
        return live(*arguments[1:2], arguments[2:])
    if os.geteuid() != 0:
        print('a computer that boots needs root')
        return 2
    return outside()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tell.py [--record FOLDER]

Builds the Debian packages, and lives through what an owner does with them, step by step, in a computer that boots
(README.md).  Prints a line for each step, and how many passed and failed; a machine on which none can boot is told, and
nothing tried.  --record has it all in FOLDER as meson has of a build, for tools/summary.py."""

import contextlib
import fcntl
import importlib
import inspect
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
LAB = os.path.join(HERE, '../lab')
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, LAB, *(os.path.join(HERE, folder) for folder in ('../netns', '../flatpak', '../../tools'))]

INSIDE, RECORD = '--inside', '--record'
PASSED, FAILED, WORDS = '✓', '✗', '  | '
# As those of the lab and of the computer in it.
PROBE = ['unshare', '--mount', '--net', '--pid', '--ipc', '--uts', '--cgroup', '--fork', '--kill-child=KILL', '--mount-proc',
         '--propagation', 'private', '--', os.path.join(HERE, 'probe')]
BUILT = 'Both packages are built from a copy of the tree that has nothing else in it'
EXPLAINED = 'Lintian finds no error and no warning in them that they do not explain'
MADE = 'A small Debian is made of packages, or was'


def steps():
    """Those of steps.py, in the order in which they stand there."""
    found = [value for name, value in vars(importlib.import_module('steps')).items() if name.startswith('step_')]
    return sorted(found, key=lambda function: function.__code__.co_firstlineno)


class Report:
    """What was told: printed at once, and kept."""

    def __init__(self):
        self.lines = []

    def say(self, line):
        print(line, flush=True)
        self.lines.append(line)

    def count(self, mark):
        return sum(line.startswith(mark) for line in self.lines)

    def cases(self):
        """As a TAP program would have said them, with the words of those that failed."""
        lines, n = [], 0
        for line in self.lines:
            if line[:1] in (PASSED, FAILED):
                n += 1
                lines.append(f'{"ok" if line[0] == PASSED else "not ok"} {n} - {line[2:]}')
            elif line.startswith(WORDS):
                lines.append(line)
        return lines


def take(report, sentence, function, *arguments):
    """Whether it passed; says which it was, and how long it took."""
    began, failure = time.monotonic(), None
    try:
        function(*arguments)
    except Exception:  # pylint: disable=broad-except
        failure = traceback.format_exc()
    report.say(f'{FAILED if failure else PASSED} {sentence} ({time.monotonic() - began:.0f} s)')
    for line in (failure or '').splitlines():
        report.say(WORDS + line)
    return not failure


def live(tree, packages):
    """In the lab.  A step stands on those before it."""
    import steps as told

    owner, report = told.Owner(tree, packages), Report()
    is_good = True
    try:
        for function in steps():
            sentence = inspect.getdoc(function).rstrip('.')
            if is_good:
                is_good = take(report, sentence, function, owner)
                if not is_good:
                    owner.show()
            else:
                report.say(f'{FAILED} {sentence} (not tried)')
    finally:
        owner.end()
    return 0


def move_in(report, tree, packages):
    lab = subprocess.Popen([f'{LAB}/lab', sys.executable, os.path.abspath(__file__), INSIDE, tree, *packages], text=True,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env={**os.environ, 'LAB_PRODUCT': 'nothing'})
    for line in lab.stdout:
        report.say(line.rstrip('\n'))
    if lab.wait():
        report.say(f'{FAILED} the lab ended with status {lab.returncode}')


def outside(report):
    import debian_packages
    import packages
    import system

    os.makedirs(system.cache(), exist_ok=True)
    built, trees = {}, []
    # One at a time: what is built lies at one place.
    with open(f'{system.cache()}/lock', 'ab') as lock, contextlib.ExitStack() as held:
        fcntl.flock(lock, fcntl.LOCK_EX)
        take(report, BUILT, lambda: built.update(debian_packages.build(system.cache())))
        if built:
            take(report, EXPLAINED, packages.examine, built)
            take(report, MADE, lambda: trees.append(held.enter_context(system.held(built))))
        if trees:
            move_in(report, trees[0], packages.with_newer(built, system.cache()))


def find_obstacle():
    """Why no computer can boot here; empty: nothing keeps it from that."""
    with tempfile.TemporaryDirectory() as folder:
        tried = subprocess.run([*PROBE, folder], check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return tried.stdout.strip() if tried.returncode == 0 else f'this machine lets us have no namespaces: {tried.stderr.strip()}'


def record(folder, report, obstacle):
    os.makedirs(f'{folder}/meson-logs', exist_ok=True)
    failed = report.count(FAILED) > 0
    test = {'name': 'sallyport:install / installation', 'result': 'SKIP' if obstacle else 'FAIL' if failed else 'OK',
            'returncode': int(failed), 'stdout': obstacle or '\n'.join(report.cases())}
    with open(f'{folder}/meson-logs/testlog.json', 'w', encoding='utf-8') as file:
        file.write(json.dumps(test) + '\n')


def tell(folder):
    report, obstacle, is_over = Report(), find_obstacle(), False
    # Whoever bounds our time may end us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        if not obstacle:
            outside(report)
        is_over = True
    finally:
        if not is_over:
            report.say(f'{FAILED} it was ended before it was over')
        if folder:
            record(folder, report, obstacle)
    if obstacle:
        report.say(f'skipped: {obstacle}')
    report.say(f'{report.count(PASSED)} passed, {report.count(FAILED)} failed')
    return 1 if report.count(FAILED) else 0


def main(arguments):
    if arguments[:1] == [INSIDE]:
        return live(*arguments[1:2], arguments[2:])
    if os.geteuid() != 0:
        print('a computer that boots needs root')
        return 2
    return tell(arguments[1] if arguments[:1] == [RECORD] else None)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

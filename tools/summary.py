#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""summary.py BUILD…: count what meson's logs of these build folders say; the last line is the sum.

A TAP program counts by its cases, any other test as one.  A program that failed counts at least one
failure, whatever its cases said.  Skipped is neither passed nor failed, and is listed with its reason.
"""

import json
import os
import re
import sys
from collections import Counter

CASE = re.compile(r'^(not )?ok \d+(?: -)? ?(.*?)(?:\s*#\s*(SKIP|TODO)\b(.*))?$', re.IGNORECASE)


class Count:
    def __init__(self):
        self.passed, self.failed, self.skipped = 0, [], []


def read_log(build):
    try:
        with open(os.path.join(build, 'meson-logs/testlog.json'), encoding='utf-8') as file:
            return [json.loads(line) for line in file]
    except FileNotFoundError:
        return []


def count_cases(name, output, count):
    """Returns how many cases the output has, and how many of them failed."""
    cases = [match for match in map(CASE.match, output.splitlines()) if match]
    failures = 0
    for negative, case, directive, reason in (match.groups() for match in cases):
        if directive:
            count.skipped.append((name, (reason or 'no reason given').strip()))
        elif negative:
            failures += 1
            count.failed.append(f'{name}: {case}')
        else:
            count.passed += 1
    return len(cases), failures


def last_line(text):
    lines = text.strip().splitlines()
    return lines[-1] if lines else 'no reason given'


def count_test(build, test, count):
    name, output = f'{os.path.basename(build)}: {test["name"].split(" / ")[-1]}', test.get('stdout') or ''
    cases, failures = count_cases(name, output, count)
    if test['result'] == 'SKIP' and not cases:
        count.skipped.append((name, last_line(output)))
    elif test['result'] in ('OK', 'EXPECTEDFAIL', 'SKIP'):
        count.passed += 0 if cases else 1
    elif not failures:
        count.failed.append(f'{name}: {test["result"].lower()}, status {test.get("returncode")}')


def count_build(build, count):
    if os.path.exists(os.path.join(build, 'build-failed')):
        count.failed.append(f'{os.path.basename(build)}: does not build')
        return
    tests = read_log(build)
    if not tests:
        count.failed.append(f'{os.path.basename(build)}: no test ran')
    for test in tests:
        count_test(build, test, count)


def main(builds):
    count = Count()
    for build in builds:
        count_build(build, count)
    skips = Counter(count.skipped)
    if skips:
        print(f'\n{skips.total()} skipped:', *(f'{name}: {n} × {why}' for (name, why), n in skips.items()), sep='\n  ')
    if count.failed:
        print('\nFailed:', *count.failed, sep='\n  ')
    print(f'\n{count.passed} passed, {len(count.failed)} failed')
    return 1 if count.failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

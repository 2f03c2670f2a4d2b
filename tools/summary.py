#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""summary.py BUILD…: count what meson's logs of these build folders say; the last line is the sum.
summary.py --to-repeat BUILD: the stories that failed there, a line each, if they are few.

A TAP program counts by its cases, any other test as one.  A program that failed counts at least one
failure, whatever its cases said.  Skipped is neither passed nor failed, and is listed with its reason.
A story that failed and was told again (again.json) counts as it went then, and is listed.
"""

import json
import os
import re
import sys
from collections import Counter

CASE = re.compile(r'^(not )?ok \d+(?: -)? ?(.*?)(?:\s*#\s*(SKIP|TODO)\b(.*))?$', re.IGNORECASE)


STORIES = {'attack', 'conformance', 'gui', 'netns', 'stories', 'walls'}  # they wait for other processes
PASSED = ('OK', 'EXPECTEDFAIL')
REPEATED_MAX = 12  # more than that is no accident
WORDS_MAX = 60  # lines of what failed tests said, shared among them: what is kept of a long run may be its end alone


class Count:
    def __init__(self):
        self.passed, self.failed, self.skipped, self.repeated = 0, [], [], []
        self.words = {}  # of those that failed, by name


def read_log(build, name='testlog'):
    try:
        with open(os.path.join(build, f'meson-logs/{name}.json'), encoding='utf-8') as file:
            return [json.loads(line) for line in file]
    except FileNotFoundError:
        return []


def failed(test):
    return test['result'] not in PASSED + ('SKIP',)


def is_story(test):
    suites = test['name'].split(' / ')[0].partition(':')[2]
    return bool(STORIES & set(suites.split('+')))


def list_to_repeat(build):
    failures = [test for test in read_log(build) if failed(test)]
    return [test['name'].split(' / ')[-1] for test in failures if is_story(test)] if len(failures) <= REPEATED_MAX else []


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
    if failed(test):
        count.words[name] = output + (test.get('stderr') or '')
    if test['result'] == 'SKIP' and not cases:
        count.skipped.append((name, last_line(output)))
    elif not failed(test):
        count.passed += 0 if cases else 1
    elif not failures:
        count.failed.append(f'{name}: {test["result"].lower()}, status {test.get("returncode")}')


def count_build(build, count):
    if os.path.exists(os.path.join(build, 'build-failed')):
        count.failed.append(f'{os.path.basename(build)}: does not build')
        return
    tests = {test['name']: test for test in read_log(build)}
    if not tests:
        count.failed.append(f'{os.path.basename(build)}: no test ran')
    for test in read_log(build, 'again'):
        count.repeated.append(f'{test["name"]}: {tests[test["name"]]["result"].lower()}, then {test["result"].lower()}')
        tests[test['name']] = test
    for test in tests.values():
        count_test(build, test, count)


def tell_words(words):
    """The last lines of each that failed; all of them stand in meson's logs."""
    for name, text in words.items():
        lines = [line[:200] for line in text.splitlines() if line.strip() and not line.startswith('ok ')]
        print(f'\n{name} said last:', *lines[-max(4, WORDS_MAX // len(words)):], sep='\n  | ')


def tell(count):
    """Returns the exit status."""
    skips = Counter(count.skipped)
    if skips:
        print(f'\n{skips.total()} skipped:', *(f'{name}: {n} × {why}' for (name, why), n in skips.items()), sep='\n  ')
    if count.repeated:
        print('\nTold twice:', *count.repeated, sep='\n  ')
    if count.failed:
        tell_words(count.words)
        print('\nFailed:', *count.failed, sep='\n  ')
    print(f'\n{count.passed} passed, {len(count.failed)} failed')
    return 1 if count.failed else 0


def main(builds):
    count = Count()
    for build in builds:
        count_build(build, count)
    return tell(count)


if __name__ == '__main__':
    if sys.argv[1] == '--to-repeat':
        print(*list_to_repeat(sys.argv[2]), sep='\n')
    else:
        sys.exit(main(sys.argv[1:]))

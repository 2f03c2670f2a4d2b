#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check_conformance.py TESTS FILE/STORY…: the table of tests/README.md and the stories say the same.

FILE/STORY are those that meson runs.  Each item has a row, each row names stories that are told (or files of
tests), each story of tests/conformance has a row with its number.  A row without says "not yet"."""

import os
import re
import sys

ITEMS = range(1, 61)
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]*)\|$")
DEFINED = re.compile(r"^def ([a-z]\w*)\(\):", re.M)
NUMBERED = re.compile(r"item_(\d\d)_\w+$")


def rows_of(text):
    """(line number, item, story column)"""
    for number, line in enumerate(text.splitlines(), 1):
        row = ROW.match(line)
        if row:
            yield number, int(row.group(1)), row.group(3).strip()


def check_rows(rows, told, tests):
    """told: names of stories.  Yields complaints, as (line, words)."""
    for number, item, column in rows:
        names = re.findall(r"`([^`]+)`", column)
        if not names and not column.startswith("not yet"):
            yield number, f"item {item}: names no story, and does not say “not yet”"
        for name in names:
            numbered = NUMBERED.match(name)
            if numbered and int(numbered.group(1)) != item:
                yield number, f"{name} is not of item {item}"
            if name not in told and not os.path.isfile(os.path.join(os.path.dirname(tests), name)):
                yield number, f"{name}: no such story is run, and no such file is there"
    for missing in sorted(set(ITEMS) - {item for _, item, _ in rows}):
        yield 1, f"item {missing} has no row"
    listed = [name for _, _, column in rows for name in re.findall(r"`([^`]+)`", column)]
    for name in sorted(name for name in told if NUMBERED.match(name) and name not in listed):
        yield 1, f"{name} has no row"


def check_stories(registered, defined):
    """Both as sets of (file, story): what is written for an item is told, what is told is written."""
    for file, story in sorted(registered - defined):
        yield f"{file}.py has no story {story}"
    for file, story in sorted(defined - registered):
        if NUMBERED.match(story):
            yield f"{file}.py: {story} is told by nobody"
    for file, story in sorted(registered):
        if not NUMBERED.match(story) and file.startswith("conformance/"):
            yield f"{file}.py: {story} does not begin with its item's number"


def defined_in(tests):
    for folder in ("conformance", "netns"):
        for name in sorted(os.listdir(os.path.join(tests, folder))):
            if name.endswith(".py"):
                with open(os.path.join(tests, folder, name), encoding="utf-8") as file:
                    yield from ((f"{folder}/{name[:-3]}", story) for story in DEFINED.findall(file.read()))


def main():
    tests, *words = sys.argv[1:]
    tests = os.path.realpath(tests)
    registered = {tuple(word.rsplit("/", 1)) for word in words}
    with open(os.path.join(tests, "README.md"), encoding="utf-8") as file:
        rows = list(rows_of(file.read()))
    complaints = [f"tests/README.md:{number}: {words}"
                  for number, words in check_rows(rows, {story for _, story in registered}, tests)]
    complaints += [f"tests/{words}" for words in check_stories(registered, set(defined_in(tests)))]
    print(*complaints, f"conformance: {len(rows)} rows, {len(complaints)} complaints", sep="\n")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""record_interfaces.py ROOT [--write]: what callers of the bus rely on, against what was recorded.

A line of the record is a fact: a member with its signature, a key of a dictionary with its type, the polkit action that a
member needs, the name of an error.  A recorded fact that is no longer true breaks callers.  A new one must be recorded:
--write does it, as long as nothing breaks."""

import glob
import os
import re
import sys
import xml.etree.ElementTree as tree

import check_interfaces

RECORD = 'tests/lint/recorded-interfaces.txt'
PERMISSIONS, ERRORS, ACTIONS = 'daemon/main/bus-permission.c', 'shared/bus/error.c', 'data/org.sallyport.Sallyport1.policy'
DEFINITION = re.compile(r'^#define (\w+)\s+SP_POLKIT_PREFIX "([\w-]+)"', re.M)
ROW = re.compile(r'^\s*{ (\w+),\s+(SP_BUS_READ|"\w+"),\s+(\w+),', re.M)
ERROR = re.compile(r'SP_BUS_ERROR_PREFIX "(\w+)"')
ARGUMENT = re.compile(r'^\s*@(\w+):(.*?)(?=^\s*@|\n\s*\n|\Z)', re.M | re.S)
KEY = re.compile(r'"([\w-]+)"((?:(?:,|\s+and)\s+"[\w-]+")*)\s+\((a*[a-z]|a{sv})[,)]')


def keys_of(comment):
    """Yields (argument, key, type) of what the comment says about dictionaries."""
    for argument, text in ARGUMENT.findall(comment):
        for first, others, kind in KEY.findall(text):
            for key in [first, *re.findall(r'"([\w-]+)"', others)]:
                yield argument, key, kind


def facts_of_member(interface, member, comment):
    name = f'{interface}.{member.get("name")}'
    if member.tag == 'property':
        yield f'property {name} {member.get("type")} {member.get("access")}'
        return
    words = [f'{arg.get("direction", "out")} {arg.get("type")} {arg.get("name")}' for arg in member.findall('arg')]
    yield f'{member.tag} {name} ({", ".join(words)})'
    dictionaries = {arg.get('name') for arg in member.findall('arg') if 'a{sv}' in arg.get('type')}
    for argument, key, kind in keys_of(comment):
        if argument in dictionaries:
            yield f'key {name} {argument} {key} {kind}'


def facts_of_interfaces(root):
    """Of the parsed introspection."""
    for interface, _ in check_interfaces.documented(root):
        yield f'interface {interface.get("name")}'
        for member, comment in check_interfaces.documented(interface):
            if member.tag in check_interfaces.SHAPES:
                yield from facts_of_member(interface.get('name'), member, comment)


def facts_of_permissions(text):
    """Of the source that holds the table of who may call what."""
    actions = {'NULL': 'nothing', **dict(DEFINITION.findall(text))}
    for interface, member, action in ROW.findall(text):
        name = 'reading' if member == 'SP_BUS_READ' else member.strip('"')
        yield f'permission {interface.lower()} {name} needs {actions[action]}'


def facts(root):
    def text(path):
        with open(os.path.join(root, path), encoding='utf-8') as file:
            return file.read()

    found = []
    for path in sorted(glob.glob(f'{root}/shared/bus/*.xml')):
        found += facts_of_interfaces(check_interfaces.parse(path).getroot())
    found += facts_of_permissions(text(PERMISSIONS))
    found += [f'error {name}' for name in ERROR.findall(text(ERRORS))]
    found += [f'action {action.get("id")}' for action in tree.fromstring(text(ACTIONS).encode()).iter('action')]
    return found


def compare(recorded, found):
    """Yields (whether callers break, what is wrong)."""
    for fact in recorded:
        if fact not in found:
            yield True, f'callers rely on what is gone or was changed: {fact}'
    for fact in found:
        if fact not in recorded:
            yield False, f'not recorded yet (tests/lint/record_interfaces.py . --write): {fact}'


def main(root, *flags):
    path = os.path.join(root, RECORD)
    found = facts(root)
    with open(path, encoding='utf-8') as file:
        recorded = [line for line in file.read().splitlines() if not line.startswith('#')]
    faults = list(compare(recorded, found))
    breaking = any(breaks for breaks, _ in faults)
    if '--write' in flags and not breaking:
        with open(path, 'w', encoding='utf-8') as file:
            file.write('# SPDX-License-Identifier: GPL-2.0-or-later\n' + '\n'.join(found) + '\n')
        return 0
    print('\n'.join(words for breaks, words in faults if breaks or not breaking))
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))

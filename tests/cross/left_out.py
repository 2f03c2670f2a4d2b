# SPDX-License-Identifier: GPL-2.0-or-later
"""What an emulator cannot run, as left-out.txt says."""

import collections
import os

# `case`: the path of one, or '' for the whole test; `machines`: their names, none for all
Row = collections.namedtuple('Row', 'test case machines reason')
ALL = 'all'


def rows(machine):
    """Those for that kind of machine."""
    with open(f'{os.path.dirname(os.path.abspath(__file__))}/left-out.txt', encoding='utf-8') as file:
        lines = [line.split(None, 2) for line in file if line.strip() and line[0] != '#']
    for name, machines, reason in lines:
        test, slash, case = name.partition('/')
        if machines == ALL or machine.name in machines.split(','):
            yield Row(test, slash + case, machines, reason.strip())

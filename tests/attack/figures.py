# SPDX-License-Identifier: GPL-2.0-or-later
"""What an attack measured, one line of JSON a figure, for `./run attack` to collect.

A goal is a text: "<= 20", "< 1", ">= 95", "== 0".  A figure that misses its goal fails the story, unless
- it is one of time, and the form is the short one: other work on the machine must not fail a test;
- the form is the long one: then all is measured and the report says what missed;
- the server is another product, which is there to be compared with.

A figure of this machine's limit (tell_limit) stands beside those that it is the limit of: who comes near it has done what
can be done here, whatever the goal says."""

import json
import operator
import os

LONG = os.environ.get('ATTACK_LONG') == '1'
PRODUCT = os.environ.get('LAB_PRODUCT', 'sallyport')
OURS = PRODUCT == 'sallyport'
MARK = 'FIGURE '
TIMES = ('s', 'ms', 'µs', 'ns')
RELATIONS = {'<=': operator.le, '<': operator.lt, '>=': operator.ge, '>': operator.gt, '==': operator.eq}


def meets(value, goal):
    relation, number = goal.split()
    return RELATIONS[relation](value, float(number))


def judges(unit):
    """Whether a missed goal of this unit fails the story here and now."""
    return OURS and not LONG and unit.split('/')[0] not in TIMES


def tell(attack, figure, value, goal=None, unit=''):
    """attack: the table of the report that this belongs to; figure: the row, in words; value: a number.

    unit: one of TIMES, or of time per something ("µs/packet"), or any other word ("packets", "MB", "%")."""
    told = {'attack': attack, 'figure': figure, 'value': value, 'goal': goal, 'unit': unit}
    print(MARK + json.dumps(told, ensure_ascii=False), flush=True)
    if goal is not None and not meets(value, goal) and judges(unit):
        raise AssertionError(f'{attack}: {figure}: {value} {unit}, and the goal is {goal}')


def tell_limit(attack, figure, value, of, unit=''):
    """of: how the figures begin that it is the limit of."""
    print(MARK + json.dumps({'attack': attack, 'figure': figure, 'value': value, 'goal': None, 'unit': unit, 'limit_of': of},
                            ensure_ascii=False), flush=True)


def by_length(short, long):
    """One of two: what the short form takes, and what the long one does."""
    return long if LONG else short

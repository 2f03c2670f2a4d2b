# SPDX-License-Identifier: GPL-2.0-or-later
"""How near a figure comes to what is possible on a machine, for goals that nobody could meet there.

What is possible was measured in the same way of a program that does the least of what the figure is about.  A goal that
this program misses is shown to be beyond the machine; who takes no more than NEAR times as much then has done what can be
done.  A goal that it meets is within reach, however near one comes.  And who is clearly better than that program has
shown that it tells nothing: mostly it was measured in a worse moment."""

NEAR = 1.5
CLEARLY_BETTER = 0.8  # what two measurements of the same thing differ by


def distance(value, limit, more_is_better=False):
    """How many times what is possible a cost is, or what is possible is a yield."""
    over, under = (limit, value) if more_is_better else (value, limit)
    return over / under if under > 0 else float('inf')


def is_refuted(value, limit, more_is_better=False):
    return distance(value, limit, more_is_better) < CLEARLY_BETTER


def is_limit_shown(value, limit, meets, more_is_better=False):
    """meets(figure): whether that would meet the goal, which value does not."""
    return not meets(limit) and CLEARLY_BETTER <= distance(value, limit, more_is_better) <= NEAR


def words(value, limit, more_is_better=False):
    times = f'{distance(value, limit, more_is_better):.2f} times'
    if is_refuted(value, limit, more_is_better):
        return 'clearly better than the limit program, which shows nothing then'
    return f'what is possible here is {times} that' if more_is_better else f'{times} what is possible here'

# SPDX-License-Identifier: GPL-2.0-or-later
"""The table from results: {part: {product: {'rounds': [{figure: number}], 'circumstances': …}}}."""

import os
import statistics
import sys

import rows

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../lab'))
import circumstances  # noqa: E402
import nearness  # noqa: E402

TITLES = {'sallyport': 'Sallyport', 'ocserv': 'ocserv', 'openvpn': 'OpenVPN', 'wireguard': 'wireguard-go'}
OURS, LIMIT = 'sallyport', 'limit'
LIMIT_TITLE = 'limit program'
SHOWN = 'limit shown'


def number(value):
    """Three digits that count."""
    if value >= 100:
        return f'{value:.0f}'
    return f'{value:.2g}' if value < 0.1 else f'{value:.3g}'


def values_of(results, part, product, key):
    return [found[key] for found in results.get(part, {}).get(product, {}).get('rounds', []) if key in found]


def cell(values):
    """minimum / **median** / maximum"""
    if not values:
        return '–'
    return f'{number(min(values))} / **{number(statistics.median(values))}** / {number(max(values))}'


def medians_of(results, part):
    found = {}
    for product, entry in results.get(part, {}).items():
        for key in {key for told in entry['rounds'] for key in told}:
            found[product, key] = statistics.median(values_of(results, part, product, key))
    return found


def missed(goal, ours, wanted, least):
    """Of a goal that ours does not meet.  wanted: the goal's number.  least: what the limit program got, or None."""
    if least is None:
        return f'**not met** ({number(ours)}, goal {number(wanted)})'
    how = nearness.words(ours, least, rows.wants_more(goal))
    if rows.meets(goal, least, wanted):
        return f'**not met** ({number(ours)}, goal {number(wanted)}, within reach: {how})'
    shown = nearness.is_limit_shown(ours, least, lambda value: rows.meets(goal, value, wanted), rows.wants_more(goal))
    return f'{SHOWN if shown else "**not met**"} ({number(ours)}, goal {number(wanted)}: {how})'


def least_of(row, medians):
    """What the limit program got; None unless all of it was measured."""
    parts = [medians.get((LIMIT, key)) for key in row.least or (row.key,)]
    return None if None in parts else sum(parts)


def verdict(row, medians):
    """In words, one goal after the other."""
    ours, least, words = medians.get((OURS, row.key)), least_of(row, medians), []
    for goal in row.goals:
        wanted = goal.limit_by(medians, row.key)
        if ours is None or wanted is None:
            words.append('not measured')
        elif rows.meets(goal, ours, wanted):
            words.append('met')
        else:
            words.append(missed(goal, ours, wanted, least))
    return '; '.join(words)


def ratio(medians, key):
    ours, theirs = (medians.get((product, key)) for product in (OURS, 'ocserv'))
    return number(ours / theirs) if ours is not None and theirs else ''


def table(results):
    """Markdown; without rows of which nothing was measured."""
    yield f'| minimum / **median** / maximum | {" | ".join(TITLES.values())} | by ocserv | goal | {LIMIT_TITLE} | |'
    yield '|---|' + '---|' * (len(TITLES) + 4)
    for row in rows.ROWS:
        cells = [cell(values_of(results, row.part, product, row.key)) for product in TITLES]
        least = cell(values_of(results, row.part, LIMIT, row.key))
        if all(text == '–' for text in (*cells, least)):
            continue
        medians = medians_of(results, row.part)
        goals = '; '.join(goal.words() for goal in row.goals)
        yield f'| {row.words} | {" | ".join(cells)} | {ratio(medians, row.key)} | {goals} | {least} | {verdict(row, medians)} |'


def footnotes(results):
    """When and where which part was measured."""
    found = {}
    for part, entries in results.items():
        for product, entry in entries.items():
            told, loads = found.setdefault(circumstances.words(entry['circumstances']), ({}, []))
            told.setdefault(part, []).append(f'{TITLES.get(product, LIMIT_TITLE)} × {len(entry["rounds"])}')
            loads.append(entry['circumstances']['load'])
    for known, (told, loads) in found.items():
        words = ', '.join(f'*{part}* ({", ".join(products)})' for part, products in told.items())
        yield f'- {words}: {known}; load average of the five minutes before each: {min(loads)} to {max(loads)}.'


def summary(results):
    """How many goals are met."""
    told = [verdict(row, medians_of(results, row.part)) for row in rows.ROWS if row.goals and row.part in results]
    words = [word for text in told for word in text.split('; ')]
    return (f'{words.count("met")} of {len(words)} goals are met, of {sum(word.startswith(SHOWN) for word in words)} the limit is shown, '
            f'{sum(word.startswith("**not met") for word in words)} are not met, '
            f'{words.count("not measured")} were not measured.')


def text(results):
    return '\n'.join([*table(results), '', summary(results), '', *footnotes(results)]) + '\n'

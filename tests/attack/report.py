# SPDX-License-Identifier: GPL-2.0-or-later
"""REPORT.md from results: {noun: {story: {product: {figures, seconds, circumstances, failure}}}}.

A row is ours when our figure meets its goal; without a goal it is there to be compared.  Where a limit of the machine was
measured in the same story, a goal beyond it is judged by how near we come."""

import os
import sys

import figures

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../lab'))
import circumstances  # noqa: E402
import nearness  # noqa: E402

TITLES = {'sallyport': 'Sallyport', 'ocserv': 'ocserv', 'openvpn': 'OpenVPN'}
RELATION_SIGNS = {'<=': '≤', '>=': '≥', '==': '='}
HEAD = """# What the attacks found

Written by `./run attack` from what is in `results`; README.md says what is attacked and how. Times and costs belong to one machine
and its mood: compare the columns, not the figures of two reports. *Ours by the goal* says that our figure meets the goal;
a figure without a goal is there to be compared. Where no program could meet a goal on that machine, since one that does nothing
but end what comes takes more, it says how many times that ours takes. Other products are attacked to compare with them, so that what they miss
is told and judged by nobody.
"""


def title_of(product):
    return TITLES.get(product, product)


def number(value):
    """Three digits that count, and whole numbers whole."""
    if isinstance(value, int) or float(value).is_integer():
        return f'{int(value):,}'.replace(',', ' ')
    return f'{value:.3g}' if abs(value) < 1000 else f'{value:.0f}'


def goal_words(told):
    if told['goal'] is None:
        return ''
    relation, limit = told['goal'].split()
    return f'{RELATION_SIGNS.get(relation, relation)} {number(float(limit))} {told["unit"]}'.strip()


def cell(told):
    return f'{number(told["value"])} {told["unit"]}'.strip() if told else '–'


def limit_of(told, entries):
    """What told by us is the limit of this machine for a figure of ours; None if nobody measured that."""
    return next((other for other in entries if other['attack'] == told['attack'] and 'limit_of' in other
                 and told['figure'].startswith(other['limit_of'])), None)


def is_limit_shown(told, limit):
    return limit is not None and nearness.is_limit_shown(told['value'], limit['value'], lambda value: figures.meets(value, told['goal']))


def missed(told, limit):
    if limit is None:
        return f'**not**: {cell(told)}'
    return f'{"" if is_limit_shown(told, limit) else "**not**, "}{nearness.words(told["value"], limit["value"])}'


def verdict(told, goal, entries):
    """told: ours; goal: the row's; entries: all that ours told."""
    if not goal:
        return ''
    if not told:
        return 'not measured'
    if told['goal'] is None:
        return ''
    return 'ours by the goal' if figures.meets(told['value'], told['goal']) else missed(told, limit_of(told, entries))


def products_in(stories):
    seen = [product for entries in stories.values() for product in entries]
    order = [*TITLES, *sorted(seen)]
    return sorted(set(seen) | {'sallyport'}, key=order.index)


def rows_of(stories):
    """{attack: {figure: {product: told}}}, in the order in which they were told."""
    found = {}
    for entries in stories.values():
        # What ours tells, with its goals, leads.
        for product in sorted(entries, key=lambda name: name != 'sallyport'):
            for told in entries[product]['figures']:
                found.setdefault(told['attack'], {}).setdefault(told['figure'], {})[product] = told
    return found


def table(rows, products):
    ours = [by_product['sallyport'] for by_product in rows.values() if 'sallyport' in by_product]
    yield f'| | goal | {" | ".join(map(title_of, products))} | |'
    yield '|---|---|' + '---|' * (len(products) + 1)
    for figure, by_product in rows.items():
        goal = goal_words(by_product.get('sallyport') or next(iter(by_product.values())))
        cells = ' | '.join(cell(by_product.get(product)) for product in products)
        yield f'| {figure} | {goal} | {cells} | {verdict(by_product.get("sallyport"), goal, ours)} |'


def circumstances_of(entry):
    known = entry['circumstances']
    return f'{circumstances.words(known)}; load average of the five minutes before: {known["load"]}'


def footnotes(stories):
    """When and where which story was told, and what did not end well."""
    by_circumstances = {}
    for story, entries in stories.items():
        for product, entry in entries.items():
            if entry['failure']:
                yield f'- {title_of(product)}, *{" ".join(story.split("_"))}*: {entry["failure"]}'
            by_circumstances.setdefault(circumstances_of(entry), []).append(f'{title_of(product)} ({entry["seconds"]} s)')
    for known, told in by_circumstances.items():
        yield f'- {", ".join(dict.fromkeys(told))}: {known}.'


def text(results):
    parts = [HEAD]
    for noun, stories in sorted(results.items()):
        parts.append(f'## {noun}\n')
        products = products_in(stories)
        for attack, rows in rows_of(stories).items():
            parts.append(f'### {attack[0].upper()}{attack[1:]}\n')
            parts.append('\n'.join(table(rows, products)) + '\n')
        parts.append('\n'.join(footnotes(stories)) + '\n')
    return '\n'.join(parts)


def is_ours(results):
    """Whether every story of ours ended well and every figure of it meets its goal, or comes near what is possible."""
    ours = [entries['sallyport'] for stories in results.values() for entries in stories.values() if 'sallyport' in entries]
    return all(not entry['failure'] and all(told['goal'] is None or figures.meets(told['value'], told['goal']) or
                                            is_limit_shown(told, limit_of(told, entry['figures']))
                                            for told in entry['figures']) for entry in ours)

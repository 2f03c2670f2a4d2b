#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The table says which goals are met, of which the limit is shown, and which are neither; and `limits` measures nothing else."""

import argparse
import sys
import types
import unittest

sys.dont_write_bytecode = True
import bench  # noqa: E402
import report  # noqa: E402
import rows  # noqa: E402

KNOWN = {'date': '2000-01-02', 'commit': 'abc', 'cpus': 2, 'machine': 'x', 'processor': '', 'kernel': '6', 'load': 0.5,
         'versions': {'ocserv': '1'}}
COST, RATE = 'TCP up, load client, datagrams: server CPU s/GB', 'flood up of single datagrams, 1400 bytes: 1000 a second'
HANDSHAKES = 'TLS handshakes a second and core'
PASSWORD = 'password (yescrypt), TCP connect to first answer through the tunnel, ms'


def results_of(part, key, **values):
    return {part: {product: {'rounds': [{key: value} for value in found], 'circumstances': KNOWN} for product, found in values.items()}}


def costs(**values):
    """Of a figure of which less is better, and ours is to be an eighth of ocserv's."""
    return results_of('bulk', 'load datagrams up cpu', ocserv=[8], **values)


def rates(**values):
    """Of one of which more is better: 1.5 times ocserv's."""
    return results_of('packets', 'flood 1400 kpps', ocserv=[1600 / 3], **values)


def row_of(results, words):
    return next(line for line in report.text(results).splitlines() if line.startswith(f'| {words} |'))


def told(results, words):
    return row_of(results, words).split(' | ')[-1].removesuffix(' |')


class Report(unittest.TestCase):
    def test_a_goal_is_met_whatever_the_limit(self):
        self.assertEqual(told(costs(sallyport=[1]), COST), 'met')
        self.assertEqual(told(costs(sallyport=[1], limit=[0.1]), COST), 'met')
        self.assertEqual(told(rates(sallyport=[800], limit=[9000]), RATE), 'met')

    def test_without_a_limit_a_missed_goal_is_not_met(self):
        self.assertEqual(told(costs(sallyport=[1.2]), COST), '**not met** (1.2, goal 1)')

    def test_near_a_limit_beyond_the_goal_the_limit_is_shown(self):
        self.assertEqual(told(costs(sallyport=[1.8], limit=[1.2]), COST), 'limit shown (1.8, goal 1: 1.50 times what is possible here)')
        self.assertEqual(told(rates(sallyport=[400], limit=[500]), RATE), 'limit shown (400, goal 800: what is possible here is 1.25 times that)')

    def test_far_from_the_limit_the_goal_is_not_met(self):
        self.assertEqual(told(costs(sallyport=[1.9], limit=[1.2]), COST), '**not met** (1.9, goal 1: 1.58 times what is possible here)')
        self.assertEqual(told(rates(sallyport=[300], limit=[500]), RATE), '**not met** (300, goal 800: what is possible here is 1.67 times that)')

    def test_a_goal_that_the_limit_program_meets_is_possible(self):
        self.assertEqual(told(costs(sallyport=[1.2], limit=[1]), COST), '**not met** (1.2, goal 1, within reach: 1.20 times what is possible here)')
        self.assertEqual(told(rates(sallyport=[700], limit=[800]), RATE),
                         '**not met** (700, goal 800, within reach: what is possible here is 1.14 times that)')

    def test_a_limit_program_that_does_clearly_worse_shows_nothing(self):
        words = 'clearly better than the limit program, which shows nothing then)'
        self.assertEqual(told(costs(sallyport=[1.2], limit=[1.6]), COST), f'**not met** (1.2, goal 1: {words}')
        self.assertEqual(told(rates(sallyport=[700], limit=[500]), RATE), f'**not met** (700, goal 800: {words}')
        self.assertEqual(told(costs(sallyport=[1.2], limit=[1.4]), COST), 'limit shown (1.2, goal 1: 0.86 times what is possible here)')

    def test_medians_are_judged_and_all_is_told(self):
        row = row_of(costs(sallyport=[1, 1.8, 9], limit=[0.5, 1.5, 1.7]), COST)
        self.assertIn('| 1 / **1.8** / 9 | 8 / **8** / 8 |', row)
        self.assertIn('| ≤ 1/8 × ocserv | 0.5 / **1.5** / 1.7 | limit shown', row)

    def test_goals_are_counted(self):
        results = {**costs(sallyport=[1.3], limit=[1.2]), **rates(sallyport=[800])}
        self.assertIn('1 of ', report.summary(results))
        self.assertIn(' goals are met, of 1 the limit is shown, 0 are not met, ', report.summary(results))

    def test_footnotes_name_the_limit_program(self):
        self.assertIn('ocserv × 1, Sallyport × 2, limit program × 1', report.text(costs(sallyport=[1, 2], limit=[1])))

    def test_a_limit_alone_has_its_rows(self):
        alone = {'packets': {'limit': rates(limit=[5])['packets']['limit']}}
        self.assertEqual(told(alone, RATE), 'not measured')
        self.assertIn('| 5 / **5** / 5 |', row_of(alone, RATE))

    def test_a_row_may_be_judged_by_another_figure_of_the_limit_program(self):
        results = results_of('setups', 'handshakes a core', ocserv=[100], sallyport=[500], limit=[900])
        results['setups']['limit']['rounds'][0]['handshakes apart a core'] = 600
        self.assertEqual(told(results, HANDSHAKES), 'limit shown (500, goal 800: what is possible here is 1.20 times that)')
        self.assertIn('| ≥ 8 × ocserv | 900 / **900** / 900 |', row_of(results, HANDSHAKES))
        self.assertIn('| 600 / **600** / 600 |', row_of(results, f'{HANDSHAKES}, the key in a process of its own'))

    def test_a_row_may_be_judged_by_the_sum_of_figures_that_were_all_measured(self):
        results = results_of('login', 'password alone', ocserv=[11], sallyport=[15], limit=[24])
        self.assertEqual(told(results, PASSWORD), '**not met** (15, goal 11)')
        results['login']['limit']['rounds'][0]['hash'] = 10
        self.assertEqual(told(results, PASSWORD), '**not met** (15, goal 11)')
        results['login']['limit']['rounds'][0]['cookie alone'] = 2
        self.assertEqual(told(results, PASSWORD), 'limit shown (15, goal 11: 1.25 times what is possible here)')

    def test_rows_have_names_of_their_own_within_a_part(self):
        keys = [(row.part, row.key) for row in rows.ROWS]
        self.assertEqual(len(keys), len(set(keys)))


def options(only, product=bench.WITH_LIMIT, rounds=None):
    return argparse.Namespace(only=only, product=product, rounds=rounds)


class Plan(unittest.TestCase):
    def test_limits_are_what_is_limited_of_the_limit_program_alone(self):
        self.assertEqual(list(bench.plan(options(['limits']))), [(part, ['limit'], bench.LIMIT_ROUNDS) for part in bench.LIMITED])
        self.assertTrue(all('limit' in bench.PARTS[part].products for part in bench.LIMITED))

    def test_what_is_measured_with_its_limit_is_not_measured_again(self):
        parts = [part for part, _, _ in bench.plan(options(['setups', 'limits']))]
        self.assertEqual(sorted(parts), sorted(bench.LIMITED))
        self.assertEqual([products for part, products, _ in bench.plan(options(['setups', 'limits'], ['sallyport'])) if part == 'setups'],
                         [['sallyport'], ['limit']])

    def test_what_has_no_limit_is_measured_without(self):
        self.assertEqual(list(bench.plan(options(['idle'], ['limit']))), [])


class Rounds(unittest.TestCase):
    def test_begin_with_another_product_each(self):
        products = ['a', 'b', 'c']
        orders = [bench.in_turn(products, number) for number in range(4)]
        self.assertEqual(orders, [['a', 'b', 'c'], ['b', 'c', 'a'], ['c', 'a', 'b'], ['a', 'b', 'c']])

    def kept(self, **changed):
        results = costs(limit=[1])
        bench.keep(results, dict(results['bulk']), 'bulk', 'limit', {**KNOWN, **changed},
                   types.SimpleNamespace(result=lambda: {'load datagrams up cpu': 2}))
        return [found['load datagrams up cpu'] for found in results['bulk']['limit']['rounds']]

    def test_are_added_to_those_of_the_same_commit_and_machine(self):
        self.assertEqual(self.kept(load=3), [1, 2])

    def test_stand_alone_where_the_others_are_of_another(self):
        self.assertEqual(self.kept(commit='def'), [2])
        self.assertEqual(self.kept(kernel='7'), [2])


if __name__ == '__main__':
    unittest.main()

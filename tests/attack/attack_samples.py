#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The report says what was measured: goals met and missed, columns, what is not there."""

import sys
import unittest

sys.dont_write_bytecode = True
import figures  # noqa: E402
import report  # noqa: E402

KNOWN = {'date': '2000-01-02', 'commit': 'abc', 'cpus': 2, 'machine': 'x', 'kernel': '6', 'load': 0.5, 'versions': {'ocserv': '1'}}


def entry(*told, failure=None):
    return {'figures': [dict(zip(('attack', 'figure', 'value', 'goal', 'unit'), one)) for one in told], 'seconds': 3,
            'circumstances': KNOWN, 'failure': failure}


class Report(unittest.TestCase):
    def test_goals(self):
        for value, goal, met in ((0, '== 0', True), (1, '== 0', False), (20, '<= 20', True), (1, '< 1', False), (96, '>= 95', True)):
            self.assertIs(figures.meets(value, goal), met, (value, goal))

    def test_a_goal_that_is_met_is_ours_and_one_that_is_missed_is_told_with_the_figure(self):
        results = {'stale': {'a_story': {'sallyport': entry(('junk', 'lost', 0, '== 0', 'packets'), ('junk', 'cost', 21.5, '<= 20', 'µs')),
                                         'ocserv': entry(('junk', 'lost', 7, '== 0', 'packets'))}}}
        text = report.text(results)
        self.assertIn('| | goal | Sallyport | ocserv | |', text)
        self.assertIn('| lost | = 0 packets | 0 packets | 7 packets | ours by the goal |', text)
        self.assertIn('| cost | ≤ 20 µs | 21.5 µs | – | **not**: 21.5 µs |', text)
        self.assertFalse(report.is_ours(results))

    def test_what_others_miss_is_not_judged(self):
        results = {'stale': {'a_story': {'sallyport': entry(('junk', 'lost', 0, '== 0', '')),
                                         'ocserv': entry(('junk', 'lost', 7, '== 0', ''), failure='it fell')}}}
        self.assertTrue(report.is_ours(results))
        self.assertIn('- ocserv, *a story*: it fell', report.text(results))

    def test_a_story_of_ours_that_failed_is_not_ours(self):
        self.assertFalse(report.is_ours({'stale': {'a_story': {'sallyport': entry(failure='it fell')}}}))

    def test_what_only_others_were_measured_by_is_said(self):
        self.assertIn('| not measured |', report.text({'stale': {'a_story': {'openvpn': entry(('junk', 'lost', 7, '== 0', ''))}}}))
        self.assertNotIn('not measured', report.text({'stale': {'a_story': {'openvpn': entry(('junk', 'lost', 7, None, ''))}}}))

    def test_a_goal_beyond_the_machine_is_judged_by_what_is_possible_there(self):
        limit = {'attack': 'junk', 'figure': 'what nothing costs', 'value': 16, 'goal': None, 'unit': 'µs', 'limit_of': 'cost'}
        for least, cost, words, ours in ((16, 20, '1.25 times what is possible here', True), (16, 25, '**not**, 1.56 times what is possible here', False),
                                         (14, 20, '**not**, 1.43 times what is possible here', False)):
            told = entry(('junk', 'cost of one', cost, '<= 15', 'µs'))
            told['figures'].append({**limit, 'value': least})
            results = {'stale': {'a_story': {'sallyport': told}}}
            self.assertIn(f'| {words} |', report.text(results))
            self.assertIs(report.is_ours(results), ours, cost)

    def test_numbers_keep_what_counts(self):
        self.assertEqual([report.number(value) for value in (0, 41000, 0.61234, 1234.5, 20.0)], ['0', '41 000', '0.612', '1234', '20'])


if __name__ == '__main__':
    unittest.main()

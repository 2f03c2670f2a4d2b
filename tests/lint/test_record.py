#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The record of the bus interfaces: each way to break a caller is found, and additions are told apart from it."""

import unittest
import xml.etree.ElementTree as tree

import record_interfaces

INTERFACE = """<node><interface name='a.B'>
<!-- Go:
     @what: "not-a-key" (s).
     @options: "far" (u): how far; "left" and
       "right"
     (b); "mode" (s): "fast" (when not given).
     @since: 1

     Goes "away" (s). -->
<method name='Go'><arg type='s' name='what' direction='in'/><arg type='a{sv}' name='options' direction='in'/>
<arg type='o' name='job' direction='out'/></method>
<property name='Size' type='u' access='read'/>
<signal name='Gone'><arg type='o' name='job'/></signal></interface></node>"""
CHANGES = (  # each breaks a caller
    ("name='a.B'", "name='a.C'"), ("name='Go'", "name='Come'"), ("type='s' name='what'", "type='u' name='what'"),
    ("<arg type='o' name='job' direction='out'/>", ''), ("type='u' access", "type='t' access"), ("'read'", "'write'"),
    ("name='Size'", "name='Length'"), ("name='Gone'", "name='Left'"), ("<arg type='o' name='job'/>", "<arg type='s' name='job'/>"),
    ('"far" (u)', '"far" (t)'), ('"left" and\n       ', ''), ("direction='in'/><arg type='a{sv}'", "direction='out'/><arg type='a{sv}'"),
)
TABLE = '#define CONTROL SP_POLKIT_PREFIX "control"\n  { SERVER,  SP_BUS_READ,  NULL,  NULL },\n' \
    '  { SERVER,  "Start",  CONTROL,  N_ ("To start") },\n'


def facts(text):
    parser = tree.XMLParser(target=tree.TreeBuilder(insert_comments=True))
    return list(record_interfaces.facts_of_interfaces(tree.fromstring(text, parser)))


class Record(unittest.TestCase):
    def test_facts(self):
        self.assertEqual(facts(INTERFACE), [
            'interface a.B', 'method a.B.Go (in s what, in a{sv} options, out o job)', 'key a.B.Go options far u',
            'key a.B.Go options left b', 'key a.B.Go options right b', 'key a.B.Go options mode s',
            'property a.B.Size u read', 'signal a.B.Gone (out o job)'])

    def test_breaking_changes(self):
        for old, new in CHANGES:
            self.assertIn(old, INTERFACE)
            faults = list(record_interfaces.compare(facts(INTERFACE), facts(INTERFACE.replace(old, new))))
            self.assertTrue(any(breaks for breaks, _ in faults), (old, new))

    def test_additions(self):
        more = INTERFACE.replace('</interface>', "<property name='More' type='s' access='read'/></interface>")
        faults = list(record_interfaces.compare(facts(INTERFACE), facts(more)))
        self.assertEqual([breaks for breaks, _ in faults], [False])
        self.assertEqual(list(record_interfaces.compare(facts(more), facts(more))), [])

    def test_permissions(self):
        rows = list(record_interfaces.facts_of_permissions(TABLE))
        self.assertEqual(rows, ['permission server reading needs nothing', 'permission server Start needs control'])
        for changed in (TABLE.replace('"Start",  CONTROL', '"Start",  NULL'), '\n'.join(TABLE.split('\n')[:2])):
            faults = record_interfaces.compare(rows, list(record_interfaces.facts_of_permissions(changed)))
            self.assertTrue(any(breaks for breaks, _ in faults))


if __name__ == '__main__':
    unittest.main()

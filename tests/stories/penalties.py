# SPDX-License-Identifier: GPL-2.0-or-later
"""From where connections are turned away, in words; and what an attack looks like."""

import re

from theatre import NAME, SERVER, expect, wait_for

IFACE = f'{NAME}.Server'


def penalties(stage):
    return stage.control('root', 'penalty', 'list', '--json').must().json['penalties']


def health(stage):
    entries = stage.control('root', 'check', '--json').json['health']
    return {entry['id']: entry['details'] for entry in entries}.get('under-attack')


def story_penalties(stage):
    """From where connections are turned away is told with counts and words, to those who may monitor."""
    stage.control('root', 'status').must()
    expect(penalties(stage) == [])
    stage.backdoor('flood 0 198.51.100.0/24 41000')
    stage.backdoor('flood 1 203.0.113.7 12')
    wait_for('both rows', lambda: len(penalties(stage)) == 2)
    first, second = penalties(stage)
    expect((first['network'], first['refused'], first['causes'], first['blocked']) == ('198.51.100.0/24', 41000, {'penalty': 41000}, False), first)
    expect(re.fullmatch(r'refused 41 000 connections from 198\.51\.100\.0/24 since (\d{4}-\d\d-\d\d )?\d\d:\d\d', first['text']), first)
    expect(first['since-usec'] <= first['last-at-usec'] <= first['until-usec'] and first['since-usec'] > 0, first)
    expect(second['network'] == '203.0.113.7' and second['text'].startswith('refused 12 connections from 203.0.113.7 since'), second)
    shown = stage.control('root', 'penalty', 'list').must().out.splitlines()
    expect(shown[0].split()[:2] == ['FROM', 'REFUSED'] and shown[1].split()[:2] == ['198.51.100.0/24', '41000'], shown)
    expect('penalty 41000' in shown[1], shown)
    chosen = stage.control('root', 'penalty', 'list', '--terse', '--fields', 'network,refused').must().out
    expect(chosen.splitlines() == ['198.51.100.0/24:41000', '203.0.113.7:12'], chosen)
    stage.control('root', 'ban', 'add', '198.51.0.0/16').must()
    expect([row['blocked'] for row in penalties(stage)] == [True, False], penalties(stage))
    for user, error in (('bob', 'NotAuthorized'), ('carol', 'NotAuthorizedCanObtain')):
        expect(stage.call(user, SERVER, IFACE, 'ListPenalties', '(@a{sv} {},)').must(1).out.startswith(error + '\n'), user)
    expect(stage.call('root', SERVER, IFACE, 'ListPenalties', "({'x': <1>},)").must(1).out.startswith('InvalidArgs\n'))


def story_attack(stage):
    """An attack stands in the health as long as it lasts, says what can be done, and is one row of the history."""
    stage.control('root', 'status').must()
    expect(health(stage) is None)
    stage.backdoor('flood 0 198.51.100.0/24 41000')
    stage.backdoor('attack 41500 7 3')
    wait_for('the entry', lambda: health(stage))
    entry = health(stage)
    expect((entry['connections'], entry['datagrams'], entry['networks'], entry['network']) == (41500, 7, 3, '198.51.100.0/24'), entry)
    expect('41 500 connections from 3 networks and 7 datagrams' in entry['text'] and 'can be blocked' in entry['text'], entry)
    expect('under attack since' in stage.control('eve', 'status').must().out)
    stage.control('root', 'ban', 'add', '198.51.100.0/24').must()
    wait_for('the ban in the entry', lambda: 'network' not in health(stage))
    stage.backdoor('attack 52000 7 3')
    stage.backdoor('attack')
    wait_for('the end', lambda: health(stage) is None)
    rows = stage.control('root', 'events', '--kind', 'attack', '--json').must().json['events']
    row, = rows
    expect((row['times'], row['address'], row['who']) == (52000, '198.51.100.0/24', ''), row)
    expect(row['text'] == 'refused 52 000 connections from 3 networks and 7 datagrams', row)
    stage.backdoor('attack 300 0 1')
    wait_for('another row', lambda: len(stage.control('root', 'events', '--kind', 'attack', '--json').must().json['events']) == 2)

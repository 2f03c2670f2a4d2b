# SPDX-License-Identifier: GPL-2.0-or-later
"""What was."""

import contextlib
import json
import sqlite3

import machine
from theatre import FOLDER, NAME, SERVER, expect, read, wait_for
from whole import Client, add, sessions, start

SOMEBODY = '0' * 32
EMPTY = '@a{sv} {}'


def call(stage, who, method, arguments):
    return stage.call(who, SERVER, f'{NAME}.Server', method, arguments)


def history(stage, *options):
    return stage.control('root', 'history', *options, '--json').must().json['history']


def story_history_refused(stage):
    """Impossible filters, pages and users of the history are refused by name, and it is shown to nobody who may not look."""
    for pages in ("{'Nobody': <'x'>}, '', uint32 1", "{'Since': <'x'>}, '', uint32 1", "{'Since': <uint32 1>}, '', uint32 1", "{'User': <'anna'>}, '', uint32 1",
                  "{'User': <'%s'>}, '', uint32 1" % ('g' * 32), "{'Login': <''>}, '', uint32 1", "{'Login': <'%s'>}, '', uint32 1" % ('x' * 65),
                  "{'Reason': <'a\\nb'>}, '', uint32 1", f"{EMPTY}, '', uint32 0", f"{EMPTY}, '', uint32 501", f"{EMPTY}, 'x', uint32 1", f"{EMPTY}, '1.', uint32 1",
                  f"{EMPTY}, '-1.1', uint32 1", f"{EMPTY}, '1.1.1', uint32 1", f"{EMPTY}, '99999999999999999999.1', uint32 1",
                  f"{EMPTY}, '%s', uint32 1" % ('1' * 9999)):
        refused = call(stage, 'root', 'ListHistory', f'({pages}, {EMPTY})').must(1)
        expect(refused.out.startswith('InvalidArgs\n'), pages, refused)
    for user in ('', 'anna', '0' * 31, '0' * 33, '../' * 11, '0' * 65536):
        refused = call(stage, 'root', 'EraseHistory', f"('{user}', {EMPTY})").must(1)
        expect(refused.out.startswith('InvalidArgs\n'), user, refused)
    call(stage, 'root', 'ListHistory', f"({{'Since': <uint64 18446744073709551615>}}, '5.5', uint32 500, {EMPTY})").must()
    call(stage, 'alice', 'ListHistory', f"({EMPTY}, '', uint32 1, {EMPTY})").must()
    for method, arguments in (('ListHistory', f"({EMPTY}, '', uint32 1, {EMPTY})"), ('EraseHistory', f"('{SOMEBODY}', {EMPTY})")):
        expect(call(stage, 'bob', method, arguments).must(1).out.startswith('NotAuthorized'), method)
    for words in (['--limit', '0'], ['--since', 'yesterday'], ['--since', '2026-13-01'], ['--until', '5'], ['x']):
        stage.control('root', 'history', *words).must(4)
    stage.control('root', 'user', 'erase-history', SOMEBODY).must(2)
    stage.control('root', 'user', 'erase-history', 'nobody').must(3)


def story_history(stage):
    """Sessions of a real client are in the history with the reasons why they ended, also when the server was stopped, until erased."""
    pin = start(stage)['certificate-pin']
    password = add(stage, 'anna')
    for _ in range(3):
        client = Client(stage, pin, 'anna', password).connected()
        wait_for('the session', lambda: sessions(stage))
        stage.control('root', 'session', 'disconnect', '--all').must()
        client.ended()
        wait_for('the end', lambda: not sessions(stage))
    client = Client(stage, pin, 'anna', password).connected()
    row = wait_for('the row', lambda: [row for row in history(stage) if row['reason'] == ''])[0]
    stage.control('root', 'user', 'set', 'anna', 'full-name=Anna Keller').must()
    expect(history(stage)[0]['full-name'] == 'Anna Keller', history(stage))
    expect(row['session'] == sessions(stage)[0]['id'] and row['full-name'] == '' and row['ended-at'] is None and row['transport'] in ('dtls', 'tls'), row)
    stage.control('root', 'stop').must()
    client.ended()
    rows = history(stage)
    expect([row['reason'] for row in rows] == ['turned-off'] + 3 * ['disconnected'], rows)
    expect(all(later['started-at-usec'] >= earlier['ended-at-usec'] for later, earlier in zip(rows, rows[1:])), rows)
    pages, cursor = [], ''
    for _ in range(4):
        page = call(stage, 'root', 'ListHistory', f"({EMPTY}, '{cursor}', uint32 1, {EMPTY})").must().out
        cursor = page.rsplit("'", 2)[1]
        pages.append(page)
    expect(cursor == '' and [row['session'] in page for row, page in zip(rows, pages)] == 4 * [True], pages)
    expect(history(stage, '--user', 'anna', '--reason', 'turned-off') == rows[:1])
    expect(history(stage, '--since', '1h', '--limit', '2') == rows[:2])
    expect(history(stage, '--until', '2020-01-01') == [])
    expect('disconnected' in stage.control('root', 'history').must().out)
    expect(stage.control('root', 'history', '-g', 'login,reason').must().out == 'anna:turned-off\n' + 3 * 'anna:disconnected\n')
    expect(stage.control('root', 'history', '-f', 'session,reason', '--json').must().json['history'] ==
           [{'session': row['session'], 'reason': row['reason']} for row in rows])
    expect('4 sessions' in stage.control('root', 'user', 'erase-history', 'anna').must().out)
    expect(history(stage) == [])


def fill(n):
    """As if the server had served for years; it is off meanwhile."""
    with contextlib.closing(sqlite3.connect('/var/lib/sallyport/sallyport.db')) as database:
        database.executemany(
            'INSERT INTO history (session, user, login, client_name, user_agent, remote_address, addresses, transport, started, seen, ended,'
            " reason, rx_bytes, tx_bytes, device, device_name) VALUES (randomblob(16), ?, ?, 'a \"phone\"', 'agent', '192.0.2.1:5', '10.0.0.2 fd00::2',"
            " 'dtls', ?, ?, ?, 'logout', 7, 9, zeroblob(16), '')",
            ((bytes([1 + i % 3]) * 16, 'anna' if i % 2 else 'bert\u00e9', i * 1000, i * 1000, i * 1000 + 5) for i in range(1, n + 1)))
        database.commit()


def story_history_stream(stage):
    """All of the history comes as lines, in order, filtered, and a reader who ends or dawdles harms nobody."""
    start(stage)
    stage.control('root', 'stop').must()
    fill(50000)
    lines = stage.control('root', 'history', '--lines').must().out.splitlines()
    rows = [json.loads(line) for line in lines]
    expect(len(rows) == 50000 and rows[0]['started-at-usec'] == 50000000 and rows[-1]['started-at-usec'] == 1000, len(rows))
    expect(rows == sorted(rows, key=lambda row: -row['started-at-usec']))
    expect(rows[0]['client-name'] == 'a "phone"' and rows[0]['addresses'] == ['10.0.0.2', 'fd00::2'] and rows[0]['login'] == 'bert\u00e9', rows[0])
    page = history(stage, '--limit', '2')
    expect({name: value for name, value in page[0].items() if name in rows[0]} == {name: rows[0][name] for name in page[0] if name in rows[0]}, page[0], rows[0])
    expect(set(page[0]) - set(rows[0]) == {'started-at', 'ended-at', 'full-name'}, page[0], rows[0])
    expect(len(stage.control('root', 'history', '--lines', '--user', 'anna').must().out.splitlines()) == 25000)
    expect(stage.control('root', 'history', '--lines', '--reason', 'idle').must().out == '')
    # Readers that do not read: the fifth is refused, the others' pages go on, and the end of one makes room.
    logs = [f'{FOLDER}/reader-{number}.log' for number in range(4)]
    for log in logs:
        stage.started.append(machine.start(['sh', '-c', 'sallyportctl history --lines | (read line; echo reading; sleep 60)'], log))
    wait_for('four readers', lambda: all('reading' in read(log) for log in logs))
    expect('others read' in stage.control('root', 'history', '--lines').must(1).err)
    expect(len(history(stage, '--limit', '3')) == 3)
    stage.run('root', 'pkill', '-f', 'sallyportctl history').must()
    wait_for('room', lambda: stage.control('root', 'history', '--lines').status == 0)
    expect(call(stage, 'bob', 'OpenHistory', f'({EMPTY}, {EMPTY})').must(1).out.startswith('NotAuthorized'))

# SPDX-License-Identifier: GPL-2.0-or-later
"""The service's log on the bus."""

import json
import subprocess

from theatre import NAME, SERVER, expect, wait_for

IFACE = f'{NAME}.Server'


def story_who_may(stage):
    """Who may not look gets no log."""
    stage.control('root', 'status').must()
    stage.control('bob', 'log').must(5)
    refused = stage.call('bob', SERVER, IFACE, 'OpenLog', '(@a{sv} {}, @a{sv} {})').must(1)
    expect(refused.out.startswith('NotAuthorized\n'), refused)
    stage.control('alice', 'log').must()


def story_wishes(stage):
    """Impossible wishes are refused by name."""
    for words in ("({'Level': <'loud'>}, @a{sv} {})", "({'nonsense': <1>}, @a{sv} {})", "(@a{sv} {}, {'format': <'xml'>})",
                  "(@a{sv} {}, {'backlog': <uint32 513>})", "({'Session': <'1'>}, @a{sv} {})"):
        refused = stage.call('root', SERVER, IFACE, 'OpenLog', words).must(1)
        key = words.split("'")[1]
        expect(refused.out.startswith('InvalidArgs\n') and key in refused.out, words, refused)
    stage.control('root', 'log', '--level', 'loud').must(4)


def story_shipped(stage):
    """The shipped daemon tells its life, line by line, while somebody follows."""
    import whole
    whole.start(stage)
    lines = [json.loads(line) for line in stage.control('root', 'log', '--json').must().out.splitlines()]
    expect(any(line['message'] == 'starting → on' and line['subject'] == 'server' and line['level'] == 'notice' for line in lines), lines)
    expect(all(line['time'].endswith('Z') and line['room'] == 'main' and line['time-usec'] > 0 for line in lines), lines)
    follower = subprocess.Popen(['sallyportctl', 'log', '--follow', '--lines', '0', '--json'], stdout=subprocess.PIPE, text=True)
    secret = stage.secret('not-in-the-log-7')
    wait_for('the follower', lambda: follower.poll() is None and stage.control('root', 'log', '--lines', '1').must())
    stage.control('root', 'user', 'add', 'anna', '--password-file', '-', text=secret + '\n').must()
    stage.control('root', 'stop').must()
    told = []
    while not told or told[-1]['message'] != 'stopping → off':
        told.append(json.loads(follower.stdout.readline()))
    expect(not any(secret in line['message'] for line in told), told)
    follower.terminate()
    follower.wait()
    expect('stopping → off' in stage.control('root', 'log', '--lines', '5').must().out)

# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes of the settings that come back by themselves unless they are confirmed."""

import time

from theatre import NAME, SERVER, expect, read, wait_for
from whole import start

EMPTY = '@a{sv} {}'
SHIPPED = '/etc/sallyport/sallyport.conf'


def checkpoint(stage):
    return stage.get('eve', SERVER, 'Server', 'Checkpoint').must().out.strip()


def setting(stage, key):
    return stage.control('root', 'config', 'get', key).must().out.strip()


def change(stage, seconds, *words):
    return stage.control('root', 'config', 'set', *words, '--confirm-within', str(seconds), '--json').must().json['checkpoint']


def call(stage, method, arguments, user='root'):
    return stage.call(user, SERVER, f'{NAME}.Server', method, arguments)


def story_checkpoint(stage):
    """Changed settings stay when they are confirmed, come back when they are not, and there is one such change at a time."""
    stage.use_shipped_service()
    log = stage.listen('root', '--look')
    stage.control('root', 'config', 'set', 'dpd=100').must()
    before = read(SHIPPED)
    first = change(stage, 60, 'dpd=60', 'mtu=1300')
    expect(first in checkpoint(stage) and setting(stage, 'dpd') == '60', checkpoint(stage))
    expect(call(stage, 'CreateCheckpoint', f'(uint32 60, {EMPTY})').must(1).out.startswith('CheckpointActive\n'))
    expect('waits to be confirmed' in stage.control('root', 'reset', '--yes').must(1).err)
    for seconds in ('4', '3601', '4294967295'):
        expect(call(stage, 'CreateCheckpoint', f'(uint32 {seconds}, {EMPTY})').must(1).out.startswith('InvalidArgs\n'), seconds)
    for method in ('ConfirmCheckpoint', 'RollbackCheckpoint'):
        expect(call(stage, method, f"('nonsense', {EMPTY})").must(1).out.startswith('NotFound\n'), method)
        expect(call(stage, method, f"('{first}', {EMPTY})", 'bob').must(1).out.startswith('NotAuthorized\n'), method)
    stage.control('root', 'config', 'rollback').must()
    expect(read(SHIPPED) == before and checkpoint(stage) == '(<@a{sv} {}>,)', checkpoint(stage))
    stage.control('root', 'config', 'rollback', first).must(3)
    second = change(stage, 5, 'dpd=60')
    stage.control('root', 'config', 'confirm').must()
    stage.control('root', 'config', 'set', 'dpd=100').must()
    third = change(stage, 5, 'dpd=61')
    wait_for('the settings of before', lambda: setting(stage, 'dpd') == '100', 15)
    expect(read(SHIPPED) == before, read(SHIPPED))
    ends = [line for line in read(log).splitlines() if 'CheckpointEnded' in line]
    told = [(first, 'rolled-back'), (second, 'confirmed'), (third, 'expired')]
    expect(len(ends) == 3 and all(part in line for line, parts in zip(ends, told) for part in parts), ends)
    stage.control('root', 'config', 'set', 'dpd=nonsense', '--confirm-within', '60').must(4)
    expect(checkpoint(stage) == '(<@a{sv} {}>,)', checkpoint(stage))


def port(stage):
    status = stage.control('eve', 'status', '--json').json or {}
    return status.get('port')


def story_checkpoint_restart(stage):
    """A range comes back without a restart, and the settings also when the server was turned off meanwhile."""
    def began():
        return (stage.control('eve', 'status', '--json').json or {}).get('started-at-usec', 0)
    start(stage)
    change(stage, 8, 'ipv4-range=10.99.0.0/24')
    before = began()
    expect(port(stage) == 443 and setting(stage, 'ipv4-range') == '10.99.0.0/24')
    wait_for('the range of before', lambda: setting(stage, 'ipv4-range') == 'auto' and port(stage) == 443 and began() == before, 20)
    change(stage, 60, 'dpd=60')
    stage.control('root', 'stop').must()
    stage.control('root', 'config', 'rollback').must()
    expect(port(stage) == 443 and setting(stage, 'dpd') != '60', 'it was on')


def story_checkpoint_killed(stage):
    """The time goes on over a service that is killed; what is over then has come back before anything else is done."""
    start(stage)
    before = setting(stage, 'dpd')
    change(stage, 6, 'dpd=60', 'port=4443')
    stage.run('root', 'pkill', '-KILL', '-x', 'sallyportd').must()
    wait_for('being on', lambda: port(stage) == 4443)
    expect('Until' in checkpoint(stage), checkpoint(stage))
    wait_for('the port of before', lambda: port(stage) == 443, 20)
    expect(setting(stage, 'dpd') == before)
    change(stage, 5, 'dpd=60', 'port=4443')
    stage.run('root', 'pkill', '-KILL', '-x', 'sallyportd').must()
    time.sleep(5.5)
    wait_for('being on', lambda: port(stage) == 443)
    expect(setting(stage, 'dpd') == before and checkpoint(stage) == '(<@a{sv} {}>,)', checkpoint(stage))


def story_restart_idle(stage):
    """A restart that waits for nobody to be connected comes at once where nobody is, and says when it is off."""
    stage.use_shipped_service()
    stage.control('root', 'start').must()
    began = stage.control('root', 'status', '--json').must().json['started-at-usec']
    expect(call(stage, 'Restart', "({'when': <'sometime'>},)", 'root').must(1).out.startswith('InvalidArgs\n'))
    expect(call(stage, 'Restart', "({'when': <'idle'>},)", 'bob').must(1).out.startswith('NotAuthorized\n'))
    expect(stage.control('root', 'restart', '--when-idle', '--json').must().json['when'] == 'idle')

    def is_new():
        facts = stage.control('root', 'status', '--json').must().json
        return facts['state'] == 'on' and facts['started-at-usec'] > began and facts['restart-pending'] is False
    wait_for('the restart', is_new)
    stage.control('root', 'restart', '--cancel').must()
    stage.control('root', 'stop').must()
    stage.control('root', 'restart', '--when-idle').must()
    expect(stage.control('root', 'status', '--json').must().json['state'] == 'on', 'a server that was off')


def story_restart(stage):
    """A restart turns the server off and on, and one that is off on; nobody may who may not stop it."""
    stage.use_shipped_service()
    stage.control('root', 'start').must()
    began = stage.control('root', 'status', '--json').must().json['started-at-usec']
    stage.control('root', 'restart').must()
    facts = stage.control('root', 'status', '--json').must().json
    expect(facts['state'] == 'on' and facts['started-at-usec'] > began, facts)
    expect(call(stage, 'Restart', f'({EMPTY},)', 'bob').must(1).out.startswith('NotAuthorized\n'))
    stage.control('root', 'stop').must()
    expect('The server is on.' in stage.control('root', 'restart').must().out, 'a server that was off')

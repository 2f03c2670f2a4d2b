# SPDX-License-Identifier: GPL-2.0-or-later
"""The computer stays awake while the server is on, if its owner wants that."""

import logind
from theatre import FOLDER, SERVER, Skipped, expect, read, wait_for


def start_logind(states='freeze mem'):
    if not logind.is_here():
        raise Skipped('there is no systemd-logind, or no kernel that knows of sleep')
    return logind.start(states)


def health(stage):
    return [entry['id'] for entry in stage.control('root', 'check', '--json').json['health']]


def keep_awake(stage, word):
    stage.control('root', 'config', 'set', f'keep-awake={word}').must()


def story_awake(stage):
    """While the server is on the computer does not sleep, if the owner wants that."""
    start_logind()
    keep_awake(stage, 'yes')
    expect(not logind.is_kept_awake(), 'it is kept awake by a server that is off')
    stage.control('root', 'start').must()
    wait_for('the inhibitor', logind.is_kept_awake)
    expect('block' in logind.inhibitors(), logind.inhibitors())
    expect(health(stage) == [], health(stage))
    keep_awake(stage, 'no')
    wait_for('its end with the setting', lambda: not logind.is_kept_awake())
    keep_awake(stage, 'yes')
    wait_for('the inhibitor again', logind.is_kept_awake)
    stage.control('root', 'stop').must()
    wait_for('its end with the server', lambda: not logind.is_kept_awake())


def story_told(stage):
    """The owner is told that the computer may sleep, and what mends it."""
    start_logind()
    expect(health(stage) == [], 'a server that is off needs nobody awake')
    stage.control('root', 'start').must()
    wait_for('the entry', lambda: health(stage) == ['may-sleep'])
    said = stage.get('root', SERVER, 'Server', 'Health').must().out
    expect("'Changes': <{'KeepAwake': <true>}>" in said, said)
    expect('keep-awake' in stage.control('root', 'check').must(1).out)
    keep_awake(stage, 'yes')
    wait_for('nothing to look after', lambda: health(stage) == [])
    keep_awake(stage, 'no')
    wait_for('the entry', lambda: health(stage) == ['may-sleep'])
    stage.control('root', 'stop').must()
    expect(health(stage) == [], health(stage))


def story_restart(stage):
    """When logind ends and comes back, the computer is kept awake again."""
    process = start_logind()
    keep_awake(stage, 'yes')
    stage.control('root', 'start').must()
    wait_for('the inhibitor', logind.is_kept_awake)
    process.kill()
    process.wait()
    # It forgets whom nobody holds the other end of; so what is found is a new one.
    before = read(f'{FOLDER}/bus.log').count('stays awake')
    logind.begin()
    wait_for('the inhibitor again', lambda: logind.is_kept_awake() and read(f'{FOLDER}/bus.log').count('stays awake') == before + 1)
    expect(logind.inhibitors().count('Sallyport') == 1, logind.inhibitors())
    stage.control('root', 'stop').must()
    wait_for('its end', lambda: not logind.is_kept_awake())


def story_never_sleeps(stage):
    """A computer that cannot sleep has nothing to be told of, and one without logind neither."""
    stage.control('root', 'start').must()
    keep_awake(stage, 'yes')
    expect(health(stage) == [], health(stage))
    keep_awake(stage, 'no')
    start_logind('')
    keep_awake(stage, 'yes')
    # Inhibit() was answered, so CanSuspend() was before.
    wait_for('the inhibitor', logind.is_kept_awake)
    keep_awake(stage, 'no')
    wait_for('its end', lambda: not logind.is_kept_awake())
    expect(health(stage) == [], health(stage))

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""stage.py list | stage.py BUILD MODULE FUNCTION

Plays one story: in a throw-away machine with the distribution's own system bus and polkitd, and with
everything that the build installs.  A story is a function story_… whose docstring is its sentence."""

import importlib
import inspect
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(HERE, '../lab')]

MODULES = (
    'authorisation',
    'bans',
    'blocks',
    'boot',
    'backups',
    'bundles',
    'certificates',
    'checkpoints',
    'configuration',
    'control',
    'devices',
    'documents',
    'durability',
    'events',
    'groups',
    'history',
    'logs',
    'penalties',
    'invitations',
    'jobs',
    'remote',
    'sessions',
    'sleep',
    'storage',
    'surroundings',
    'surface',
    'two_steps',
    'users',
    'whole',
)
INSIDE = '--inside'
UNSHARE = ['setpriv', '--pdeathsig', 'KILL', 'unshare', '--mount', '--net', '--pid', '--ipc', '--uts', '--cgroup',
           '--fork', '--kill-child=KILL', '--mount-proc', '--propagation', 'private', '--']
SKIPPED = 77


def stories():
    for module in MODULES:
        for name, function in inspect.getmembers(importlib.import_module(module), inspect.isfunction):
            if name.startswith('story_'):
                yield module, name, inspect.getdoc(function).splitlines()[0].rstrip('.')


def play(build, module, function):
    import machine
    import theatre

    machine.prepare()
    try:
        with theatre.Theatre(build) as stage:
            getattr(importlib.import_module(module), function)(stage)
    except theatre.Skipped as reason:
        print(f'skipped: {reason}')
        return SKIPPED
    return 0


def main(arguments):
    if arguments == ['list']:
        for story in stories():
            print('|'.join(story))
        return 0
    if os.geteuid() != 0:
        print('a story needs a machine of its own, and that needs root')
        return SKIPPED
    if arguments[0] == INSIDE:
        return play(*arguments[1:])
    return subprocess.run([*UNSHARE, sys.executable, __file__, INSIDE, *arguments], check=False).returncode


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

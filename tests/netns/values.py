# SPDX-License-Identifier: GPL-2.0-or-later
"""What the owner sets of the lab's user, over the bus."""

import os

import lab

NAME, PREFIX = 'org.sallyport.Sallyport1', 'org.sallyport.Sallyport1'


def _arguments(value):
    """A value as busctl(1) takes a variant."""
    if isinstance(value, bool):
        return ['b', 'true' if value else 'false']
    if isinstance(value, int):
        return ['t', str(value)]
    if isinstance(value, str):
        return ['s', value]
    return ['as', str(len(value)), *value]


def _path(login):
    return lab.run('busctl', '--system', 'call', NAME, '/org/sallyport/Sallyport1/Server', f'{PREFIX}.Server', 'FindUser', 'sa{sv}',
                   login, '0').split('"')[1]


def update(login=None, **values):
    """update(RateUp=64000): Update() of the user; raises what the bus answers."""
    changes = [word for name, value in values.items() for word in (name, *_arguments(value))]
    lab.run('busctl', '--system', 'call', NAME, _path(login or os.environ['LAB_USER']), f'{PREFIX}.User', 'Update',
            'a{sv}a{sv}', str(len(values)), *changes, '0')


def refused(login=None, **values):
    """Update() must fail; returns what it says."""
    try:
        update(login, **values)
    except AssertionError as error:
        return str(error)
    raise AssertionError(f'{values} was not refused')

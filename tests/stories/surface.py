# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole surface of the shipped daemon, member by member, as its introspection lists it."""

import os
import shutil

import whole
from theatre import FOLDER, HERE, NAME, expect, read

DOCUMENTS = '/usr/share/dbus-1/interfaces'
# What everybody may call; by hand, so that the daemon's table is not its own judge.
FOR_EVERYBODY = {'Certificate.GetRequest', 'Server.GetCertificateAuthority', 'Server.GetPermissions'}
READ_BY_EVERYBODY = {'Server', 'Certificate'}


def furnish(stage):
    """A running server with one of everything that there can be."""
    stage.use_shipped_service()
    stage.control('root', 'config', 'set', 'name=vpn.example.org').must()
    pin = whole.start(stage)['certificate-pin']
    whole.Client(stage, pin, 'anna', whole.add(stage, 'anna')).connected()
    stage.control('root', 'device', 'add', 'anna', 'phone', '--out', f'{FOLDER}/phone.p12').must()
    stage.control('root', 'ban', 'add', '192.0.2.7').must()
    stage.control('root', 'group', 'add', 'home', 'label=Home network').must()
    stage.control('root', 'user', 'invite', 'anna', '--out', f'{FOLDER}/link').must()
    shutil.copy(f'{HERE}/surface_caller.py', FOLDER)


def caller(stage, user, *arguments):
    return stage.run(user, '/usr/bin/python3', f'{FOLDER}/surface_caller.py', *arguments, timeout=100)


def daemon(stage):
    return stage.run('root', 'pgrep', '-x', 'sallyportd').must().out.strip()


def story_abuse(stage):
    """Every argument and option refuses impossible values by name, changes nothing then, and the daemon goes on."""
    furnish(stage)
    process = daemon(stage)
    done = caller(stage, 'root', 'abuse', DOCUMENTS)
    expect(done.status == 0, done.out, done.err)
    calls = int(done.out.split(' ')[0])
    expect(calls > 500, 'too few calls to mean anything', done.out)
    expect(daemon(stage) == process, 'the daemon is another')
    expect(stage.control('root', 'status', '--json').must().json['state'] == 'on')


def story_knock(stage):
    """Who may do nothing is told so by every member, whatever the arguments, and by nothing else."""
    furnish(stage)
    members = caller(stage, 'root', 'members').must().out
    path = f'{FOLDER}/members'
    with open(path, 'w', encoding='ascii') as file:
        file.writelines(line + '\n' for line in members.splitlines() if line.split('|')[2])
    os.chmod(path, 0o644)
    answers = [line.split('|', 2) for line in caller(stage, 'bob', 'knock', path).must().out.splitlines()]
    expect(len(answers) == 2 * len(read(path).splitlines()), answers)
    for member, error, message in answers:
        short = member.removeprefix(f'{NAME}.')
        expect((error == 'NotAuthorized') != (short in FOR_EVERYBODY), short, error, message)
    for line in members.splitlines():
        path, interface, method, _ = line.split('|')
        if not method and interface.removeprefix(f'{NAME}.') not in READ_BY_EVERYBODY:
            refused = stage.call('bob', path, 'org.freedesktop.DBus.Properties', 'GetAll', f"('{interface}',)").must(1)
            expect(refused.out.startswith('NotAuthorized\n'), interface, refused)

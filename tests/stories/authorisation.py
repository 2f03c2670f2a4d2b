# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may do what."""

import os
import pty
import re
import select
import signal
import subprocess
import termios
import time
import xml.etree.ElementTree

from theatre import FOLDER, NAME, POLKIT_SERVICE_FILE, ROOT, SERVER, expect, read, wait_for

IFACE = f'{NAME}.Server'
OPTIONS = '(@a{sv} {},)'
MANAGER = 'org.freedesktop.DBus.ObjectManager'
PROMPT = re.compile(rb'(?:assword|more|Code|identity)[^:\n]*: ')


FOLDERS = ('users', 'sessions', 'devices', 'certificates', 'bans', 'groups', 'invitations', 'jobs')


def story_activation(stage):
    """A caller without privilege starts the service and reads its state."""
    answer = stage.control('eve', 'status', '--json', '--no-ask-password').must().json
    expect(answer['state'] == 'off', answer)
    expect(answer['schema'] == 1 and 'sessions' not in answer, 'eve sees how many are connected', answer)


def story_three_refusals(stage):
    """Whom a rule allows may, whom one forbids may not, and the others would have to authenticate."""
    stage.call('alice', SERVER, IFACE, 'Start', OPTIONS).must()
    stage.call('alice', SERVER, IFACE, 'Stop', OPTIONS).must()
    refused = stage.call('bob', SERVER, IFACE, 'Start', OPTIONS).must(1)
    expect(refused.out.startswith('NotAuthorized\n'), refused)
    refused = stage.call('carol', SERVER, IFACE, 'Start', OPTIONS).must(1)
    expect(refused.out.startswith('NotAuthorizedCanObtain\n'), refused)
    expect("'off'" in stage.get('root', SERVER, 'Server', 'State').out, 'somebody started it all the same')
    stage.control('bob', 'start').must(5)
    stage.control('carol', 'start', '--no-ask-password').must(5)


def story_group(stage):
    """Members of sallyport-admin need no password, but for secrets."""
    stage.control('dave', 'start', '--no-ask-password').must()
    stage.control('dave', 'user', 'add', 'anna', '--generate-password', '--no-ask-password').must()
    permissions = stage.call('dave', SERVER, IFACE, 'GetPermissions', OPTIONS).must().out
    for action in ('monitor', 'control', 'manage-users', 'manage-sessions', 'configure'):
        expect(f"'{NAME}.{action}': 'yes'" in permissions, action, permissions)
    expect(f"'{NAME}.secrets': 'auth'" in permissions, permissions)


def story_permissions(stage):
    """Everybody can ask beforehand what would be allowed."""
    expect("'yes'" in stage.call('root', SERVER, IFACE, 'GetPermissions', OPTIONS).must().out)
    everything = stage.call('alice', SERVER, IFACE, 'GetPermissions', OPTIONS).must().out
    expect("'no'" not in everything and "'auth'" not in everything, everything)
    nothing = stage.call('bob', SERVER, IFACE, 'GetPermissions', OPTIONS).must().out
    expect("'yes'" not in nothing and "'auth'" not in nothing, nothing)
    expect("'auth'" in stage.call('carol', SERVER, IFACE, 'GetPermissions', OPTIONS).must().out)


def story_unlock(stage):
    """One question stands for all; who may not answer it gets no more by asking."""
    stage.call('alice', SERVER, IFACE, 'Unlock', OPTIONS).must()
    expect(stage.call('alice', SERVER, IFACE, 'Unlock', "({'x': <1>},)").must(1).out.startswith('InvalidArgs\n'))
    expect(stage.call('bob', SERVER, IFACE, 'Unlock', OPTIONS).must(1).out.startswith('NotAuthorized\n'))
    expect(stage.call('carol', SERVER, IFACE, 'Unlock', OPTIONS).must(1).out.startswith('NotAuthorizedCanObtain\n'))
    answer = stage.run('carol', '/usr/bin/python3', f'{FOLDER}/closing_agent.py', 'Unlock').must().out.splitlines()
    expect(answer == ['Authentication is required to manage the VPN server and who uses it',
                      f'{NAME}.Error.NotAuthorizedDismissed'], answer)


def story_without_polkit(stage):
    """Without polkit the superuser still may, and nobody else."""
    os.unlink(POLKIT_SERVICE_FILE)
    stage.control('root', 'start').must()
    refused = stage.call('alice', SERVER, IFACE, 'Stop', OPTIONS).must(1)
    expect(refused.out.startswith('NotAuthorized\n'), refused)
    expect('polkit does not answer' in refused.out, refused)
    stage.control('eve', 'status').must()


def tree_as_seen_by(stage, user, path):
    node = stage.call(user, path, 'org.freedesktop.DBus.Introspectable', 'Introspect').must().out
    text = node[node.index('<node'):node.rindex('</node>') + len('</node>')].replace('\\n', '\n').replace('\\"', '"')
    return [child.get('name') for child in xml.etree.ElementTree.fromstring(text).findall('node')]


def story_privacy(stage):
    """Who may not monitor learns nothing of users and sessions."""
    deaf, hearing = stage.listen('bob'), stage.listen('root', '--look')
    user = stage.call('root', SERVER, IFACE, 'AddUser', "({'Login': <'anna'>}, @a{sv} {})").must().out.split("'")[1]
    stage.backdoor('open anna phone')
    session = wait_for('the session', lambda: next((line.split("'")[1] for line in read(hearing).splitlines()
                                                    if 'Server.SessionOpened' in line), None))
    for path, interface in ((user, 'User'), (session, 'Session'), (session, 'Session.Statistics')):
        refused = stage.call('bob', path, 'org.freedesktop.DBus.Properties', 'GetAll', f"('{NAME}.{interface}',)").must(1)
        expect(refused.out.startswith('NotAuthorized\n'), refused)
        stage.call('alice', path, 'org.freedesktop.DBus.Properties', 'GetAll', f"('{NAME}.{interface}',)").must()
    expect(stage.get('bob', user, 'User', 'Login').out.startswith('NotAuthorized\n'))
    expect(stage.call('bob', ROOT, MANAGER, 'GetManagedObjects').must(1).out.startswith('NotAuthorized\n'))
    expect(stage.call('bob', SERVER, IFACE, 'FindUser', "('anna', @a{sv} {})").must(1).out.startswith('NotAuthorized\n'))
    for path in (ROOT, f'{ROOT}/users', f'{ROOT}/devices', f'{ROOT}/sessions', f'{ROOT}/jobs'):
        names = tree_as_seen_by(stage, 'bob', path)
        expect(not set(names) - {'Server', *FOLDERS}, names)
    stage.control('root', 'start').must()
    stage.backdoor('refuse 192.0.2.66 anna wrong-password')
    stage.backdoor('close anna logout')
    wait_for('the end of the session', lambda: 'SessionClosed' in read(hearing))
    expect('AuthenticationFailed' in read(hearing) and 'InterfacesAdded' in read(hearing), read(hearing))
    wait_for('what bob may hear', lambda: "'on'" in read(deaf))
    expect('anna' not in read(deaf) and 'Interfaces' not in read(deaf) and 'Session' not in read(deaf), read(deaf))


def type_password(stage, user, command, answers):
    """Run a command on a terminal of its own and answer each password prompt when echo is off."""
    process, terminal = pty.fork()
    if process == 0:
        words = stage.command(user, *command)
        os.execvp(words[0], words)
    said, pending, deadline = b'', list(answers), time.monotonic() + 20
    while time.monotonic() < deadline:
        asked = PROMPT.findall(said)
        if len(asked) > len(answers) - len(pending) and pending and \
                (b'identity' in asked[-1] or not termios.tcgetattr(terminal)[3] & termios.ECHO):
            os.write(terminal, pending.pop(0))
        if select.select([terminal], [], [], .02)[0]:
            try:
                piece = os.read(terminal, 4096)
            except OSError:
                break
            if not piece:
                break
            said += piece
    else:
        os.kill(process, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), said.decode()


def give_password(stage, user):
    password = stage.secret('correct-horse-7')
    subprocess.run(['chpasswd'], input=f'{user}:{password}\n', text=True, check=True)
    return password.encode() + b'\n'


def story_password(stage):
    """On a terminal an administrator is asked for her password, told what for, and let in."""
    right = give_password(stage, 'carol')
    stage.control('root', 'user', 'add', 'anna', '--generate-password').must()
    status, said = type_password(stage, 'carol', ['sallyportctl', 'user', 'remove', 'anna'], [right, right])
    expect(status == 0, status, said)
    expect('Authentication is required to take the VPN away from anna' in said, said)
    expect('horse' not in said, 'the password was echoed')
    stage.control('root', 'user', 'remove', 'anna').must(3)


def story_wrong_password(stage):
    """A wrong password lets nobody in."""
    give_password(stage, 'carol')
    status, said = type_password(stage, 'carol', ['sallyportctl', 'start'], [b'wrong\n'])
    expect(status == 5 and 'Authentication is required to start the VPN server' in said, status, said)
    expect("'off'" in stage.get('root', SERVER, 'Server', 'State').out)


def story_dismissed(stage):
    """A question that the person closes is told apart from a refusal."""
    answer = stage.run('carol', '/usr/bin/python3', f'{FOLDER}/closing_agent.py', 'Stop').must().out.splitlines()
    expect(answer == ['Authentication is required to stop the VPN server, which disconnects everybody',
                      f'{NAME}.Error.NotAuthorizedDismissed'], answer)

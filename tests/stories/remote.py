# SPDX-License-Identifier: GPL-2.0-or-later
"""Another computer is managed over SSH: a real sshd on this machine's loopback, with keys made for the story."""

import os
import shutil
import subprocess

import machine
from theatre import FOLDER, expect, read, wait_for

BRIDGE = '/usr/bin/systemd-stdio-bridge'
PORT = 2222


def key(path):
    subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', path], check=True)


def serve(stage):
    """An sshd that lets root's key in as anybody; ssh knows it as “attic”."""
    folder = f'{FOLDER}/ssh'
    os.makedirs('/run/sshd', exist_ok=True)
    os.makedirs(folder, mode=0o755)
    for name in ('host', 'other', 'client'):
        key(f'{folder}/{name}')
    shutil.copy(f'{folder}/client.pub', f'{folder}/authorized')
    os.chmod(f'{folder}/authorized', 0o644)
    with open(f'{folder}/sshd.conf', 'w', encoding='ascii') as file:
        file.write(f'Port {PORT}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized\n'
                   'StrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n')
    with open('/etc/ssh/ssh_config', 'w', encoding='ascii') as file:
        file.write(f'Host attic\n HostName 127.0.0.1\n Port {PORT}\n IdentityFile {folder}/client\n HostKeyAlias attic\n'
                   f' UserKnownHostsFile {folder}/known\n BatchMode yes\n StrictHostKeyChecking yes\n')
    know(folder, 'host')
    stage.started.append(machine.start(['/usr/sbin/sshd', '-D', '-e', '-f', f'{folder}/sshd.conf'], f'{FOLDER}/sshd.log'))
    wait_for('the sshd', lambda: 'listening' in read(f'{FOLDER}/sshd.log'))
    return folder


def know(folder, name):
    with open(f'{folder}/known', 'w', encoding='ascii') as file:
        file.write('attic ' + read(f'{folder}/{name}.pub'))


def far(stage, account, *words, **options):
    return stage.control('root', '--host', f'{account}@attic', *words, **options)


def play(stage):
    stage.control('root', 'user', 'add', 'anna', '--generate-password').must()
    stage.backdoor('open anna phone')
    wait_for('the session', lambda: stage.control('root', 'session', 'list', '--json').must().json['sessions'])
    expect(far(stage, 'root', 'status', '--json').must().json['state'] == 'off')
    expect([user['login'] for user in far(stage, 'alice', 'user', 'list', '--json').must().json['users']] == ['anna'])
    expect(far(stage, 'alice', 'session', 'list', '--json').must().json['sessions'][0]['login'] == 'anna')
    far(stage, 'alice', 'user', 'change', 'anna', '--full-name', 'A').must()
    expect(stage.control('root', 'user', 'show', 'anna', '--json').must().json['full-name'] == 'A')
    far(stage, 'bob', 'user', 'list').must(5)
    far(stage, 'alice', 'user', 'show', 'nobody').must(3)


def story_remote(stage):
    """What is asked with --host is done on the other computer, with the rights of the account there."""
    serve(stage)
    expect(os.access(BRIDGE, os.X_OK))
    play(stage)


def story_remote_proxy(stage):
    """Where the other computer has no bridge of systemd's, the control tool there is one."""
    serve(stage)
    os.unlink(BRIDGE)
    play(stage)
    for text in ('', 'nonsense\n', '\0AUTH EXTERNAL\n', '\0' + 'x' * 600 + '\r\n', '\0BEGIN\r\n'):
        stage.run('root', 'sallyportctl', 'bus-proxy', text=text).must(1)
    answer = stage.run('root', 'sallyportctl', 'bus-proxy', text='\0AUTH\r\nAUTH EXTERNAL 39\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n').must()
    expect(answer.out.startswith('REJECTED EXTERNAL ANONYMOUS\nOK ') and answer.out.rstrip().endswith('ERROR'), repr(answer.out))


def story_remote_refused(stage):
    """A computer that is not reached, not known, not itself any more or not a word for ssh is told so."""
    folder = serve(stage)
    know(folder, 'other')
    changed = far(stage, 'root', 'status').must(7)
    expect('IDENTIFICATION HAS CHANGED' in changed.err and 'does not reach' in changed.err, changed)
    os.unlink(f'{folder}/known')
    expect('Host key verification failed' in far(stage, 'root', 'status').must(7).err)
    know(folder, 'host')
    with open(f'{folder}/authorized', 'w', encoding='ascii'):
        pass
    expect('Permission denied' in far(stage, 'root', 'status').must(7).err)
    for host in ('-oProxyCommand=touch /run/pwned', '', 'a b', 'a\nb'):
        stage.control('root', f'--host={host}', 'status').must(4)
    expect(not os.path.exists('/run/pwned'))

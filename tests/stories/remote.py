# SPDX-License-Identifier: GPL-2.0-or-later
"""Another computer is managed over SSH: a real sshd on this machine's loopback, with keys made for the story."""

import hashlib
import json
import os
import shutil
import subprocess

import machine
from bundles import furnish
from history import fill
from one_time_codes import Phone, settled_step
from theatre import FOLDER, PASSWORD_LOG, expect, read, wait_for
from whole import Client, sessions, start

HERE = os.path.dirname(os.path.abspath(__file__))
BRIDGE = '/usr/bin/systemd-stdio-bridge'
PORT = 2222
ROWS = 150000  # of history; about 50 MB as lines
SUBSCRIPTIONS = 256  # that the service gives


def key(path):
    subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', path], check=True)


def serve(stage, programs=None):
    """An sshd that lets root's key in as anybody; ssh knows it as “attic”.  With `programs` there are only these there."""
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
        if programs is not None:
            file.write(f'SetEnv PATH={folder}/programs\n')
    for program in programs or ():
        os.makedirs(f'{folder}/programs', exist_ok=True)
        os.symlink(program, f'{folder}/programs/{os.path.basename(program)}')
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
    os.unlink(BRIDGE)
    play(stage)
    password = stage.secret('over-the-bridge-5')
    far(stage, 'alice', 'user', 'password', 'anna', text=password + '\n').must()
    expect(read(PASSWORD_LOG).split()[-1] == hashlib.sha256(password.encode()).hexdigest(), read(PASSWORD_LOG))
    far(stage, 'bob', 'user', 'password', 'anna', text=password + '\n').must(5)


def story_remote_plain(stage):
    """Where the other computer has a bridge of systemd's only, all works but what needs descriptors, and that says so."""
    serve(stage, ['/bin/sh', BRIDGE])
    play(stage)
    passphrase = stage.secret('nowhere-to-go-5') + '\n'
    for words in (('log',), ('history', '--lines'), ('user', 'password', 'anna'), ('user', 'totp', 'enroll', 'anna'),
                  ('backup', 'create', f'{FOLDER}/none'), ('monitor', '--statistics', '1')):
        refused = far(stage, 'root', *words, text=passphrase, timeout=20).must(1)
        expect('needs a descriptor' in refused.err and 'sallyportctl' in refused.err, words, refused)
    expect(not os.path.exists(PASSWORD_LOG) or len(read(PASSWORD_LOG).splitlines()) < 2, 'a password went')


def story_remote_proxy(stage):
    """The control tool's bridge is one for other programs, too, and is of no use to who speaks nonsense."""
    stage.control('root', 'status').must()
    for text in ('', 'nonsense\n', '\0AUTH EXTERNAL\n', '\0' + 'x' * 600 + '\r\n', '\0BEGIN\r\n', '\1', '\1\0\0\x08\0\0\0\0bridge\0\x02',
                 '\1\0\0\x08\0\0\0\0bridge\0\1\7\0\0\0\0\0\0\1', '\1\0\0\x08\0\0\0\0bridge\0\1\2\1\0\1\0\0\0\0x'):
        ended = stage.run('root', 'sallyportctl', 'bus-proxy', text=text)
        expect(ended.status == (0 if text == '\1' else 1), repr(text), ended)
    answer = stage.run('root', 'sallyportctl', 'bus-proxy', text='\0AUTH\r\nAUTH EXTERNAL 39\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n').must()
    expect(answer.out.startswith('REJECTED EXTERNAL ANONYMOUS\nOK ') and answer.out.rstrip().endswith('ERROR'), repr(answer.out))


def story_remote_secrets(stage):
    """Passwords, second steps, certificates, invitations and backups cross to the other computer and back, and work there."""
    serve(stage)
    stage.use_shipped_service()
    stage.control('root', 'config', 'set', 'name=home.example.net').must()
    pin = start(stage)['certificate-pin']
    password = stage.secret('from-far-away-7')
    far(stage, 'root', 'user', 'add', 'anna', '--password-file', '-', text=password + '\n').must()
    client = Client(stage, pin, 'anna', password).connected()
    wait_for('the session', lambda: [session['login'] for session in sessions(stage)] == ['anna'])
    far(stage, 'root', 'session', 'disconnect', '--all').must()
    client.ended()
    made_up = stage.secret(far(stage, 'root', 'user', 'add', 'bert', '--generate-password', '--json').must().json['password'])
    Client(stage, pin, 'bert', made_up).connected()

    phone = Phone(far(stage, 'dave', 'user', 'totp', 'enroll', 'anna', '--json').must().json['uri'])
    stage.secret(phone.secret)
    confirmed = far(stage, 'dave', 'user', 'totp', 'confirm', 'anna', '--json', text=phone.code(settled_step()) + '\n').must().json
    expect(len(confirmed['recovery-codes']) >= 8, confirmed)

    furnish()
    imported = far(stage, 'root', 'certificate', 'import', *(f'{FOLDER}/{name}' for name in ('full.pem', 'leaf.key')), '--json').must().json
    expect(imported['id'] in [one['id'] for one in stage.control('root', 'certificate', 'list', '--json').json['certificates']])
    link = far(stage, 'root', 'user', 'invite', 'anna', '--json').must().json
    expect(link['link'].startswith('https://'), link)
    stage.secret(link['link'].rsplit('/', 1)[1])

    backup, passphrase = f'{FOLDER}/far.backup', stage.secret('a-backup-from-afar') + '\n'
    far(stage, 'root', 'backup', 'create', backup, text=passphrase).must()
    stage.control('root', 'backup', 'check', backup, text=passphrase).must()
    far(stage, 'root', 'backup', 'check', backup, text=passphrase).must()
    far(stage, 'root', 'backup', 'check', backup, text='another passphrase\n').must(4)
    stage.control('root', 'user', 'remove', 'bert').must()
    far(stage, 'root', 'backup', 'restore', '--yes', backup, text=passphrase).must()
    expect(sorted(user['login'] for user in stage.control('root', 'user', 'list', '--json').must().json['users']) == ['anna', 'bert'])
    left = stage.run('root', 'find', '/var/tmp', '-name', 'sallyport-*').must().out
    expect(left == '', left)


def places(stage):
    """How many may still subscribe."""
    return int(stage.run('root', '/usr/bin/python3', f'{HERE}/subscribe.py', str(SUBSCRIPTIONS + 1)).must().out)


def story_remote_streams(stage):
    """The log, counters, a long history and a large backup come from another computer, side by side; who is killed is not served on."""
    serve(stage)
    start(stage)
    stage.control('root', 'stop').must()
    fill(ROWS)
    expect(places(stage) == SUBSCRIPTIONS, places(stage))
    monitor, log = f'{FOLDER}/far-monitor.log', f'{FOLDER}/far-log.log'
    watcher = machine.start(['sallyportctl', '--host', 'root@attic', 'monitor', '--statistics', '1', '--json'], monitor)
    stage.started.append(watcher)
    stage.started.append(machine.start(['sallyportctl', '--host', 'root@attic', 'log', '--follow', '--json'], log))
    wait_for('the monitor', lambda: read(monitor))
    wait_for('the log', lambda: read(log))
    expect(places(stage) == SUBSCRIPTIONS - 1, places(stage))

    # One that does not read holds nobody up, and all of it comes to who does.
    dawdler = machine.start(['sh', '-c', 'sallyportctl --host root@attic history --lines | (read line; echo reading; sleep 60)'], f'{FOLDER}/dawdler.log')
    stage.started.append(dawdler)
    wait_for('the dawdler', lambda: 'reading' in read(f'{FOLDER}/dawdler.log'))
    reader = machine.start(['sallyportctl', '--host', 'root@attic', 'history', '--lines'], f'{FOLDER}/far-history.log')
    backup, passphrase = f'{FOLDER}/large.backup', stage.secret('as-large-as-a-history') + '\n'
    far(stage, 'root', 'backup', 'create', backup, text=passphrase).must()
    expect(os.path.getsize(backup) > 20000000, os.path.getsize(backup))
    stage.control('root', 'backup', 'check', backup, text=passphrase).must()
    far(stage, 'root', 'backup', 'check', backup, text=passphrase).must()
    # The start forgets what is too old, but not what is being read.
    wait_for('the history', lambda: os.path.getsize(f'{FOLDER}/far-history.log'))
    far(stage, 'root', 'start').must()
    wait_for('the news', lambda: '"on"' in read(monitor))
    wait_for('the line', lambda: 'starting → on' in read(log))
    expect(reader.wait(timeout=60) == 0)
    lines = read(f'{FOLDER}/far-history.log').splitlines()
    expect(len(lines) == ROWS and json.loads(lines[-1])['started-at-usec'] == 1000, len(lines))

    watcher.kill()
    watcher.wait()
    wait_for('the end of the subscription', lambda: places(stage) == SUBSCRIPTIONS)


def story_remote_nothing(stage):
    """A computer without a bridge to its bus is told so."""
    serve(stage, ['/bin/sh'])
    expect('has no bridge to its bus' in far(stage, 'root', 'status').must(7).err)


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

# SPDX-License-Identifier: GPL-2.0-or-later
"""The shipped daemon, as the bus starts it, with the real client."""

import glob
import json
import os
import shutil
import subprocess

import machine
from one_time_codes import Phone, settled_step
from theatre import FOLDER, NAME, SERVER, Skipped, expect, read, wait_for

FORWARDING = ('/proc/sys/net/ipv4/ip_forward', '/proc/sys/net/ipv6/conf/all/forwarding')


def start(stage):
    stage.use_shipped_service()
    stage.control('alice', 'start').must()
    return stage.control('root', 'status', '--json').must().json


def add(stage, login):
    made_up = stage.control('root', 'user', 'add', login, '--generate-password', '--json').must().json['password']
    return stage.secret(made_up)


class Client:
    """openconnect in the same network namespace: enough to sign in and to be told things, if not to route."""

    def __init__(self, stage, pin, login, password, *options):
        self.log = f'{FOLDER}/openconnect-{len(stage.started)}.log'
        with open(self.log, 'w', encoding='utf-8') as log:
            self.process = subprocess.Popen(
                ['openconnect', '--user', login, '--passwd-on-stdin', '--non-inter', '--servercert', pin, '--script', '/bin/true', *options,
                 'https://127.0.0.1'], stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT)
        stage.started.append(self.process)
        self.process.stdin.write(password.encode() + b'\n')
        self.process.stdin.close()

    def connected(self):
        wait_for('the connection', lambda: 'Configured as' in read(self.log))
        return self

    def ended(self):
        self.process.wait(timeout=10)
        return read(self.log)


def sessions(stage):
    return stage.control('root', 'session', 'list', '--json').must().json['sessions']


def story_shipped(stage):
    """The bus starts the shipped daemon for anybody; it serves, and leaves the network as it was."""
    stage.use_shipped_service()
    before = [read(path) for path in FORWARDING]
    expect(stage.control('eve', 'status', '--json').must().json['state'] == 'off')
    stage.control('bob', 'start').must(5)
    stage.control('dave', 'start').must()
    on = stage.control('eve', 'status', '--json').must().json
    expect(on['state'] == 'on' and on['port'] == 443 and on['certificate-pin'].startswith('pin-sha256:'), on)
    expect('sallyport' in stage.run('root', 'nft', 'list', 'tables').out)
    expect('BEGIN CERTIFICATE' in stage.control('eve', 'certificate', 'authority').must().out)
    stage.control('dave', 'stop').must()
    expect(stage.run('root', 'nft', 'list', 'tables').out == '', 'a table is left')
    expect([read(path) for path in FORWARDING] == before, 'forwarding is left on')


def story_client(stage):
    """A real client signs in, is listed, paused and let go on, and told why it is disconnected."""
    pin = start(stage)['certificate-pin']
    client = Client(stage, pin, 'anna', add(stage, 'anna')).connected()
    session = sessions(stage)[0]
    expect(session['login'] == 'anna' and session['state'] == 'connected' and session['transport'] in ('tls', 'dtls'), session)
    expect(session['remote-address'].startswith('127.0.0.1:') and len(session['addresses']) == 2, session)
    expect('AnyConnect' in session['user-agent'] and session['mtu'] > 1200 and session['cipher'], session)
    stage.control('bob', 'session', 'disconnect', session['id']).must(5)
    again = stage.control('root', 'session', 'disconnect', session['id'][:6], '--undo-window', '30', '--json').must()
    expect(sessions(stage)[0]['state'] == 'disconnecting')
    stage.control('root', 'undo', again.json['disconnected'][0]['undo-token']).must()
    expect(sessions(stage)[0]['state'] == 'connected', sessions(stage))
    stage.control('root', 'session', 'disconnect', '--all', '--reason', 'Tea time').must()
    expect('Tea time' in client.ended(), read(client.log))
    expect(sessions(stage) == [])


def story_refused_client(stage):
    """Who is not let in is shown to the monitor, and to nobody who may not look."""
    pin = start(stage)['certificate-pin']
    add(stage, 'anna')
    deaf, log = stage.listen('bob'), f'{FOLDER}/monitor.log'
    stage.started.append(machine.start(['sallyportctl', 'monitor', '--json'], log))
    wait_for('the monitor', lambda: read(log))
    Client(stage, pin, 'anna', stage.secret('wrong-wrong-wrong')).ended()
    refused = wait_for('the refusal', lambda: [event for event in map(json.loads, read(log).splitlines())
                                               if event['event'] == 'authentication-failed'])[0]
    expect(refused['login'] == 'anna' and refused['address'] == '127.0.0.1', refused)
    expect(refused['reason'] == 'wrong-password', refused)
    expect('anna' not in read(deaf), read(deaf))


def story_disabled(stage):
    """A user who is disabled or removed is disconnected and can not come back; with the new password another can."""
    pin = start(stage)['certificate-pin']
    password = add(stage, 'anna')
    client = Client(stage, pin, 'anna', password).connected()
    stage.control('root', 'user', 'change', 'anna', '--disable').must()
    client.ended()
    wait_for('the end of the session', lambda: not sessions(stage))
    expect('Configured as' not in Client(stage, pin, 'anna', password).ended())
    stage.control('root', 'user', 'change', 'anna', '--enable').must()
    changed = stage.secret('another-password-8')
    stage.control('root', 'user', 'password', 'anna', text=changed + '\n').must()
    expect('Configured as' not in Client(stage, pin, 'anna', password).ended())
    client = Client(stage, pin, 'anna', changed).connected()
    stage.control('root', 'user', 'remove', 'anna').must()
    client.ended()
    expect('Configured as' not in Client(stage, pin, 'anna', changed).ended())
    wait_for('the end of the session', lambda: not sessions(stage))


def story_killed(stage):
    """After a kill the bus starts the daemon again, and it turns itself on, with the same users and the same certificate."""
    pin = start(stage)['certificate-pin']
    add(stage, 'anna')
    stage.run('root', 'pkill', '-KILL', '-x', 'sallyportd').must()
    wait_for('the state', lambda: stage.control('eve', 'status').status == 0)
    expect(stage.control('root', 'user', 'list', '--json').must().json['users'][0]['login'] == 'anna')
    wait_for('being on', lambda: stage.control('eve', 'status', '--json').json['state'] == 'on')
    expect(stage.control('root', 'status', '--json').json['certificate-pin'] == pin)
    stage.control('root', 'stop').must()
    stage.run('root', 'pkill', '-KILL', '-x', 'sallyportd').must()
    wait_for('the state', lambda: stage.control('eve', 'status').status == 0)
    expect(stage.control('eve', 'status', '--json').json['state'] == 'off', 'what was turned off stays off')


def story_idle(stage):
    """Off and unused, the daemon ends by itself; nobody notices."""
    stage.use_shipped_service()
    stage.control('eve', 'status').must()
    process = stage.run('root', 'pgrep', '-x', 'sallyportd').must().out.strip()
    # Nobody buries it here, but a dead process has no command line.
    wait_for('the end', lambda: not read(f'/proc/{process}/cmdline'), 45)
    expect("'off'" in stage.get('eve', SERVER, 'Server', 'State').must().out)


def expect_none(secrets, content, *where):
    for secret in secrets:
        expect(secret.encode() not in content, *where)


def story_no_secret(stage):
    """No password, no code and no secret of a phone is in an argument, an environment, a log or the database of main."""
    pin = start(stage)['certificate-pin']
    password = stage.secret('Kellerschlüssel-4711')
    stage.control('root', 'user', 'add', 'anna', text=password + '\n').must()
    phone = Phone(stage.control('root', 'user', 'totp', 'enroll', 'anna', '--json').must().json['uri'])
    confirmed = stage.control('root', 'user', 'totp', 'confirm', 'anna', '--json', text=phone.code(settled_step()) + '\n').must()
    secrets = [password, stage.secret(phone.secret), *map(stage.secret, confirmed.json['recovery-codes'])]
    Client(stage, pin, 'anna', f'{password}\n{secrets[-1]}').connected()
    for number in filter(str.isdigit, os.listdir('/proc')):
        for name in ('cmdline', 'environ'):
            try:
                with open(f'/proc/{number}/{name}', 'rb') as file:
                    expect_none(secrets, file.read(), number, name)
            except OSError:
                continue
    for folder, _, names in os.walk('/var/lib/sallyport'):
        for name in names:
            with open(f'{folder}/{name}', 'rb') as file:
                expect_none(secrets, file.read(), folder, name)


def story_script(stage):
    """The example script manages the server without the control tool."""
    pin = start(stage)['certificate-pin']
    script, password = '/usr/share/doc/sallyport/examples/manage-vpn.py', stage.secret('script-password-3')
    expect(stage.run('eve', '/usr/bin/python3', script, 'add', 'anna', text=password + '\n').status != 0)
    added = stage.run('alice', '/usr/bin/python3', script, 'add', 'anna', text=password + '\n')
    expect(added.status == 0, added)
    client = Client(stage, pin, 'anna', password).connected()
    listed = stage.run('alice', '/usr/bin/python3', script, 'list').must().out
    expect(listed.startswith('anna 127.0.0.1:') and listed.endswith(' connected\n'), listed)
    stage.run('alice', '/usr/bin/python3', script, 'disconnect', 'anna').must()
    expect('Bye' in client.ended(), read(client.log))
    expect(stage.run('alice', '/usr/bin/python3', script, 'list').must().out == '')


def story_introspection(stage):
    """Tools of the bus see every interface, and the manual has a page for each."""
    start(stage)
    add(stage, 'anna')
    if not shutil.which('busctl'):
        raise Skipped('busctl is not there')
    seen = stage.run('root', 'busctl', 'introspect', NAME, SERVER).must().out
    for interface in ('Server', 'Settings'):
        expect(f'{NAME}.{interface} ' in seen, interface, seen)
    for document in glob.glob(f'/usr/share/dbus-1/interfaces/{NAME}.*.xml'):
        page = os.path.basename(document).replace('.xml', '.5')
        expect(f'{NAME}.' in read(f'/usr/share/man/man5/{page}'), page)

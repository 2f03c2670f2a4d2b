# SPDX-License-Identifier: GPL-2.0-or-later
"""What an owner does with the packages, in this order, and what is true afterwards."""

import json
import os
import re
import secrets

import authority
import client
import computer
import lab
import packages
import provider
import rooms
import story
import system
import world

UNIT, BUS_NAME = 'sallyportd.service', 'org.sallyport.Sallyport1'
STATE, SETTINGS = '/var/lib/sallyport', '/etc/sallyport'
PLACE = '/var/tmp/packages'
ACCOUNTS = ('sallyport-door', 'sallyport-worker', 'sallyport-token', 'sallyport-courier', 'sallyport-hook', 'sallyport-keyholder')
KEY, VALUE = 'sessions-per-user', '7'
PUBLIC = '81.2.69.160'
TRANSFER, MEGABYTE = '/run/lab/transfer', 1 << 20
CONNECTED = 'CSTP connected'
SOCKET, DROP_INS = 'sallyportd.socket', f'/run/systemd/system/{UNIT}.d'
HOOK = f'{SETTINGS}/dns-hook'
PAM_SOCKET, PAM_UNIT = 'sallyport-pam.socket', 'sallyport-pam@.service'
# What systemd counts, of 100: what stays open is open for a reason, and no more shall be.
EXPOSURE = {UNIT: 23, PAM_UNIT: 21}


class Owner:
    """Of a computer, with the packages before them: two, and the same as a newer version."""

    def __init__(self, tree, outside):
        self.computer = computer.Computer(tree)
        self.outside = outside
        self.packages = self.newer = self.before = self.client = self.pin = None
        self.account_password = secrets.token_urlsafe(15)

    def control(self, *words, **options):
        return self.computer.run('sallyportctl', *words, **options)

    def status(self):
        return json.loads(self.control('status', '--json'))

    def dynamic_dns(self):
        return json.loads(self.control('dynamic-dns', 'show', '--json'))

    def authority(self):
        return json.loads(self.control('authority', 'show', '--json'))

    def is_active(self):
        """As systemd says, who starts nothing for that."""
        return self.computer.run('systemctl', 'is-active', UNIT, check=False).strip() == 'active'

    def is_on(self):
        return self.is_active() and self.status()['state'] == 'on'

    def version(self):
        return self.computer.run('dpkg-query', '--show', '--showformat', '${Version}', 'sallyport-server')

    def make_account(self):
        """Of the computer itself, with the name of whom clients sign in as."""
        self.computer.run('useradd', '--no-create-home', '--shell', '/usr/sbin/nologin', os.environ['LAB_USER'])
        self.computer.run('chpasswd', input=f'{os.environ["LAB_USER"]}:{self.account_password}\n')

    def set_up(self):
        """Somebody whom clients sign in as, and a setting that is not what it is by itself."""
        password = secrets.token_urlsafe(15)
        with open(os.environ['LAB_PASSWORD_FILE'], 'w', encoding='ascii') as file:
            file.write(password + '\n')
        self.control('user', 'add', os.environ['LAB_USER'], input=password + '\n')
        self.control('config', 'set', f'{KEY}={VALUE}')
        self.pin = os.environ['LAB_PIN'] = self.status()['certificate-pin']

    def finds_all(self):
        lab.equal(self.status()['certificate-pin'], self.pin, 'the key of the server')
        users = json.loads(self.control('user', 'list', '--json'))['users']
        lab.equal([user['login'] for user in users], [os.environ['LAB_USER']], 'the users')
        lab.equal(self.control('config', 'get', KEY).strip(), VALUE, KEY)

    def turn_on(self):
        """Started to be asked, a server that was on may be on before the question comes."""
        self.control('start', check=False)
        lab.wait_until('the server', self.is_on, 60)

    def apt(self, *words):
        return self.computer.run('apt-get', '--yes', '--quiet', *words)

    def connect(self):
        self.client = client.Client().wait_connected(30).wait_dtls()

    def reaches_home(self):
        """The home host has no way to the client: it sees the computer, which stands for it."""
        lab.equal(self.client.fetch('peer').strip(), world.GATE_ADDRESS, 'who came to the home host')

    def disconnect(self):
        lab.equal(self.client.disconnect(), 0, 'how the client ended')

    def show(self):
        for title, path in (('client', self.client and self.client.log_path), ('computer', computer.LOG)):
            if path and os.path.exists(path):
                story.show_log(title, path)
        if self.computer.init:
            print('--- service', self.computer.run('journalctl', '--no-pager', '-n', '40', '-u', UNIT, check=False), sep='\n')

    def end(self):
        self.computer.end()


def has_name(owner, *options):
    return BUS_NAME in owner.computer.run('busctl', 'list', '--no-legend', *options)


def processes(owner):
    return owner.computer.run('pgrep', '--list-name', 'sallyport', check=False).splitlines()


def runs_what_is_installed():
    """Of a file that was replaced since, the name says that it is gone."""
    files = [executable(process) for process, program in rooms.processes().items() if program == rooms.MAIN]
    return bool(files) and not any(file.endswith('(deleted)') for file in files)


def executable(process):
    try:
        return os.readlink(f'/proc/{process}/exe')
    except OSError:
        return ''  # it has just ended


def transferred():
    return os.path.getsize(TRANSFER) if os.path.exists(TRANSFER) else 0


def traces_in_network():
    """Of a server: tables, devices and addresses that nobody else makes."""
    tables = lab.run('nft', 'list', 'tables', namespace=lab.SERVER).splitlines()
    links = [line.split()[1] for line in lab.run('ip', '-n', lab.SERVER, '-o', 'link').splitlines()]
    addresses = lab.run('ip', '-n', lab.SERVER, '-o', 'addr', 'show', 'dev', 'lo').splitlines()
    return ([line for line in tables if 'sallyport' in line] + [name for name in links if name.startswith('sally')] +
            [line for line in addresses if ' 127.0.0.1/8 ' not in line and ' ::1/128 ' not in line])


def step_boots(owner):
    """A Debian without Sallyport boots"""
    owner.computer.boot()
    owner.make_account()
    received = [owner.computer.receive(path, PLACE) for path in owner.outside]
    owner.packages, owner.newer = received[:2], received[2:]
    owner.before = owner.computer.files()


def step_waits(owner):
    """Installed, it waits: nothing of it runs, and the bus knows how to have it started"""
    owner.apt('install', *owner.packages)
    lab.wait_until('the bus to know it', lambda: has_name(owner, '--activatable'))
    lab.equal(owner.computer.run('systemctl', 'is-active', UNIT, check=False).strip(), 'inactive', 'the service')
    lab.equal(processes(owner), [], 'what runs')


def step_turns_on(owner):
    """Who turns it on has the bus ask systemd for the service, and it is on"""
    owner.turn_on()
    owner.set_up()


def unexplained(unit, listed):
    """What counts against the unit, and which of its capabilities, no comment of it names."""
    comments = ' '.join(line for line in unit.splitlines() if line.startswith('#'))
    granted = re.findall(r'CAP_(\w+)', ' '.join(re.findall('^CapabilityBoundingSet=.*', unit, re.MULTILINE)))
    against = {entry['name'].partition('=')[0] + '=' for entry in listed if float(entry['exposure'] or 0)}
    return [name for name in [*sorted(against - {'CapabilityBoundingSet='}), *granted] if name not in comments]


def step_confined(owner):
    """What systemd counts against each unit is little, and explained in it"""
    for unit, most in EXPOSURE.items():
        loaded = unit.replace('@.', '@1.')
        owner.computer.run('systemd-analyze', 'security', '--no-pager', f'--threshold={most}', loaded)
        listed = json.loads(owner.computer.run('systemd-analyze', 'security', '--json=short', '--no-pager', loaded))
        lab.equal(unexplained(owner.computer.run('systemctl', 'cat', unit), listed), [], f'what no comment of {unit} names')


def step_reached(owner):
    """A client signs in, and reaches the home network through the tunnel over DTLS"""
    owner.connect()
    owner.reaches_home()
    owner.disconnect()


def step_rooted(owner):
    """The service sees what it needs, and can write where it has to"""
    process = owner.computer.run('systemctl', 'show', '--property=MainPID', '--value', UNIT).strip()
    inside = ['nsenter', '--target', process, '--mount', '--root', '--']
    seen = set(owner.computer.run(*inside, 'ls', '/').split())
    lab.holds({'etc', 'proc', 'run', 'usr', 'var'} <= seen and 'boot' not in seen, f'it sees {seen}')
    for folder in (STATE, SETTINGS, '/var/backups', '/mnt', '/tmp'):
        owner.computer.run(*inside, 'sh', '-c', f'touch {folder}/written && rm {folder}/written')
    for folder in ('/', '/etc', '/run', '/usr', '/var/lib'):
        lab.holds(not owner.computer.succeeds(*inside, 'touch', f'{folder}/written'), f'{folder} can be written')


def step_judged(owner):
    """Who has an account on the computer signs in with its password, which a service of its own has PAM judge"""
    owner.control('user', 'set', os.environ['LAB_USER'], 'sign-in=pam')
    client.Client(password=owner.account_password).wait_connected(30).disconnect()
    accepted = owner.computer.run('systemctl', 'show', '--property=NAccepted', '--value', PAM_SOCKET)
    lab.holds(int(accepted) > 0, 'the service was not asked')
    owner.control('user', 'set', os.environ['LAB_USER'], 'sign-in=')


def step_followed(owner):
    """A provider of dynamic DNS is told the address by a courier, from within what the unit allows"""
    provider.make_certificate()
    with open(provider.CERTIFICATE, 'rb') as file:
        owner.computer.run('sh', '-c', f'cat >> {provider.TRUSTED}', stdin=file)
    lab.run('ip', '-n', lab.SERVER, 'addr', 'add', f'{PUBLIC}/32', 'dev', 'wan')
    with provider.serving(f'good {PUBLIC}\n') as told:
        owner.control('dynamic-dns', 'password', '--password-file', '-', input='open sesame\n')
        owner.control('config', 'set', 'dynamic-dns-mode=dyndns2', f'dynamic-dns-url={told.url}', 'dynamic-dns-host=home.test',
                      'dynamic-dns-user=anna')
        lab.wait_until('the courier', lambda: told.asked, 60)
        lab.wait_until('its return', lambda: owner.dynamic_dns()['state'] == 'current', 60)
    lab.equal(told.addresses(), [PUBLIC], 'what the provider was told')
    owner.control('config', 'set', 'dynamic-dns-mode=off')
    lab.run('ip', '-n', lab.SERVER, 'addr', 'del', f'{PUBLIC}/32', 'dev', 'wan')


def step_hooked(owner):
    """A program of the owner's is run as an account of its own and reaches the network, from within what the unit allows"""
    with authority.standing() as stands:
        trusted = owner.computer.receive(authority.HOUSE, SETTINGS)
        host, port = stands.place.split(':')
        owner.computer.run('tee', HOOK, input=f'#!/bin/bash\n: </dev/tcp/{host}/{port} && echo "$1 reaches it as $(id -un)"\nexit 1\n')
        owner.computer.run('chmod', '755', HOOK)
        owner.control('config', 'set', 'name=home.test', f'acme-directory={stands.directory}', f'acme-authorities={trusted}',
                      'acme-agree=yes', 'acme-proof=hook', f'acme-hook={HOOK}')
        lab.wait_until('the end of the order', lambda: owner.authority()['reason'] == 'hook-failed', 90)
        for verb in ('present', 'cleanup'):
            lab.wait_until(f'what the program says of {verb}',
                           lambda verb=verb: f'{verb} reaches it as sallyport-hook' in
                           owner.computer.run('journalctl', '--no-pager', '--unit', UNIT), 30)
    owner.control('config', 'set', 'acme-directory=', 'acme-authorities=', 'acme-agree=no', 'acme-proof=auto', 'acme-hook=', 'name=')
    owner.computer.run('rm', HOOK, trusted)


def open_ports():
    """The kernel's numbers of the sockets that clients come to."""
    return sorted(re.findall(r'\bino:(\d+)', lab.run('ss', '-Hlntue', f'sport = :{os.environ["LAB_PORT"]}', namespace=lab.SERVER)))


def step_called(owner):
    """With the ports open in systemd's hands, a client starts the server, which may open none, and a restart leaves them open"""
    owner.computer.run('mkdir', '-p', DROP_INS)
    owner.computer.run('tee', f'{DROP_INS}/ports.conf', input='[Service]\nCapabilityBoundingSet=~CAP_NET_BIND_SERVICE\n')
    owner.computer.run('systemctl', 'daemon-reload')
    owner.computer.run('systemctl', 'stop', UNIT)
    owner.computer.run('systemctl', 'start', SOCKET)
    before = open_ports()
    lab.holds(len(before) == 2 and not owner.is_active(), f'{before}, or the service runs already')
    owner.connect()
    owner.computer.run('systemctl', 'restart', UNIT)
    owner.client.wait_for_line(CONNECTED, 60, 2)
    owner.reaches_home()
    lab.equal(open_ports(), before, 'the sockets')
    owner.disconnect()
    owner.computer.run('rm', '-r', DROP_INS)
    owner.computer.run('systemctl', 'daemon-reload')
    owner.computer.run('systemctl', 'stop', SOCKET, UNIT)
    owner.turn_on()


def step_rebooted(owner):
    """After a reboot it is on by itself, and lets the same user in"""
    owner.control('autostart', 'off')
    owner.control('autostart', 'on')
    owner.computer.reboot()
    lab.wait_until('the service, which nobody asked for', owner.is_active, 60)
    lab.wait_until('the server', owner.is_on, 60)
    owner.finds_all()
    said = owner.computer.run('journalctl', '--no-pager', '--unit', UNIT)
    lab.holds(' error ' not in said and 'the last run was killed' not in said, f'it was not ended in order:\n{said}')
    owner.connect()
    owner.reaches_home()


def step_upgraded(owner):
    """An upgrade keeps users, key, settings and sessions, and a transfer goes on"""
    connections = owner.client.count(CONNECTED)
    transfer = owner.client.fetch_in_background('200M.bin', TRANSFER, '--limit-rate', '2M', seconds=600)
    lab.wait_until('some of the transfer', lambda: transferred() > 0)
    owner.apt('install', *owner.newer)
    lab.equal(owner.version(), packages.field(owner.outside[-1], 'Version'), 'the version that is installed')
    lab.wait_until('the server', owner.is_on, 60)
    lab.wait_until('the server of the newer version', runs_what_is_installed, 60)
    owner.finds_all()
    before = transferred()
    # More than the client's kernel can have kept for it.
    lab.wait_until('more of the transfer', lambda: transferred() > before + 12 * MEGABYTE, 60)
    lab.equal(transfer.poll(), None, 'how the transfer ended')
    transfer.kill()
    transfer.wait()
    lab.equal(owner.client.count(CONNECTED), connections, 'how often the client had to connect')
    owner.reaches_home()


def step_removed(owner):
    """Removed, it is gone from memory and network, and what it keeps is there"""
    owner.apt('remove', *packages.NAMES)
    lab.equal(processes(owner), [], 'what runs')
    lab.equal(traces_in_network(), [], 'what is left in the network')
    lab.equal(owner.computer.run('systemctl', 'show', '--property=LoadState', '--value', UNIT).strip(), 'not-found', 'the unit')
    for folder in (STATE, SETTINGS):
        lab.holds(owner.computer.run('find', folder, '-type', 'f'), f'nothing is in {folder}')
    owner.client.disconnect()


def step_returned(owner):
    """Installed again, it knows its users, and has the same key"""
    owner.apt('install', *owner.newer)
    owner.turn_on()
    owner.finds_all()
    owner.connect()
    owner.reaches_home()
    owner.disconnect()


def step_tested(owner):
    """The packages' own tests pass (debian/tests)"""
    for stanza in system.test_stanzas():
        for name in stanza['Tests'].split():
            place = owner.computer.receive(f'{packages.TREE}/debian/tests/{name}', PLACE)
            owner.computer.run('sh', '-c', f'chmod 755 {place} && AUTOPKGTEST_TMP=$(mktemp -d) {place}')


def step_purged(owner):
    """Purged, nothing is left of it but its accounts, which nobody can use"""
    owner.apt('purge', *packages.NAMES)
    lab.equal(sorted(owner.computer.files() - owner.before), [], 'what is left')
    lab.equal(sorted(owner.before - owner.computer.files()), [], 'what others had')
    lab.equal(processes(owner), [], 'what runs')
    lab.equal(traces_in_network(), [], 'what is left in the network')
    lab.equal(owner.computer.run('find', '/run', '-name', '*sallyport*'), '', 'what is left in /run')
    lab.wait_until('the bus to forget it', lambda: not has_name(owner))
    for account in ACCOUNTS:
        lab.equal(owner.computer.run('passwd', '--status', account).split()[1], 'L', f'{account} with a password')
        lab.equal(owner.computer.run('getent', 'passwd', account).strip().rpartition(':')[2], '/usr/sbin/nologin', account)

# SPDX-License-Identifier: GPL-2.0-or-later
"""Several servers behind HAProxy, with a directory (OpenLDAP) that knows the passwords: set up by what the manual page says,
word by word."""

import json
import os
import re
import signal
import subprocess

import lab
import proxies
from client import Client
from reconnects import CONNECTED
from story import Skipped

PAGE = os.path.join(os.path.dirname(__file__), '../../data/man/sallyportd.8')
SECOND, SECOND_HOME = 'second', '192.168.51.20'
PASSWORD = 'of the directory'
FOLDER = '/run/fleet'
SLAPD = f'''
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCACertificateFile {FOLDER}/ldap.pem
TLSCertificateFile {FOLDER}/ldap.pem
TLSCertificateKeyFile {FOLDER}/ldap.key
database mdb
directory {FOLDER}/directory
suffix dc=home,dc=test
'''
PEOPLE = f'''
dn: dc=home,dc=test
objectClass: domain

dn: ou=people,dc=home,dc=test
objectClass: organizationalUnit

dn: uid=anna,ou=people,dc=home,dc=test
objectClass: inetOrgPerson
objectClass: posixAccount
cn: Anna
sn: Berg
uidNumber: 7001
gidNumber: 7001
homeDirectory: /nonexistent
userPassword: {PASSWORD}
'''
# One more server: a computer at home, with an address of its own in the internet.
NETWORK = f'''
netns add {SECOND}
link add {SECOND} index 50 netns {lab.ROUTER} type veth peer name wan index 51 netns {SECOND}
link add lan index 52 netns {SECOND} type veth peer name eth1 index 53 netns {lab.HOME}
'''
ADDRESSES = (
    (lab.ROUTER, f'link set {SECOND} up'), (lab.ROUTER, f'addr add 198.51.100.1/32 dev {SECOND}'),
    (lab.ROUTER, f'route add 198.51.100.21 dev {SECOND}'),
    (lab.HOME, f'addr add {SECOND_HOME}/24 dev eth1'), (lab.HOME, 'link set eth1 up'),
    (SECOND, 'link set lo up'), (SECOND, 'addr add 198.51.100.21/24 dev wan'), (SECOND, 'link set wan up'),
    (SECOND, 'addr add 192.168.51.1/24 dev lan'), (SECOND, 'link set lan up'),
    (SECOND, 'route add default via 198.51.100.1'), (SECOND, f'route add {lab.HOME_ADDRESS} via {SECOND_HOME}'))


def page_says():
    """What the manual page says of several servers: proxy, directory, rules of PAM, commands."""
    with open(PAGE, encoding='utf-8') as file:
        section = file.read().partition('.Sh SEVERAL SERVERS\n')[2].partition('\n.Sh ')[0]
    blocks = re.findall(r'^\.Bd -literal.*\n((?:.*\n)*?)\.Ed$', section, re.MULTILINE)
    lab.equal(len(blocks), 4, 'examples of the page')
    return blocks


def write(path, text):
    with open(path, 'w', encoding='ascii') as file:
        file.write(text)
    return path


def make_certificate(name, *names):
    lab.run('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '90',
            '-keyout', f'{FOLDER}/{name}.key', '-out', f'{FOLDER}/{name}.pem', '-subj', f'/CN={name}',
            '-addext', 'subjectAltName=' + ','.join(f'DNS:{one}' for one in names))


class Second:
    """A computer as far as a server can see: network, bus and the name service's socket are its own."""

    def __init__(self):
        self.is_gone = False
        lab.run('ip', '-batch', '-', input=NETWORK)
        for namespace, words in ADDRESSES:
            lab.run('ip', '-n', namespace, *words.split())
        self.process = subprocess.Popen(['ip', 'netns', 'exec', SECOND, 'unshare', '--mount', 'sleep', 'infinity'])
        lab.wait_until('the second computer', lambda: os.path.basename(os.readlink(f'/proc/{self.process.pid}/exe')) == 'sleep')
        for folder in ('dbus', 'nslcd'):
            self.run('mount', '-t', 'tmpfs', 'tmpfs', f'/run/{folder}')
        self.start('dbus-daemon', '--system', '--nofork', '--nopidfile')
        lab.wait_until('its bus', lambda: self.owns('org.freedesktop.DBus'))
        self.start('sallyportd', '--state', f'{FOLDER}/state', '--config', f'{FOLDER}/sallyport.conf', '--start')
        lab.wait_until('its server', lambda: self.owns('org.sallyport.Sallyport1'), 20)

    def inside(self, *command):
        return ('nsenter', '--target', str(self.process.pid), '--mount', '--net', *command)

    def run(self, *command, **options):
        return lab.run(*self.inside(*command), **options)

    def start(self, *command):
        with open(f'{FOLDER}/second.log', 'ab') as log:
            subprocess.Popen(self.inside(*command), stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def owns(self, name):
        return 'true' in self.run('dbus-send', '--system', '--print-reply=literal', '--dest=org.freedesktop.DBus', '/',
                                  'org.freedesktop.DBus.NameHasOwner', f'string:{name}', check=False)

    def loses_its_cable(self):
        self.is_gone = True
        lab.run('ip', '-n', lab.ROUTER, 'link', 'set', SECOND, 'down')


def start_directory():
    """At home, where both servers reach it; its certificate is one that they trust."""
    make_certificate('ldap', 'ldap.home.test')
    with open('/etc/hosts', 'a', encoding='ascii') as hosts, open('/etc/ssl/certs/ca-certificates.crt', 'a', encoding='ascii') as known, \
            open(f'{FOLDER}/ldap.pem', encoding='ascii') as certificate:
        hosts.write(f'{lab.HOME_ADDRESS} ldap.home.test\n')
        known.write(certificate.read())
    os.mkdir(f'{FOLDER}/directory')
    write(f'{FOLDER}/slapd.conf', SLAPD)
    lab.run('slapadd', '-f', f'{FOLDER}/slapd.conf', input=PEOPLE)
    lab.run('slapd', '-f', f'{FOLDER}/slapd.conf', '-h', f'ldaps://{lab.HOME_ADDRESS}:636/', namespace=lab.HOME)


def set_up(directory, rules, commands):
    """Both servers by the words of the page; files that say where things are, both computers share here."""
    make_certificate('vpn', 'vpn.test')
    write('/etc/nslcd.conf', directory)
    write('/etc/pam.d/sallyport', rules)
    os.mkdir('/run/nslcd')
    second = Second()
    for inside in (('ip', 'netns', 'exec', lab.SERVER), second.inside()):
        lab.run(*inside, 'chown', 'nslcd:', '/run/nslcd')
        lab.run(*inside, 'nslcd')
        lab.run(*inside, 'sh', '-ec', f'cd {FOLDER}\n{commands}')
    return second


def places(second):
    """Where clients are: {their address: (which server, the session's id)}."""
    words = ('sallyportctl', 'session', 'list', '--json')
    told = {'one': lab.run(*words), **({} if second.is_gone else {'two': second.run(*words)})}
    return {session['remote-address'].rpartition(':')[0]: (server, session['id'])
            for server, text in told.items() for session in json.loads(text)['sessions']}


class Visitor(Client):
    """Anna at one of her computers, who has the directory's password alone."""

    def __init__(self, number):
        self.address = f'192.0.{number}.10'
        namespace = lab.CLIENT if number == 2 else f'visitor{number}'
        super().__init__(namespace=namespace, url=f'https://{proxies.PROXY}', password=PASSWORD)

    def arrives(self, second):
        lab.wait_until('the tunnel', lambda: 'tun0' in lab.run('ip', '-n', self.namespace, 'link'), 20)
        self.place = lab.wait_until('the session', lambda: places(second).get(self.address))
        self.home = SECOND_HOME if self.place[0] == 'two' else lab.HOME_ADDRESS
        self.wait_connected()
        self.fetch('peer')
        return self

    def comes_back(self, second):
        """Without signing in: its cookie is good at the server that gave it, and at no other."""
        times = self.count(CONNECTED)
        self.signal(signal.SIGUSR2)
        self.wait_for_line(CONNECTED, 40, times + 1)
        lab.equal(places(second)[self.address], self.place, f'where {self.address} came back to')
        self.fetch('peer')


def clients_of_a_server_that_dies_sign_in_at_another():
    if not os.path.exists('/usr/sbin/slapd') or not os.path.exists('/usr/sbin/nslcd'):
        raise Skipped('no OpenLDAP or no nslcd: `./run test` installs them')
    proxy, directory, rules, commands = page_says()
    os.mkdir(FOLDER)
    start_directory()
    second = set_up(directory, rules, commands)
    proxies.start_proxy(configuration=proxy)
    os.environ.update(LAB_USER='anna', LAB_PIN=lab.control_json('status')['certificate-pin'])
    visitors = [Visitor(2).arrives(second)]
    for number in (3, 4, 5):
        lab.add_client_namespace(f'visitor{number}', number)
        visitors.append(Visitor(number).arrives(second))
    at_home = {server: [one for one in visitors if one.place[0] == server] for server in ('one', 'two')}
    lab.holds(at_home['one'] and at_home['two'], f'all are at one server: {places(second)}')
    for visitor in (visitors[0], *visitors):  # one of them twice, lest turns in order look like faithfulness
        visitor.comes_back(second)
    seen = {visitor.address: visitor.count(CONNECTED) for visitor in at_home['one']}
    second.loses_its_cable()
    for visitor in at_home['two']:
        lab.holds(visitor.wait_exit(60) != 0, 'a cookie of the dead server is good')
        again = Visitor(int(visitor.address.split('.')[2])).arrives(second)
        lab.equal(again.place[0], 'one', f'where {visitor.address} signed in')
    for visitor in at_home['one']:
        lab.equal(places(second)[visitor.address], visitor.place, 'session of who was at the other server')
        lab.equal(visitor.count(CONNECTED), seen[visitor.address], 'connections of who was at the other server')
        visitor.fetch('peer')

# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of what keeps people out between the internet and the server, each built as homes have it, with the words for it."""

import contextlib
import itertools
import os
import socket
import subprocess
import threading

import dynamic_dns
import lab
import port_mapping
import records
from client import Client
from reachability import FORWARDED, health, known, link, opened

NAME, NAME_SERVER, RECORDS = 'home.test', os.environ['LAB_INTERNET_ADDRESS'], '/run/records'
OLD, OLD6, AT_HOME = '203.0.113.99', '2001:db8:9::99', '192.168.1.20'
STATUSES = {'reached': 0, 'not-tested': 10, 'waiting': 11, 'router-closed': 23, 'udp-only': 29, 'name-unknown': 30, 'name-private': 31, 'name-elsewhere': 32, 'ipv6-elsewhere': 33,
            'tcp-only': 40}
DEVICE, DEVICE_ADDRESS = 'device', '192.168.77.30'


def _told(verdict, *words):
    """In a word for programs, in a status and in words for people."""
    done = lab.wait_until(f'the verdict {verdict}', lambda: (answer := _ask()).stdout.startswith(f'{verdict}: ') and answer, 40)
    lab.equal(done.returncode, STATUSES[verdict], 'status')
    for word in words:
        lab.holds(word in done.stdout, done.stdout)


def _ask():
    return subprocess.run(['sallyportctl', 'reachability'], check=False, capture_output=True, text=True, timeout=60)


class Names:
    """dnsmasq in the internet, which knows NAME and nothing else; the server's computer asks it."""

    def __init__(self):
        with open('/etc/resolv.conf', 'w', encoding='ascii') as file:
            file.write(f'nameserver {NAME_SERVER}\n')
        self.write()
        with open('/run/dnsmasq.log', 'wb') as log:
            self.process = subprocess.Popen(
                ['ip', 'netns', 'exec', lab.ROUTER, 'dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--no-resolv', '--no-hosts',
                 '--user=root', '--pid-file=', '--bind-interfaces', f'--listen-address={NAME_SERVER}', '--local=/test/', f'--addn-hosts={RECORDS}',
                 '--log-facility=-'], stdout=log, stderr=log)
        lab.wait_until('the name server', lambda: f'{NAME_SERVER}:53 ' in lab.run('ss', '-Hlun', namespace=lab.ROUTER))

    def write(self, *addresses):
        with open(RECORDS, 'w', encoding='ascii') as file:
            file.writelines(f'{address} {NAME}\n' for address in addresses)

    def say(self, *addresses):
        """From now on, which a test shows at once."""
        self.write(*addresses)
        self.process.send_signal(1)  # SIGHUP: read it anew
        lab.wait_until('the records', lambda: self.answers() == sorted(addresses))

    @staticmethod
    def answers():
        found = lab.run('getent', 'ahosts', NAME, namespace=lab.CLIENT, check=False)
        return sorted({line.split()[0] for line in found.splitlines()})

    def close(self):
        self.process.terminate()
        self.process.wait(10)


def a_name_that_leads_elsewhere_is_told_with_where_it_leads():
    with contextlib.closing(Names()) as names:
        link('--at', NAME)
        _told('name-unknown', NAME, 'enter it where')
        for verdict, addresses, wrong in (('name-private', [AT_HOME], AT_HOME), ('name-elsewhere', [OLD], OLD),
                                          ('ipv6-elsewhere', [lab.SERVER_ADDRESS, OLD6], OLD6)):
            names.say(*addresses)
            link('--at', NAME)
            if verdict == 'ipv6-elsewhere':  # a milder thing than that nobody has come yet
                _told('waiting')
                lab.equal(opened(link('--at', NAME), '--ipv4').status, 200, 'status of the link')
            _told(verdict, f'{NAME} ', f'leads to {wrong}')
            lab.equal(health()[verdict]['details']['name-leads-to'], wrong, 'health')
        names.say(lab.SERVER_ADDRESS)
        url = link('--at', NAME)
        lab.wait_until('what leads here', lambda: known().get('name-leads-to') == lab.SERVER_ADDRESS)
        lab.equal(opened(url).status, 200, 'status of the link')
        lab.equal((known()['verdict'], known()['name']), ('reached', NAME), 'what is known')
        # Its address is another one now, and the name is that of before.
        names.say(OLD)
        link('--at', NAME)
        _told('name-elsewhere', OLD)
    lab.holds('courier: ended' not in lab.server_log(), 'a courier died')


def _serve_nonsense(answers):
    """A name server that answers each question with the next of these bytes, behind its number."""
    with lab.inside(lab.ROUTER):
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind((NAME_SERVER, 53))

    def serve():
        number = 0
        while True:
            question, peer = server.recvfrom(2000)
            server.sendto(question[:2] + answers[number % len(answers)](question), peer)
            number += 1

    threading.Thread(target=serve, daemon=True).start()


def a_name_server_that_lies_is_no_evidence():
    record = b'\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x00'
    _serve_nonsense((
        lambda question: b'',
        lambda question: b'\x81\x80' + os.urandom(600),
        lambda question: b'\x81\x80\x00\x01\xff\xff\x00\x00\x00\x00' + question[12:] + (record + b'\x00\x04\xc0\x00\x02\x63') * 40,
        lambda question: b'\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00' + question[12:] + b'\xc0\x0c' * 30,
        lambda question: b'\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00' + question[12:] + record + b'\xff\xff\x01',
        lambda question: b'\x81\x82\x00\x01\x00\x00\x00\x00\x00\x00' + question[12:],  # SERVFAIL
    ))
    with open('/etc/resolv.conf', 'w', encoding='ascii') as file:
        file.write(f'nameserver {NAME_SERVER}\n')
    for _ in range(3):
        link('--at', NAME)
        _told('waiting')
    lab.holds('courier: ended' not in lab.server_log(), 'a courier died')
    lab.equal(health(), {}, 'health')




def _be_behind_the_router():
    """The server has its address in the router's home network alone."""
    port_mapping.move_behind_the_router()
    for address in (f'{lab.SERVER_ADDRESS}/24', f'{lab.SERVER_ADDRESS6}/64'):
        lab.run('ip', '-n', lab.SERVER, 'addr', 'del', address, 'dev', 'wan')
    place = {'router': port_mapping.ROUTER_SIDE, 'address': port_mapping.OWN}
    lab.wait_until('the new place', lambda: {key: known().get(key) for key in place} == place)


def _forward(*rules):
    """What the router does from here on with what comes to FORWARDED."""
    chains = ('before { type nat hook prerouting priority dstnat; }', 'behind { type nat hook postrouting priority srcnat; }')
    lab.run('nft', '-f', '-', namespace=lab.ROUTER, input='\n'.join((
        'add table ip forwarding', 'delete table ip forwarding', 'add table ip forwarding', *(f'add chain ip forwarding {chain}' for chain in chains),
        *(f'add rule ip forwarding {rule}' for rule in rules), '')))


def a_home_that_calls_itself_proves_nothing():
    _be_behind_the_router()
    here = f'ip daddr {FORWARDED} tcp dport {lab.PORT} dnat to {port_mapping.OWN}'
    # A router that sends home what home sends to its address, as if it came from there.
    _forward(f'before {here}', f'behind ip saddr 192.168.77.0/24 ip daddr {port_mapping.OWN} snat to {FORWARDED}')
    url = link('--at', FORWARDED)
    lab.equal(opened(url, namespace=lab.SERVER).status, 200, 'status at home')
    lab.equal((known()['verdict'], known()['opened-from']), ('from-home', FORWARDED), 'what is known')
    # One that does not: at home nothing comes of it, which says nothing yet either.
    _forward(f'before iifname clients {here}')
    url = link('--at', FORWARDED)
    lab.holds(not lab.succeeds('curl', '--silent', '--insecure', '--max-time', '2', url, namespace=lab.SERVER), 'home reaches itself')
    lab.equal(known()['verdict'], 'waiting', 'verdict')
    lab.equal(opened(url).status, 200, 'status outside')
    lab.equal(known()['verdict'], 'reached', 'verdict')
    # One that forwards nothing any more.
    _forward()
    link('--at', FORWARDED, '--valid', '5')
    _told('router-closed', f'let the router ({port_mapping.ROUTER_SIDE}) forward TCP {lab.PORT} and UDP {lab.PORT} to {port_mapping.OWN}')


def _temporary():
    found = lab.run('ip', '-n', lab.SERVER, '-6', 'addr', 'show', 'dev', 'wan', 'temporary')
    return [line.split()[1].split('/')[0] for line in found.splitlines() if 'inet6' in line]


def an_address_that_passes_is_told_nobody():
    stable, old = '2a02:2f08:1::21', '2a02:2f08:1::22'
    lab.run('sh', '-c', 'echo 2 >/proc/sys/net/ipv6/conf/wan/use_tempaddr', namespace=lab.SERVER)
    for command in (f'addr del {lab.SERVER_ADDRESS6}/64', f'addr del {lab.SERVER_ADDRESS}/24', f'addr add {old}/64 preferred_lft 0',
                    f'addr add {stable}/64 mngtmpaddr valid_lft 8000 preferred_lft 7000'):
        lab.run('ip', '-n', lab.SERVER, *command.split(), 'dev', 'wan')
    lab.run('ip', '-n', lab.SERVER, '-6', 'route', 'replace', 'default', 'dev', 'wan')
    passing, = lab.wait_until('a temporary address', _temporary)
    lab.wait_until('the address', lambda: known().get('address') == stable)
    urls = lab.control_json('status')['urls']
    lab.holds(any(stable in url for url in urls), urls)
    lab.holds(not any(passing in url or old in url for url in urls), urls)
    with dynamic_dns._provider('ok') as provider:
        dynamic_dns._set_password('secret')
        lab.control('config', 'set', 'dynamic-dns-mode=url', f'dynamic-dns-url={provider.url}/?t={{password}}&a={{ip6}}')
        lab.wait_until('the provider', lambda: provider.asked, 30)
        lab.equal([address.replace('%3A', ':') for address in provider.addresses()], [stable], 'told')


def datagrams_that_are_lost_on_the_way_are_told():
    lab.router_rules([f'udp dport {lab.PORT} drop'])
    asking = [records.open_tunnel(cookie=cookie) for cookie in itertools.islice(records.cookies(1), 2)]  # for datagrams, too
    client = Client().wait_connected(60)  # which tries DTLS first
    _told('tcp-only', 'only slowly', f'forward UDP {lab.PORT}')
    lab.equal(health()['tcp-only']['severity'], 'warning', 'severity')
    lab.router_rules([])
    again = Client(namespace=lab.add_client_namespace('client2', 3)).wait_connected().wait_dtls()
    lab.wait_until('the verdict', lambda: known()['verdict'] == 'reached')
    for one in (client, again):
        lab.equal(one.disconnect(), 0, 'status of openconnect')
    for tunnel in asking:
        tunnel.close()


def _add_device():
    """Another one at home, which asks the router for ports, too."""
    lab.run('ip', 'netns', 'add', DEVICE)
    lab.run('ip', '-n', lab.SERVER, *f'link add link wan name eth0 netns {DEVICE} type macvlan mode bridge'.split())
    for command in ('link set lo up', f'addr add {DEVICE_ADDRESS}/24 dev eth0', 'link set eth0 up', f'route add default via {port_mapping.ROUTER_SIDE}'):
        lab.run('ip', '-n', DEVICE, *command.split())


def _ask_router(*action, namespace=DEVICE):
    """What somebody else than the server asks of it."""
    lab.run('upnpc', '-u', f'http://{port_mapping.ROUTER_SIDE}:5000/rootDesc.xml', *action, namespace=namespace)


def _take(protocol):
    """The device has the server's port for this protocol from here on."""
    _ask_router('-a', DEVICE_ADDRESS, str(lab.PORT), str(lab.PORT), protocol)
    lab.equal(_forwarded(), (0, 1), 'forwarded')


def _let_go(protocol):
    _ask_router('-d', str(lab.PORT), protocol)
    lab.equal(_forwarded(), (1, 0), 'forwarded')


def _forwarded():
    """How many ports really lead to the server, and to the other device."""
    rules = lab.run('nft', 'list', 'chain', 'inet', 'filter', 'prerouting_miniupnpd', namespace=lab.ROUTER)
    return tuple(rules.count(f'to {address}:{lab.PORT}') for address in (port_mapping.OWN, DEVICE_ADDRESS))


def _mapped():
    state = lab.control_json('port-mapping', 'show')
    return tuple(state[key] for key in ('way', 'state', 'udp-state', 'port', 'udp-port'))


def _try_another_port(way):
    """Which is what helps, and leaves nothing at the one of before."""
    lab.control('config', 'set', 'port=8443')
    lab.wait_until('the other port', lambda: _mapped() == (way, 'mapped', '', 8443, 8443), 30)
    lab.equal(_forwarded(), (0, 1), 'forwarded')
    _told('not-tested')
    lab.control('config', 'set', f'port={lab.PORT}')
    _told('udp-only')


def another_device_that_has_the_port_for_tcp_leaves_udp_alone():
    _be_behind_the_router()
    _add_device()
    for way, ways in (('upnp', ('upnp',)), ('pcp', ('upnp', 'natpmp')), ('nat-pmp', ('upnp', 'natpmp'))):
        with port_mapping.router(*ways):
            if way == 'nat-pmp':
                lab.run('nft', '-f', '-', namespace=lab.ROUTER, input=port_mapping.OLDER)
            _take('TCP')
            lab.control('config', 'set', 'port-mapping=yes')
            _told('udp-only', 'nobody can connect', f'forwards TCP {lab.PORT} to another device', 'set port of [server] to another')
            lab.equal(_mapped(), (way, 'taken', 'mapped', 0, lab.PORT), 'what the router said')
            lab.equal(_forwarded(), (1, 1), 'forwarded')
            lab.equal([(name, entry['severity'], entry['details']['reason']) for name, entry in health().items()],
                      [('udp-only', 'problem', 'taken')], 'health')
            if way == 'pcp':
                _try_another_port(way)
            _let_go('TCP')
            lab.control('port-mapping', 'renew')
            lab.wait_until('all of it', lambda w=way: _mapped() == (w, 'mapped', '', lab.PORT, lab.PORT), 30)
            _told('not-tested')
            lab.equal(_forwarded(), (2, 0), 'forwarded')
            lab.control('config', 'set', 'port-mapping=no')
            lab.wait_until('the end', lambda: _forwarded() == (0, 0), 30)


def another_device_that_has_the_port_for_udp_makes_connections_slow():
    _be_behind_the_router()
    _add_device()
    url = f'https://{port_mapping.OUTSIDE}:{lab.PORT}'
    with port_mapping.router('upnp', 'natpmp'):
        _take('UDP')
        lab.control('config', 'set', 'port-mapping=yes')
        _told('tcp-only', 'only slowly', f'forwards UDP {lab.PORT} to another device')
        lab.equal(_mapped(), ('pcp', 'mapped', 'taken', lab.PORT, 0), 'what the router said')
        lab.equal((list(health()), health()['tcp-only']['severity']), (['tcp-only'], 'warning'), 'health')
        client = Client(url=url).wait_connected()
        lab.wait_until('who came', lambda: 'tcp-at-usec' in known())
        _told('tcp-only', f'forwards UDP {lab.PORT} to another device')
        lab.equal(client.disconnect(), 0, 'status of openconnect')
        # What is ended is our own part.
        lab.control('config', 'set', 'port-mapping=no')
        lab.wait_until('the end', lambda: _forwarded() == (0, 1), 30)
        lab.control('config', 'set', 'port-mapping=yes')
        lab.wait_until('the beginning', lambda: _mapped()[1:3] == ('mapped', 'taken'), 30)
        _let_go('UDP')
        lab.control('port-mapping', 'renew')
        lab.wait_until('all of it', lambda: _mapped() == ('pcp', 'mapped', '', lab.PORT, lab.PORT), 30)
        _told('reached')
        client = Client(url=url).wait_connected().wait_dtls()
        lab.equal(client.disconnect(), 0, 'status of openconnect')
        lab.equal(health(), {}, 'health')


def what_was_set_up_at_the_router_for_ever_is_used_and_stays():
    _be_behind_the_router()
    with port_mapping.router('upnp') as before:
        _ask_router('-e', 'by hand', '-a', port_mapping.OWN, str(lab.PORT), str(lab.PORT), 'TCP', namespace=lab.SERVER)
        before.kill()
        before.wait(10)
    with port_mapping.router('upnp', keeps=True):
        lab.control('config', 'set', 'port-mapping=yes')
        lab.wait_until('all of it', lambda: _mapped() == ('upnp', 'mapped', '', lab.PORT, lab.PORT), 30)
        lab.equal(_forwarded(), (2, 0), 'forwarded')
        lab.control('stop')
        lab.equal(_forwarded(), (1, 0), 'forwarded by a server that is off')

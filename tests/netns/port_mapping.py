# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of a router that is asked to forward the server's ports: miniupnpd is it, or one that lies."""

import contextlib
import http.server
import ipaddress
import json
import os
import re
import socket
import struct
import subprocess
import threading
import time

import lab
import rooms
from client import Client

ROUTER_SIDE, OWN, OUTSIDE = '192.168.77.1', '192.168.77.20', '192.0.2.1'
ELSEWHERE = '203.0.113.80'  # the router's, too, but not at home
LABEL = '5.5.5.1'  # miniupnpd forwards for no address that the world could not have, so it is told another
RULES = '''
table inet filter
delete table inet filter
table inet filter {
  chain forward { type filter hook forward priority 0; policy accept; ct state established,related accept; jump miniupnpd;
    meta nfproto ipv6 iifname clients oifname servers drop; }
  chain miniupnpd { }
  chain before { type nat hook prerouting priority dstnat; policy accept; jump prerouting_miniupnpd; }
  chain after { type nat hook postrouting priority srcnat; policy accept; jump postrouting_miniupnpd; }
  chain prerouting_miniupnpd { }
  chain postrouting_miniupnpd { }
}
'''
ALLOW, DENY = 'allow 1-65535 192.168.77.0/24 1-65535', 'deny 0-65535 0.0.0.0/0 0-65535'
# A router of before PCP: whose requests begin with their version.
OLDER = 'table inet older { chain input { type filter hook input priority 0; udp dport 5351 @th,64,8 2 reject; }; }'
SETTINGS = f'''
ext_ifname=clients
ext_ip={LABEL}
http_port=5000
min_lifetime=5
max_lifetime=86400
secure_mode=yes
upnp_table_name=filter
upnp_nat_table_name=filter
upnp_forward_chain=miniupnpd
upnp_nat_chain=prerouting_miniupnpd
upnp_nat_postrouting_chain=postrouting_miniupnpd
uuid=6c5c5f0a-0000-4a3b-9d1e-000000000001
'''


def move_behind_the_router():
    """The server's address of before stays for who is told of it; its way out is the router's home network."""
    lab.run('ip', '-n', lab.ROUTER, 'addr', 'add', f'{ROUTER_SIDE}/24', 'dev', 'servers')
    lab.run('ip', '-n', lab.SERVER, 'addr', 'add', f'{OWN}/24', 'dev', 'wan')
    lab.run('ip', '-n', lab.SERVER, 'route', 'replace', 'default', 'via', ROUTER_SIDE, 'src', OWN)


def _listens(port, protocol):
    return f':{port} ' in lab.run('ss', '--no-header', '--listening', '--numeric', f'--{protocol}', namespace=lab.ROUTER)


@contextlib.contextmanager
def router(*ways, interface=f'{ROUTER_SIDE}/24', rules=(ALLOW, DENY), keeps=False):
    """miniupnpd, that knows these ways and no other; one that keeps what the one before forwarded does so for ever."""
    if not keeps:
        lab.run('nft', '-f', '-', namespace=lab.ROUTER, input=RULES)
    with open('/run/miniupnpd.conf', 'w', encoding='ascii') as file:
        file.write('\n'.join((f'{SETTINGS}listening_ip={interface}', *rules, '')))
        file.writelines(f'enable_{way}={"yes" if way in ways else "no"}\n' for way in ('upnp', 'natpmp'))
    with open('/run/miniupnpd.log', 'wb') as log:
        process = subprocess.Popen(['ip', 'netns', 'exec', lab.ROUTER, 'miniupnpd', '-d', '-f', '/run/miniupnpd.conf', '-P', '/run/miniupnpd.pid'],
                                   stdout=log, stderr=log)
    try:
        lab.wait_until('the router', lambda: _listens(5000, 'tcp') if 'upnp' in ways else _listens(5351, 'udp'))
        yield process
    finally:
        process.terminate()
        process.wait(10)


def _forwarded(port=lab.PORT):
    """How often the router really forwards to this port of the server."""
    rules = lab.run('nft', 'list', 'chain', 'inet', 'filter', 'prerouting_miniupnpd', namespace=lab.ROUTER)
    return rules.count(f'to {OWN}:{port}')


def _state():
    return lab.control_json('port-mapping', 'show')


def _wait_for(state, seconds=30):
    return lab.wait_until(f'the state {state}', lambda: _state()['state'] == state and _state(), seconds)


def _health():
    answer = json.loads(lab.control('check', '--json', check=False))
    return [entry['id'] for entry in answer['health']]


def _set_by_hand(value):
    with open(os.environ['LAB_CONFIG'], encoding='utf-8') as file:
        text = file.read()
    changed = re.sub('^port-mapping *=.*$', f'port-mapping = {value}', text, flags=re.MULTILINE)
    lab.holds(changed != text, text)
    with open(os.environ['LAB_CONFIG'], 'w', encoding='utf-8') as file:
        file.write(changed)


def the_router_lets_clients_in_while_the_server_is_on():
    move_behind_the_router()
    url = f'https://{OUTSIDE}:{lab.PORT}'
    reach = ('curl', '--silent', '--insecure', '--max-time', '5', url)
    with router('upnp'):
        lab.equal(_state()['state'], 'off', 'state of a setting that is off')
        lab.holds(not lab.succeeds(*reach, namespace=lab.CLIENT), 'the router is open by itself')
        lab.control('config', 'set', 'port-mapping=yes')
        state = _wait_for('mapped')
        lab.equal((state['way'], state['address'], state['port'], state['udp-port']), ('upnp', LABEL, lab.PORT, lab.PORT), 'state')
        lab.equal(_forwarded(), 2, 'forwarded')
        lab.holds('Router:      mapped' in lab.control('status'), 'the status does not say so')
        client = Client(url=url).wait_connected().wait_dtls()
        client.disconnect()
        lab.equal(_health(), [], 'health')
        for port in (8443, lab.PORT):
            lab.control('config', 'set', f'port={port}')
            lab.wait_until('the other port', lambda p=port: (_state().get('port'), _forwarded(p)) == (p, 2), 30)
        lab.control('stop')
        lab.equal(_forwarded(), 0, 'forwarded by a server that is off')
        lab.control('start')
        _wait_for('mapped')
        lab.equal(_forwarded(), 2, 'forwarded')
        lab.control('config', 'set', 'port-mapping=no')
        lab.wait_until('the end', lambda: _forwarded() == 0, 30)
        lab.equal(_state()['state'], 'off', 'state')


def what_a_killed_daemon_left_at_the_router_is_ended():
    move_behind_the_router()
    with router('natpmp'):
        lab.run('nft', '-f', '-', namespace=lab.ROUTER, input=OLDER)
        lab.control('config', 'set', 'port-mapping=yes')
        lab.equal(_wait_for('mapped')['way'], 'nat-pmp', 'way')
        lab.equal(_forwarded(), 2, 'forwarded')
        lab.control('config', 'set', 'port-mapping=no')
        lab.wait_until('the end', lambda: _forwarded() == 0, 30)
        lab.run('nft', 'delete', 'table', 'inet', 'older', namespace=lab.ROUTER)
        lab.control('config', 'set', 'port-mapping=yes')
        state = _wait_for('mapped')
        lab.equal((state['way'], state['address'], state['port'], state['udp-port']), ('pcp', LABEL, lab.PORT, lab.PORT), 'state')
        lab.control('stop')
        lab.equal(_forwarded(), 0, 'forwarded by a server that is off')
        lab.control('start')
        _wait_for('mapped')
        rooms.kill(rooms.main())
        lab.wait_until('the end of its rooms', lambda: not rooms.processes(), 10)
        lab.equal(_forwarded(), 2, 'forwarded after a death')
        _set_by_hand('no')
        server = subprocess.Popen([os.environ['LAB_START_SERVER']])
        lab.wait_until('the end', lambda: _forwarded() == 0, 60)
        server.terminate()
        server.wait(30)


class Liar:
    """Answers by NAT-PMP (RFC 6886) whatever it is told to; `asked` has each kind and lifetime."""

    def __init__(self):
        self.outside, self.shift, self.code, self.lifetime, self.extra, self.asked = '81.2.69.142', 0, 0, 3600, b'', []
        with lab.inside(lab.ROUTER):
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.bind((ROUTER_SIDE, 5351))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            request, peer = self.socket.recvfrom(2000)
            if request == b'':
                return
            kind = request[1]
            if request[0] != 0:
                self.socket.sendto(struct.pack('!BBHI', 0, 128 + kind, 1, 1), peer)  # knows no PCP (3.5)
                continue
            head = struct.pack('!BBHI', 0, 128 + kind, self.code, 1)
            if kind == 0:
                answer = head + socket.inet_aton(self.outside)
            else:
                inside, _, seconds = struct.unpack('!HHI', request[4:12])
                self.asked.append((kind, seconds))
                answer = head + struct.pack('!HHI', inside, inside + self.shift, self.lifetime if seconds else 0)
            self.socket.sendto(answer + self.extra, peer)

    def close(self):
        with lab.inside(lab.ROUTER), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b'', (ROUTER_SIDE, 5351))


def _verdict():
    return json.loads(lab.control('reachability', '--json', check=False))['reachability']['verdict']


def what_the_router_says_of_itself_is_in_the_verdict():
    move_behind_the_router()
    for address in (f'{lab.SERVER_ADDRESS}/24', f'{lab.SERVER_ADDRESS6}/64'):
        lab.run('ip', '-n', lab.SERVER, 'addr', 'del', address, 'dev', 'wan')
    liar = Liar()
    with contextlib.closing(liar):
        lab.control('config', 'set', 'port-mapping=yes')
        _wait_for('mapped')
        lab.equal(_verdict(), 'not-tested', 'verdict')
        for outside, verdict in (('10.1.2.3', 'second-router'), ('100.64.1.2', 'shared-address')):
            liar.outside = outside
            lab.control('port-mapping', 'renew')
            lab.wait_until(f'the verdict {verdict}', lambda v=verdict: _verdict() == v, 30)
            lab.holds(verdict in _health(), _health())
        liar.outside, liar.shift = '81.2.69.142', 1
        lab.control('port-mapping', 'renew')
        _wait_for('taken')
        lab.equal(liar.asked[-4:], [(2, 3600), (2, 0), (1, 3600), (1, 0)], 'what was asked for and ended')
        lab.holds('port-mapping-failed' in _health(), _health())
        liar.shift, liar.code = 0, 2
        lab.control('port-mapping', 'renew')
        lab.equal(_wait_for('refused')['reason'], 'refused', 'reason')
        lab.holds('by hand' in lab.control('check', check=False), 'no advice')
        liar.code, liar.extra = 0, b'x' * 60000
        lab.control('port-mapping', 'renew')
        lab.wait_until('the answer that is too long', lambda: _state()['state'] in ('mapped', 'failed', 'no-router'), 30)
        liar.extra = b''
        lab.control('port-mapping', 'renew')
        _wait_for('mapped')


SEARCHED = '''HTTP/1.1 200 OK\r
CACHE-CONTROL: max-age=120\r
ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r
USN: uuid:6c5c5f0a::urn:schemas-upnp-org:device:InternetGatewayDevice:1\r
EXT:\r
SERVER: x\r
LOCATION: {}\r
\r
'''
DESCRIBED = '''<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><URLBase>{}</URLBase><device>
<deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType><serviceList><service>
<serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType><serviceId>urn:upnp-org:serviceId:WANIPConn1</serviceId>
<SCPDURL>/scpd.xml</SCPDURL><controlURL>/control</controlURL><eventSubURL>/event</eventSubURL></service></serviceList></device></''' + 'root>'


class Place(http.server.ThreadingHTTPServer):
    """Keeps which paths it was asked for; says what it is told to, with as much of it as is wished, and answers actions."""

    daemon_threads = True

    def __init__(self, address):
        self.says, self.answers, self.repeats, self.asked = '', '', 1, []
        with lab.inside(lab.ROUTER):
            super().__init__((address, 0), Asked)
        self.url = f'http://{address}:{self.server_port}'
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Asked(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(self.server.repeats):
                self.wfile.write(self.server.says.encode())

    def do_POST(self):
        self.server.asked.append(self.path)
        self.rfile.read(int(self.headers['Content-Length']))
        self.send_response(500)
        self.end_headers()
        self.wfile.write(self.server.answers.encode())

    def log_message(self, *_):
        pass


def _answer_searches(place):
    """Whoever searches is told to go to place[0]."""
    with lab.inside(lab.ROUTER):
        group = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        group.bind(('', 1900))
        group.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton('239.255.255.250') + socket.inet_aton(ROUTER_SIDE))

    def answer():
        while True:
            _, peer = group.recvfrom(2000)
            group.sendto(SEARCHED.format(place[0]).encode(), peer)

    threading.Thread(target=answer, daemon=True).start()


def a_router_that_lies_leads_nobody_elsewhere():
    move_behind_the_router()
    here, elsewhere = Place(ROUTER_SIDE), Place(ELSEWHERE)
    place = [elsewhere.url + '/description']
    _answer_searches(place)
    lab.control('config', 'set', 'port-mapping=yes')
    lab.equal(_wait_for('no-router')['reason'], 'no-router', 'reason')
    lies = (
        (DESCRIBED.format(elsewhere.url), 1),  # it is asked elsewhere
        (DESCRIBED.format(here.url.replace('//', f'//{ROUTER_SIDE}@{ELSEWHERE}/')), 1),
        ('', 1),
        ('<root><device><serviceList>' * 1000, 1),
        ('<a>' * 100000, 100),  # 30 MB
    )
    for number, (says, repeats) in enumerate(lies):
        here.says, here.repeats, place[0] = says, repeats, f'{here.url}/{number}'
        before = len(here.asked)
        lab.control('port-mapping', 'renew')
        lab.wait_until(f'the description {number}', lambda n=number: f'/{n}' in here.asked, 30)
        lab.wait_until('the end', lambda: _state()['state'] != 'asking', 60)
        lab.holds(_state()['state'] in ('no-router', 'failed'), _state())
        lab.equal(len(here.asked), before + 1, 'times that it was asked')
    lab.equal(elsewhere.asked, [], 'asked elsewhere')
    # One that knows the way.
    here.says, here.repeats, place[0] = DESCRIBED.format(here.url), 1, f'{here.url}/last'
    for answers, state in (('<errorCode>718</errorCode>', 'taken'), ('<errorCode>606</errorCode>', 'refused')):
        here.answers = answers
        lab.control('port-mapping', 'renew')
        _wait_for(state)
    lab.holds('port-mapping-failed' in _health(), _health())


PUBLIC, PUBLIC_ROUTER = '2a02:2f08:77::20', '2a02:2f08:77::1'


def _let_in():
    """How many ports the router's firewall really lets in over IPv6, all to the server's public address."""
    rules = lab.run('nft', 'list', 'chain', 'inet', 'filter', 'miniupnpd', namespace=lab.ROUTER)
    written = rules.count(f'th dport {lab.PORT} @nh,192,128 0x{int(ipaddress.ip_address(PUBLIC)):032x}')
    lab.equal(rules.count('2a02'), written, rules)
    return written


def move_behind_the_firewall():
    """Of the router's addresses miniupnpd takes the first of the interface; over IPv6 it is known by the link-local one.
    The server has a temporary address, too, which it prefers for what it asks."""
    move_behind_the_router()
    lab.run('ip', '-n', lab.ROUTER, 'addr', 'del', '198.51.100.1/24', 'dev', 'servers')
    lab.run('ip', '-n', lab.ROUTER, 'addr', 'add', '198.51.100.1/24', 'dev', 'servers')
    lab.run('ip', '-n', lab.ROUTER, 'addr', 'add', f'{PUBLIC_ROUTER}/64', 'dev', 'servers', 'nodad')
    lab.run('sysctl', '-w', 'net.ipv6.conf.wan.use_tempaddr=2', namespace=lab.SERVER)
    lab.run('ip', '-n', lab.SERVER, 'addr', 'add', f'{PUBLIC}/64', 'dev', 'wan', 'nodad', 'mngtmpaddr')
    lab.wait_until('the temporary address', lambda: '2a02:' in lab.run('ip', '-n', lab.SERVER, '-6', 'addr', 'show', 'dev', 'wan', 'temporary'))
    shown = json.loads(lab.run('ip', '-n', lab.ROUTER, '-json', '-6', 'addr', 'show', 'dev', 'servers', 'scope', 'link'))
    link_local, = (address['local'] for address in shown[0]['addr_info'] if address)  # ip tells of others by empty ones
    lab.run('ip', '-n', lab.SERVER, '-6', 'route', 'replace', 'default', 'via', link_local, 'dev', 'wan')
    return link_local


def _ipv6(state):
    return lab.wait_until(f'the state {state} of IPv6', lambda: _state()['ipv6']['state'] == state and _state()['ipv6'], 30)


def the_routers_firewall_lets_ipv6_in_while_the_server_is_on():
    move_behind_the_firewall()
    reach = ('curl', '--silent', '--insecure', '--max-time', '5', f'https://[{PUBLIC}]:{lab.PORT}')
    with router('natpmp', interface='servers'):
        lab.holds(not lab.succeeds(*reach, namespace=lab.CLIENT), 'the firewall is open by itself')
        lab.control('config', 'set', 'port-mapping=yes')
        ipv6 = _ipv6('mapped')
        lab.equal((ipv6['way'], ipv6['address'], ipv6['port'], ipv6['udp-port']), ('pcp', PUBLIC, lab.PORT, lab.PORT), 'IPv6')
        lab.equal(_let_in(), 2, 'let in')
        lab.holds(f'lets the ports in to {PUBLIC}' in lab.control('port-mapping', 'show'), 'no word of it')
        client = Client(url=f'https://[{PUBLIC}]:{lab.PORT}').wait_connected().wait_dtls()
        client.disconnect()
        lab.control('stop')
        lab.equal(_let_in(), 0, 'let in to a server that is off')
        lab.holds(not lab.succeeds(*reach, namespace=lab.CLIENT), 'the firewall stays open')
        lab.control('start')
        # What miniupnpd has renewed it does not end, but lets go soon.
        before = _ipv6('mapped')['until-usec']
        lab.control('port-mapping', 'renew')
        lab.wait_until('that it is renewed', lambda: _ipv6('mapped')['until-usec'] > before, 30)
        rooms.kill(rooms.main())
        lab.wait_until('the end of its rooms', lambda: not rooms.processes(), 10)
        lab.equal(_let_in(), 2, 'let in after a death')
        _set_by_hand('no')
        server = subprocess.Popen([os.environ['LAB_START_SERVER']])
        lab.wait_until('the end', lambda: _let_in() == 0, 60)
        server.terminate()
        server.wait(30)


class Firewall:
    """Answers by PCP (RFC 6887 7.2, 11.1) over IPv6 with `code` and `lifetime`; `asked` has who asked."""

    def __init__(self, address):
        self.code, self.lifetime, self.asked = 0, 3600, []
        with lab.inside(lab.ROUTER):
            self.socket = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            self.place = (address, 5351, 0, socket.if_nametoindex('servers'))
            self.socket.bind(self.place)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            request, peer = self.socket.recvfrom(2000)
            if request == b'':
                return
            seconds = int.from_bytes(request[4:8], 'big')
            self.asked.append(peer[0])
            head = struct.pack('!BBBBII12x', 2, 0x81, 0, self.code, self.lifetime if seconds else 0, 1)
            self.socket.sendto(head + request[24:44] + socket.inet_pton(socket.AF_INET6, PUBLIC), peer)

    def close(self):
        with lab.inside(lab.ROUTER), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as end:
            end.sendto(b'', self.place)


def a_router_that_lets_nobody_in_over_ipv6_is_told():
    firewall = Firewall(move_behind_the_firewall())
    with contextlib.closing(firewall):
        firewall.code = 2
        lab.control('config', 'set', 'port-mapping=yes')
        lab.equal(_ipv6('refused')['reason'], 'refused', 'reason')
        lab.equal(set(firewall.asked), {PUBLIC}, 'who asked')
        lab.holds('ipv6-closed' in _health(), _health())
        lab.holds('IPv6 firewall by hand' in lab.control('port-mapping', 'show'), 'no advice')
        # Where the provider shares IPv4, that is the verdict.
        for command in ('addr add 100.64.7.2/24 dev wan', f'addr del {lab.SERVER_ADDRESS}/24 dev wan',
                        'route replace default via 100.64.7.1 dev wan'):
            lab.run('ip', '-n', lab.SERVER, *command.split())
        lab.wait_until('the verdict', lambda: _verdict() == 'ipv6-closed', 30)
        firewall.code, firewall.lifetime = 0, 0xffffffff
        lab.control('port-mapping', 'renew')
        ipv6 = _ipv6('mapped')
        lab.holds(0 < ipv6['until-usec'] / 1e6 - time.time() <= 3600, ipv6)
        lab.wait_until('the verdict', lambda: _verdict() == 'ipv6-only', 30)
        lab.holds('ipv6-closed' not in _health(), _health())
        firewall.lifetime = 0
        lab.control('port-mapping', 'renew')
        lab.equal(_ipv6('failed')['reason'], 'not-understood', 'reason')

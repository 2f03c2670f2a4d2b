# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of CONNECT and what answers it."""

import os
import re

import lab
import records
from client import Client, openssl_program, take_cookie
from record_client import Refused

AGENTS = {
    'openconnect': 'Open AnyConnect VPN Agent v9.01',
    'openconnect of other makers': 'AnyConnect-compatible OpenConnect VPN Agent',
    'AnyConnect': 'Cisco AnyConnect VPN Agent for Windows 4.10.07061',
    'AnyConnect 5': 'AnyConnect Windows 5.0.05040',
    'AnyConnect on a phone': 'Cisco AnyConnect VPN Agent for Apple iPhone 4.10.05065',
    'nobody known': 'curl/8.0',
}
# openconnect compares these bytewise.
SPELLING = {
    'Version', 'Server-Name', 'Hostname', 'Address', 'Netmask', 'Address-IP6', 'DNS', 'DNS-IP6', 'NBNS', 'Default-Domain',
    'Split-DNS', 'Tunnel-All-DNS', 'Split-Include', 'Split-Include-IP6', 'Split-Exclude', 'Split-Exclude-IP6',
    'Client-Bypass-Protocol', 'MTU', 'Base-MTU', 'Keepalive', 'DPD', 'Idle-Timeout', 'Session-Timeout',
    'Session-Timeout-Remaining', 'Disconnected-Timeout', 'Rekey-Time', 'Rekey-Method', 'Keep', 'TCP-Keepalive',
    'Smartcard-Removal-Disconnect', 'License', 'DynDNS', 'Banner', 'Content-Encoding'}
SPELLING_DTLS = {'App-ID', 'Session-ID', 'Port', 'CipherSuite', 'DPD', 'Keepalive', 'Rekey-Time', 'Rekey-Method', 'MTU',
                 'Content-Encoding'}
NAMES = ({f'X-CSTP-{name}' for name in SPELLING} | {f'X-DTLS-{name}' for name in SPELLING_DTLS} |
         {'X-DTLS12-CipherSuite'})
LINE = re.compile(rb'[A-Z][A-Za-z0-9-]*: [!-~](?:[ -~]*[!-~])?')


def _answer(headers=None, cookie=None, **options):
    """Of a CONNECT that is granted."""
    with records.open_tunnel(headers, cookie, **options) as tunnel:
        return tunnel.answer


def _mentions_ipv6(answer):
    return [pair for pair in answer.headers if ':' in pair[1] or pair[0].endswith('-IP6')]


def item_22_the_answer_is_spelt_as_clients_compare_it():
    for agent in AGENTS.values():
        head = _answer({'User-Agent': agent}).head
        first, *lines = head.split(b'\r\n')
        lab.equal(first, b'HTTP/1.1 200 CONNECTED', 'first line')
        lab.equal(lines[-2:], [b'', b''], 'the end')
        lab.equal([line for line in lines[:-2] if not LINE.fullmatch(line)], [], 'lines of another form')
        lab.equal({line.partition(b':')[0].decode() for line in lines[:-2]} - NAMES, set(), 'unknown names')


def item_22_requests_are_understood_in_any_case_and_order():
    cookie = records.take_cookie()
    usual = records.open_tunnel(cookie=cookie)
    expected = sorted(pair for pair in usual.answer.headers if pair[0] != 'X-DTLS-App-ID')
    connection = records.connect()
    headers = [('x-dtls-ciphersuite', 'PSK-NEGOTIATE'), ('X-CSTP-FULL-IPV6-CAPABILITY', 'true'),
               ('x-cstp-address-type', 'IPv6,IPv4'), ('X-Nobody-Knows', 'this'), ('x-cstp-base-mtu', '1500'),
               ('x-cstp-hostname', 'record-client.home.test'), ('USER-AGENT', AGENTS['openconnect']),
               ('cOOKIE', f'other=1; webvpn={cookie}; more=2'), ('hOST', 'vpn.test:443')]
    connection.send(b'CONNECT CSCOSSLC/tunnel HTTP/1.1\r\n' +
                    b''.join(f'{name}: {value}\r\n'.encode() for name, value in headers) + b'\r\n')
    answer = connection.receive_answer(has_body=False)
    lab.equal(answer.status, 200, 'status')
    lab.equal(sorted(pair for pair in answer.headers if pair[0] != 'X-DTLS-App-ID'), expected, 'headers')


def item_23_the_answer_has_what_clients_need_and_nothing_that_breaks_them():
    for agent in AGENTS.values():
        answer = _answer({'User-Agent': agent})
        for name, pattern in {
                'X-CSTP-Version': '1', 'X-CSTP-Address': r'10\.\d+\.\d+\.\d+', 'X-CSTP-Netmask': r'255\.[\d.]+',
                'X-CSTP-MTU': r'1\d\d\d', 'X-CSTP-Base-MTU': '1500', 'X-CSTP-DPD': '90', 'X-CSTP-Keepalive': '32400',
                'X-CSTP-Rekey-Time': r'[1-9]\d+', 'X-CSTP-Rekey-Method': 'ssl|new-tunnel', 'X-CSTP-License': 'accept',
                'X-DTLS-App-ID': '[0-9a-f]{64}', 'X-DTLS-Port': str(lab.PORT),
                'X-DTLS-CipherSuite': 'PSK-NEGOTIATE'}.items():
            values = answer.values(name)
            lab.holds(len(values) == 1 and re.fullmatch(pattern, values[0]), f'{name} for {agent}: {values}')
        for name in ('X-CSTP-Lease-Duration', 'Content-Length', 'Transfer-Encoding', 'X-DTLS-MTU', 'Content-Type'):
            lab.equal(answer.values(name), [], f'{name} for {agent}')


def item_24_a_bad_cookie_is_a_401_and_ends_clients():
    dead = records.open_tunnel()
    dead.bye()
    lab.holds(dead.is_closed_within(), 'the connection stays open after the goodbye')
    for what, cookie in {'none': None, 'an unknown one': '0' * 64, 'one that logged out': dead.cookie}.items():
        with records.connect() as connection:
            lab.equal(connection.ask_for_tunnel(cookie).status, 401, f'status with {what}')
            lab.holds(connection.is_closed_within(), f'{what}: the connection stays open')
    for program in ('openconnect', openssl_program()):
        lab.equal(Client(cookie=dead.cookie, program=program).wait_exit(), 2, f'status of {program}')


def item_24_a_removed_users_cookie_is_a_401():
    cookie = records.take_cookie()
    lab.control('user', 'remove', os.environ['LAB_USER'])
    with records.connect() as connection:
        lab.equal(connection.ask_for_tunnel(cookie).status, 401, 'status')


def item_24_a_full_server_says_why():
    """LAB_SETTINGS: addresses for two."""
    tunnels, answer = [], None
    for _ in range(8):
        try:
            tunnels.append(records.open_tunnel())
        except Refused as refused:
            answer = refused.answer
            break
    lab.holds(answer is not None, f'{len(tunnels)} tunnels, and no end')
    lab.equal(answer.status, 503, 'status')
    lab.holds(answer.value('X-Reason'), f'no reason: {answer.head}')
    lab.equal([tunnel.dpd(b'x') for tunnel in tunnels], [b'x'] * len(tunnels), 'answers to those that are in')
    client = Client()
    lab.equal(client.wait_exit(60), 1, 'status of openconnect')
    lab.equal(client.count(re.escape(answer.value('X-Reason'))), 1, 'times that the reason is told')


def item_25_only_families_that_were_asked_for_are_given():
    answer = _answer({'X-CSTP-Address-Type': 'IPv4'})
    lab.equal(_mentions_ipv6(answer), [], 'IPv6 for who wants IPv4')
    answer = _answer({'X-CSTP-Address-Type': 'IPv6'})
    lab.equal(answer.values('X-CSTP-Address'), [], 'IPv4 for who wants IPv6')
    lab.equal(len(answer.values('X-CSTP-Address-IP6')), 1, 'IPv6 for who wants it')
    for program in ('openconnect', openssl_program()):
        client = Client('--disable-ipv6', program=program).wait_connected()
        lab.equal([address for address in client.addresses() if ':' in address and not address.startswith('fe80')], [],
                  'IPv6 addresses of the device')
        lab.equal(client.count('X-CSTP-Address-IP6'), 0, 'IPv6 headers')
        client.disconnect()


def item_25_clients_without_the_newer_headers_get_the_older_ones():
    new, old = _answer(), _answer({'X-CSTP-Full-IPv6-Capability': None})
    address, prefix = new.value('X-CSTP-Address-IP6').split('/')
    lab.equal(old.values('X-CSTP-Address-IP6'), [], 'newer headers')
    lab.equal([pair for pair in old.headers if pair[0].endswith('-IP6')], [], 'newer headers')
    lab.equal([':' in value for value in old.values('X-CSTP-Address')], [False, True], 'order of the families')
    network = old.values('X-CSTP-Netmask')[1]
    lab.holds(network.endswith(f'::/{prefix}') and address.startswith(network.split('::')[0]), f'netmask {network}')
    lab.holds('2001:db8:50::/64' in old.values('X-CSTP-Split-Include'), 'the IPv6 route is not among the older ones')
    ancient = _answer({'User-Agent': 'Open AnyConnect VPN Agent v3.20', 'X-CSTP-Full-IPv6-Capability': None})
    lab.equal(_mentions_ipv6(ancient), [], 'IPv6 for a client that confuses it')


def item_26_ipv6_name_servers_come_in_the_spelling_that_the_client_reads():
    """LAB_SETTINGS: name servers of both families."""
    for what, agent in AGENTS.items():
        answer = _answer({'User-Agent': agent})
        expected = ([lab.HOME_ADDRESS], [lab.HOME_ADDRESS6]) if what.startswith('AnyConnect') else (
            [lab.HOME_ADDRESS, lab.HOME_ADDRESS6], [])
        lab.equal((answer.values('X-CSTP-DNS'), answer.values('X-CSTP-DNS-IP6')), expected, f'name servers for {what}')
    for program in ('openconnect', openssl_program()):
        client = Client(program=program).wait_connected()

        def names():
            with open(f'/etc/netns/{lab.CLIENT}/resolv.conf', encoding='ascii') as file:
                return {lab.HOME_ADDRESS, lab.HOME_ADDRESS6} <= set(file.read().split())

        lab.wait_until(f'name servers, by {program}', names)
        client.disconnect()


def _device_to(destination):
    way = lab.run('ip', '-n', lab.CLIENT, 'route', 'get', destination).split()
    return way[way.index('dev') + 1]


def item_27_routes_are_dotted_and_exceptions_listed():
    """LAB_SETTINGS: a list of networks, and exceptions."""
    answer = _answer()
    include, exclude = set(answer.values('X-CSTP-Split-Include')), answer.values('X-CSTP-Split-Exclude')
    lab.holds({'192.168.50.0/255.255.255.0', '172.16.0.0/255.240.0.0', '203.0.113.7/255.255.255.255'} <= include,
              f'routes: {include}')
    lab.equal([value for value in include | set(exclude) if not re.fullmatch(r'[\d.]+/\d+\.\d+\.\d+\.\d+', value)], [],
              'routes of another form')
    lab.holds('2001:db8:50::/64' in answer.values('X-CSTP-Split-Include-IP6'), 'the IPv6 route is missing')
    lab.equal((exclude, answer.values('X-CSTP-Split-Exclude-IP6')),
              (['192.168.50.128/255.255.255.128'], ['2001:db8:50::8000:0/113']), 'exceptions')
    devices = {'192.168.50.20': 'tun0', '203.0.113.7': 'tun0', '172.16.3.3': 'tun0', '2001:db8:50::20': 'tun0',
               '192.168.50.200': 'eth0', '203.0.113.8': 'eth0'}
    for program in ('openconnect', openssl_program()):
        client = Client(program=program).wait_connected()
        # The client's script sets them one after another.
        lab.wait_until('each way', lambda: {to: _device_to(to) for to in devices} == devices)
        client.disconnect()


def item_27_without_routes_everything_goes_through_the_tunnel():
    """LAB_SETTINGS: routes = all."""
    for what, agent in AGENTS.items():
        answer = _answer({'User-Agent': agent})
        lab.equal(answer.values('X-CSTP-Split-Include'), [], f'routes for {what}')
        # That phone takes "no routes" for IPv4 only.
        lab.equal(answer.values('X-CSTP-Split-Include-IP6'), ['2000::/3'] if 'phone' in what else [], f'routes for {what}')
        lab.equal(answer.values('X-CSTP-Tunnel-All-DNS'), ['true'], 'who answers names')


def item_31_another_program_may_take_up_the_cookie_on_a_fresh_connection():
    for agent in [*AGENTS.values(), None, 'x' * 2000]:
        cookie = records.take_cookie()
        first = _answer(cookie=cookie)
        for priority in ('NORMAL:-VERS-ALL:+VERS-TLS1.2', 'NORMAL'):
            with records.open_tunnel({'User-Agent': agent}, cookie, priority=priority) as tunnel:
                lab.equal(tunnel.ipv4, first.value('X-CSTP-Address'), f'address for {agent}')
                lab.equal(tunnel.ping(lab.HOME_ADDRESS), 'cstp', 'way of the ping')
    for program in ('openconnect', openssl_program()):
        client = Client('--useragent', 'Another program', cookie=take_cookie(), program=program).wait_connected()
        client.fetch('peer')
        client.disconnect()

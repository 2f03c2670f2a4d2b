# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of what the owner lets people reach."""

import os

import lab
import probes
import values
from client import Client

INTERNET_ADDRESS, INTERNET_ADDRESS6 = os.environ['LAB_INTERNET_ADDRESS'], os.environ['LAB_INTERNET_ADDRESS6']
HOSTS = [f'{lab.HOME_ADDRESS} udp 4000-4010', f'[{lab.HOME_ADDRESS6}] udp 4000', f'{lab.HOME_ADDRESS}/32 tcp 80']
EVERYWHERE = ('all', 'home', 'server', 'hosts', 'internet')
PLACES = (  # what answers, and for whom
    (lab.HOME_ADDRESS, 4000, lab.HOME, ('all', 'home', 'hosts')),
    (lab.HOME_ADDRESS, 4011, lab.HOME, ('all', 'home')),
    (lab.HOME_ADDRESS6, 4000, lab.HOME, ('all', 'home', 'hosts')),
    (lab.HOME_ADDRESS6, 4001, lab.HOME, ('all', 'home')),
    (lab.HOME_ADDRESS, 53, lab.HOME, EVERYWHERE),  # the name server that devices are told
    (INTERNET_ADDRESS, 4000, lab.ROUTER, ('all', 'internet')),
    (INTERNET_ADDRESS6, 4000, lab.ROUTER, ('all', 'internet')),
    ('192.168.50.1', 4000, lab.SERVER, ('all', 'home', 'server')),  # the server's address at home
)


def who_is_connected_reaches_what_the_owner_says_at_once():
    Client().wait_connected(destination=INTERNET_ADDRESS).wait_dtls()
    for reach in (*EVERYWHERE, 'all'):
        values.update(Reach=reach, ReachHosts=HOSTS)
        for address, port, namespace, who in PLACES:
            print(reach, address, port)
            probes.assert_answers(reach in who, address, port, namespace)
    values.update(Reach='')  # the server's routes are "all"
    probes.assert_answers(True, INTERNET_ADDRESS, 4000, lab.ROUTER)


def _size(path):
    return os.stat(path).st_size if os.path.exists(path) else 0


def _stands_still(path):
    before = _size(path)
    return not lab.succeeds('sh', '-c', f'sleep 0.7; test $(stat -c %s {path}) -gt {before}')


def an_open_connection_stops_when_its_host_is_out_of_reach_and_goes_on():
    values.update(Reach='hosts', ReachHosts=HOSTS)
    client = Client().wait_connected().wait_dtls()
    transfer = client.fetch_in_background('200M.bin', '/run/download', '--limit-rate', '1M')
    lab.wait_until('the download', lambda: _size('/run/download') > 100_000)
    values.update(ReachHosts=[])
    lab.wait_until('that the download stops', lambda: _stands_still('/run/download'))
    stopped_at = _size('/run/download')
    values.update(ReachHosts=[f'{lab.HOME_ADDRESS} tcp 80'])
    lab.wait_until('that it goes on', lambda: _size('/run/download') > stopped_at, 30)
    transfer.kill()
    transfer.wait()


def _way(address):
    family = '-6' if ':' in address else '-4'
    return ' dev tun' in lab.run('ip', '-n', lab.CLIENT, family, 'route', 'get', address, check=False)


def routes_follow_what_a_person_may_reach():
    neighbour, neighbour6 = '192.168.50.77', '2001:db8:50::77'
    expected = {  # whether it goes through the tunnel: the host, its neighbours, the internet
        'home': (True, True, True, True, False, False),
        'server': (True, False, False, False, False, False),  # the host is the name server
        'hosts': (True, True, False, False, False, False),
        'internet': (True, True, True, True, True, True),
    }
    for reach, ways in expected.items():
        values.update(Reach=reach, ReachHosts=HOSTS)
        client = Client().wait_connected().wait_dtls()
        hosts = (lab.HOME_ADDRESS, lab.HOME_ADDRESS6, neighbour, neighbour6, INTERNET_ADDRESS, INTERNET_ADDRESS6)
        lab.wait_until(f'the ways through the tunnel with {reach}', lambda h=hosts, w=ways: tuple(map(_way, h)) == w)
        client.disconnect()


def each_person_has_routes_and_name_servers_of_their_own():
    hosts = (lab.HOME_ADDRESS, '192.168.50.77', lab.HOME_ADDRESS6, INTERNET_ADDRESS, '203.0.113.99', INTERNET_ADDRESS6)
    for changes, ways in (
            ({'Routes': ['all'], 'ExcludedRoutes': ['203.0.113.99']}, (True, True, True, True, False, True)),
            ({'Routes': [lab.HOME_ADDRESS], 'ExcludedRoutes': []}, (True, False, False, False, False, False)),
            ({'Routes': ['home']}, (True, True, True, False, False, False)),
            ({'Routes': ['2001:db8:50::/64', INTERNET_ADDRESS]}, (True, False, True, True, False, False))):
        values.update(**changes)
        client = Client().wait_connected().wait_dtls()
        lab.wait_until(f'the ways through the tunnel with {changes}', lambda w=ways: tuple(map(_way, hosts)) == w)
        client.disconnect()
    values.update(Dns=[INTERNET_ADDRESS], Domains=['corp.example'], SplitDns=['corp.example', 'lan'], Routes=['home'])
    client = Client().wait_connected().wait_dtls()
    for line in (f'X-CSTP-DNS: {INTERNET_ADDRESS}', 'X-CSTP-Default-Domain: corp.example', 'X-CSTP-Split-DNS: corp.example',
                 'X-CSTP-Split-DNS: lan'):
        client.wait_for_line(line)
    lab.equal(_way(INTERNET_ADDRESS), True, 'whether the name server is asked through the tunnel')
    probes.assert_answers(True, INTERNET_ADDRESS, 53, lab.ROUTER)
    probes.assert_answers(False, INTERNET_ADDRESS, 54, lab.ROUTER)  # what is reached is "home"
    client.disconnect()


def split_dns_is_told_to_everybody_whom_the_owner_wants_it_for():
    lab.control('config', 'set', 'split-dns=home.example,lan')
    client = Client().wait_connected()
    for domain in ('home.example', 'lan'):
        client.wait_for_line(f'X-CSTP-Split-DNS: {domain}')
    client.disconnect()
    values.update(SplitDns=['none'])
    client = Client().wait_connected()
    lab.equal(client.count('X-CSTP-Split-DNS'), 2, 'domains that were told, all in all')


def devices_see_each_other_where_the_owner_lets_them():
    one = Client().wait_connected().wait_dtls()
    there = lab.add_client_namespace('client2', 3)
    other = Client(namespace=there).wait_connected().wait_dtls()
    for choice, expected in (('', False), ('yes', True), ('no', False)):
        values.update(SeesOtherDevices=choice)
        for address, source in zip(other.addresses(), one.addresses()):
            probes.assert_answers(expected, address, 4000, there, source=source)


def what_is_not_understood_is_refused_by_name():
    for name, wrong, words in (('Reach', 'moon', '“Reach” must be “all”'),
                               ('ReachHosts', ['10.0.0.1', 'here'], '“ReachHosts”: entry 2 must be like'),
                               ('SeesOtherDevices', 'maybe', '“SeesOtherDevices” must be “yes”')):
        answer = values.refused(**{name: wrong})
        lab.holds(words in answer, answer)

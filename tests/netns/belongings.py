# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of addresses and networks that belong to people."""

import os

import lab
import probes
import values
from client import Client

BEHIND, BEHIND6 = '192.168.70.0/24', 'fd70::/64'
INSIDE, INSIDE6 = '192.168.70.5', 'fd70::5'  # a host there: the client's own, as routers have it
INTERNET_ADDRESS = os.environ['LAB_INTERNET_ADDRESS']


def _second_person():
    lab.control('user', 'add', 'ben', '--password-file', os.environ['LAB_PASSWORD_FILE'])


def the_first_session_of_a_person_has_the_fixed_addresses():
    client = Client().wait_connected()
    ipv6_start = next(address for address in client.addresses() if ':' in address).rsplit(':', 1)[0]
    client.disconnect()
    mine, mine6 = '10.10.0.77', f'{ipv6_start}:abcd'
    values.update(FixedAddresses=[mine, mine6])
    client = Client().wait_connected().wait_dtls()
    lab.wait_until('both addresses', lambda: sorted(client.addresses()) == sorted([mine, mine6]))
    probes.assert_answers(True, lab.HOME_ADDRESS, 4000, lab.HOME, source=mine)
    probes.assert_answers(True, lab.HOME_ADDRESS6, 4000, lab.HOME, source=mine6)
    other = Client(namespace=lab.add_client_namespace('client2', 3)).wait_connected()
    lab.holds(mine not in other.addresses(), 'a second session has the address, too')
    _second_person()
    for addresses in ([mine], [mine6]):
        answer = values.refused('ben', FixedAddresses=addresses)
        lab.holds(f'{addresses[0]} is that of “{os.environ["LAB_USER"]}”' in answer, answer)
    for wrong in ('192.168.50.77', '10.10.0.1', '10.10.0.255', 'fd00::1'):
        lab.holds('none of the addresses that devices can have' in values.refused('ben', FixedAddresses=[wrong]), wrong)
    client.disconnect()
    client = Client().wait_connected()
    lab.wait_until('the same again', lambda: sorted(client.addresses()) == sorted([mine, mine6]))


def _be_a_router_there():
    for address in (f'{INSIDE}/32', f'{INSIDE6}/128'):
        lab.run('ip', '-n', lab.CLIENT, 'addr', 'add', address, 'dev', 'lo')
    lab.run('ip', '-n', lab.HOME, 'route', 'add', BEHIND, 'via', '192.168.50.1')
    lab.run('ip', '-n', lab.HOME, 'route', 'add', BEHIND6, 'via', '2001:db8:50::1')


def networks_behind_a_client_and_home_reach_each_other():
    _be_a_router_there()
    values.update(NetworksBehind=[BEHIND, BEHIND6])
    Client().wait_connected().wait_dtls()
    for inside, home in ((INSIDE, lab.HOME_ADDRESS), (INSIDE6, lab.HOME_ADDRESS6)):
        probes.assert_answers(True, home, 4000, lab.HOME, source=inside)
        probes.assert_answers(True, inside, 4000, lab.CLIENT, here=lab.HOME)
    # what lies behind reaches what its person reaches
    values.update(Reach='hosts', ReachHosts=[lab.HOME_ADDRESS])
    probes.assert_answers(True, lab.HOME_ADDRESS, 4000, lab.HOME, source=INSIDE)
    probes.assert_answers(False, lab.HOME_ADDRESS6, 4000, lab.HOME, source=INSIDE6)
    values.update(Reach='')
    # and at once nothing of it is left
    values.update(NetworksBehind=[])
    probes.assert_answers(False, lab.HOME_ADDRESS, 4000, lab.HOME, source=INSIDE)
    probes.assert_answers(False, INSIDE, 4000, lab.CLIENT, here=lab.HOME)
    lab.equal('192.168.70' in lab.run('ip', '-n', lab.SERVER, 'route'), False, 'whether there is a way still')
    probes.assert_answers(True, lab.HOME_ADDRESS, 4000, lab.HOME)


def nobody_sends_from_a_network_that_is_not_behind_him():
    _be_a_router_there()
    values.update(NetworksBehind=['192.168.71.0/24'])
    Client().wait_connected().wait_dtls()
    probes.assert_answers(False, lab.HOME_ADDRESS, 4000, lab.HOME, source=INSIDE)
    probes.assert_answers(False, lab.HOME_ADDRESS6, 4000, lab.HOME, source=INSIDE6)
    probes.assert_answers(True, lab.HOME_ADDRESS, 4000, lab.HOME)


def networks_that_are_somebodys_are_refused_by_name():
    values.update(NetworksBehind=[BEHIND])
    _second_person()
    for networks, words in ((['192.168.70.128/25'], f'192.168.70.0/24 is that of “{os.environ["LAB_USER"]}”'),
                            (['192.168.0.0/16'], 'is that of'),
                            (['192.168.50.0/25'], 'a network of this computer'),
                            (['10.10.0.0/16'], 'where clients have their addresses'),
                            (['0.0.0.0/0'], '“NetworksBehind”: entry 1 must be a network'),
                            (['192.168.72.0/24', 'there'], '“NetworksBehind”: entry 2 must be a network')):
        answer = values.refused('ben', NetworksBehind=networks)
        lab.holds(words in answer, answer)
    values.update('ben', NetworksBehind=['192.168.72.0/24'])
    values.update(NetworksBehind=[])
    values.update('ben', NetworksBehind=[BEHIND])


def what_lies_behind_a_person_moves_to_the_next_session():
    _be_a_router_there()
    values.update(NetworksBehind=[BEHIND])
    there = lab.add_client_namespace('client2', 3)
    lab.run('ip', '-n', there, 'addr', 'add', f'{INSIDE}/32', 'dev', 'lo')
    first = Client().wait_connected().wait_dtls()
    Client(namespace=there).wait_connected().wait_dtls()
    probes.assert_answers(True, INSIDE, 4000, lab.CLIENT, here=lab.HOME)
    probes.assert_answers(False, INSIDE, 4000, there, here=lab.HOME)
    first.disconnect()
    probes.assert_answers(True, INSIDE, 4000, there, here=lab.HOME)
    probes.assert_answers(True, lab.HOME_ADDRESS, 4000, lab.HOME, here=there, source=INSIDE)

# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of a server that is on when the addresses of devices become others."""

import json
import os
import signal

import lab
import rooms
from client import Client, take_cookie
from ends import FORWARDING, network
from reconnects import CONNECTED
from survival import arrived, download, start_held

RANGE, SERVER = '10.88.0.0/24', '10.88.0.1'


def _change(*settings):
    lab.equal(lab.control_json('config', 'set', *settings)['restart-needed'], [], 'what needs a restart')


def _reaches(client, address):
    """Home by it, or another device."""
    return lab.succeeds('ping', '-c', '1', '-W', '5', address, namespace=client.namespace)


def _journal():
    with open(os.path.join(os.environ['LAB_STATE'], 'network-undo.json'), encoding='utf-8') as file:
        return json.load(file)


def _traces(text):
    """Where the server's network still has these words."""
    found = {name: text in words for name, words in network().items()}
    return sorted(name for name in found if found[name]) + ['journal'] * (text in json.dumps(_journal()))


def _own_addresses():
    return lab.run('ip', '-o', 'addr', 'show', 'dev', 'lo', 'scope', 'global', namespace=lab.SERVER)


def _replace_main_with_another_range(holder, network):
    """Main is killed, and what it reads in the file when it is there again was written meanwhile."""
    main = rooms.main()
    rooms.hold_up(holder.pid)
    os.kill(main, signal.SIGKILL)
    lab.wait_until('the end of main', lambda: rooms.is_over(main))
    with open(os.environ['LAB_CONFIG'], encoding='utf-8') as file:
        settings = file.read()
    lab.holds(f'ipv4-range = {RANGE}\n' in settings, settings)
    with open(os.environ['LAB_CONFIG'], 'w', encoding='utf-8') as file:
        file.write(settings.replace(RANGE, network))
    os.kill(holder.pid, signal.SIGCONT)
    lab.wait_until('the server', rooms.is_on, 20)


def _takes_no_range_of_the_home_network(before):
    words = lab.run('sh', '-c', 'sallyportctl config set ipv4-range=192.168.50.0/25 2>&1', check=False)
    lab.holds('192.168.50.0/24' in words, words)
    lab.equal((lab.control('config', 'get', 'ipv4-range').strip(), _own_addresses()), ('auto', before), 'range and addresses')


def sessions_go_on_when_devices_get_addresses_of_another_range():
    """Who is there keeps the address, also over the death of main and a connection that breaks.
    LAB_SETTINGS: all through the tunnel, since openconnect hears of other routes only when it starts."""
    holder = start_held()
    lab.control('config', 'set', 'clients-see-each-other=yes')
    first = Client().wait_connected().wait_dtls()
    addresses, own = first.addresses(), _own_addresses()
    beginning = addresses[0].rpartition('.')[0] + '.'
    transfer = download(first, '/run/first', '8M')
    _takes_no_range_of_the_home_network(own)
    _change(f'ipv4-range={RANGE}')
    second = Client(namespace=lab.add_client_namespace('second', 3)).wait_connected().wait_dtls()
    lab.holds(second.addresses()[0].startswith('10.88.0.'), f'addresses of the second: {second.addresses()}')
    second.fetch('peer')
    lab.holds(_reaches(second, addresses[0]), 'the second does not reach the first')
    lab.holds(transfer.poll() is None, 'the transfer was over before')
    before = {session['id']: session['addresses'] for session in lab.sessions()}
    _replace_main_with_another_range(holder, '10.89.0.0/24')
    lab.equal({session['id']: session['addresses'] for session in lab.sessions()}, before, 'sessions')
    arrived(first, transfer, '/run/first')
    rooms.kill(rooms.worker_of('192.0.2.10'))
    first.wait_for_line(CONNECTED, 30, times=2)
    lab.equal(first.addresses(), addresses, 'addresses of the first')
    first.fetch('peer')
    lab.holds(_reaches(first, second.addresses()[0]), 'the first does not reach the second')
    third = Client('--no-dtls', namespace=lab.add_client_namespace('third', 4)).wait_connected()
    lab.holds(third.addresses()[0].startswith('10.89.0.'), f'addresses of the third: {third.addresses()}')
    lab.holds(_traces(beginning), 'nothing is there of the range of before')
    first.disconnect()
    lab.wait_until('the end of the range of before', lambda: not _traces(beginning), 30)
    lab.holds(SERVER in _own_addresses(), _own_addresses())
    second.fetch('peer')
    lab.equal(second.count(CONNECTED), 1, 'connections of the second')


def who_is_away_comes_back_to_the_range_of_before():
    """Another main hears of the session from the keyholder alone."""
    holder = start_held()
    cookie = take_cookie()
    client = Client(cookie=cookie).wait_connected()
    addresses = client.addresses()
    client.signal(signal.SIGKILL)
    client.wait_exit()
    lab.wait_until('a session without a client', lambda: [s['state'] for s in lab.sessions()] == ['reconnecting'], 20)
    _change(f'ipv4-range={RANGE}')
    _replace_main_with_another_range(holder, '10.89.0.0/24')
    client = Client(cookie=cookie).wait_connected()
    lab.equal(client.addresses(), addresses, 'addresses')
    client.fetch('peer')
    client.disconnect()


def _forwards_ipv6():
    return lab.run('cat', FORWARDING[1], namespace=lab.SERVER).strip() == '1'


def ipv6_comes_and_goes_while_the_server_is_on():
    lab.control('stop')
    lab.control('config', 'set', 'ipv6=off')
    lab.control('start')
    first = Client().wait_connected()
    lab.equal((len(first.addresses()), _forwards_ipv6()), (1, False), 'addresses of the first, and forwarding')
    _change('ipv6=nat')
    second = Client(namespace=lab.add_client_namespace('second', 3)).wait_connected()
    lab.equal(len(second.addresses()), 2, 'addresses of the second')
    _change('ipv6=off')
    third = Client(namespace=lab.add_client_namespace('third', 4)).wait_connected()
    lab.equal((len(third.addresses()), len(first.addresses())), (1, 1), 'addresses of the others')
    second.fetch('peer', host=lab.HOME_ADDRESS6)
    for client in (first, second, third):
        client.fetch('peer')
        lab.equal(client.count(CONNECTED), 1, 'connections')
    lab.holds(_forwards_ipv6(), 'the second is cut off')
    ipv6 = second.addresses()[1].rpartition(':')[0] + ':'
    second.disconnect()
    lab.wait_until('the end of IPv6', lambda: not _traces(ipv6) and not _forwards_ipv6(), 30)
    first.fetch('peer')

# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of many clients at one time."""

import concurrent.futures
import signal

import lab
import rooms
import swarm
from client import Client
from reconnects import CONNECTED

SESSIONS, AT_ONCE = 320, 100  # more than one nursery has workers
COMPUTERS, FIRST_NETWORK = 100, 100
FEW = 10


def _all_reach_home(clients, count):
    answer = clients.ask('ping', 15)
    lab.equal((answer['tunnels'], answer['answered']), (count, count), 'tunnels, and those through which home answers')


def _sessions_are(count):
    lab.wait_until(f'{count} sessions on DTLS', lambda: [s['transport'] for s in lab.sessions()] == count * ['dtls'], 30)


def hundreds_of_sessions_go_on_while_half_of_them_come_and_go():
    """LAB_SETTINGS: room for them."""
    clients = swarm.Swarm(swarm.add_users(20))
    lab.equal(clients.ask('open', SESSIONS, AT_ONCE, 60)['tunnels'], SESSIONS, 'tunnels')
    _all_reach_home(clients, SESSIONS)
    _sessions_are(SESSIONS)
    before = {session['id']: session['addresses'] for session in lab.sessions()}
    # Everybody else goes on while half are away and when they come back, each to its own session.
    lab.equal(clients.ask('break', SESSIONS // 2)['away'], SESSIONS // 2, 'clients that are away')
    _all_reach_home(clients, SESSIONS // 2)
    lab.equal(clients.ask('return', AT_ONCE, 30)['tunnels'], SESSIONS, 'tunnels')
    _all_reach_home(clients, SESSIONS)
    _sessions_are(SESSIONS)
    lab.equal({session['id']: session['addresses'] for session in lab.sessions()}, before, 'sessions and their addresses')
    clients.ask('leave', SESSIONS // 2)
    _all_reach_home(clients, SESSIONS // 2)
    _sessions_are(SESSIONS // 2)
    lab.equal(clients.ask('open', SESSIONS // 4, AT_ONCE, 30)['tunnels'], SESSIONS * 3 // 4, 'tunnels')
    _all_reach_home(clients, SESSIONS * 3 // 4)
    clients.ask('leave', SESSIONS)
    _sessions_are(0)
    lab.holds('cannot fork' not in lab.server_log(), 'a nursery was asked for more workers than it has')


def _each(do, clients):
    """For all of them at one time, or nearly."""
    with concurrent.futures.ThreadPoolExecutor(FEW) as pool:
        return list(pool.map(do, clients))


def _come_home(computers, logins):
    """Everybody at once."""
    clients = [Client('--user', logins[number % len(logins)], namespace=name) for number, name in enumerate(computers)]
    _each(lambda client: client.wait_connected(60).wait_dtls(seconds=60), clients)
    return clients


def _reach_home(clients):
    lab.equal(_each(lambda client: client.fetch('peer').strip(), clients), len(clients) * ['192.168.50.1'], 'answers')


def _come_back(clients, by):
    """What `by` does to each of them ends its connection, and it comes back."""
    seen = [(client, client.addresses(), client.count(CONNECTED)) for client in clients]
    for client in clients:
        by(client)
    for client, addresses, times in seen:
        client.wait_for_line(CONNECTED, 40, times + 1)
        lab.equal(client.addresses(), addresses, f'addresses of {client.namespace}')


def _kill_workers(clients):
    by_address = {peer[0]: process for process, peer in rooms.workers().items()}
    for client in clients:
        rooms.kill(by_address[f'192.0.{FIRST_NETWORK + int(client.namespace.removeprefix("pc"))}.10'])


def a_hundred_stock_clients_do_not_notice_that_others_come_and_go():
    """LAB_SETTINGS: room for them."""
    computers = [lab.add_client_namespace(f'pc{number}', FIRST_NETWORK + number) for number in range(COMPUTERS)]
    logins = swarm.add_users(20)
    clients = _come_home(computers, logins)
    _reach_home(clients)
    _sessions_are(COMPUTERS)
    killed, paused, leaving, vanishing, *steady = (clients[start:start + FEW] for start in range(0, COMPUTERS, FEW))
    steady = sum(steady, [])
    transfer = steady[0].fetch_in_background('200M.bin', '/run/download', '--limit-rate', '20M')
    lab.wait_until('the transfer', lambda: lab.succeeds('test', '-s', '/run/download'))
    _come_back(paused, lambda client: client.signal(signal.SIGUSR2))
    # Each of these workers is somebody's whom nobody else shall miss.
    _come_back(killed, lambda client: _kill_workers([client]))
    lab.equal([client.disconnect() for client in leaving], FEW * [0], 'statuses of openconnect')
    for client in vanishing:
        client.signal(signal.SIGKILL)
    lab.wait_until('the sessions of those who left', lambda: len(lab.sessions()) == COMPUTERS - FEW)
    newcomers = [Client('--user', login, namespace=client.namespace) for login, client in zip(logins, leaving)]
    _each(lambda client: client.wait_connected(60), newcomers)
    _reach_home(steady + killed + paused + newcomers)
    lab.equal(transfer.wait(120), 0, 'status of the transfer')
    expected = steady[0].fetch('200M.bin.sha256').strip()
    lab.equal(lab.run('sha256sum', '/run/download').split()[0], expected, 'checksum')
    lab.equal({client.count(CONNECTED) for client in steady}, {1}, 'connections of those to whom nothing happened')

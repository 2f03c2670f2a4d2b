# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of sessions that outlive main, where a holder keeps them."""

import os
import re
import signal
import socket
import subprocess

import lab
import rooms
import swarm
from client import Client
from ends import network, same_network
from reconnects import CONNECTED
from roaming import roams, translate, udp_from

HOLDER = '/usr/libexec/sallyport/sallyport-holder'


def _end_server():
    os.kill(rooms.main(), signal.SIGTERM)
    lab.wait_until('the end of the server', lambda: not rooms.processes(), 20)


def start_held():
    """The lab's server anew, below a holder; returns the holder's process."""
    _end_server()
    with open(os.environ['LAB_START_SERVER'], encoding='ascii') as file:
        script = file.read().replace(' sallyportd ', f' {HOLDER} /usr/sbin/sallyportd ')
    with open('/run/start-held', 'w', encoding='ascii') as file:
        file.write(script)
    os.chmod('/run/start-held', 0o755)
    holder = subprocess.Popen(['/run/start-held'])
    lab.wait_until('the server', rooms.is_on, 20)
    return holder


def _start_installed():
    """The lab's server anew, with its users and settings, as the bus starts what is installed; returns the holder's process."""
    _end_server()
    for name, usual in (('LAB_STATE', '/var/lib/sallyport'), ('LAB_CONFIG', '/etc/sallyport/sallyport.conf')):
        os.makedirs(os.path.dirname(usual), exist_ok=True)
        lab.run('cp', '--archive', '--no-target-directory', os.environ[name], usual)
    lab.control('status')
    lab.wait_until('the server', rooms.is_on, 20)
    holder = rooms.parent(rooms.main())
    lab.equal(rooms.processes().get(holder), rooms.HOLDER, 'the parent of main')
    return holder


def replace_main(how):
    """Returns when another main has the server on."""
    before = rooms.main()
    os.kill(before, how)
    lab.wait_until('the end of main', lambda: not os.path.exists(f'/proc/{before}'))
    lab.wait_until('another main', lambda: any(program == rooms.MAIN for program in rooms.processes().values()), 10)
    lab.wait_until('the server', rooms.is_on, 20)
    lab.holds(rooms.main() != before, 'it is the main of before')


def _mains():
    return [number for number, program in rooms.processes().items() if program == rooms.MAIN]


def download(client, to, rate='20M'):
    transfer = client.fetch_in_background('200M.bin', to, '--limit-rate', rate)
    lab.wait_until('the transfer', lambda: os.path.exists(to) and os.path.getsize(to) > 0)
    return transfer


def arrived(client, transfer, to):
    lab.equal(transfer.wait(120), 0, 'status of the transfer')
    expected = client.fetch('200M.bin.sha256').strip()
    lab.equal(lab.run('sha256sum', to).split()[0], expected, 'checksum')
    lab.equal(client.count(CONNECTED), 1, 'connections')


def _facts(session):
    return {name: session[name] for name in session
            if name in ('id', 'login', 'addresses', 'remote-address', 'connected-at', 'transport', 'routes', 'user-agent')}


def _go_on(how):
    start_held()
    first = Client().wait_connected().wait_dtls()
    second = Client('--no-dtls', namespace=lab.add_client_namespace('second', 3)).wait_connected()
    transfers = [download(first, '/run/first'), download(second, '/run/second')]
    lab.wait_until('two sessions with traffic', lambda: len([s for s in lab.sessions() if s['tx-bytes'] > 0]) == 2)
    before = sorted(lab.sessions(), key=lambda session: session['id'])
    channels = first.count('Established DTLS')
    replace_main(how)
    lab.holds(all(transfer.poll() is None for transfer in transfers), 'a transfer was over before')
    after = sorted(lab.sessions(), key=lambda session: session['id'])
    lab.equal([_facts(session) for session in after], [_facts(session) for session in before], 'sessions')
    for client, transfer, to in ((first, transfers[0], '/run/first'), (second, transfers[1], '/run/second')):
        arrived(client, transfer, to)
    lab.equal(first.count('Established DTLS'), channels, 'datagram channels')

    def counted():
        return all(session['tx-bytes'] > 200_000_000 for session in lab.sessions())
    lab.wait_until('both transfers are counted', counted)
    lab.equal(len(lab.control_json('history')['history']), 2, 'rows of the history')
    return first, second


def sessions_go_on_when_main_is_killed_in_a_transfer():
    first, second = _go_on(signal.SIGKILL)
    for client in (first, second):
        client.disconnect()
    lab.wait_until('the end of both', lambda: not lab.sessions())


def sessions_go_on_when_main_makes_place_for_another():
    _go_on(signal.SIGUSR2)


def _refuses(port):
    """Nobody listens there, as the server's kernel says at once."""
    with lab.inside(lab.CLIENT):
        try:
            socket.create_connection((lab.SERVER_ADDRESS, port), 5).close()
        except ConnectionRefusedError:
            return True
    return False


def _hears_strangers(port):
    """Has a socket for datagrams that is nobody's in particular."""
    return bool(lab.run('ss', '-Hlun', f'sport = :{port}', namespace=lab.SERVER).strip())


def _takes_no_port_that_is_somebody_elses(port):
    with lab.inside(lab.SERVER):
        somebody = socket.create_server(('', port))
    words = lab.run('sh', '-c', f'sallyportctl config set port={port} 2>&1', check=False)
    lab.holds(f':{port}' in words and 'in use' in words, words)
    lab.equal((lab.control('config', 'get', 'port').strip(), lab.control_json('status')['port']), (str(lab.PORT), lab.PORT), 'ports')
    lab.holds(not _refuses(lab.PORT), 'the port of before is gone')
    somebody.close()


def sessions_go_on_when_the_server_moves_to_another_port():
    """Who is there stays, and is followed when its NAT moves it, also by another main; who comes then, comes there."""
    start_held()
    translate([udp_from('198.51.100.1', 20000)])
    first = Client().wait_connected().wait_dtls()
    second = Client('--no-dtls', namespace=lab.add_client_namespace('second', 3)).wait_connected()
    transfers = [download(first, '/run/first', '8M'), download(second, '/run/second', '8M')]
    before = {session['id'] for session in lab.sessions()}
    _takes_no_port_that_is_somebody_elses(9443)
    lab.equal(lab.control_json('config', 'set', 'port=8443')['restart-needed'], [], 'what needs a restart')
    lab.holds(all(transfer.poll() is None for transfer in transfers), 'a transfer was over before')
    lab.equal(lab.control_json('status')['port'], 8443, 'port')
    lab.holds(_refuses(lab.PORT), 'the port of before lets people in')
    for number in (1, 2):
        translate([udp_from('198.51.100.1', 20000 + number)])
        lab.run('ping', '-c', '3', '-i', '0.5', '-W', '5', lab.HOME_ADDRESS, namespace=first.namespace, check=False)
        lab.wait_until('the move of the first', lambda n=number: sum(roams()) == n, 20)
        if number == 1:
            replace_main(signal.SIGKILL)
    third = Client(url=f'https://{lab.SERVER_ADDRESS}:8443', namespace=lab.add_client_namespace('third', 4)).wait_connected().wait_dtls()
    third.fetch('peer')
    for client, transfer, to in ((first, transfers[0], '/run/first'), (second, transfers[1], '/run/second')):
        arrived(client, transfer, to)
    lab.equal(first.count('Established DTLS'), 1, 'datagram channels')
    lab.holds(before < {session['id'] for session in lab.sessions()}, f'sessions before: {before}')
    lab.holds(_hears_strangers(lab.PORT), 'the first cannot ask for another channel where it knows the server')
    for client in (first, second):
        client.disconnect()
    lab.wait_until('the end of the socket that nobody needs', lambda: not _hears_strangers(lab.PORT), 30)
    third.fetch('peer')
    lab.equal(third.count(CONNECTED), 1, 'connections')


def fifty_sessions_go_on():
    """LAB_SETTINGS: room for them."""
    start_held()
    clients = swarm.Swarm(swarm.add_users(10))
    lab.equal(clients.ask('open', 50, 10, 60)['tunnels'], 50, 'tunnels')
    lab.wait_until('50 sessions on DTLS', lambda: [s['transport'] for s in lab.sessions()] == 50 * ['dtls'], 30)
    before = {session['id']: (session['addresses'], session['remote-address']) for session in lab.sessions()}
    for how in (signal.SIGKILL, signal.SIGUSR2):
        replace_main(how)
        answer = clients.ask('ping', 15)
        lab.equal((answer['tunnels'], answer['answered']), (50, 50), 'tunnels, and those through which home answers')
        after = {session['id']: (session['addresses'], session['remote-address']) for session in lab.sessions()}
        lab.equal(after, before, 'sessions')
    clients.ask('leave', 50)
    lab.wait_until('the end of all', lambda: not lab.sessions(), 30)


def who_comes_and_goes_after_it_is_served_as_ever():
    holder = start_held()
    first = Client().wait_connected().wait_dtls()
    for _ in range(2):
        replace_main(signal.SIGKILL)
        first.fetch('peer')
    third = Client(namespace=lab.add_client_namespace('third', 4)).wait_connected().wait_dtls()
    third.fetch('peer')
    # Its connection is replaced as by any main: the address stays.
    addresses = first.addresses()
    rooms.kill(rooms.worker_of('192.0.2.10'))
    first.wait_for_line(CONNECTED, 30, times=2)
    first.wait_dtls(times=2)
    first.fetch('peer')
    lab.equal(first.addresses(), addresses, 'addresses')
    lab.equal(len(lab.sessions()), 2, 'sessions')
    lab.control('session', 'disconnect', next(s['id'] for s in lab.sessions() if s['addresses'][0] == addresses[0]))
    first.wait_exit()
    third.disconnect()
    lab.wait_until('the end of both', lambda: not lab.sessions())
    holder.terminate()
    lab.equal(holder.wait(20), 0, 'status of the holder')


def who_is_being_disconnected_does_not_come_back():
    start_held()
    client = Client().wait_connected().wait_dtls()
    lab.control('session', 'disconnect', lab.sessions()[0]['id'], '--undo-window', '30')
    replace_main(signal.SIGKILL)
    client.wait_for_line('The owner has ended this session', 60)
    lab.equal([s for s in lab.sessions() if s['state'] == 'connected'], [], 'sessions')


def who_was_removed_before_main_died_stays_so_or_comes_back_by_the_undo():
    start_held()
    before, = lab.control_json('user', 'list')['users']
    token = lab.control_json('user', 'remove', before['login'])['undo-token']
    replace_main(signal.SIGKILL)
    lab.equal(lab.control_json('user', 'list')['users'], [], 'users')
    refused = Client()
    refused.wait_for_line('Name or password is wrong')
    refused.signal(signal.SIGKILL)
    lab.control('undo', token)
    after, = lab.control_json('user', 'list')['users']
    lab.equal(after, before, 'the user')
    client = Client().wait_connected()
    client.fetch('peer')
    lab.holds(not lab.succeeds('sallyportctl', 'undo', token), 'the token is good twice')
    client.disconnect()


def nothing_stays_when_the_holder_ends_or_is_killed():
    holder = start_held()
    lab.control('stop')
    quiet = network()
    lab.control('start')
    Client().wait_connected().wait_dtls()
    replace_main(signal.SIGKILL)
    lab.control('stop')
    same_network(quiet, network())
    lab.control('start')
    Client(namespace=lab.add_client_namespace('second', 3)).wait_connected().wait_dtls()
    replace_main(signal.SIGKILL)
    holder.kill()
    lab.wait_until('the end of all processes', lambda: not rooms.processes(), 20)
    after = network()
    lab.holds('sallyport' not in after['firewall'] and 'sally' not in after['links'], f'something stayed: {after}')
    lab.holds('ip_forward 0' in after['forwarding'], after['forwarding'])


def _put_before_main(words):
    """A shell says them first, whenever the program of main is started from now on."""
    os.makedirs('/usr/sbin/good')
    os.rename('/usr/sbin/sallyportd', '/usr/sbin/good/sallyportd')
    with open('/usr/sbin/sallyportd', 'w', encoding='ascii') as file:
        file.write(f'#!/bin/sh\n{words}\nexec /usr/sbin/good/sallyportd "$@"\n')
    os.chmod('/usr/sbin/sallyportd', 0o755)


def a_main_of_another_version_gets_another_holder():
    """Their wall has changed: nothing can be handed over, and clients come back by themselves."""
    holder = start_held()
    client = Client().wait_connected().wait_dtls()
    addresses = client.addresses()
    _put_before_main('if mkdir /run/told 2>/dev/null; then SALLYPORT_HOLDER=${SALLYPORT_HOLDER%:*}:0; fi')
    replace_main(signal.SIGUSR2)
    client.wait_for_line(CONNECTED, 60, times=2)
    client.fetch('peer')
    lab.equal(client.addresses(), addresses, 'addresses')
    lab.equal(rooms.parent(rooms.main()), holder.pid, 'whose child main is')
    replace_main(signal.SIGUSR2)
    client.fetch('peer')
    lab.equal(client.count(CONNECTED), 2, 'connections')


def a_main_that_cannot_start_is_given_up_and_the_network_is_put_back():
    holder = start_held()
    lab.control('stop')
    quiet = network()
    lab.control('start')
    Client().wait_connected().wait_dtls()
    main = rooms.main()
    _put_before_main('case "$*" in *--undo-network*) ;; *) exit 127 ;; esac')
    os.kill(main, signal.SIGKILL)
    lab.equal(holder.wait(30), 127, 'status of the holder')
    lab.wait_until('the end of all processes', lambda: not rooms.processes(), 20)
    same_network(quiet, network())


def who_calls_while_main_is_replaced_is_answered():
    """The bus starts a second one then, as long as the name is nobody's."""
    holder = _start_installed()
    client = Client().wait_connected().wait_dtls()
    for is_held_up in (False, True):
        main = rooms.main()
        if is_held_up:
            rooms.hold_up(holder)
        os.kill(main, signal.SIGKILL)
        lab.wait_until('the end of main', lambda main=main: rooms.is_over(main))
        caller = subprocess.Popen(['sallyportctl', 'status', '--json'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if is_held_up:
            lab.wait_until('a second one', lambda: [number for number in _mains() if number != main])
            os.kill(holder, signal.SIGCONT)
        said = caller.communicate(timeout=20)[0]
        lab.equal(caller.returncode, 0, f'status of the caller, who was told {said!r}')
        lab.wait_until('the server', rooms.is_on, 20)
        lab.wait_until('the end of the second', lambda: len(_mains()) == 1)
        lab.equal(rooms.parent(rooms.main()), holder, 'whose child main is')
    client.fetch('peer')
    lab.equal(client.count(CONNECTED), 1, 'connections')


def who_looks_at_a_main_that_dies_over_it_is_answered_by_the_next():
    """Its first look is refused by the bus, and without a second one it would know of no state."""
    _start_installed()
    main = rooms.main()
    rooms.hold_up(main)
    caller = subprocess.Popen(['sallyportctl', 'status', '--json'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def is_asked():
        """Has bytes that it has not read, on a socket to another process."""
        sockets = [line.split() for line in lab.run('nsenter', f'--net=/proc/{main}/ns/net', 'ss', '--no-header', '--family=unix', '--processes').splitlines()
                   if f'pid={main},' in line]
        return any(int(words[2]) > 0 for words in sockets)
    lab.wait_until('the look', is_asked)
    os.kill(main, signal.SIGKILL)
    said = caller.communicate(timeout=20)[0]
    lab.equal(caller.returncode, 0, f'status of the caller, who was told {said!r}')
    lab.wait_until('the server', rooms.is_on, 20)


def a_second_one_leaves_the_first_alone():
    start_held()
    client = Client().wait_connected().wait_dtls()
    before = network()
    state = ('--state', os.environ['LAB_STATE'], '--config', os.environ['LAB_CONFIG'], '--start')
    for bus in ('system', 'none'):
        second = subprocess.run(['ip', 'netns', 'exec', lab.SERVER, 'sallyportd', *state, '--bus', bus],
                                capture_output=True, text=True, check=False, timeout=30)
        lab.equal(second.returncode, 69, f'status with bus “{bus}”')
        lab.holds(re.search(f'another Sallyport works on {os.environ["LAB_STATE"]}', second.stderr), second.stderr)
    after = network()
    lab.equal([after[name] for name in ('links', 'addresses', 'routes')],
              [before[name] for name in ('links', 'addresses', 'routes')], 'network')
    client.fetch('peer')
    lab.equal(client.count(CONNECTED), 1, 'connections')

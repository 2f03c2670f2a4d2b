# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of sessions: what ends one, what does not, and what its client is told."""

import os
import signal
import socket
import subprocess
import time

import lab
import packets
import records
import rooms
from client import Client, read_password, take_cookie
from record_client import BYE, DPD_RESPONSE, KEEPALIVE, Refused

CONNECTED = r'Got CONNECT response: HTTP/1\.1 200'
PLATFORM = 'X-AnyConnect-Identifier-Platform'
HOME_PORT = 9  # where nobody listens: what is sent there is use enough


def _is_dead(cookie, namespace=lab.CLIENT):
    with records.connect(namespace=namespace) as connection:
        return connection.ask_for_tunnel(cookie).status == 401


def _comes_back(cookie, address, **options):
    with records.open_tunnel(cookie=cookie, **options) as tunnel:
        lab.equal(tunnel.ipv4, address, 'address of who comes back')
        tunnel.ping(lab.HOME_ADDRESS)


def _await_bye(tunnel, seconds):
    """The server's goodbye, as its text; answered like stock clients do, which shall not count."""
    deadline = time.monotonic() + seconds
    while (frame := tunnel.receive_frame(max(0.1, deadline - time.monotonic()))).type != BYE:
        pass
    tunnel.bye(0xb0, b'Server request')
    return frame.payload[1:].decode()


def _use(tunnel):
    tunnel.send_data(packets.udp(tunnel.ipv4, HOME_PORT, lab.HOME_ADDRESS, HOME_PORT, b'x'))


def item_30_mobile_clients_get_mobile_values():
    """LAB_SETTINGS: dpd 30, mobile-dpd 1000, idle-timeout 600, mobile-idle-timeout 1200."""
    def values(answer):
        return answer.value('X-CSTP-DPD'), answer.value('X-DTLS-DPD'), answer.value('X-CSTP-Idle-Timeout')

    desktop, mobile = ('30', '30', '600'), ('1000', '1000', '1200')
    for headers, expected in (({}, desktop), ({PLATFORM: 'linux-64'}, desktop), ({PLATFORM: 'android'}, mobile),
                              ({PLATFORM: 'apple-ios'}, mobile), ({'X-CSTP-License': 'mobile'}, mobile)):
        with records.open_tunnel(headers) as tunnel:
            lab.equal(values(tunnel.answer), expected, f'DPD and idle time for {headers}')
            tunnel.bye()
    # Who said so when signing in need not say it again on this connection.
    with records.connect() as connection:
        form = connection.post_xml('/', 'init', '', {PLATFORM: 'android'})
        lab.equal(form.status, 200, 'status of the form')
        tunnel = connection.open_tunnel(connection.sign_in(os.environ['LAB_USER'], read_password()))
        lab.equal(values(tunnel.answer), mobile, 'DPD and idle time of who signed in as mobile')
    client = Client('--os=android').wait_connected()
    lab.equal(client.count('X-CSTP-DPD: 1000'), 1, 'times that openconnect for Android is told the mobile DPD')


GOODBYES = {
    'a logout': (b'\xb0Aborted by caller', True),
    'a bare logout': (b'\xb0', True),
    'a reconnect': (b'\x91Reconnecting the VPN tunnel.', False),
    'a pause': (b'\xd1', False),
    'nothing': (b'', False),
    'an unknown reason': (b'\x55', False),
}


def item_35_a_logout_kills_the_cookie_and_other_goodbyes_keep_it():
    for what, (payload, dies) in GOODBYES.items():
        with records.open_tunnel() as tunnel:
            tunnel.send_frame(BYE, payload)
            lab.holds(tunnel.is_closed_within(10), f'{what}: the connection stays open')
        if dies:  # the connection is closed a moment before the house has heard why
            lab.wait_until('the end of the session', lambda: not lab.sessions())
        else:
            _comes_back(tunnel.cookie, tunnel.ipv4)
        lab.equal(_is_dead(tunnel.cookie), dies, f'whether the cookie is dead after {what}')
    tunnel = records.open_tunnel()
    tunnel.close()
    _comes_back(tunnel.cookie, tunnel.ipv4)


def item_35_the_answer_to_the_servers_goodbye_is_no_logout():
    first = records.open_tunnel()
    with records.open_tunnel(cookie=first.cookie) as second:
        lab.equal(_await_bye(first, 10), 'Replaced by a newer connection', 'what the first is told')
        lab.holds(first.is_closed_within(10), 'the connection of the first stays open')
        second.ping(lab.HOME_ADDRESS)
    _comes_back(first.cookie, second.ipv4)


def item_35_who_is_kicked_is_told_and_goes():
    client = Client().wait_connected()
    lab.control('session', 'disconnect', '--reason', 'Tea is ready', lab.sessions()[0]['id'])
    lab.equal(client.wait_exit(), 1, 'status of openconnect')
    lab.equal(client.count('Received server disconnect: b0 \'Tea is ready\''), 1, 'times that it is told')
    lab.equal(client.count(CONNECTED), 1, 'connections')


def item_36_after_a_restart_clients_come_back_to_the_same_address():
    client = Client().wait_connected().wait_dtls()
    addresses = client.addresses()
    tunnel = records.open_tunnel(namespace=lab.add_client_namespace('second', 3))
    os.kill(rooms.main(), signal.SIGTERM)
    try:
        while (frame := tunnel.receive_frame(10)).type != BYE:
            pass
        raise AssertionError(f'the server said goodbye: {frame.payload}')
    except ConnectionError:
        pass
    lab.wait_until('the end of all processes', lambda: not rooms.processes(), 20)
    server = subprocess.Popen([os.environ['LAB_START_SERVER']])
    client.wait_for_line(CONNECTED, 60, times=2)
    client.wait_dtls(times=2)
    lab.equal(client.addresses(), addresses, 'addresses')
    client.fetch('peer')
    _comes_back(tunnel.cookie, tunnel.ipv4, namespace='second')
    server.terminate()
    server.wait(20)


def item_37_a_silent_client_is_noticed_and_its_cookie_stays_good():
    """LAB_SETTINGS: dpd 10.  The client's system goes on acknowledging; the client itself does not answer."""
    client = Client('--no-dtls').wait_connected()
    addresses = client.addresses()
    client.signal(signal.SIGSTOP)
    # Three periods, and time for a slow machine.
    lab.wait_until('that it is missed', lambda: [s['state'] for s in lab.sessions()] == ['reconnecting'], 45)
    client.signal(signal.SIGCONT)
    client.wait_for_line(CONNECTED, 40, times=2)
    client.fetch('peer')
    lab.equal(client.addresses(), addresses, 'addresses')


def _sees_bye(tunnel, seconds):
    """Its text, if it comes in that time."""
    try:
        return _await_bye(tunnel, seconds)
    except TimeoutError:
        return None


def item_38_pings_keepalives_dpd_and_reconnects_do_not_make_a_session_busy():
    """LAB_SETTINGS: idle-timeout 60."""
    begin = time.monotonic()
    tunnels = {what: records.open_tunnel() for what in ('pings', 'signs of life', 'reconnects', 'use')}
    cookies = {what: tunnel.cookie for what, tunnel in tunnels.items()}
    addresses = {what: tunnel.ipv4 for what, tunnel in tunnels.items()}
    ended, after = {}, {}
    while len(ended) < 3:
        lab.holds(time.monotonic() - begin < 100, f'only these are ended: {ended}')
        for what, tunnel in [(what, tunnel) for what, tunnel in tunnels.items() if what not in ended]:
            if text := _sees_bye(tunnel, 0.4):
                ended[what], after[what] = text, time.monotonic() - begin
                continue
            _behave(what, tunnel)
            if what == 'reconnects' and 'use' in tunnels:
                tunnel.close()
                tunnels[what] = records.open_tunnel(cookie=cookies[what])
    lab.equal(ended, dict.fromkeys(('pings', 'signs of life', 'reconnects'), 'Idle for too long'), 'what they are told')
    lab.holds(min(after.values()) > 55, f'ended before the time: {after}')
    lab.equal(tunnels['use'].dpd(b'x'), b'x', 'answer to who is busy')
    # They may come back, at once or later; for them the time begins anew.
    for what in ended:
        _comes_back(cookies[what], addresses[what])
        tunnels[what].close()
    lab.holds('was idle for too long' in lab.server_log(), 'the log does not say why')


def _behave(what, tunnel):
    if what == 'pings':
        tunnel.send_data(packets.ping(tunnel.ipv4, lab.HOME_ADDRESS))
    elif what == 'signs of life':
        tunnel.send_frame(KEEPALIVE)
        tunnel.send_frame(DPD_RESPONSE)
    elif what == 'use':
        _use(tunnel)


def item_38_a_sessions_age_counts_from_the_sign_in():
    """LAB_SETTINGS: session-timeout 60."""
    def left(tunnel):
        return int(tunnel.answer.value('X-CSTP-Session-Timeout-Remaining'))

    begin = time.monotonic()
    cookie = records.take_cookie()
    time.sleep(15)
    tunnel = records.open_tunnel(cookie=cookie)
    lab.holds(left(tunnel) <= 45, f'{left(tunnel)} s are left after 15 of 60')
    time.sleep(10)
    tunnel.close()
    # Not even a restart makes it younger.
    os.kill(rooms.main(), signal.SIGTERM)
    lab.wait_until('the end of all processes', lambda: not rooms.processes(), 20)
    server = subprocess.Popen([os.environ['LAB_START_SERVER']])
    tunnel = lab.wait_until('the server', lambda: _opened_again(cookie), 25)
    lab.holds(left(tunnel) <= 35, f'{left(tunnel)} s are left after 25 of 60')
    while time.monotonic() - begin < 55:
        _use(tunnel)
        time.sleep(1)
    lab.equal(_await_bye(tunnel, 20), 'The session\'s time is over', 'what it is told')
    lab.wait_until('the end of the session', lambda: lab.sessions() == [])
    lab.holds(_is_dead(cookie), 'the cookie is good after the session\'s time')
    lab.holds('ended: session-timeout' in lab.server_log(), 'the log does not say why')
    server.terminate()
    server.wait(20)


def _opened_again(cookie):
    try:
        return records.open_tunnel(cookie=cookie)
    except (OSError, Refused):
        return None


def item_55_many_reconnects_are_slowed_down_and_not_locked_out():
    """STORY_RECONNECTS: how many; after a while each costs a second."""
    cookie, ids = records.take_cookie(), set()
    count = int(os.environ.get('STORY_RECONNECTS', '30'))
    begin = time.monotonic()
    for _ in range(count):
        tunnel = records.open_tunnel(cookie=cookie)
        ids.add(tunnel.app_id)
        tunnel.close()
    took = time.monotonic() - begin
    lab.equal(len(ids), count, 'different ids')
    lab.holds(took > (count - 15) * 0.5, f'{count} reconnects took {took:.1f} s')
    print(f'{count} reconnects took {took:.1f} s')
    lab.equal(len(lab.sessions()), 1, 'sessions')
    # Neither the same address nor another one suffers for it.
    with records.open_tunnel() as other:
        other.ping(lab.HOME_ADDRESS)
    _comes_back(cookie, tunnel.ipv4)


def _set(**values):
    """Changes settings of the tunnel while the server runs."""
    lines = ''.join(f'{name.replace("_", "-")} = {value}\n' for name, value in values.items())
    with open(os.environ['LAB_CONFIG'], 'a', encoding='utf-8') as file:
        file.write(f'\n[tunnel]\n{lines}')
    os.kill(rooms.main(), signal.SIGHUP)
    # The bus answers after what came before.
    lab.control('status')


def item_57_a_cookie_dies_when_unused_for_its_time_and_not_in_use():
    early = records.take_cookie()
    _set(cookie_timeout=15)
    unused, used = records.take_cookie(), records.open_tunnel()
    time.sleep(35)  # the time, and 15 s for who comes at the last moment
    lab.holds(_is_dead(unused), 'an unused cookie is good after its time')
    lab.equal(used.dpd(b'x'), b'x', 'answer to who is connected')
    used.close()
    _comes_back(used.cookie, used.ipv4)
    with records.open_tunnel(cookie=early) as tunnel:  # had longer when it was made
        tunnel.bye()
    lab.wait_until('the end of the session', lambda: lab.sessions() == [], 30)
    lab.holds(_is_dead(used.cookie), 'the cookie of a client that did not come back is good')


def item_57_without_roaming_a_cookie_works_from_its_own_address_alone():
    """LAB_SETTINGS: roaming no."""
    cookie = take_cookie()
    second = lab.add_client_namespace('second', 3)
    client = Client(cookie=cookie).wait_connected()
    lab.equal(Client(cookie=cookie, namespace=second).wait_exit(), 2, 'status of openconnect elsewhere')
    lab.holds(client.process.poll() is None, 'who uses the cookie where it was made is sent away')
    client.signal(signal.SIGUSR2)
    client.wait_for_line(CONNECTED, 40, times=2)
    client.fetch('peer')
    lab.equal(client.disconnect(), 0, 'status of openconnect')
    Client(namespace=second).wait_connected()


def item_58_an_address_is_reserved_while_its_cookie_lives():
    """LAB_SETTINGS: a range for few, cookie-timeout 15."""
    added = lab.control_json('user', 'add', 'bob', '--generate-password')
    first = records.open_tunnel()
    first.close()
    others = []
    while True:
        connection = records.connect()
        answer = connection.ask_for_tunnel(connection.sign_in('bob', added['password']))
        if answer.status != 200:
            break
        others.append(answer.value('X-CSTP-Address'))
    lab.equal(answer.status, 503, 'status when no address is free')
    lab.holds(answer.value('X-Reason'), 'nobody says why')
    lab.holds(others and first.ipv4 not in others, f'{first.ipv4} is not free, and these were given: {others}')
    _comes_back(first.cookie, first.ipv4)


def _wait_exit(client, seconds):
    lab.equal(client.wait_exit(seconds), 1, f'status of {client.namespace}')
    lab.equal(client.count(CONNECTED), 1, f'connections of {client.namespace}')


def item_59_whose_session_ended_for_good_does_not_come_back():
    """LAB_SETTINGS: idle-timeout 60, session-timeout 75."""
    idle = Client('--no-dtls').wait_connected()
    busy = Client(namespace=lab.add_client_namespace('second', 3)).wait_connected().wait_dtls()
    kicked = Client(namespace=lab.add_client_namespace('third', 4)).wait_connected()
    found = [s['id'] for s in lab.sessions() if s['remote-address'].startswith('192.0.4.10')]
    lab.control('session', 'disconnect', *found)
    _wait_exit(kicked, 10)
    with lab.inside(busy.namespace):
        use = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    deadline = time.monotonic() + 100
    while busy.process.poll() is None and time.monotonic() < deadline:
        try:
            use.sendto(b'x', (lab.HOME_ADDRESS, HOME_PORT))
        except OSError:
            pass  # the way home is gone, or closed
        time.sleep(0.5)
    _wait_exit(idle, 1)
    _wait_exit(busy, 1)
    lab.equal(idle.count('Idle for too long'), 1, 'times that the idle one is told')
    lab.equal(busy.count('The session\'s time is over'), 1, 'times that the busy one is told')
    lab.equal(lab.server_log().count(' connected'), 3, 'connections in the log')

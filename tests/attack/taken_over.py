# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of rooms that were taken over: a worker or a door that says and does whatever its walls and its sandbox let it.

hostile-worker and hostile-door are the real programs in their real sandboxes, which do a deed when they are told to (their
sources have the tables).  Whatever it is: main, keyholder and the other room live, nobody else notices, nothing is left over."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import threading
import time

import figures
import lab
import records
import rooms
from client import Client

ATTACK = 'rooms that were taken over'
IDLE_FILE, DOOR_FILE = '/run/hostile-idle', '/run/hostile-door'
BUILT = os.path.join(os.environ['LAB_BUILD'], 'tests/attack')
PORT = 7777
# How many messages each wall has.
MESSAGES = {'main': 19, 'keyholder': 22}
PHASES = ('client', 'waiting', 'granted', 'tunnel')
DOOR_MESSAGES = 14


# --- the house ---

def _replace_room(name, program):
    """Main's next room of this name is the built program."""
    rooms_program = os.path.realpath(f'/proc/{lab.wait_until(name, lambda: rooms.room(name))}/exe')
    os.unlink(rooms_program)
    shutil.copy(os.path.join(BUILT, program), rooms_program)
    rooms.kill_room(name)


def _write(path, text):
    with open(path, 'w', encoding='ascii') as file:
        file.write(text + '\n')


def _children(process):
    return [child for child in rooms.processes() if rooms.parent(child) == process]


def _outlasted(program):
    """Processes of it whose file is there no more."""
    found = set()
    for process in rooms.processes():
        with contextlib.suppress(FileNotFoundError):
            if os.readlink(f'/proc/{process}/exe').endswith(f'/{program} (deleted)'):
                found.add(process)
    return found


def _take_over_workers(idle=''):
    _write(IDLE_FILE, idle)
    kept = _outlasted('sallyport-nursery') | set(rooms.workers())
    _replace_room('nursery', 'hostile-worker')
    # Idle ones outlive their nursery, which may have started some until its end, and clients would get them first.
    for worker in _outlasted('sallyport-nursery') - kept:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
    if not idle:  # which ends them at once
        lab.wait_until('a worker of the other program', lambda: _children(rooms.room('nursery')))


def _descriptors(process):
    return len(os.listdir(f'/proc/{process}/fd'))


def _memory(process):
    """MB that are its own."""
    with open(f'/proc/{process}/status', encoding='ascii') as file:
        return int(re.search(r'RssAnon:\s+(\d+)', file.read()).group(1)) / 1024


def _devices():
    return len(re.findall(r'^\d+: sallyport', lab.run('ip', '-o', 'link', namespace=lab.SERVER), re.M))


class House:
    """What was there before, and whether it is there again."""

    def __init__(self, *rooms_that_live):
        self.lasting = {name: lab.wait_until(name, lambda n=name: rooms.room(n)) for name in rooms_that_live}
        self.lasting['main'] = rooms.main()
        self.before = {name: (_descriptors(process), _memory(process)) for name, process in self.lasting.items()}
        self.devices = _devices()

    def rooms_live(self):
        for name, process in self.lasting.items():
            now = rooms.main() if name == 'main' else rooms.room(name)
            lab.equal(now, process, f'process of {name}')

    def nothing_is_left(self):
        """Once the sessions are over, too."""
        self.rooms_live()
        for session in lab.sessions():
            lab.control('session', 'disconnect', session['id'], check=False)
        lab.wait_until('the end of sessions', lambda: not lab.sessions(), 20)
        lab.wait_until('the end of devices', lambda: _devices() <= self.devices, 20)
        for name, process in self.lasting.items():
            few = self.before[name][0] + 4  # workers ahead of need come and go
            lab.wait_until(f'the end of descriptors of {name}', lambda p=process, f=few: _descriptors(p) <= f, 20)
            figures.tell(ATTACK, f'memory that {name} grew by', self._measure_growth(name, process), '< 8', 'MB')

    def _measure_growth(self, name, process):
        """What passwords were hashed in goes back to the system a few seconds later."""
        deadline = time.monotonic() + 10
        while (growth := _memory(process) - self.before[name][1]) >= 8 and time.monotonic() < deadline:
            time.sleep(0.5)
        return round(max(0, growth), 1)


class Bystanders:
    """The bus, a client that pings its home and strangers who shake hands, all the while: how long each had to wait."""

    def __init__(self):
        self.client = Client(namespace=lab.add_client_namespace('bystander', 9)).wait_connected()
        self.worst = {}
        self.over = threading.Event()
        self.failures = []

    def _measure(self, name, act, pause):
        while not self.over.is_set():
            begun = time.monotonic()
            try:
                act()
            except Exception as error:  # pylint: disable=broad-except
                self.failures.append(f'{name}: {error!r}')
            self.worst[name] = max(self.worst.get(name, 0), (time.monotonic() - begun) * 1000)
            self.over.wait(pause)

    @staticmethod
    def _bus_call():
        from gi.repository import Gio, GLib
        address = os.environ['DBUS_SYSTEM_BUS_ADDRESS']
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        bus = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)
        question = GLib.Variant('(ss)', ('org.sallyport.Sallyport1.Server', 'State'))
        return lambda: bus.call_sync('org.sallyport.Sallyport1', '/org/sallyport/Sallyport1/Server', 'org.freedesktop.DBus.Properties', 'Get',
                                     question, None, Gio.DBusCallFlags.NONE, 30000, None)

    @staticmethod
    def _shake_hands():
        """As often as it takes: who comes while a door ends is turned away by its end."""
        end = time.monotonic() + 20
        while True:
            try:
                records.connect(namespace='bystander').close()
                return
            except (OSError, RuntimeError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)

    def _ping(self):
        lab.run('ping', '-c1', '-W10', lab.HOME_ADDRESS, namespace='bystander')

    @contextlib.contextmanager
    def watching(self, attack):
        threads = [threading.Thread(target=self._measure, args=arguments) for arguments in (
            ('the bus', self._bus_call(), 0.005), ('a handshake', self._shake_hands, 1.5), ('a ping through a tunnel', self._ping, 0.05))]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join()
            self.over.clear()
        lab.equal(self.failures[:3], [], 'what others could not do')
        for name, worst in self.worst.items():
            figures.tell(ATTACK, f'{attack}: longest that {name} took', round(worst, 1), '<= 50' if name == 'the bus' else None, 'ms')
        self.worst.clear()

    def fare_well(self):
        self.client.fetch('peer')
        lab.equal(self.client.count(r'Got CONNECT response: HTTP/1\.1 200'), 1, 'connections of the bystander')
        self.client.disconnect()


def _said(pattern, begin=0):
    return re.findall(pattern, lab.server_log()[begin:])


@contextlib.contextmanager
def _peace(attack, *rooms_that_live):
    """Bystanders and the house around an attack."""
    house = House(*rooms_that_live)
    others = Bystanders()
    if figures.LONG:
        with others.watching('nobody attacks'):
            time.sleep(20)
    with others.watching(attack):
        yield
    others.fare_well()
    house.nothing_is_left()


# --- deeds of workers ---

def _deed(when, what, cookie=None, headers=None):
    """One worker does it; its connection may end at any moment."""
    try:
        if when == 'client':
            with records.connect() as connection:
                connection.ask_for_tunnel('0' * 64, {'X-Deed': f'{when} {what}'})
        else:
            return records.open_tunnel({'X-Deed': f'{when} {what}', **(headers or {})}, cookie=cookie)
    except (records.Refused, OSError, AssertionError, EOFError, RuntimeError, ValueError):
        pass
    return None


def _close(tunnel):
    if tunnel:
        with contextlib.suppress(Exception):
            tunnel.close()


def a_worker_says_everything_in_every_phase():
    """Each message of both walls, with lies in it, in each phase that a worker with a client can reach."""
    _take_over_workers()
    cookies = records.cookies()
    said = 0
    with _peace('lies of a worker', 'keyholder', 'door', 'nursery'):
        for place, phase in enumerate(PHASES):
            for wall, count in MESSAGES.items():
                for message in range(1, count + 1):
                    if figures.LONG or message % len(PHASES) == place:
                        _close(_deed(phase, f'say {wall} {message} {figures.by_length(3, 20)}', next(cookies)))
                        said += 1
    figures.tell(ATTACK, 'kinds of lies that were told in phases', said, f'> {figures.by_length(40, 160)}', 'lies')


def a_worker_that_nobody_asked_for_yet_says_everything():
    """Idle, before its first client and its first signature: any message, one a worker, and any bytes."""
    with _peace('lies of idle workers', 'keyholder', 'door'):
        for deed in ('any main', 'any keyholder', 'babble main 5', 'babble keyholder 5'):
            begin = len(lab.server_log())
            _take_over_workers(deed)
            lab.wait_until('lies', lambda b=begin: len(_said('hostile: said', b)) >= figures.by_length(15, 500), figures.by_length(30, 200))
        _write(IDLE_FILE, '')
        rooms.kill_room('nursery')
        records.open_tunnel().close()


def a_worker_floods_passes_descriptors_and_falls_silent():
    _take_over_workers()
    cookies = records.cookies()
    with _peace('floods of workers', 'keyholder', 'door', 'nursery'):
        for _ in range(figures.by_length(1, 10)):
            for deed in ('flood main', 'flood keyholder', 'babble main 1000', 'babble keyholder 1000'):
                for phase in figures.by_length(('tunnel',), ('client', 'tunnel')):
                    _close(_deed(phase, deed, next(cookies)))
        for count in figures.by_length((1, 7, 253), (1, 2, 3, 6, 7, 60, 253)):
            _close(_deed('tunnel', f'descriptors {count}', next(cookies)))
        # Silent ones hold nobody up who comes for the same session.
        cookie = records.take_cookie()
        _close(_deed('client', 'silence 3'))
        for when in ('waiting', 'granted', 'tunnel', 'recalled'):
            silent = [threading.Thread(target=lambda w=when: _close(_deed(w, 'silence 20', cookie)))]
            silent[0].start()
            time.sleep(0.5)
            begun = time.monotonic()
            records.open_tunnel(cookie=cookie).close()
            figures.tell(ATTACK, f'until the next one has the session of a worker that is silent when {when}',
                         round((time.monotonic() - begun) * 1000), '<= 3000', 'ms')
            for thread in silent:
                thread.join()
    floods = [int(count) for count in _said(r'flooded with (\d+) messages')]
    figures.tell(ATTACK, 'most messages of one flood before it was ended', max(floods, default=0), '< 5000', 'messages')


def a_worker_keeps_the_device_that_it_gave_back():
    """It says RECALLED, holds on to the descriptor, and reads: what is the next one's it does not get."""
    _take_over_workers()
    cookie = records.take_cookie()
    with _peace('a device that was kept', 'keyholder', 'door', 'nursery'):
        for _ in range(figures.by_length(3, 50)):
            old = _deed('recalled', 'keep 2', cookie)
            new = records.open_tunnel(cookie=cookie)
            for _ in range(5):
                lab.holds(new.ping(lab.HOME_ADDRESS, seconds=5), 'no answer through the new tunnel')
            new.close()
            _close(old)
            cookie = records.take_cookie()
    figures.tell(ATTACK, 'packets of the next connection that the last one read', len(_said('packets of another')), '== 0', 'packets')
    figures.tell(ATTACK, 'workers that lived on with the device', len(_said('kept the device and lives')), '== 0', 'workers')
    lab.holds(_said('hostile: keeps device'), 'no worker tried')


def _ear(namespace, address):
    with lab.inside(namespace):
        endpoint = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    endpoint.bind((address, PORT))
    return endpoint


def _heard(ear):
    ear.setblocking(False)
    heard = []
    with contextlib.suppress(BlockingIOError):
        while True:
            heard.append(ear.recvfrom(200))
    return heard


def a_worker_sends_what_is_not_its_clients():
    """Packets of others into the device; datagrams by its client's socket to whom they are not for."""
    _take_over_workers()
    with _peace('forged packets', 'keyholder', 'door', 'nursery'):
        victim = records.open_tunnel()
        others = victim.answer.value('X-CSTP-Address')
        home, here = _ear(lab.HOME, lab.HOME_ADDRESS), _ear(lab.SERVER, '0.0.0.0')
        for source in (others, '192.168.50.77', '127.0.0.1', '198.51.100.20', '0.0.0.0', '224.0.0.1', '8.8.8.8'):
            for destination in (lab.HOME_ADDRESS, '192.168.50.1', others):
                _close(_deed('tunnel', f'spoof {source} {destination} {PORT}'))
        _close(_deed('tunnel', f'garbage {figures.by_length(2000, 100000)}'))
        lab.holds(len(_said(r'wrote a packet of \S+: taken')) > 15, 'the device took nothing')
        figures.tell(ATTACK, 'forged packets that arrived somewhere', len(_heard(home) + _heard(here)), '== 0', 'packets')
        begin = len(lab.server_log())
        for address in (lab.HOME_ADDRESS, '127.0.0.1', '192.168.50.1'):
            tunnel = _deed('datagrams', f'send {address} {PORT}')
            tunnel.open_dtls(records.udp_socket())
            tunnel.dtls_dpd(b'x')
            lab.wait_until('a datagram elsewhere', lambda a=address: _said(f'hostile: sent to {a} ', begin), 10)
            _close(tunnel)
        figures.tell(ATTACK, 'datagrams of a worker that arrived at home or here', len(_heard(home) + _heard(here)), '== 0', 'datagrams')
        _close(victim)


def _haul(ear, length, pause, seconds, prepare=lambda: None):
    """A worker that hears nothing any more, and carries: (its client's address, cookie, how long the log was before).

    Its client never gets the answer that it waits for."""
    first = records.open_tunnel()
    address, cookie = first.answer.value('X-CSTP-Address'), first.cookie
    prepare()
    _close(first)
    begin = len(lab.server_log())
    _heard(ear)
    deed = f'haul {address} {lab.HOME_ADDRESS} {PORT} {length} {pause} {seconds}'
    threading.Thread(target=lambda: _close(_deed('tunnel', deed, cookie)), daemon=True).start()
    lab.wait_until('its packets', lambda: _heard(ear), 20)
    return address, cookie, begin


def _session_of(address):
    return next((session['id'] for session in lab.sessions() if address in session['addresses']), None)


def _came_out(begin):
    """How many packets the last worker took out of its device."""
    return int((_said(r'hauls: (\d+) packets', begin) or ['0'])[-1])


def _ping(address):
    lab.run('ping', '-c20', '-i0.05', '-W1', address, namespace=lab.SERVER, check=False)


def a_worker_goes_on_when_its_disconnection_can_be_undone():
    """Nothing of what it carries arrives meanwhile, in either direction; taken back, everything does."""
    _take_over_workers()
    ear = _ear(lab.HOME, lab.HOME_ADDRESS)
    with _peace('a worker in the window', 'keyholder', 'door', 'nursery'):
        address, _, begin = _haul(ear, 100, 5, 40)
        _ping(address)
        lab.wait_until('packets out of the device', lambda: _came_out(begin) >= 15, 10)
        identity = _session_of(address)
        token = json.loads(lab.control('session', 'disconnect', identity, '--undo-window', '30', '--json'))['disconnected'][0]['undo-token']
        time.sleep(1)  # what was on its way
        _heard(ear)
        before = _came_out(begin)
        _ping(address)
        time.sleep(1)
        figures.tell(ATTACK, 'packets that a worker put in while its disconnection could be undone', len(_heard(ear)), '== 0', 'packets')
        figures.tell(ATTACK, 'packets that it took out', _came_out(begin) - before, '== 0', 'packets')
        lab.control('undo', token)
        lab.wait_until('its packets, again', lambda: _heard(ear), 10)
        _ping(address)
        lab.wait_until('packets out of the device, again', lambda: _came_out(begin) >= before + 15, 10)
        lab.control('session', 'disconnect', identity)
        lab.wait_until('its end', lambda: _session_of(address) is None, 20)
    lab.equal(_said('hauled to the end'), [], 'workers that were not ended')


def a_worker_goes_on_when_its_sessions_time_is_over():
    _take_over_workers()
    ear = _ear(lab.HOME, lab.HOME_ADDRESS)
    with _peace('a worker beyond its time', 'keyholder', 'door', 'nursery'):
        lab.control('config', 'set', 'session-timeout=60')
        signed_in = time.monotonic()
        _, _, begin = _haul(ear, 100, 20, 100)
        lab.wait_until('its end', lambda: _said("goes on when its session's time is over", begin), 90)
        figures.tell(ATTACK, 'how long a worker outlived its session', round(time.monotonic() - signed_in - 60, 1), '<= 15', 's')
        lab.control('config', 'set', 'session-timeout=never')
    lab.equal(_said('hauled to the end'), [], 'workers that were not ended')


def a_worker_goes_on_when_its_quota_is_used_up():
    """What it carried is the user's all the same, by the kernel's count."""
    _take_over_workers()
    ear = _ear(lab.HOME, lab.HOME_ADDRESS)
    user = os.environ['LAB_USER']
    house = House('keyholder', 'door', 'nursery')
    _, cookie, begin = _haul(ear, 1300, 0, 60, lambda: lab.control('user', 'change', user, '--quota', '20000000'))
    lab.wait_until('its end', lambda: _said("goes on when its session's quota is used up", begin), 60)
    row = lab.wait_until('the end of the quota', lambda: next((row for row in lab.control_json('user', 'list')['users']
                                                               if row['login'] == user and row['status'] == 'quota'), None))
    lab.equal(row['quota-level'], 100, 'level')
    lab.holds(_deed('never', 'census', cookie) is None, 'the cookie was still good')
    lab.equal(_said('hauled to the end'), [], 'workers that were not ended')
    lab.control('user', 'change', user, '--quota', 'unlimited')
    house.nothing_is_left()


def a_worker_takes_memory_the_processor_and_the_log():
    _take_over_workers()
    cookies = records.cookies()
    private, shared, anonymous, grows_down, populate = 2, 1, 0x20, 0x100, 0x8000
    nursery = rooms.room('nursery')
    with _peace('greedy workers', 'keyholder', 'door'):
        # First: what other workers say meanwhile is heard.  In a session of its own: a newer connection of the same one
        # would take its tunnel before it has said anything.
        scribbler = threading.Thread(
            target=lambda c=records.take_cookie(): _close(_deed('tunnel', f'scribble {figures.by_length(20000, 1000000)}', c)))
        scribbler.start()
        for flags in (private | anonymous, shared | anonymous, private | anonymous | grows_down, private | anonymous | populate):
            _close(_deed('tunnel', f'memory {flags} 200', next(cookies)))
        spinning = [threading.Thread(target=lambda c=next(cookies): _close(_deed('tunnel', f'spin {figures.by_length(3, 30)}', c)))
                    for _ in range(figures.by_length(3, 16))]
        for thread in spinning:
            thread.start()
        for thread in spinning:
            thread.join()
        _close(_deed('tunnel', 'census', next(cookies)))
        # fork, kill, ptrace, process_vm_readv, socket, open: the whole table is in tests/walls.
        for number in (57, 62, 101, 310, 41, 2):
            _close(_deed('tunnel', f'call {number}', next(cookies)))
        scribbler.join()
    # Some crashed: where things lay in their memory nobody else has them.
    lab.wait_until('another nursery', lambda: rooms.room('nursery') not in (None, nursery), 10)
    lab.wait_until('a line about lines', lambda: _said(r'(?m)^worker: \d+ lines were left out'), 10)
    scribbled = len(_said('scribbled by somebody else'))
    figures.tell(ATTACK, 'lines of a worker that wrote as many as it could', scribbled, '<= 1500', 'lines')
    lab.holds(scribbled > 0, 'nothing was scribbled')
    lab.equal(_said(r'(?m)^sallyport\[1\] error main'), [], 'lines that seem to be of another room')
    most = max(int(size) for size in _said(r'hostile: has (\d+) MiB'))
    figures.tell(ATTACK, 'most memory that a worker got', most, '<= 64', 'MiB')
    lab.equal(_said(r'hostile: call \d+ answered'), [], 'system calls that were answered')
    lab.equal(set(_said(r'hostile: has (\d+ walls, \d+ streams, \d+ datagram sockets, \d+ others)')),
              {'2 walls, 1 streams, 0 datagram sockets, 2 others'}, 'what a worker has')


# --- deeds of doors ---

def _is_over(begin, deed, number):
    """Or had been before it was looked at: bystanders knock, too."""
    with contextlib.suppress(OSError, RuntimeError):
        records.connect().close()
    return _said(f'hostile: did {re.escape(deed)}\n', begin) or not os.path.exists(f'/proc/{number}')


def _doors_do(deeds):
    """One door after the other does one of them when somebody connects; the last one behaves."""
    begin = len(lab.server_log())
    _write(DOOR_FILE, deeds[0])
    _replace_room('door', 'hostile-door')
    for deed, following in zip(deeds, deeds[1:] + ['']):
        pattern = rf'door\[(\d+)\] notice hostile: will {re.escape(deed)}\n'
        number = lab.wait_until(f'a door that will {deed}', lambda p=pattern: _said(p, begin), 30)[-1]
        _write(DOOR_FILE, following)
        lab.wait_until(f'the deed: {deed}', lambda n=number, d=deed: _is_over(begin, d, n), 30)
        with contextlib.suppress(ProcessLookupError):
            rooms.kill(int(number))  # unless main did already
    lab.wait_until('a door that behaves', lambda: rooms.room('door') not in (None, int(number)), 20)


def a_door_says_everything():
    """What it may say, with lies in it, and what it may not, which ends it."""
    may = (3, 6, 7, 10, 12, 13)
    may_not = [message for message in range(1, DOOR_MESSAGES + 1) if message not in may]
    with _peace('lies of a door', 'keyholder', 'nursery'):
        _doors_do([';'.join(f'say {message} {figures.by_length(300, 20000)}' for message in may),
                   *(f'say {message} 5' for message in may_not[:figures.by_length(3, None)]),
                   f'babble {figures.by_length(500, 10000)}'])


def a_door_admits_what_is_no_client():
    """Devices, files, listeners, sockets for datagrams, walls: as if they were clients from a known address."""
    with _peace('clients that are none', 'keyholder', 'nursery'):
        _doors_do([f'admit {figures.by_length(200, 5000)} {peer}' for peer in (lab.SERVER_ADDRESS, '127.0.0.1', '192.0.2.10')])


def a_door_lies_about_hellos():
    """Other people's attachments, from anywhere; and with other ports of this computer."""
    tunnel = records.open_tunnel(dtls=True)
    home, here = _ear(lab.HOME, lab.HOME_ADDRESS), _ear(lab.SERVER, '0.0.0.0')
    lies = (('192.0.2.10', lab.SERVER_ADDRESS, 443), (lab.HOME_ADDRESS, lab.SERVER_ADDRESS, 443), ('127.0.0.1', '127.0.0.1', 53),
            ('0.0.0.0', '0.0.0.0', 22), ('255.255.255.255', lab.SERVER_ADDRESS, 443))
    with _peace('lies about hellos', 'keyholder', 'nursery'):
        begin = len(lab.server_log())
        _doors_do([f'hello {figures.by_length(2000, 50000)} {peer} {PORT} {local} {port}' for peer, local, port in lies] +
                  [f'send {address} {PORT}' for address in (lab.HOME_ADDRESS, '127.0.0.1')])
        bound = {port: lab.run('ss', '-Hnu', f'( sport = :{port} )', namespace=lab.SERVER) for port in (53, 22)}
        lab.equal(bound, {53: '', 22: ''}, 'ports that main took for the door')
        figures.tell(ATTACK, 'lines of the log for lies about hellos', len(_said('no datagram socket', begin)), '< 20', 'lines')
        figures.tell(ATTACK, 'datagrams of a door that arrived at home or here', len(_heard(home) + _heard(here)), '== 0', 'datagrams')
        lab.holds(tunnel.ping(lab.HOME_ADDRESS), 'the tunnel of somebody else is dead')
    tunnel.close()

# SPDX-License-Identifier: GPL-2.0-or-later
"""What a flood is measured by: the flood itself (flood.c) from a network of its own, what the server spends and writes
meanwhile, and those who have a right to be there."""

import json
import os
import secrets
import subprocess
import threading
import time

import figures
import lab

PROGRAM = os.path.join(os.environ['LAB_BUILD'], 'tests/attack/flood')
NAMESPACE, NUMBER = 'attacker', 7
NEAR, FAR, NEAR6, FAR6 = f'192.0.{NUMBER}.1', f'192.0.{NUMBER}.10', '2001:db8:7::1', '2001:db8:7::10'
# From the networks that are set apart for measuring (RFC 2544, 5180); each flood takes a part that nobody had before it.
SOURCES, SOURCES6 = '198.18.0.0/15', '2001:2::/32'
SERVER_CPU, OTHERS_CPU = 0, 1


def add_attacker():
    """A customer of the internet to whom all those addresses lead back."""
    lab.add_client_namespace(NAMESPACE, NUMBER)
    for namespace, words in (
            (lab.ROUTER, f'addr add {NEAR6}/64 dev {NAMESPACE} nodad'), (NAMESPACE, f'addr add {FAR6}/64 dev eth0 nodad'),
            (NAMESPACE, f'route add default via {NEAR6}'),
            (NAMESPACE, f'route add local {SOURCES} dev lo'), (NAMESPACE, f'route add local {SOURCES6} dev lo'),
            (lab.ROUTER, f'route add {SOURCES} via {FAR}'), (lab.ROUTER, f'route add {SOURCES6} via {FAR6}')):
        lab.run('ip', '-n', namespace, *words.split())


def sources(pattern, number):
    """The options of flood for one of the patterns, of which the number-th flood has its own."""
    if pattern == 'one address':
        return ['--sources', f'198.19.{number}.1/32', '--count', '1'], lab.SERVER_ADDRESS
    if pattern == '4 096 addresses':
        return ['--sources', f'198.18.{number % 16 * 16}.0/20'], lab.SERVER_ADDRESS
    return ['--sources', f'2001:2:{number:x}::/48'], f'[{lab.SERVER_ADDRESS6}]'


class Flood:
    """One that runs.  It tells each second how far it got."""

    def __init__(self, kind, seconds, options, address, port=None):
        command = ['ip', 'netns', 'exec', NAMESPACE, PROGRAM, '--kind', kind, '--seconds', str(seconds), '--progress', *options,
                   f'{address}:{port or lab.PORT}']
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.told = [(time.monotonic(), {})]
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def _listen(self):
        for line in self.process.stdout:
            self.told.append((time.monotonic(), json.loads(line)))

    def begun(self, moment):
        """How many connections or datagrams there were by then."""
        before = max((told for told in self.told if told[0] <= moment), key=lambda told: told[0])
        after = min((told for told in self.told if told[0] > moment), key=lambda told: told[0], default=before)
        one, other = before[1].get('begun', 0), after[1].get('begun', 0)
        share = (moment - before[0]) / (after[0] - before[0]) if after is not before else 0
        return one + (other - one) * share

    def end(self, seconds=30):
        """Its last words."""
        lab.equal(self.process.wait(seconds), 0, 'the status of the flood')
        self.listener.join(5)
        return self.told[-1][1]

    def stop(self):
        self.process.kill()
        self.process.wait()


def start_bare_door(protocol, port, seconds):
    """Beside the server, and on its CPU."""
    pin = ['taskset', '-c', str(SERVER_CPU)] if os.cpu_count() > 1 else []
    program = os.path.join(os.path.dirname(PROGRAM), 'bare-door')
    return subprocess.Popen(['ip', 'netns', 'exec', lab.SERVER, *pin, program, protocol, str(port), str(seconds)],
                            stdout=subprocess.PIPE, text=True)


def traffic():
    """(packets, bytes) to the attacker and from it."""
    folder = '/sys/class/net/eth0/statistics'
    words = lab.run('cat', *(f'{folder}/{way}_{what}' for way in ('rx', 'tx') for what in ('packets', 'bytes')), namespace=NAMESPACE)
    numbers = [int(word) for word in words.split()]
    return numbers[:2], numbers[2:]


def server_tree():
    """The server's first process and all below it; our workers outlive the nursery that they come from."""
    parents = {}
    for name in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{name}/stat', encoding='ascii', errors='replace') as file:
                parents[int(name)] = int(file.read().rpartition(')')[2].split()[1])
        except OSError:
            continue
    tree, found = set(), set(map(int, os.environ.get('LAB_SERVER_PIDS', os.environ['LAB_SERVER_PID']).split()))
    while found:
        tree |= found
        found = {child for child, parent in parents.items() if parent in found} - tree
    if figures.OURS:
        import rooms
        tree |= set(rooms.processes())
    return tree


def separate_cpus(tree):
    """The server has a CPU of its own; whoever attacks and whoever is served share the other."""
    if os.cpu_count() < 2 or not figures.LONG:
        return
    for name in filter(str.isdigit, os.listdir('/proc')):
        cpu = SERVER_CPU if int(name) in tree else OTHERS_CPU
        subprocess.run(['taskset', '-acp', str(cpu), name], check=False, capture_output=True)


class Group:
    """The server's processes as one control group, which knows what those spent that are no more."""

    MOUNTED = '/run/cgroup'

    def __init__(self):
        if not os.path.ismount(self.MOUNTED):
            os.makedirs(self.MOUNTED)
            lab.run('mount', '-t', 'cgroup2', 'none', self.MOUNTED)
        # Others see this name, too.
        self.path = f'{self.MOUNTED}/flood-{secrets.token_hex(8)}'
        os.mkdir(self.path)
        self.add(server_tree())

    def _move(self, process, path):
        try:
            with open(f'{path}/cgroup.procs', 'w', encoding='ascii') as file:
                file.write(str(process))
        except ProcessLookupError:
            pass  # ended meanwhile; its children are found again

    def add(self, tree):
        for process in tree:
            self._move(process, self.path)
        late = server_tree() - set(self.processes())
        if late:
            self.add(late)

    def processes(self):
        with open(f'{self.path}/cgroup.procs', encoding='ascii') as file:
            return [int(line) for line in file]

    def cpu(self):
        """Microseconds, of the living and the dead."""
        with open(f'{self.path}/cpu.stat', encoding='ascii') as file:
            return next(int(line.split()[1]) for line in file if line.startswith('usage_usec'))

    def memory(self):
        """kB of their own and their share of what is nobody's file: {program: (how many, kB)}"""
        found = {}
        for process in self.processes():
            try:
                with open(f'/proc/{process}/comm', encoding='ascii', errors='replace') as file:
                    name = file.read().strip()
                with open(f'/proc/{process}/smaps_rollup', encoding='ascii') as file:
                    size = next(int(line.split()[1]) for line in file if line.startswith('Pss_Anon:'))
            except (OSError, StopIteration):
                continue  # ended meanwhile
            count, total = found.get(name, (0, 0))
            found[name] = count + 1, total + size
        return found

    def end(self):
        while processes := self.processes():
            for process in processes:
                self._move(process, self.MOUNTED)
        os.rmdir(self.path)


KEYHOLDER = 'sallyport-keyho'  # as the kernel cuts it
REST_SECONDS = 1.5


def keyholder_runs():
    """How often the room with the private key was on a CPU: it is for a signature, and for a worker that is made."""
    import rooms
    with open(f'/proc/{rooms.room("keyholder")}/schedstat', encoding='ascii') as file:
        return int(file.read().split()[2])


def wait_for_rest():
    """Until the keyholder, which writes a second later who came and went, has nothing left to do."""
    runs, since = keyholder_runs(), time.monotonic()

    def rests():
        nonlocal runs, since
        now = keyholder_runs()
        if now != runs:
            runs, since = now, time.monotonic()
        return time.monotonic() - since > REST_SECONDS

    lab.wait_until('a keyholder at rest', rests, 20)


def kilobytes(memory):
    """Without the room that hashes passwords: it takes 16 MB for one, and gives them back."""
    return sum(size for name, (_, size) in memory.items() if name != KEYHOLDER)


class Watch(threading.Thread):
    """How much memory the server takes at most, and how many lines it writes."""

    def __init__(self, group):
        super().__init__(daemon=True)
        self.group, self.over = group, threading.Event()
        self.began, self.lines = time.monotonic(), lab.server_log().count('\n')
        self.before = self.most = group.memory()
        self.hashing = 0
        self.start()

    def _look(self):
        seen = self.group.memory()
        self.most = max(self.most, seen, key=kilobytes)
        self.hashing = max(self.hashing, seen.get(KEYHOLDER, (0, 0))[1] - self.before.get(KEYHOLDER, (0, 0))[1])

    def run(self):
        while not self.over.wait(0.5):
            self._look()

    def stop(self):
        """(MB more than before at most, the same of the room that hashes passwords, lines a second)"""
        self.over.set()
        self.join()
        self._look()
        lines = lab.server_log().count('\n') - self.lines
        print(f'memory: {self.before} before, {self.most} at most', flush=True)
        grown = (kilobytes(self.most) - kilobytes(self.before)) / 1000
        return grown, self.hashing / 1000, lines / (time.monotonic() - self.began)


class Load:
    """Steady datagrams of payload through the tunnel, from the client to home."""

    SIZE = 1200

    def __init__(self, seconds, rate='100M', tcp=False):
        how = [] if tcp else ['--udp', '--length', str(self.SIZE), '--bandwidth', rate]
        self.tcp = tcp
        # iperf3 asks its server for the result over TCP, which may have to repeat itself.
        self.process = subprocess.Popen(
            ['ip', 'netns', 'exec', lab.CLIENT, 'iperf3', '--json', '--client', lab.HOME_ADDRESS,
             '--time', str(max(round(seconds), 1)), *how], stdout=subprocess.PIPE, text=True)
        self.patience = seconds + 30

    def result(self):
        """Percent lost; of TCP, megabits a second."""
        try:
            told = json.loads(self.process.communicate(timeout=self.patience)[0])
        except subprocess.TimeoutExpired:
            self.process.kill()
            told = {'error': f'no result within {self.patience} s', **json.loads(self.process.communicate()[0] or '{}')}
        if 'error' in told and not figures.OURS:
            print(f'iperf3: {told["error"]}', flush=True)  # its own connection did not survive either
            return 0 if self.tcp else 100
        lab.holds('sum' in told.get('end', {}) or 'sum_received' in told.get('end', {}), f'iperf3: {told.get("error")}')
        return told['end']['sum_received']['bits_per_second'] / 1e6 if self.tcp else told['end']['sum']['lost_percent']


def p95(seconds):
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]


class Logins(threading.Thread):
    """Somebody who may signs in again and again; `sign_in` returns how long it took, or None."""

    def __init__(self, sign_in, pause):
        super().__init__(daemon=True)
        self.sign_in, self.pause = sign_in, pause
        self.over, self.took, self.refused, self.broken = threading.Event(), [], 0, None
        self.start()

    def run(self):
        try:
            while not self.over.is_set():
                seconds = self.sign_in()
                if seconds is None:
                    self.refused += 1
                else:
                    self.took.append(seconds)
                self.over.wait(self.pause)
        except Exception as error:  # pylint: disable=broad-except
            self.broken = error

    def stop(self):
        self.over.set()
        self.join(60)
        if self.broken is not None:
            raise self.broken
        lab.holds(not self.is_alive(), 'a login goes on for ever')
        lab.holds(self.took or self.refused, 'nobody tried to sign in')

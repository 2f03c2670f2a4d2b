# SPDX-License-Identifier: GPL-2.0-or-later
"""The processes of the lab's server, whichever product it is: what they spend, what they hold, where they run."""

import os
import secrets
import signal
import subprocess
import time

import lab

PRODUCT = os.environ.get('LAB_PRODUCT', 'sallyport')
IS_OURS = PRODUCT == 'sallyport'
SERVER_CPU, OTHERS_CPU = 0, 1
SYSTEM_CALLS = 'raw_syscalls:sys_enter'


def numbers():
    return [int(name) for name in os.listdir('/proc') if name.isdigit()]


def tree():
    """The server's first processes and all below them; our workers outlive the nursery that they come from."""
    parents = {}
    for process in numbers():
        try:
            with open(f'/proc/{process}/stat', encoding='ascii', errors='replace') as file:
                parents[process] = int(file.read().rpartition(')')[2].split()[1])
        except OSError:
            continue  # ended meanwhile
    seen, found = set(), set(map(int, os.environ.get('LAB_SERVER_PIDS', os.environ['LAB_SERVER_PID']).split()))
    while found:
        seen |= found
        found = {child for child, parent in parents.items() if parent in found} - seen
    if IS_OURS:
        import rooms
        seen |= set(rooms.processes())
    return seen


def memory_of(processes):
    """(PSS, USS) in kB"""
    proportional = own = 0
    for process in processes:
        try:
            with open(f'/proc/{process}/smaps_rollup', encoding='ascii') as file:
                sizes = {line.split(':')[0]: int(line.split()[1]) for line in file if line.endswith('kB\n')}
        except OSError:
            continue  # ended meanwhile
        proportional += sizes.get('Pss', 0)
        own += sizes.get('Private_Clean', 0) + sizes.get('Private_Dirty', 0)
    return proportional, own


class Group:
    """The server as one control group, which knows what those spent that are no more.  Whom it makes later belongs to it."""

    MOUNTED = '/run/cgroup'

    def __init__(self):
        if not os.path.ismount(self.MOUNTED):
            os.makedirs(self.MOUNTED)
            lab.run('mount', '-t', 'cgroup2', 'none', self.MOUNTED)
        # Others see this name, too.
        self.path = f'{self.MOUNTED}/bench-{secrets.token_hex(8)}'
        os.mkdir(self.path)
        while late := tree() - set(self.processes()):
            for process in late:
                self._move(process, self.path)

    @staticmethod
    def _move(process, path):
        try:
            with open(f'{path}/cgroup.procs', 'w', encoding='ascii') as file:
                file.write(str(process))
        except ProcessLookupError:
            pass  # ended meanwhile

    def processes(self):
        with open(f'{self.path}/cgroup.procs', encoding='ascii') as file:
            return [int(line) for line in file]

    def cpu_seconds(self):
        with open(f'{self.path}/cpu.stat', encoding='ascii') as file:
            return next(int(line.split()[1]) for line in file if line.startswith('usage_usec')) / 1e6

    def memory(self):
        return memory_of(self.processes())

    def end(self):
        while processes := self.processes():
            for process in processes:
                self._move(process, self.MOUNTED)
        os.rmdir(self.path)


class Spending:
    """with Spending(group) as spent: … ; then spent.seconds"""

    def __init__(self, group):
        self.group, self.seconds = group, 0.0

    def __enter__(self):
        self.seconds = -self.group.cpu_seconds()
        return self

    def __exit__(self, *_):
        self.seconds += self.group.cpu_seconds()


def _move(process, cpus):
    try:
        for thread in os.listdir(f'/proc/{process}/task'):
            os.sched_setaffinity(int(thread), cpus)
    except OSError:
        pass  # ended meanwhile


def separate_cpus(group):
    """The server has one for itself; clients, home and whoever measures share the other."""
    if os.cpu_count() < 2:
        return
    ours = set(group.processes())
    for process in numbers():
        _move(process, {SERVER_CPU} if process in ours else {OTHERS_CPU})


def share_cpus():
    for process in numbers():
        _move(process, set(range(os.cpu_count())))


class CallCounter:
    """System calls of the whole server, counted where they arrive, which costs it next to nothing."""

    def __init__(self, group):
        subprocess.run(['mount', '-t', 'tracefs', 'tracefs', '/sys/kernel/tracing'], check=False, capture_output=True)
        self.perf = subprocess.Popen(['perf', 'stat', '--field-separator', ',', '-e', SYSTEM_CALLS, '-p',
                                      ','.join(map(str, group.processes()))], stderr=subprocess.PIPE, text=True)
        time.sleep(0.5)  # perf does not tell when it has begun; the transfer is long
        lab.holds(self.perf.poll() is None, 'perf cannot count system calls here')

    def stop(self):
        self.perf.send_signal(signal.SIGINT)
        words = self.perf.communicate(timeout=20)[1]
        return sum(int(line.split(',')[0]) for line in words.splitlines() if SYSTEM_CALLS in line)

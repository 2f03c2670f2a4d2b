#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""measure.py MEGABYTES: in a lab, what its server spends on moving data; JSON lines on standard output.

For each path (dtls, tls) and direction (up, down): CPU seconds of the server's whole process tree, by
/proc/PID/task/*/schedstat, over one transfer; then, over another, its system calls, counted by the
kernel (perf) or else by strace, which slows the server down.  The server has a CPU of its own if
there are two; kernel work inside its system calls counts as its own.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../netns'))

import lab  # noqa: E402
from client import Client  # noqa: E402

SERVER_CPU, OTHERS_CPU = 0, 1
SYSTEM_CALLS = 'raw_syscalls:sys_enter'


def server_tree():
    """The server's first process and all below it."""
    parents = {}
    for name in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{name}/stat', encoding='ascii', errors='replace') as file:
                parents[int(name)] = int(file.read().rpartition(')')[2].split()[1])
        except OSError:
            continue
    tree, found = set(), {int(os.environ['LAB_SERVER_PID'])}
    while found:
        tree |= found
        found = {child for child, parent in parents.items() if parent in found} - tree
    return tree


def cpu_seconds(tree):
    nanoseconds = 0
    for process in tree:
        for thread in os.listdir(f'/proc/{process}/task'):
            with open(f'/proc/{process}/task/{thread}/schedstat', encoding='ascii') as file:
                nanoseconds += int(file.read().split()[0])
    return nanoseconds / 1e9


def separate_cpus():
    if os.cpu_count() < 2:
        return
    tree = server_tree()
    for name in filter(str.isdigit, os.listdir('/proc')):
        cpu = SERVER_CPU if int(name) in tree else OTHERS_CPU
        subprocess.run(['taskset', '-acp', str(cpu), name], check=False, capture_output=True)


def tunnel_packets():
    counts = lab.run('cat', '/sys/class/net/tun0/statistics/rx_packets', '/sys/class/net/tun0/statistics/tx_packets',
                     namespace=lab.CLIENT)
    return sum(map(int, counts.split()))


def transfer(direction, megabytes):
    """One TCP stream of so many bytes; returns how many arrived, and how fast."""
    options = ['--reverse'] if direction == 'down' else []
    words = lab.run('iperf3', '--json', '--client', lab.HOME_ADDRESS, '--bytes', f'{megabytes}M', *options,
                    namespace=lab.CLIENT, timeout=300)
    received = json.loads(words)['end']['sum_received']
    return received['bytes'], received['bits_per_second']


class KernelCounter:
    """System calls counted where they arrive: costs the server next to nothing."""

    def __init__(self, tree):
        subprocess.run(['mount', '-t', 'tracefs', 'tracefs', '/sys/kernel/tracing'], check=False, capture_output=True)
        self.perf = subprocess.Popen(['perf', 'stat', '--field-separator', ',', '-e', SYSTEM_CALLS, '-p',
                                      ','.join(map(str, tree))], stderr=subprocess.PIPE, text=True)
        time.sleep(0.5)  # perf does not tell when it has begun; the transfer is long
        if self.perf.poll() is not None:
            raise OSError('perf cannot count here')

    def stop(self):
        self.perf.send_signal(signal.SIGINT)
        words = self.perf.communicate(timeout=20)[1]
        return sum(int(line.split(',')[0]) for line in words.splitlines() if SYSTEM_CALLS in line)


class TracingCounter:
    def __init__(self, tree):
        command = ['strace', '-f', '-c', '-o', '/run/calls', *(word for process in tree for word in ('-p', str(process)))]
        self.tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        for _ in tree:
            self.tracer.stderr.readline()

    def stop(self):
        self.tracer.terminate()
        self.tracer.wait(20)
        with open('/run/calls', encoding='ascii') as file:
            return int(re.search(r'^100\.00\s+\S+\s+(?:\S+\s+)?(\d+)\s.*total$', file.read(), re.MULTILINE).group(1))


def counter(tree):
    try:
        return KernelCounter(tree)
    except OSError:
        return TracingCounter(tree)


def measure(path, direction, megabytes):
    tree = server_tree()
    before = cpu_seconds(tree)
    moved, speed = transfer(direction, megabytes)
    spent = cpu_seconds(tree) - before
    counting, packets = counter(tree), tunnel_packets()
    transfer(direction, megabytes)
    packets = tunnel_packets() - packets
    calls = counting.stop()
    print(json.dumps({'path': path, 'direction': direction, 'cpu_s_per_gb': spent / (moved / 1e9), 'gbit_s': speed / 1e9,
                      'calls_per_packet': calls / packets, 'packets': packets, 'counted_by': type(counting).__name__}),
          flush=True)


def main(megabytes):
    separate_cpus()
    for path, options in (('dtls', []), ('tls', ['--no-dtls'])):
        client = Client(*options).wait_connected()
        if path == 'dtls':
            client.wait_dtls()
        separate_cpus()
        for direction in ('up', 'down'):
            measure(path, direction, megabytes)
        client.disconnect()


if __name__ == '__main__':
    main(int(sys.argv[1]))

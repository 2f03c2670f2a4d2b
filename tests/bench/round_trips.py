# SPDX-License-Identifier: GPL-2.0-or-later
"""Pings through a tunnel whose server has a CPU for itself, and what is kept of them."""

import contextlib
import re
import statistics

import measuring

import lab
import server
import tunnels

INTERVAL = 0.005
KINDS = ('load datagrams', 'stock datagrams', 'stock stream')


def kinds():
    """Of those the ones that this product has."""
    return [kind for kind in KINDS if kind in tunnels.KINDS[server.PRODUCT]]


@contextlib.contextmanager
def separate_tunnel(kind):
    tunnel, group = tunnels.open_tunnel(kind), server.Group()
    server.separate_cpus(group)
    yield
    tunnel.close()
    group.end()


def ping(count):
    """Milliseconds; what is lost is none of them."""
    words = lab.run('ping', '-i', str(INTERVAL), '-c', str(count), '-W', '1', lab.HOME_ADDRESS, namespace=lab.CLIENT, check=False)
    times = [float(time_) for time_ in re.findall(r'time=([0-9.]+) ms', words)]
    lab.holds(len(times) > count / 2, f'{len(times)} of {count} answers')
    return times


def keep(found, name, *runs):
    """Of a percentile of each run the median."""
    for word, part in (('p50', 0.5), ('p99', 0.99)):
        found[f'{name} {word}'] = statistics.median(measuring.percentile(times, part) for times in runs)

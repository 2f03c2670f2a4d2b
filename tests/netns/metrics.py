# SPDX-License-Identifier: GPL-2.0-or-later
"""What the server counts, as Prometheus fetches it."""

import os
import re
import socket

import lab
import rooms
from client import Client
from portal import Portal

URL = 'http://127.0.0.1:9464/metrics'


def fetch(url=URL, *options, check=True):
    return lab.run('curl', '--silent', '--show-error', '--max-time', '10', *options, url, namespace=lab.SERVER, check=check)


def value(name):
    """Of a metric, with its label if it has one."""
    line, = [line for line in fetch().splitlines() if line.startswith(f'sallyport_{name} ')]
    return float(line.split()[-1])


def prometheus_reads_what_the_server_counts():
    """LAB_SETTINGS: metered."""
    head = fetch(URL, '--include')
    lab.holds(head.startswith('HTTP/1.1 200 ') and 'text/plain; version=0.0.4' in head, head[:300])
    lab.equal(fetch('http://[::1]:9465/metrics').splitlines()[0], fetch().splitlines()[0], 'the other address')
    lab.equal(value('sessions{state="connected"}'), 0, 'sessions')
    lab.holds(value('certificate_expiry_time_seconds') > value('start_time_seconds') > 1.7e9, 'moments')
    client = Client().wait_connected().wait_dtls()
    client.fetch('upload', '--upload-file', '/usr/bin/openssl')
    lab.equal([value('sessions{state="connected"}'), value('connected_users'), value('users')], [1, 1, 1], 'people')
    lab.wait_until('bytes', lambda: value('received_bytes_total') > 500_000)
    lab.equal(value('logins_total'), 1, 'sign-ins')
    lab.equal(value('handshakes_total{channel="dtls"}'), 1, 'DTLS')
    portal = Portal()
    portal.begin()
    portal.try_password('wrong')
    lab.equal(value('refused_logins_total{reason="wrong-password"}'), 1, 'refused sign-ins')
    rooms.kill_room('door')
    lab.wait_until('another door', lambda: re.search(r'restarts_total\{room="door"\} 1', fetch(check=False)))
    lab.holds(os.environ['LAB_USER'] not in fetch(), 'somebody is named')
    client.disconnect()
    lab.wait_until('the end', lambda: value('sessions{state="connected"}') == 0)


def metrics_are_for_this_computer_alone():
    """LAB_SETTINGS: metered."""
    for address in (lab.SERVER_ADDRESS, '192.168.50.1'):
        with lab.inside(lab.CLIENT if address == lab.SERVER_ADDRESS else lab.HOME):
            try:
                socket.create_connection((address, 9464), timeout=3).close()
                raise AssertionError(f'{address} answers')
            except OSError:
                pass
    lab.holds('404' in fetch('http://127.0.0.1:9464/', '--include'), 'another path is answered')

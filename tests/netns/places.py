# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the server answers: several addresses and ports, and devices."""

import re

import lab
from client import Client

GATE_ADDRESS = '192.168.50.1'


def _places_of_datagrams():
    """Where the server's connected UDP sockets are."""
    lines = lab.run('ss', '-Hun', 'state', 'established', namespace=lab.SERVER).splitlines()
    return [re.sub(r'%[^\]:]*|\[::ffff:|[\[\]]', '', line.split()[2]) for line in lines]


def _answers(address, namespace):
    return lab.succeeds('curl', '--silent', '--insecure', '--max-time', '5', f'https://{address}', namespace=namespace)


def _works_at(host, port):
    client = Client(url=f'https://{f"[{host}]" if ":" in host else host}:{port}').wait_connected().wait_dtls()
    client.fetch('peer')
    lab.wait_until(f'datagrams at {host}, port {port}', lambda: f'{host}:{port}' in _places_of_datagrams())
    client.disconnect()
    lab.wait_until('the end of the session', lambda: not lab.sessions())


def the_server_answers_at_more_addresses_and_ports():
    """LAB_SETTINGS: places."""
    for host, port in ((lab.SERVER_ADDRESS, 443), (lab.SERVER_ADDRESS, 8443), (lab.SERVER_ADDRESS6, 443),
                       (lab.SERVER_ADDRESS6, 993)):
        _works_at(host, port)
    lab.holds(not _answers(f'{lab.SERVER_ADDRESS}:993', lab.CLIENT), 'IPv4 answers at the port of IPv6')
    lab.holds(not _answers(GATE_ADDRESS, lab.HOME), 'another address answers at the first port')
    lab.holds(_answers(f'{GATE_ADDRESS}:4443', lab.HOME), 'the address at home does not answer')


def a_place_that_is_not_there_is_refused_by_its_key():
    lab.control('config', 'set', 'also-listen=192.0.2.77:8443')
    lab.control('stop')
    words = lab.run('sh', '-c', 'sallyportctl start 2>&1', check=False)
    lab.holds('[server] also-listen: ' in words and '192.0.2.77:8443' in words, words)
    lab.control('config', 'set', 'also-listen=none', 'listen-device=eth9')
    words = lab.run('sh', '-c', 'sallyportctl start 2>&1', check=False)
    lab.holds('[server] listen-device: ' in words and 'eth9' in words, words)
    lab.control('config', 'set', 'listen-device=')
    lab.control('start')
    Client().wait_connected().disconnect()


def who_comes_by_another_device_does_not_reach_the_server():
    """LAB_SETTINGS: device."""
    _works_at(lab.SERVER_ADDRESS, 443)
    lab.holds(not _answers(GATE_ADDRESS, lab.HOME), 'the other device answers')
    lab.holds(not _answers(lab.SERVER_ADDRESS, lab.HOME), 'the other device answers for the address of this one')

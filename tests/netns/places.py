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
    """Of a server that is on already when it is written."""
    words = lab.run('sh', '-c', 'sallyportctl config set also-listen=192.0.2.77:8443 2>&1', check=False)
    lab.holds('[server] also-listen: ' in words and '192.0.2.77:8443' in words, words)
    lab.equal(lab.control('config', 'get', 'also-listen').strip(), 'none', 'the setting')
    lab.control('stop')
    lab.control('config', 'set', 'also-listen=192.0.2.77:8443')
    words = lab.run('sh', '-c', 'sallyportctl start 2>&1', check=False)
    lab.holds('[server] also-listen: ' in words and '192.0.2.77:8443' in words, words)
    lab.control('config', 'set', 'also-listen=none', 'listen-device=eth9')
    words = lab.run('sh', '-c', 'sallyportctl start 2>&1', check=False)
    lab.holds('[server] listen-device: ' in words and 'eth9' in words, words)
    lab.control('config', 'set', 'listen-device=')
    lab.control('start')
    Client().wait_connected().disconnect()


def the_server_answers_elsewhere_at_once():
    """Also where the new place is a part of the one before, or the other way round."""
    client = Client().wait_connected().wait_dtls()
    for settings, at_home, more in (
            ((f'listen-addresses={lab.SERVER_ADDRESS}',), False, False),
            (('listen-addresses=all', 'also-listen=*:4443', 'metrics=127.0.0.1:9464'), True, True),
            (('listen-device=wan', 'also-listen=none', 'metrics=off'), False, False)):
        lab.equal(lab.control_json('config', 'set', *settings)['restart-needed'], [], 'what needs a restart')
        lab.holds(_answers(lab.SERVER_ADDRESS, lab.CLIENT), f'no answer with {settings}')
        lab.equal(_answers(GATE_ADDRESS, lab.HOME), at_home, f'answer at home with {settings}')
        lab.equal(_answers(f'{lab.SERVER_ADDRESS}:4443', lab.CLIENT), more, f'answer at the other port with {settings}')
        lab.equal(lab.succeeds('curl', '--silent', '--fail', '--max-time', '5', 'http://127.0.0.1:9464/metrics', namespace=lab.SERVER), more,
                  f'metrics with {settings}')
        client.fetch('peer')
    lab.equal((client.count('Got CONNECT response'), client.count('Established DTLS')), (1, 1), 'connections and datagram channels')
    client.disconnect()
    lab.wait_until('the end of the session', lambda: not lab.sessions())
    _works_at(lab.SERVER_ADDRESS, 443)


def who_comes_by_another_device_does_not_reach_the_server():
    """LAB_SETTINGS: device."""
    _works_at(lab.SERVER_ADDRESS, 443)
    lab.holds(not _answers(GATE_ADDRESS, lab.HOME), 'the other device answers')
    lab.holds(not _answers(lab.SERVER_ADDRESS, lab.HOME), 'the other device answers for the address of this one')

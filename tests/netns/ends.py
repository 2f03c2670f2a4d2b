# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of stopping: nothing of the server stays in the machine's network."""

import os
import signal
import subprocess

import lab
import rooms
from client import Client
from reconnects import CONNECTED

FORWARDING = ('/proc/sys/net/ipv4/ip_forward', '/proc/sys/net/ipv6/conf/all/forwarding')


def network():
    """What a stopped server must have left as it found it."""
    read = '; '.join(f'for f in {where}; do echo $f $(cat $f); done' for where in (
        ' '.join(FORWARDING), '/proc/sys/net/ipv[46]/conf/*/forwarding', '/proc/sys/net/ipv6/conf/*/accept_ra'))
    return {'links': lab.run('ip', '-o', 'link', namespace=lab.SERVER),
            'addresses': lab.run('ip', '-o', 'addr', namespace=lab.SERVER),
            'routes': lab.run('ip', 'route', 'show', 'table', 'all', namespace=lab.SERVER),
            'rules': lab.run('ip', 'rule', namespace=lab.SERVER),
            'firewall': lab.run('nft', 'list', 'ruleset', namespace=lab.SERVER),
            'forwarding': lab.run('sh', '-c', read, namespace=lab.SERVER)}


def same_network(before, after):
    for name, text in before.items():
        lab.equal(after[name], text, name)


def stopping_puts_the_network_back_and_starting_brings_clients_home_again():
    lab.control('stop')
    quiet = network()
    lab.holds('sallyport' not in quiet['firewall'] and 'sally' not in quiet['links'], f'something stayed: {quiet}')
    lab.control('start')
    client = Client().wait_connected().wait_dtls()
    lab.holds('sallyport' in network()['firewall'], 'the firewall has no table of ours while on')
    lab.control('stop')
    same_network(quiet, network())
    lab.equal(client.wait_exit(), 1, 'status of openconnect')
    lab.control('start')
    Client().wait_connected()


def ending_the_daemon_puts_the_network_back():
    client = Client().wait_connected().wait_dtls()
    os.kill(rooms.main(), signal.SIGTERM)
    lab.wait_until('the end of all processes', lambda: not rooms.processes(), 20)
    after = network()
    lab.holds('sallyport' not in after['firewall'] and 'sally' not in after['links'], f'something stayed: {after}')
    lab.holds('ip_forward 0' in after['forwarding'], after['forwarding'])
    lab.holds(client.process.poll() is None, 'the client was sent away instead of dropped')


def what_a_killed_daemon_left_the_next_start_clears_away():
    lab.control('stop')
    quiet = network()
    lab.control('start')
    client = Client().wait_connected().wait_dtls()
    rooms.kill(rooms.main())
    lab.wait_until('the end of its rooms', lambda: not rooms.processes(), 10)
    server = subprocess.Popen([os.environ['LAB_START_SERVER']])
    # Its client comes back by itself, with its cookie, to the same address.
    addresses = client.addresses()
    client.wait_for_line(CONNECTED, 60, times=2)
    client.fetch('peer')
    lab.equal(client.addresses(), addresses, 'addresses')
    lab.control('stop')
    same_network(quiet, network())
    server.terminate()
    server.wait(20)

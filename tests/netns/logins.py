# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of coming home: by password, over either path, and of not getting in."""

import os
import subprocess

import lab
from client import Client
from portal import Portal


def _routes_and_names_arrive(client):
    equal, namespace = lab.equal, client.namespace
    equal(client.fetch('peer').strip(), '192.168.50.1', 'address that the home host sees')

    def names():
        with open(f'/etc/netns/{namespace}/resolv.conf', encoding='ascii') as file:
            return {lab.HOME_ADDRESS, 'home.test'} <= set(file.read().split())

    lab.wait_until('name server and domain', names)
    way = lab.run('ip', '-n', namespace, 'route', 'get', os.environ['LAB_INTERNET_ADDRESS'])
    lab.holds('dev eth0' in way, f'the rest of the internet goes through the tunnel too: {way}')


def a_password_opens_the_way_home_over_dtls():
    client = Client().wait_connected().wait_dtls()
    _routes_and_names_arrive(client)
    lab.wait_until('the session on DTLS', lambda: [s['transport'] for s in lab.sessions()] == ['dtls'])
    lab.equal(client.disconnect(), 0, 'status of openconnect')
    lab.wait_until('the end of the session', lambda: lab.sessions() == [])


def a_password_opens_the_way_home_over_tls():
    client = Client('--no-dtls').wait_connected()
    _routes_and_names_arrive(client)
    lab.equal([s['transport'] for s in lab.sessions()], ['tls'], 'transports')
    lab.equal(client.disconnect(), 0, 'status of openconnect')


def tls_1_2_is_as_good():
    client = Client('--gnutls-priority', 'NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-DTLS1.2').wait_connected().wait_dtls()
    lab.equal(client.count(r'ciphersuite \(TLS1\.2\)'), 1, 'TLS 1.2 connections')
    client.fetch('peer')


def the_certificate_is_good_for_who_trusts_the_authority():
    options = ['--cafile', os.environ['LAB_CA'], '--no-system-trust']
    command = ['ip', 'netns', 'exec', lab.CLIENT, 'openconnect', '--authenticate', '--non-inter', *options,
               '--user', os.environ['LAB_USER'], '--passwd-on-stdin', os.environ['LAB_URL']]
    with open(os.environ['LAB_PASSWORD_FILE'], encoding='ascii') as secret:
        done = subprocess.run(command, stdin=secret, capture_output=True, text=True, check=False, timeout=30)
    lab.equal(done.returncode, 0, f'status of openconnect ({done.stderr})')
    lab.holds('verify failed' not in done.stdout + done.stderr, done.stderr)


def the_server_is_reached_over_ipv6():
    client = Client(url=f'https://[{lab.SERVER_ADDRESS6}]').wait_connected().wait_dtls()
    lab.equal(client.fetch('peer').strip(), '192.168.50.1', 'address that the home host sees')


def ipv6_works_inside_the_tunnel():
    client = Client().wait_connected(destination=lab.HOME_ADDRESS6)
    lab.equal(client.fetch('peer', host=lab.HOME_ADDRESS6).strip(), '2001:db8:50::1', 'address that the home host sees')
    expected = client.fetch('200M.bin.sha256', host=lab.HOME_ADDRESS6).strip()
    client.fetch('200M.bin', '--output', '/run/download', host=lab.HOME_ADDRESS6)
    lab.equal(lab.run('sha256sum', '/run/download').split()[0], expected, 'checksum')


def a_banner_is_shown_when_the_tunnel_is_up():
    """LAB_SETTINGS: banner."""
    client = Client().wait_connected()
    client.wait_for_line(r'Connect Banner:\n\| Mind the gap: \'§\' & \$HOME')
    client.fetch('peer')


def everything_goes_through_a_full_tunnel():
    """LAB_SETTINGS: routes = all."""
    internet, internet6 = os.environ['LAB_INTERNET_ADDRESS'], os.environ['LAB_INTERNET_ADDRESS6']
    client = Client().wait_connected(destination=internet).wait_dtls()
    lab.equal(client.fetch('peer', host=internet).strip(), lab.SERVER_ADDRESS, 'address that the internet sees')
    lab.equal(client.fetch('peer', host=internet6).strip(), lab.SERVER_ADDRESS6, 'address that the internet sees')
    lab.equal(client.fetch('peer').strip(), '192.168.50.1', 'address that the home host sees')


def a_wrong_password_gets_a_new_form_and_after_three_a_denial():
    portal = Portal()
    portal.begin()
    for _ in range(2):
        answer = portal.try_password('wrong')
        lab.equal(answer.status, 200, 'status')
        lab.holds(b'<form' in answer.body and b'id="success"' not in answer.body, answer.body)
    lab.equal(portal.try_password('wrong').status, 401, 'status')
    lab.holds(portal.is_closed(), 'the connection stays open after the denial')
    # The real client, with the same wrong password again and again, ends by itself.
    client = Client(password='wrong')
    lab.holds(client.wait_exit(60) != 0, 'openconnect ended as if all were well')
    lab.equal(client.count('Got CONNECT response'), 0, 'tunnels')
    # And the right one opens, from the same address.
    Client().wait_connected()

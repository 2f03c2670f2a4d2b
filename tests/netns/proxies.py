# SPDX-License-Identifier: GPL-2.0-or-later
"""A proxy in front of the server: HAProxy on the router, at the address that the client's network has for it."""

import http.client
import os

import lab
from client import Client
from portal import Portal

PROXY = '192.0.2.1'
ADDRESS = os.environ['LAB_CLIENT_ADDRESS']
CONFIGURATION = '''
defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
frontend vpn
  bind {proxy}:443
  default_backend servers
backend servers
  server one {server}:443 send-proxy-v2 check inter 200ms check-send-proxy
'''.format(proxy=PROXY, server=lab.SERVER_ADDRESS)


def start_proxy(namespace=lab.ROUTER, configuration=CONFIGURATION):
    path = '/run/haproxy.conf'
    with open(path, 'w', encoding='ascii') as file:
        file.write(configuration)
    lab.run('ip', 'netns', 'exec', namespace, 'haproxy', '-D', '-f', path)
    lab.wait_until('the proxy', lambda: lab.succeeds('curl', '--silent', '--insecure', '--max-time', '2', f'https://{PROXY}',
                                                     namespace=lab.CLIENT))


def who_comes_through_a_proxy_is_seen_at_their_own_address():
    """LAB_SETTINGS: proxied."""
    start_proxy()
    client = Client(url=f'https://{PROXY}').wait_connected()
    client.fetch('peer')
    session, = lab.sessions()
    lab.equal(session['remote-address'].rpartition(':')[0] or session['remote-address'], ADDRESS, 'where the client is')
    lab.equal(client.count('X-DTLS-'), 0, 'offers of a fast channel')
    client.disconnect()
    Client().wait_connected().wait_dtls().disconnect()
    lab.holds(not lab.succeeds('curl', '--silent', '--insecure', '--max-time', '5', f'https://{lab.SERVER_ADDRESS}',
                               namespace=lab.ROUTER), 'the proxy is served without a header')
    lab.holds('does not begin with a PROXY header' in lab.server_log(), 'the log says nothing of that')
    lab.control('config', 'set', 'proxies=none')
    lab.holds(not lab.succeeds('curl', '--silent', '--insecure', '--max-time', '5', f'https://{PROXY}', namespace=lab.CLIENT),
              'a header is read from who is no proxy')


def wrong_passwords_through_a_proxy_keep_out_who_gave_them_alone():
    """LAB_SETTINGS: proxied."""
    other = lab.add_client_namespace('neighbour', 9)
    start_proxy()
    portal = Portal(address=PROXY)
    portal.begin()
    for _ in range(3):
        try:
            portal.try_password('wrong', login='mallory')
        except (OSError, http.client.HTTPException):
            break
    ban, = lab.wait_until('the ban', lambda: lab.control_json('ban', 'list')['bans'])
    lab.equal(ban['address'], ADDRESS, 'who is banned')
    lab.holds(Client(url=f'https://{PROXY}').wait_exit(60) != 0, 'who is banned gets in through the proxy')
    Client(url=f'https://{PROXY}', namespace=other).wait_connected().disconnect()

# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of how an owner learns whether people reach the server from outside."""

import json
import subprocess

import lab
import records
from client import Client
from invitations import IPHONE, Answer, Page

FORWARDED = '203.0.113.80'  # the router's own address, from which it forwards the port
HOME_SIDE = '192.168.50.1'  # the server's, in the home network
PORT_CLOSED = 24  # sallyportctl's status


def known():
    return json.loads(lab.run('sallyportctl', 'reachability', '--json', check=False))['reachability']


def health():
    return {entry['id']: entry for entry in json.loads(lab.run('sallyportctl', 'check', '--json', check=False))['health']}


def link(*options):
    return lab.control_json('reachability', 'test', *options)['link']


def opened(url, *options, namespace=lab.CLIENT, language='en'):
    done = subprocess.run(['ip', 'netns', 'exec', namespace, 'curl', '--silent', '--insecure', '--include', '--http1.1', '--max-time', '15',
                           '--user-agent', IPHONE, '--header', f'Accept-Language: {language}', *options, url],
                          check=True, stdout=subprocess.PIPE, timeout=60)
    return Answer(done.stdout)


def forward_the_port():
    """What people set up in their router."""
    rules = ['add table ip forwarding', 'add chain ip forwarding before { type nat hook prerouting priority dstnat; }',
             f'add rule ip forwarding before ip daddr {FORWARDED} tcp dport {lab.PORT} dnat to {lab.SERVER_ADDRESS}']
    lab.run('nft', '-f', '-', namespace=lab.ROUTER, input='\n'.join(rules) + '\n')


def a_link_that_is_opened_from_outside_proves_that_the_server_is_reached():
    lab.equal(known()['verdict'], 'not-tested', 'verdict')
    forward_the_port()
    url = link('--at', FORWARDED)
    lab.equal(known()['verdict'], 'waiting', 'verdict of a test that runs')
    nothing = opened(url[:url.index('/r/')] + '/').whole()
    wrong = url[:-1] + ('A' if url[-1] != 'A' else 'Q')
    for bad in (wrong, url + 'x', url[:-1]):
        lab.equal(opened(bad).whole(), nothing, f'answer to {bad}')
    lab.equal(opened(url, '--head').status, 404, 'status of a HEAD')
    lab.equal(known()['verdict'], 'waiting', 'verdict after wrong links')
    answer = opened(url, language='de-DE')
    lab.equal((answer.status, answer.header('Content-Type')), (200, 'text/html; charset=utf-8'), 'answer')
    lab.holds('von außen erreicht' in Page(answer.body).text, Page(answer.body).text)
    lab.holds(b'sallyport' not in (answer.head + answer.body).lower(), 'the page says who made it')
    lab.equal(known()['verdict'], 'reached', 'verdict')
    lab.holds(known()['opened-from'] in lab.run('ip', '-n', lab.CLIENT, 'addr'), known())
    lab.equal(opened(url).whole(), nothing, 'answer to a link that was used')
    lab.holds(url.rsplit('/', 1)[1] not in lab.server_log(), 'the token is in the log')
    lab.holds('not-reached' not in health(), health())
    # From this moment on a browser would get no answer, so there is nothing to test with.
    lab.control('config', 'set', 'name=vpn.test', 'name-gate=label')
    done = subprocess.run(['sallyportctl', 'reachability', 'test'], check=False, capture_output=True, text=True, timeout=60)
    lab.holds(done.returncode and 'name-gate = label' in done.stderr, done.stdout + done.stderr)


def a_link_that_is_opened_at_home_or_by_nobody_says_what_to_do():
    url = link('--valid', '600')
    host = url.removeprefix('https://').split('/')[0].rsplit(':', 1)[0]
    answer = opened(url, '--connect-to', f'{host}:{lab.PORT}:{HOME_SIDE}:{lab.PORT}', namespace=lab.HOME)
    lab.equal(answer.status, 200, 'status')
    lab.holds('home network' in Page(answer.body).text, Page(answer.body).text)
    lab.equal((known()['verdict'], known()['test'], known()['opened-from']), ('from-home', 'home', lab.HOME_ADDRESS), 'what is known')
    # The same link still proves it, once Wi-Fi is off.
    lab.equal(opened(url).status, 200, 'status outside')
    lab.equal(known()['verdict'], 'reached', 'verdict')
    # Later the router forwards nothing any more.
    lab.router_rules([f'tcp dport {lab.PORT} drop'])
    done = subprocess.run(['sallyportctl', 'reachability', 'test', '--valid', '5'], check=False, capture_output=True, text=True, timeout=60)
    lab.equal(done.returncode, PORT_CLOSED, done.stdout + done.stderr)
    lab.holds('port-closed: nobody reached the server from outside' in done.stdout, done.stdout)
    lab.holds(f'TCP {lab.PORT}' in done.stdout, done.stdout)
    lab.holds('not-reached' in health(), health())
    lab.router_rules([])
    late = done.stdout.split('\n', 1)[0]
    lab.equal(opened(late).status, 404, 'status of a link whose time is over')
    lab.equal(known()['verdict'], 'port-closed', 'verdict after it')


def a_client_from_outside_is_a_proof_and_a_shared_address_has_its_words():
    records.take_cookie()  # from here on its network is known, and may make many connections
    client = Client().wait_connected()
    lab.wait_until('the proof', lambda: known().get('udp-at'))
    lab.equal(known()['verdict'], 'reached', 'verdict')
    lab.equal(client.disconnect(), 0, 'status of openconnect')
    # Another provider, which has no address of its own for everybody.
    for command in ('addr add 100.64.7.2/24 dev wan', f'addr del {lab.SERVER_ADDRESS}/24 dev wan', 'route replace default via 100.64.7.1 dev wan'):
        lab.run('ip', '-n', lab.SERVER, *command.split())
    lab.wait_until('the verdict', lambda: known()['verdict'] == 'ipv6-only')
    # Who comes by IPv6 proves no more than that.
    lab.equal(opened(link('--at', lab.SERVER_ADDRESS6)).status, 200, 'status over IPv6')
    lab.equal((known()['test'], known()['verdict']), ('reached', 'ipv6-only'), 'what is known')
    lab.run('ip', '-n', lab.SERVER, '-6', 'route', 'del', 'default')
    lab.wait_until('the verdict', lambda: known()['verdict'] == 'shared-address')
    lab.holds('public IPv4 address' in known()['text'], known())
    lab.equal(health()['shared-address']['severity'], 'problem', 'severity')

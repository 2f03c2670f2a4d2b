# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of what is where on the sign-in page, and of the form of its answers."""

import os
import signal
import xml.etree.ElementTree as xml

import lab
import records
from client import read_password

POSTED = ['/', '/auth', '/VPN', '/?secret', '/family', '/family?a=b&c=/d', '/+webvpn+/index.html']
GOTTEN = ['/', '/?a=/b', '/auth', '/VPN', '/VPN/x', '/family', '/Our-family_2?a']
UNKNOWN = ['/favicon.ico', '/family/x', '/profiles/home.xml', '/CACHE/stc/1/index.html', '/+CSCOE+/logon.html', '//',
           '/../etc/passwd', '/VPNManifest.xmlx']
INIT = '<group-access>https://vpn.test</group-access>'
TYPES = ['application/xml; charset=utf-8', 'text/xml', 'application/x-www-form-urlencoded', 'text/plain', None]
MARK = {'X-Transcend-Version': '1'}  # of a VPN client, whatever it calls itself
ALWAYS = [('X-Transcend-Version', '1'), ('Cache-Control', 'no-store'), ('X-Content-Type-Options', 'nosniff'),
          ('X-Frame-Options', 'DENY')]


def get(connection, target, **headers):
    return connection.request('GET', target, {'Host': 'vpn.test', **MARK, **headers})


def root_of(answer):
    return xml.fromstring(answer.body).tag


def reply(connection, password, path='/auth', login=None):
    return connection.post_xml(path, 'auth-reply', f'<auth><username>{login or os.environ["LAB_USER"]}</username>'
                                                   f'<password>{password}</password></auth>')


def item_03_forms_are_where_clients_ask_for_them_and_nowhere_else():
    records.take_cookie()  # from here on its network is known, and may make many connections
    for path in POSTED:
        with records.connect() as connection:
            answer = connection.post_xml(path, 'init', INIT)
            lab.equal((answer.status, root_of(answer)), (200, 'config-auth'), f'answer to POST {path}')
            answer = reply(connection, read_password(), path)
            lab.holds(b'id="success"' in answer.body, f'POST {path} does not sign in: {answer.body}')
    for path in GOTTEN:
        with records.connect() as connection:
            answer = get(connection, path)
            lab.equal((answer.status, root_of(answer)), (200, 'auth'), f'answer to GET {path}')
            lab.holds(b'<form' in answer.body, answer.body)
    for path in UNKNOWN:
        with records.connect() as connection:
            answer = get(connection, path)
            lab.equal((answer.status, answer.values('Connection'), answer.values('Content-Type')),
                      (404, ['close'], ['text/html']), f'answer to GET {path}')
            lab.holds(b'<html>' in answer.body, f'answer to GET {path} has no page')
            lab.holds(connection.is_closed_within(10), f'the connection stays open after GET {path}')
    for method in ('PUT', 'DELETE', 'OPTIONS'):
        with records.connect() as connection:
            lab.equal(connection.request(method, '/', {'Host': 'vpn.test', **MARK}).status, 404, f'answer to {method}')


def item_04_answers_have_a_status_line_an_exact_length_and_a_body():
    with records.connect() as connection:
        for what, answer in (('the form', lambda: connection.post_xml('/', 'init', INIT)),
                             ('the legacy form', lambda: get(connection, '/')),
                             ('a form again', lambda: reply(connection, 'wrong')),
                             ('a document', lambda: get(connection, '/1/VPNManifest.xml')),
                             ('success', lambda: reply(connection, read_password()))):
            answer = answer()
            lab.holds(answer.head.startswith(b'HTTP/1.1 200 OK\r\n'), f'{what}: {answer.head}')
            lab.equal(answer.values('Content-Type'), ['text/xml; charset=utf-8'], f'type of {what}')
            lab.equal(answer.values('Content-Length'), [str(len(answer.body))], f'length of {what}')
            lab.holds(answer.body, f'{what} is empty')
            for name, value in ALWAYS:
                lab.equal(answer.values(name), [value], f'{name} of {what}')
            lab.holds(_is_silent(connection), f'more came than the length of {what} said')
    # As the request's version says, and its wish.
    with records.connect() as connection:
        connection.send(b'GET / HTTP/1.0\r\nHost: vpn.test\r\nX-Transcend-Version: 1\r\n\r\n')
        answer = connection.receive_answer()
        lab.holds(answer.head.startswith(b'HTTP/1.0 200 OK\r\n'), answer.head)
        lab.holds(connection.is_closed_within(10), 'the connection stays open after HTTP/1.0')
    for path, status in (('/1/VPNManifest.xml', 200), ('/favicon.ico', 404)):
        length = len(_on_its_own(lambda c, p=path: get(c, p)).body)
        with records.connect() as connection:
            connection.send(f'HEAD {path} HTTP/1.1\r\nHost: vpn.test\r\nX-Transcend-Version: 1\r\n\r\n'.encode())
            answer = connection.receive_answer(has_body=False)
            lab.equal((answer.status, answer.value('Content-Length')), (status, str(length)), f'answer to HEAD {path}')
            lab.holds(not connection.tls.receive(10) if status == 404 else _is_silent(connection), f'HEAD {path} has a body')


def _on_its_own(ask):
    with records.connect() as connection:
        return ask(connection)


def item_03_strangers_see_nothing_that_tells_what_this_is():
    records.take_cookie()
    browser = {'Host': 'vpn.test', 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'}
    asked = [*(('GET', path) for path in GOTTEN[::3] + UNKNOWN[::3] + ['/svc', '/1/VPNManifest.xml']),
             *(('POST', path) for path in POSTED[::3] + ['/svc']), ('PUT', '/'), ('OPTIONS', '*'), ('CONNECT', '/CSCOSSLC/tunnel')]

    def ask_all():
        answers = set()
        for method, path in asked:
            with records.connect() as connection:
                answer = connection.request(method, path, browser, INIT.encode() if method == 'POST' else b'')
                lab.holds(connection.is_closed_within(10), f'the connection stays open after {method} {path}')
                answers.add((answer.head, answer.body))
        lab.equal(len(answers), 1, f'different answers to strangers: {answers}')
        return answers.pop()
    head, body = ask_all()
    lab.holds(head.startswith(b'HTTP/1.1 404 Not Found\r\n') and body == b'Not Found\n', f'{head} {body}')
    for word in (b'transcend', b'vpn', b'sallyport', b'cookie', b'xml', b'server'):
        lab.holds(word not in (head + body).lower(), f'{word} in {head} {body}')
    with open(os.environ['LAB_CONFIG'], 'a', encoding='utf-8') as file:
        file.write('\n[security]\nstranger-answer = Under construction ☃\n')
    os.kill(int(os.environ['LAB_SERVER_PID']), signal.SIGHUP)
    lab.wait_until('the line', lambda: _on_its_own(lambda c: c.request('GET', '/', browser)).status == 200)
    head, body = ask_all()
    lab.holds(head.startswith(b'HTTP/1.1 200 OK\r\n'), head)
    lab.equal(body.decode(), 'Under construction ☃\n', 'what strangers see')
    # Each mark alone is enough.
    for mark in (MARK, {'X-Aggregate-Auth': '1'}, {'User-Agent': 'AnyConnect Windows 5.1.2.42'},
                 {'User-Agent': 'Open AnyConnect VPN Agent v9.12'}, {'User-Agent': 'Cisco Secure Client 5'}):
        answer = _on_its_own(lambda c, m=mark: c.request('GET', '/', {**browser, **m}))
        lab.equal((answer.status, root_of(answer)), (200, 'auth'), f'answer to who says {mark}')


def _is_silent(connection):
    try:
        return connection.tls.receive(0.1) is None
    except TimeoutError:
        return True


def item_05_xml_is_known_by_its_content():
    records.take_cookie()
    form = b'username=x'
    for kind in TYPES:
        with records.connect() as connection:
            answer = connection.post_xml('/', 'init', INIT, {'Content-Type': kind})
            lab.equal((answer.status, root_of(answer)), (200, 'config-auth'), f'answer to XML as {kind}')
            answer = connection.request('POST', '/', {'Host': 'vpn.test', **MARK, 'Content-Type': kind}, form)
            lab.equal((answer.status, root_of(answer)), (200, 'auth'), f'answer to a form as {kind}')


def item_21_nothing_redirects_and_bad_credentials_are_no_broken_server():
    records.take_cookie()
    asked = [*(('GET', path) for path in GOTTEN + UNKNOWN + ['/logout', '/svc', '/1/index.html']),
             *(('POST', path) for path in POSTED + ['/svc'])]
    for method, path in asked:
        with records.connect() as connection:
            answer = connection.request(method, path, {'Host': 'elsewhere.test', **MARK},
                                        b'group_list=x' if method == 'POST' else b'')
            lab.holds(not 300 <= answer.status < 400 and not answer.values('Location'), f'{method} {path} redirects')
    seen = []
    while 401 not in seen:
        with records.connect() as connection:
            while (answer := reply(connection, 'wrong')).status == 200:
                seen.append(200)
                lab.holds(b'<form' in answer.body, answer.body)
            seen.append(answer.status)
    lab.equal(set(seen), {200, 401}, 'answers to wrong passwords')

# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of signing in: forms, names, passwords, cookies, and openconnect at each."""

import os
import re
import signal
import subprocess
import urllib.parse
import xml.etree.ElementTree as xml
from xml.sax.saxutils import escape

import lab
import records
from client import Client, read_password
from paths import INIT, get, reply, root_of

USER = os.environ['LAB_USER']
LEGAL_NAME = r'[A-Za-z_][A-Za-z0-9_.-]*'
OLD_AGENT = 'Open AnyConnect VPN Agent v3.20'
FORM_TYPE = {'Host': 'vpn.test', 'User-Agent': OLD_AGENT, 'Content-Type': 'application/x-www-form-urlencoded'}


def cookies_of(answer):
    """[(name, value, set of attributes)], in order."""
    parts = [[part.strip() for part in value.split(';')] for value in answer.values('Set-Cookie')]
    return [(*first.split('=', 1), set(rest)) for first, *rest in parts]


def cookie_of(answer):
    return next(value for name, value, _ in cookies_of(answer) if name == 'webvpn')


def is_success(answer):
    return answer.status == 200 and b'<auth id="success">' in answer.body


def is_form(answer):
    return answer.status == 200 and b'<form' in answer.body and b'success' not in answer.body


def inputs_of(answer):
    return [(field.get('type'), field.get('name'), field.get('value')) for field in xml.fromstring(answer.body).iter('input')]


def post_form(connection, pairs, agent=OLD_AGENT, path='/auth'):
    return connection.request('POST', path, {**FORM_TYPE, 'User-Agent': agent}, urllib.parse.urlencode(pairs).encode())


def on_its_own_connection(ask):
    with records.connect() as connection:
        return ask(connection)


def item_07_every_request_may_come_on_a_connection_of_its_own():
    form = on_its_own_connection(lambda c: c.post_xml('/', 'init', INIT))
    context = '; '.join(f'{name}={value}' for name, value, _ in cookies_of(form))
    step = on_its_own_connection(lambda c: c.post_xml('/auth', 'auth-reply', f'<auth><username>{USER}</username></auth>',
                                                      {'Cookie': context}))
    lab.equal([name for _, name, _ in inputs_of(step)], ['username', 'password'], 'fields of the second form')
    done = on_its_own_connection(lambda c: reply(c, read_password()))
    lab.holds(is_success(done), done.body)
    document = on_its_own_connection(lambda c: get(c, '/1/VPNManifest.xml', Cookie=f'webvpn={cookie_of(done)}'))
    lab.equal(document.status, 200, 'answer to the updater')
    agent = {'User-Agent': 'AnyConnect Windows 4.10.05085', 'X-CSTP-Hostname': 'pc'}
    with records.open_tunnel(agent, cookie=cookie_of(done)) as tunnel:
        tunnel.ping(lab.HOME_ADDRESS)
    # openconnect with a new connection for each request, since it has a certificate to show.
    lab.run('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=x',
            '-keyout', '/run/key.pem', '-out', '/run/certificate.pem')
    client = Client('--certificate', '/run/certificate.pem', '--sslkey', '/run/key.pem').wait_connected()
    lab.equal(client.count('Connected to HTTPS'), 2, 'connections of openconnect')
    lab.equal(client.disconnect(), 0, 'status of openconnect')


def item_09_the_form_has_what_clients_need():
    with records.connect() as connection:
        page = connection.post_xml('/', 'init', INIT)
        document = xml.fromstring(page.body)
    lab.holds(page.body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>'), page.body)
    lab.equal((document.tag, document.attrib), ('config-auth', {'client': 'vpn', 'type': 'auth-request'}), 'root')
    lab.equal([(child.tag, child.attrib) for child in document], [('version', {'who': 'sg'}), ('auth', {'id': 'main'})],
              'what is in the root')
    auth = document.find('auth')
    lab.equal([child.tag for child in auth], ['title', 'message', 'form'], 'what is in auth')
    lab.holds(auth.find('title').text and auth.find('message').text, 'a text is empty')
    lab.equal(auth.find('form').attrib, {'method': 'post', 'action': '/auth'}, 'form')
    fields = [field.attrib for field in auth.find('form')]
    lab.equal([(field['type'], field['name']) for field in fields], [('text', 'username'), ('password', 'password')], 'fields')
    for field in fields:
        lab.holds(re.fullmatch(LEGAL_NAME, field['name']) and field['label'].endswith(':'), field)


def item_09_the_owners_words_stand_above_the_form():
    with open(os.environ['LAB_CONFIG'], 'a', encoding='utf-8') as file:
        file.write('\n[security]\nlogin-banner = Private! <Friends> & family only ☃\n')
    os.kill(int(os.environ['LAB_SERVER_PID']), signal.SIGHUP)
    words = 'Private! <Friends> & family only ☃'

    def banner():
        with records.connect() as connection:
            return xml.fromstring(connection.post_xml('/', 'init', INIT).body).findtext('auth/banner')
    lab.wait_until('the words', lambda: banner() == words)
    client = Client().wait_connected()
    lab.equal(client.count(re.escape(words)), 1, 'times that openconnect shows it')


def item_10_one_step_and_two_steps_are_completed_by_openconnect():
    for forms, options in ((1, []), (2, ['--useragent', OLD_AGENT]), (2, ['--useragent', OLD_AGENT, '--no-xmlpost'])):
        client = Client('--dump-http-traffic', *options).wait_connected()
        posts = client.count(r'(?m)^.*> POST /auth')
        lab.equal(posts, forms, f'posts with {options}')
        client.fetch('peer')
        lab.equal(client.disconnect(), 0, 'status of openconnect')
        os.unlink(client.log_path)


def item_11_the_password_may_have_other_names():
    password = read_password()
    for name in ('password', 'Password', 'answer', 'whichpin', 'new_password', 'secondary_password', 'password1'):
        with records.connect() as connection:
            answer = connection.post_xml('/auth', 'auth-reply',
                                         f'<auth><username>{USER}</username><{name}>{password}</{name}></auth>')
            lab.holds(is_success(answer), f'{name} as XML: {answer.body}')
        with records.connect() as connection:
            answer = post_form(connection, [('username', USER), (name, password)])
            lab.holds(is_success(answer), f'{name} in a form: {answer.body}')


def item_12_a_group_that_is_asked_for_breaks_nothing():
    group = '<group-select>Friends &amp; family</group-select>'
    with records.connect() as connection:
        answer = connection.post_xml('/', 'init', INIT + group)
        lab.holds(is_form(answer), answer.body)
        answer = connection.post_xml('/auth', 'init', group)
        lab.holds(is_form(answer), answer.body)
        answer = connection.post_xml('/auth', 'auth-reply', f'<auth><username>{USER}</username>'
                                     f'<password>{read_password()}</password></auth>{group}')
        lab.holds(is_success(answer), answer.body)
    Client('--authgroup', 'family').wait_connected()


def _wrong_ones_until_denied(connection):
    """How many forms before the 401, which ends the connection."""
    forms = 0
    while is_form(answer := reply(connection, 'wrong')):
        lab.holds(b'wrong' in answer.body and b'<error' in answer.body, f'the form does not say why: {answer.body}')
        forms += 1
    lab.equal((answer.status, answer.body, answer.values('Content-Length'), answer.values('Connection')),
              (401, b'', ['0'], ['close']), 'the denial')
    lab.holds(connection.is_closed_within(10), 'the connection stays open after the denial')
    return forms


def _may_sign_in():
    try:
        return records.take_cookie()
    except records.Refused:
        return None


def item_13_a_wrong_password_gets_two_more_forms_and_then_a_denial():
    records.take_cookie()  # so that the door lets its network in, however often
    with records.connect() as connection:
        lab.equal(_wrong_ones_until_denied(connection), 2, 'forms before the denial')
    # openconnect goes on for ever with what it was given: the server makes an end of it.
    client = Client('--non-inter', '--form-entry', 'main:password=wrong', password='wrong')
    lab.equal(client.wait_exit(60), 1, 'status of openconnect')
    lab.equal(client.count(r'POST https://\S+/auth'), 3, 'tries of openconnect')
    lab.equal(client.count(r'HTTP/1\.1 401 '), 1, 'denials in openconnect\'s log')
    lab.wait_until('a cookie for the right password', _may_sign_in, 30)


def _forms_of_one_connection():
    with records.connect() as connection:
        return _wrong_ones_until_denied(connection)


def item_13_tries_are_counted_across_connections():
    records.take_cookie()
    lab.wait_until('a denial of the first try, after many wrong passwords', lambda: _forms_of_one_connection() == 0, 60)
    # Whoever goes on is kept out twice as long each time: by now 8 seconds.
    for _ in range(3):
        lab.wait_until('another try', _forms_of_one_connection, 60)
    lab.equal(_may_sign_in(), None, 'cookie for the right password, right after them')
    # Nobody else is kept out by that, and not for ever.
    elsewhere = lab.add_client_namespace('elsewhere', 3)
    lab.holds(records.take_cookie(namespace=elsewhere), 'no cookie from elsewhere')
    lab.wait_until('a cookie for the right password', _may_sign_in, 90)


PASSWORDS = [' a  blank at each end ', 'a+b %41 &amp;&lt; <x/> "\'=;', 'Grüße aus Łódź 🔑', 'x' * 100, 'ä' * 255, '-', 'ß']


def set_password(password):
    """Without a line end, which would not be part of it anyway."""
    with open('/run/password', 'w', encoding='utf-8') as file:
        file.write(password)
    lab.control('user', 'password', USER, '--password-file', '/run/password')


def _openconnect_takes_cookie(password, *options):
    done = subprocess.run(
        ['ip', 'netns', 'exec', lab.CLIENT, 'openconnect', '--authenticate', '--user', USER, '--passwd-on-stdin', *options,
         '--servercert', os.environ['LAB_PIN'], os.environ['LAB_URL']], input=password + '\n', capture_output=True,
        encoding='utf-8', env={**os.environ, 'LC_ALL': 'C.UTF-8'}, check=False, timeout=60)
    return done.returncode == 0


def item_14_passwords_may_be_long_and_have_any_characters():
    records.take_cookie()
    for password in PASSWORDS:
        set_password(password)
        spellings = {'as it is': escape(password, {'"': '&quot;'}),
                     'in decimal references': ''.join(f'&#{ord(letter)};' for letter in password),
                     'in hexadecimal references': ''.join(f'&#x{ord(letter):X};' for letter in password)}
        for how, spelt in spellings.items():
            answer = on_its_own_connection(lambda c, s=spelt: reply(c, s))
            lab.holds(is_success(answer), f'{password!r} {how}: {answer.body}')
        answer = on_its_own_connection(lambda c, p=password: post_form(c, [('username', USER), ('password', p)]))
        lab.holds(is_success(answer), f'{password!r} in a form: {answer.body}')
        lab.holds(_openconnect_takes_cookie(password), f'openconnect does not get in with {password!r}')
        lab.holds(_openconnect_takes_cookie(password, '--no-xmlpost'), f'openconnect, without XML: {password!r}')
    for wrong in ('', 'x' * 512, 'x' * 4000, PASSWORDS[-1] + ' '):
        answer = on_its_own_connection(lambda c, w=wrong: reply(c, w))
        lab.holds(is_form(answer), f'a wrong password of {len(wrong)} bytes: {answer.status} {answer.body}')


def item_15_elements_may_be_in_any_case_and_documents_have_no_types():
    """LAB_SETTINGS: every line of the log."""
    body = (f'<?xml version="1.0"?><Config-Auth Client="vpn" Type="Auth-Reply"><AUTH><Username>{USER}</Username>'
            f'<PassWord>{read_password()}</PassWord></AUTH></Config-Auth>')
    with records.connect() as connection:
        answer = connection.request('POST', '/', {'Host': 'vpn.test', 'X-Transcend-Version': '1'}, body.encode())
        lab.holds(is_success(answer), answer.body)
    inside = '<config-auth type="init"><device-id>&x;</device-id></config-auth>'
    for what, document in {
            'a document type': f'<!DOCTYPE config-auth>{inside}',
            'an entity': f'<!DOCTYPE a [<!ENTITY x "y">]>{inside}',
            'an entity of a file': f'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>{inside}',
            'entities in entities': '<!DOCTYPE a [' + ''.join(
                f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 10)) + f']>{inside}',
            'an unknown entity': f'<?xml version="1.0"?>{inside}',
            'an instruction': f'<?xml version="1.0"?><?php x?>{inside.replace("&x;", "x")}',
            'deep nesting': '<config-auth type="init">' + '<a>' * 1000 + '</a>' * 1000 + '</config-auth>',
            'half a document': '<?xml version="1.0"?><config-auth type="init">'}.items():
        before = lab.server_log().count('the client broke the protocol: The login document')
        with records.connect() as connection:
            try:
                answer = connection.request('POST', '/', {'Host': 'vpn.test', 'X-Transcend-Version': '1'}, document.encode())
                raise AssertionError(f'{what} is answered: {answer.body}')
            except ConnectionError:
                pass
        lab.wait_until(f'the cause of {what} in the log', lambda b=before: lab.server_log().count(
            'the client broke the protocol: The login document') == b + 1)


def item_16_success_brings_the_cookies_that_clients_need():
    with records.connect() as connection:
        fingerprint = lab.run('openssl', 'dgst', '-sha1', '-r', input=connection.tls.certificates()[0],
                              text=False).split()[0].decode().upper()
        form = connection.post_xml('/', 'init', INIT)
        done = reply(connection, read_password())
    lab.equal([(name, attributes) for name, _, attributes in cookies_of(form)],
              [('webvpncontext', {'Max-Age=300', 'Secure', 'HttpOnly'})], 'cookies of the form')
    cookies = cookies_of(done)
    lab.equal([name for name, _, _ in cookies], ['webvpncontext', 'webvpn', 'webvpnc', 'webvpnc'], 'cookies')
    for name, value, attributes in cookies:
        lab.holds({'Secure', 'HttpOnly'} <= attributes, f'{name} lacks attributes: {attributes}')
        lab.holds(name == 'webvpnc' or re.fullmatch('[0-9a-f]{64}', value), f'{name} is {value!r}')
    lab.equal(cookies[1][2], {'Secure', 'HttpOnly'}, 'attributes of webvpn')
    lab.equal(cookies[2][1:], ('', {'expires=Thu, 01 Jan 1970 00:00:00 GMT', 'path=/', 'Secure', 'HttpOnly'}),
              'webvpnc is deleted first')
    lab.equal(cookies[3][1:], (f'bu:/&p:t&iu:1/&sh:{fingerprint}', {'path=/', 'Secure', 'HttpOnly'}), 'webvpnc')
    lab.holds(f'<server-cert-hash>{fingerprint}<'.encode() in done.body, done.body)
    # Two people, two cookies; and an old one on a POST means nothing.
    with records.connect() as connection:
        again = connection.post_xml('/auth', 'auth-reply', f'<auth><username>{USER}</username>'
                                    f'<password>{read_password()}</password></auth>',
                                    {'Cookie': f'webvpn={cookie_of(done)}; webvpncontext=00'})
    lab.holds(is_success(again) and cookie_of(again) != cookie_of(done), again.head)


def item_16_connect_finds_its_cookie_among_others():
    for cookies in ('webvpncontext={other}; webvpn={good}', 'webvpn={good}; webvpnc=bu:/&p:t; webvpnlogin=1',
                    'lang=de;webvpn={good} ; webvpncontext=x', ['a=b', 'webvpn={good}']):
        good, other = records.take_cookie(), 'ab' * 32
        spelt = [each.format(good=good, other=other) for each in ([cookies] if isinstance(cookies, str) else cookies)]
        with records.connect() as connection, connection.open_tunnel(None, {'Cookie': spelt}) as tunnel:
            tunnel.ping(lab.HOME_ADDRESS)
            tunnel.bye()


def item_17_a_cookie_taken_by_openconnect_opens_the_tunnel_as_it_is():
    words = lab.run('openconnect', '--authenticate', '--user', USER, '--passwd-on-stdin', '--servercert',
                    os.environ['LAB_PIN'], os.environ['LAB_URL'], namespace=lab.CLIENT, input=read_password() + '\n')
    bare = re.search(r"^COOKIE='(?:.*webvpn=)?([^;']*)'", words, re.MULTILINE).group(1)
    lab.holds(re.fullmatch('[0-9a-f]{64}', bare), f'cookie: {bare}')
    command = ['ip', 'netns', 'exec', lab.CLIENT, 'openconnect', '--cookie', bare, '--script', '/bin/true', '--verbose',
               '--servercert', os.environ['LAB_PIN'], os.environ['LAB_URL']]
    with open('/run/client.log', 'wb') as log, subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                                                stderr=log) as client:
        try:
            lab.wait_until('the session', lambda: [s['state'] for s in lab.sessions()] == ['connected'])
        finally:
            client.terminate()
    lab.equal(client.returncode, 0, 'status of openconnect')


def item_18_signing_in_works_without_xml():
    with records.connect() as connection:
        form = get(connection, '/family')
        lab.equal((root_of(form), inputs_of(form)), ('auth', [('text', 'username', None), ('password', 'password', None)]),
                  'the form')
        done = post_form(connection, [('username', USER), ('password', read_password()), ('group_list', 'x')], 'Open AnyConnect VPN Agent v9.12')
        lab.holds(is_success(done) and root_of(done) == 'auth', done.body)
    # Old ones are asked for one thing at a time, on whatever connection.
    first = on_its_own_connection(lambda c: get(c, '/', **{'User-Agent': OLD_AGENT}))
    lab.equal(inputs_of(first), [('text', 'username', None)], 'the first form')
    second = on_its_own_connection(lambda c: post_form(c, [('username', USER)]))
    lab.equal((xml.fromstring(second.body).get('id'), inputs_of(second)),
              ('passwd', [('hidden', 'username', USER), ('password', 'password', None)]), 'the second form')
    done = on_its_own_connection(lambda c: post_form(c, [('username', USER), ('password', read_password())]))
    lab.holds(is_success(done), done.body)
    client = Client('--no-xmlpost').wait_connected().wait_dtls()
    client.fetch('peer')
    lab.equal(client.disconnect(), 0, 'status of openconnect')

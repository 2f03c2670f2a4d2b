# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of what the log must not have, at its most talkative."""

import base64
import os

import lab
import records
from client import Client, openssl_program, read_password
from record_client import BYE, COMPRESSED, Refused, frame

MASTER_SECRET = os.urandom(48)
WRONG_PASSWORDS = ('never-the-password-1', 'never-the-password-2', 'never & the < password 3', 'nie-das-Kennwort-ß')
FOREIGN_COOKIE = os.urandom(32).hex()


def _spellings(secret):
    """In which a log could have it."""
    data = secret if isinstance(secret, bytes) else secret.encode()
    yield data
    yield data.hex().encode()
    yield base64.b64encode(data).rstrip(b'=')
    yield data.replace(b'&', b'&amp;').replace(b'<', b'&lt;')


def _all_that_a_client_may_say(cookie):
    """Good requests and bad ones: what is refused is more likely to be quoted."""
    secret = MASTER_SECRET.hex().upper()
    headers = {'X-DTLS-Master-Secret': secret, 'X-DTLS-CipherSuite': 'PSK-NEGOTIATE:AES256-SHA',
               'X-AnyConnect-STRAP-Pubkey': 'x', 'Authorization': 'Basic ' + FOREIGN_COOKIE}
    with records.open_tunnel({**headers, 'X-CSTP-Base-MTU': cookie}, cookie, dtls=True) as tunnel:
        psk = tunnel.psk()
        tunnel.ping(lab.HOME_ADDRESS)
        tunnel.send_frame(200, cookie.encode())
        tunnel.send_dtls(200, cookie.encode())
        tunnel.send_frame(COMPRESSED, cookie.encode())
        tunnel.is_closed_within()
    for request in (f'CONNECT /CSCOSSLC/tunnel HTTP/1.1\r\nCookie: webvpn={cookie}\r\nX-DTLS-Master-Secret: {secret}\r\n x\r\n\r\n',
                    f'CONNECT /{cookie} HTTP/1.1\r\nCookie: webvpn={cookie}\r\n\r\n',
                    f'GET /profiles/{cookie} HTTP/1.1\r\nCookie: webvpn={cookie}\r\n\r\n',
                    f'{cookie} / HTTP/1.1\r\n\r\n', f'GET / {cookie}\r\n\r\n', f'GET /\r\nCookie webvpn={cookie}\r\n\r\n',
                    f'CONNECT /CSCOSSLC/tunnel HTTP/1.1\r\nCookie: webvpn={cookie}{cookie}\r\n\r\n'):
        with records.connect() as connection:
            connection.send(request.encode())
            connection.is_closed_within(1)
    with records.open_tunnel(headers, cookie) as tunnel:
        tunnel.send_record(frame(BYE, b'\x91' + b'for a moment'))
        tunnel.is_closed_within()
    with records.connect() as connection:
        lab.equal(connection.ask_for_tunnel(FOREIGN_COOKIE, headers).status, 401, 'status with a foreign cookie')
    return psk


def _wrong_passwords():
    for wrong in WRONG_PASSWORDS:
        try:
            records.connect().sign_in(os.environ['LAB_USER'], wrong.replace('&', '&amp;').replace('<', '&lt;'))
        except Refused:
            pass
    # A body that is no XML, with a password in it.
    with records.connect() as connection:
        body = f'<?xml version="1.0"?><config-auth><auth><password>{WRONG_PASSWORDS[0]}<broken'.encode()
        connection.send(b'POST /auth HTTP/1.1\r\nContent-Length: %d\r\n\r\n' % len(body) + body)
        lab.holds(connection.is_closed_within(), 'the connection stays open after a broken document')


def item_60_cookies_keys_and_passwords_are_in_no_log():
    """LAB_SETTINGS: the log has everything that there is."""
    cookie = records.take_cookie()
    psk = _all_that_a_client_may_say(cookie)
    _wrong_passwords()
    client = Client(program=openssl_program()).wait_connected().wait_dtls()
    client.disconnect()
    lab.control('user', 'password', os.environ['LAB_USER'], input='another-password-97\n')
    secrets = {'password': read_password(), 'new password': 'another-password-97', 'cookie': cookie,
               'cookie as bytes': bytes.fromhex(cookie), 'foreign cookie': FOREIGN_COOKIE, 'DTLS key': psk,
               'master secret': MASTER_SECRET, **{f'wrong password {wrong}': wrong for wrong in WRONG_PASSWORDS}}
    log = lab.server_log().encode()
    lab.holds(b' debug ' in log, 'the log is not at its most talkative')
    for what, secret in secrets.items():
        for spelling in _spellings(secret):
            lab.holds(spelling.lower() not in log.lower(), f'the {what} is in the log')

# SPDX-License-Identifier: GPL-2.0-or-later
"""The sign-in page spoken by hand, for what openconnect would never do."""

import http.client
import os
import socket
import ssl
from dataclasses import dataclass

import lab

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
VERSION = '<version who="vpn">v9.01</version><device-id>linux-64</device-id>'


@dataclass
class Answer:
    status: int
    body: bytes
    headers: object


def tcp_connection(namespace=lab.CLIENT, address=lab.SERVER_ADDRESS):
    with lab.inside(namespace):
        return socket.create_connection((address, lab.PORT), timeout=15)


def tls_connection(**options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(tcp_connection(**options))


class Portal:
    """One connection to the sign-in page."""

    def __init__(self, **options):
        self.connection = http.client.HTTPConnection(lab.SERVER_ADDRESS, lab.PORT)
        self.connection.sock = tls_connection(**options)

    def post(self, path, body, headers=None):
        self.connection.request('POST', path, body.encode(), {
            'User-Agent': 'Open AnyConnect VPN Agent v9.01', 'Content-Type': 'application/xml; charset=utf-8',
            'X-Transcend-Version': '1', 'X-Aggregate-Auth': '1', **(headers or {})})
        response = self.connection.getresponse()
        return Answer(response.status, response.read(), response.headers)

    def begin(self):
        return self.post('/', f'{HEAD}<config-auth client="vpn" type="init" aggregate-auth-version="2">{VERSION}'
                              f'<group-access>{os.environ["LAB_URL"]}</group-access></config-auth>')

    def try_password(self, password, login=None):
        return self.post('/auth', f'{HEAD}<config-auth client="vpn" type="auth-reply" aggregate-auth-version="2">{VERSION}'
                                  f'<auth><username>{login or os.environ["LAB_USER"]}</username>'
                                  f'<password>{password}</password></auth></config-auth>')

    def is_closed(self):
        if self.connection.sock is None:
            return True
        try:
            return self.connection.sock.recv(1) == b''
        except OSError:
            return True

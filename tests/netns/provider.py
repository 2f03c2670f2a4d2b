# SPDX-License-Identifier: GPL-2.0-or-later
"""A provider of dynamic DNS, or who tells addresses, on the server's own computer: by HTTPS, with a certificate of its own."""

import contextlib
import http.server
import ssl
import threading

import lab

CERTIFICATE, KEY = '/run/provider.crt', '/run/provider.key'
TRUSTED = '/etc/ssl/certs/ca-certificates.crt'


class Provider(http.server.ThreadingHTTPServer):
    """Keeps what it was asked: (path, Authorization); says what it is told to say, or what that answers to the path."""

    daemon_threads = True

    def __init__(self, says, address='127.0.0.1'):
        self.says, self.asked = says, []
        super().__init__((address, 0), Asked)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE, KEY)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.url = f'https://{address}:{self.server_port}'

    def addresses(self):
        return [path.rpartition('=')[2] for path, _ in self.asked]


class Asked(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get('Authorization')))
        self.send_response(200)
        self.end_headers()
        says = self.server.says
        self.wfile.write((says(self.path) if callable(says) else says).encode())

    def log_message(self, *_):
        pass


def make_certificate(address='127.0.0.1'):
    """Which has to be added to TRUSTED of the server's computer."""
    lab.run('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', KEY,
            '-out', CERTIFICATE, '-days', '2', '-subj', '/CN=provider', '-addext', f'subjectAltName=IP:{address}')


@contextlib.contextmanager
def serving(says, namespace=lab.SERVER, address='127.0.0.1'):
    with lab.inside(namespace):
        provider = Provider(says, address)
    thread = threading.Thread(target=provider.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.shutdown()
        thread.join()
        provider.server_close()

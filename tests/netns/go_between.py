# SPDX-License-Identifier: GPL-2.0-or-later
"""Between the server and an authority: hands on what both say over HTTPS, or something else."""

import dataclasses
import http.client
import http.server
import ssl
import threading

import lab

NOT_PASSED_ON = ('connection', 'content-length', 'date', 'server', 'transfer-encoding')


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict
    body: bytes


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_arguments):
        pass

    def _fetch(self, body):
        between = self.server.between
        context = ssl.create_default_context(cafile=between.trusted)
        connection = http.client.HTTPSConnection(between.authority, context=context, timeout=30)
        headers = {'Host': self.headers['Host'], 'Content-Type': self.headers.get('Content-Type', 'text/plain')}
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        passed = {name: value for name, value in answer.getheaders() if name.lower() not in NOT_PASSED_ON}
        return Answer(answer.status, passed, answer.read())

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
        answer = self.server.between.change(self.path, body, lambda: self._fetch(body))
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header('Content-Length', str(len(answer.body)))
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(answer.body)

    do_HEAD = do_POST = do_GET


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Whoever does not like what it is told goes."""


class GoBetween:
    """`change(path, body, fetch)` makes the answer to a request; `fetch()` is that of the authority."""

    def __init__(self, authority, trusted, certificate, key):
        self.authority = authority
        self.trusted = trusted
        self.change = lambda path, body, fetch: fetch()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        with lab.inside(lab.SERVER):  # and so are the threads that it starts
            self._server = _Server(('127.0.0.1', 0), _Handler)
            self._server.between = self
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
            self.place = '127.0.0.1:%d' % self._server.server_address[1]
            threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_what):
        self._server.shutdown()
        self._server.server_close()

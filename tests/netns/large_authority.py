# SPDX-License-Identifier: GPL-2.0-or-later
"""An authority at the place in the internet where the large one is that the window proposes: its web server passes everything on."""

import contextlib
import http.client
import http.server
import ssl
import threading

import authority
import lab

NAME, DIRECTORY = 'acme-v02.api.letsencrypt.org', '/directory'
BETWEEN_TWO = {'connection', 'content-length', 'transfer-encoding', 'date'}  # headers of one connection
SECONDS = 30


class WebServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address, behind):
        self.behind = behind
        with lab.inside(behind.namespace):
            super().__init__((address, 443), Visit)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f'{authority.FOLDER}/large.pem', f'{authority.FOLDER}/large.key')
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def ask(self, method, path, body, kind):
        """The authority makes links of the name by which it was called."""
        trust = ssl.create_default_context(cafile=authority.HOUSE)
        with lab.inside(self.behind.namespace):
            connection = http.client.HTTPSConnection(self.behind.place, context=trust, timeout=SECONDS)
            connection.request(method, '/dir' if path == DIRECTORY else path, body, {'Host': NAME, **kind})
        return connection.getresponse()


class Visit(http.server.BaseHTTPRequestHandler):
    def pass_on(self):
        body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
        kind = {key: self.headers[key] for key in ('Content-Type', 'User-Agent') if key in self.headers}
        answer = self.server.ask(self.command, self.path, body, kind)
        said = answer.read()
        self.send_response_only(answer.status)
        for key, value in answer.getheaders():
            if key.lower() not in BETWEEN_TWO:
                self.send_header(key, value)
        self.send_header('Content-Length', str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_HEAD = do_POST = pass_on

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def standing(behind, address, trusted):
    """Before that authority, which is in the same namespace; this computer trusts it by the file of all whom it trusts."""
    authority.certify('large', f'DNS:{NAME}')
    with open(authority.HOUSE, 'rb') as file, open(trusted, 'ab') as everybody:
        everybody.write(file.read())
    server = WebServer(address, behind)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

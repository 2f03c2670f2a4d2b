#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""web_server.py FOLDER: a web server on port 80, IPv4 and IPv6, for tests.

GET /200M.bin        200 MB that do not compress, the same in every lab, made when first asked for
GET /peer            the address that the request came from
GET /NAME            a file in FOLDER
GET /NAME.sha256     the checksum of that file
PUT /NAME            stores a file; the answer is its checksum
"""

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BIG_NAME, BIG_SIZE = '200M.bin', 200 * 1000 * 1000
CHUNK = 1 << 18
KEY = '0' * 32
making = threading.Lock()


def make_big_file(path):
    """A key stream: as good as random, fast, and reproducible."""
    with making:
        if os.path.exists(path):
            return
        with open('/dev/zero', 'rb') as zero, open(path + '.part', 'wb') as part:
            head = subprocess.Popen(['head', '-c', str(BIG_SIZE)], stdin=zero, stdout=subprocess.PIPE)
            subprocess.run(['openssl', 'enc', '-aes-128-ctr', '-nopad', '-K', KEY, '-iv', KEY], stdin=head.stdout,
                           stdout=part, check=True)
            head.wait()
        os.rename(path + '.part', path)


def checksum(path):
    with open(path, 'rb') as file:
        return hashlib.file_digest(file, 'sha256').hexdigest()


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    folder = '.'

    def _path(self):
        return os.path.join(self.folder, os.path.basename(self.path))

    def _answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer_file(self, path):
        with open(path, 'rb') as file:
            self.send_response(200)
            self.send_header('Content-Length', str(os.fstat(file.fileno()).st_size))
            self.end_headers()
            shutil.copyfileobj(file, self.wfile, CHUNK)

    def do_GET(self):
        path = self._path()
        if self.path == '/peer':
            return self._answer(200, self.client_address[0].removeprefix('::ffff:') + '\n')
        if os.path.basename(path).startswith(BIG_NAME):
            make_big_file(os.path.join(self.folder, BIG_NAME))
        if path.endswith('.sha256') and os.path.isfile(path.removesuffix('.sha256')):
            return self._answer(200, checksum(path.removesuffix('.sha256')) + '\n')
        if os.path.isfile(path):
            return self._answer_file(path)
        return self._answer(404 if self.path != '/' else 200, 'the lab\n')

    def do_PUT(self):
        left, digest = int(self.headers['Content-Length']), hashlib.sha256()
        with open(self._path(), 'wb') as file:
            while left:
                chunk = self.rfile.read(min(CHUNK, left))
                if not chunk:
                    return None
                digest.update(chunk)
                file.write(chunk)
                left -= len(chunk)
        return self._answer(201, digest.hexdigest() + '\n')


class Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6
    daemon_threads = True

    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super(ThreadingHTTPServer, self).server_bind()


if __name__ == '__main__':
    Handler.folder = sys.argv[1]
    Server(('::', 80), Handler).serve_forever()

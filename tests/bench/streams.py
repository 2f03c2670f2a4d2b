#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""streams.py serve PORT | up|down SECONDS ADDRESS PORT SOURCE…: TCP streams, one from each source, all at the same time; says how many
bytes each carried, where they arrived, as JSON."""

import json
import selectors
import socket
import sys
import time

PIECE = bytes(256 * 1024)
UP, DOWN = b'u', b'd'


class Stream:
    """One connection: pours, or counts what comes."""

    def __init__(self, sock, pours):
        self.sock, self.pours, self.count = sock, pours, 0
        sock.setblocking(False)

    def go_on(self, room):
        try:
            if self.pours:
                self.sock.send(PIECE)
                return True
            size = self.sock.recv_into(room)
            self.count += size
            return size > 0
        except BlockingIOError:
            return True
        except OSError:
            return False


def greet(selector, sock):
    """The first byte of a connection says which way."""
    way = sock.recv(1)
    if way not in (UP, DOWN):
        sock.close()
        return
    stream = Stream(sock, way == DOWN)
    selector.register(sock, selectors.EVENT_WRITE if stream.pours else selectors.EVENT_READ, stream)


def serve(port):
    selector, room = selectors.DefaultSelector(), bytearray(1 << 20)
    listener = socket.create_server(('', port), backlog=256)
    selector.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                greet(selector, listener.accept()[0])
            elif not key.data.go_on(room):
                selector.unregister(key.fileobj)
                # What a client wants to know of an upload is how much came.
                try:
                    key.fileobj.setblocking(True)
                    key.fileobj.sendall(str(key.data.count).encode())
                except OSError:
                    pass
                key.fileobj.close()


def connect(direction, address, port, source):
    sock = socket.create_connection((address, port), timeout=10, source_address=(source, 0))
    sock.sendall(UP if direction == 'up' else DOWN)
    return Stream(sock, direction == 'up')


def final_count(stream):
    """Of an upload: the other end tells."""
    stream.sock.setblocking(True)
    stream.sock.settimeout(30)
    stream.sock.shutdown(socket.SHUT_WR)
    words = b''
    while piece := stream.sock.recv(64):
        words += piece
    return int(words)


def carry(direction, seconds, address, port, sources):
    selector, room = selectors.DefaultSelector(), bytearray(1 << 20)
    streams = [connect(direction, address, port, source) for source in sources]
    for stream in streams:
        selector.register(stream.sock, selectors.EVENT_WRITE if stream.pours else selectors.EVENT_READ, stream)
    began = time.monotonic()
    while time.monotonic() < began + seconds:
        for key, _ in selector.select(0.1):
            key.data.go_on(room)
    spent = time.monotonic() - began
    counts = [final_count(stream) for stream in streams] if direction == 'up' else [stream.count for stream in streams]
    print(json.dumps({'bytes': counts, 'seconds': spent}))


if __name__ == '__main__':
    if sys.argv[1] == 'serve':
        serve(int(sys.argv[2]))
    carry(sys.argv[1], float(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5:])

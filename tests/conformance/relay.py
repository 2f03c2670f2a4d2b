# SPDX-License-Identifier: GPL-2.0-or-later
"""Somebody on the path between a DTLS client and the server, who sees each datagram and may say it again."""

import select
import socket
import threading

import lab
import records

HANDSHAKE, HELLO = 22, 1


def is_hello(datagram):
    """The first flight of a DTLS client, in one record."""
    return len(datagram) > 25 and datagram[0] == HANDSHAKE and datagram[3:5] == bytes(2) and datagram[13] == HELLO


def is_request_to_verify(datagram):
    return len(datagram) > 25 and datagram[0] == HANDSHAKE and datagram[13] == 3


class Relay:
    """Carries datagrams both ways, each from the client `copies(datagram)` times (1 = as it is).

    `socket` is for the client; `up` and `down` are what was carried.  Use it in a `with`."""

    def __init__(self, address=lab.SERVER_ADDRESS, copies=lambda datagram: 1):
        self.copies, self.up, self.down = copies, [], []
        self.server = records.udp_socket(address=address)
        self.socket, self.near = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.stopping, self.wake = socket.socketpair()
        self.thread = threading.Thread(target=self._run)

    def _carry_up(self):
        datagram = self.near.recv(65536)
        if not datagram:
            raise OSError('the client is gone')
        self.up.append(datagram)
        for _ in range(self.copies(datagram)):
            self.server.send(datagram)

    def _carry_down(self):
        try:
            datagram = self.server.recv(65536)
        except ConnectionRefusedError:
            return
        self.down.append(datagram)
        self.near.send(datagram)

    def _run(self):
        while True:
            ready, _, _ = select.select([self.near, self.server, self.stopping], [], [])
            if self.stopping in ready:
                return
            try:
                if self.near in ready:
                    self._carry_up()
                if self.server in ready:
                    self._carry_down()
            except OSError:
                return  # the client is gone

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.wake.close()
        self.thread.join()
        for each in (self.server, self.near, self.stopping):
            each.close()

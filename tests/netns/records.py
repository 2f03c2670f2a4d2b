# SPDX-License-Identifier: GPL-2.0-or-later
"""The record-level client (../lab/record_client.py) in the lab: its sockets, its user."""

import os
import socket

import lab
from client import read_password
from record_client import Connection, Refused  # nocheck: Refused is what others meet here


def tcp_socket(namespace=lab.CLIENT, address=lab.SERVER_ADDRESS, source=None):
    with lab.inside(namespace):
        endpoint = socket.create_connection((address, lab.PORT), timeout=15, source_address=source)
    endpoint.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return endpoint


def udp_socket(namespace=lab.CLIENT, address=lab.SERVER_ADDRESS, port=lab.PORT, source=None):
    """Connected with the server."""
    with lab.inside(namespace):
        endpoint = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_DGRAM)
    if source:
        endpoint.bind(source)
    endpoint.connect((address, port))
    return endpoint


def connect(priority='NORMAL', namespace=lab.CLIENT, address=lab.SERVER_ADDRESS, source=None, **options):
    """A TLS connection with the server; options are TlsClient's."""
    return Connection(tcp_socket(namespace, address, source), priority, **options)


def take_cookie(password=None, **options):
    """Signs in, on a connection of its own."""
    with connect(**options) as connection:
        return connection.sign_in(os.environ['LAB_USER'], password or read_password())


def cookies(uses=4):
    """Endless: who comes back with one cookie again and again is slowed down, so take another now and then."""
    while True:
        cookie = take_cookie()
        for _ in range(uses):
            yield cookie


def open_tunnel(headers=None, cookie=None, dtls=False, namespace=lab.CLIENT, address=lab.SERVER_ADDRESS, **options):
    """A tunnel, as record_client.Tunnel; with a cookie also without signing in.  Options are those of `connect`."""
    connection = connect(namespace=namespace, address=address, **options)
    if cookie is None:
        cookie = connection.sign_in(os.environ['LAB_USER'], read_password())
    tunnel = connection.open_tunnel(cookie, headers)
    tunnel.cookie = cookie
    if dtls:
        tunnel.open_dtls(udp_socket(namespace, address, int(tunnel.answer.value('X-DTLS-Port'))))
    return tunnel

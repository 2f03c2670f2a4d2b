# SPDX-License-Identifier: GPL-2.0-or-later
"""One packet there and one back: what stories of the packet filter ask the network."""

import contextlib
import select
import socket
import time

import lab

PATIENCE = 10.0  # for what must arrive
SILENCE = 0.7  # after which it did not


def _socket(namespace, address, port=0):
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    with lab.inside(namespace):
        udp = socket.socket(family, socket.SOCK_DGRAM)
    udp.bind((address, port))
    return udp


def _ask(asker, service, to):
    """Once; True when the answer is there."""
    with contextlib.suppress(OSError):  # no way there
        asker.sendto(b'question', to)
    ready = select.select([service, asker], [], [], 0.1)[0]
    if service in ready:
        with contextlib.suppress(OSError):
            service.sendto(b'answer', service.recvfrom(100)[1])
        ready = select.select([asker], [], [], 0.1)[0]
    if asker not in ready:
        return False
    with contextlib.suppress(OSError):  # an error that came back is no answer
        return asker.recv(100) == b'answer'
    return False


def answers(destination, port, there, here=lab.CLIENT, source=None, expected=True):
    """Does a service at the destination, in namespace `there`, hear somebody in `here`, and is heard?"""
    any_address = '::' if ':' in destination else '0.0.0.0'
    with _socket(there, destination, port) as service, _socket(here, source or any_address) as asker:
        deadline = time.monotonic() + (PATIENCE if expected else SILENCE)
        while time.monotonic() < deadline:
            if _ask(asker, service, (destination, port)):
                return True
    return False


def assert_answers(expected, destination, port, there, **options):
    seen = answers(destination, port, there, expected=expected, **options)
    lab.equal(seen, expected, f'whether {destination} answers on UDP port {port}')

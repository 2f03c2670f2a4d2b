# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of frames over TLS, record by record."""

import os
import socket
import struct
import threading
import time

import lab
import packets
import records
from record_client import COMPRESSED, DATA, DPD, DPD_RESPONSE, KEEPALIVE, frame

LARGEST_RECORD = 16384
SECONDS = 4

PAYLOADS = {'nothing': b'', 'one byte': b'Z', 'a text': b'are you there?', 'the size of a packet': os.urandom(1390),
            'as much as a record takes': os.urandom(16384 - 8)}


def _home_socket():
    with lab.inside(lab.HOME):
        ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ear.bind((lab.HOME_ADDRESS, 7777))
    ear.settimeout(10)
    return ear


class Sender(threading.Thread):
    """The home host sends datagrams of all sizes to whoever spoke first, as fast as it can, and counts what comes."""

    def __init__(self, mtu):
        super().__init__(daemon=True)
        self.ear, self.mtu, self.sent, self.ended = _home_socket(), mtu, 0, threading.Event()
        self.received = set()

    def run(self):
        _, peer = self.ear.recvfrom(65535)
        self.ear.setblocking(False)
        sizes = (8, 60, 500, 1200, self.mtu - 28)
        while not self.ended.is_set():
            try:
                for _ in range(8):
                    self.ear.sendto(struct.pack('!Q', self.sent).ljust(sizes[self.sent % len(sizes)], b'z'), peer)
                    self.sent += 1
                while True:
                    self.received.add(self.ear.recv(65535)[:8])
            except BlockingIOError:
                pass


def _flood(tunnel, seconds, pause=0.0):
    """Both directions at once.  Every record that comes is exactly one frame, or receive_frame complains; returns
    the numbers of the datagrams that came, and how many went out."""
    sender = Sender(tunnel.mtu)
    sender.start()
    came, sent, deadline = [], 0, time.monotonic() + seconds
    while time.monotonic() < deadline:
        for _ in range(4):
            payload = struct.pack('!Q', sent).ljust((8, 300, tunnel.mtu - 28)[sent % 3], b'y')
            tunnel.send_data(packets.udp(tunnel.ipv4, 5555, lab.HOME_ADDRESS, 7777, payload))
            sent += 1
        tunnel.send_frame(DPD, struct.pack('!Q', sent))
        for _ in range(8):
            try:
                got = tunnel.receive_frame(0.0 if came else 5.0)
            except TimeoutError:
                break
            if got.type == DATA:
                came.append(struct.unpack('!Q', packets.Packet(got.payload).data[:8])[0])
        time.sleep(pause)
    sender.ended.set()
    sender.join()
    sender.ear.close()
    return came, sender


def item_32_each_record_is_one_frame_however_much_is_to_send():
    for priority in ('NORMAL', 'NORMAL:-VERS-ALL:+VERS-TLS1.2', 'NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC'):
        with records.open_tunnel(priority=priority) as tunnel:
            came, sender = _flood(tunnel, SECONDS)
            lab.holds(len(came) > 1000 and len(sender.received) > 500, f'no flood: {len(came)}, {len(sender.received)}')
            lab.equal(came, sorted(came), 'order of what came')


def item_32_each_record_is_one_frame_when_the_client_reads_slowly():
    """The server's queues are full all the time then: what does not fit is dropped as whole packets."""
    tunnel = records.open_tunnel()
    came, sender = _flood(tunnel, 2 * SECONDS, pause=0.02)
    lab.holds(0 < len(came) < sender.sent / 2, f'{len(came)} of {sender.sent} came: the client was not slow')
    # Behind the jam everything goes on.
    deadline = time.monotonic() + 20
    tunnel.send_frame(DPD, b'the end')
    while (got := tunnel.receive_frame(deadline - time.monotonic())) != ('cstp', DPD_RESPONSE, b'the end'):
        lab.holds(got.type in (DATA, DPD_RESPONSE, DPD), f'a frame of type {got.type}')


def item_32_no_frame_is_larger_than_a_record():
    tunnel = records.open_tunnel()
    largest = os.urandom(LARGEST_RECORD - 8)
    lab.holds(tunnel.dpd(largest) == largest, 'the largest frame is not echoed as it was')
    # A larger one would need two records, and is none.
    whole = frame(DPD, bytes(LARGEST_RECORD))
    tunnel.send_record(whole[:LARGEST_RECORD])
    lab.holds(tunnel.is_closed_within(), 'the connection stays open after half a frame')


def item_33_dpd_requests_are_echoed_exactly_and_keepalives_ignored():
    tunnel = records.open_tunnel()
    for what, payload in PAYLOADS.items():
        lab.holds(tunnel.dpd(payload) == payload, f'the answer to a request with {what} differs')
    tunnel.send_frame(KEEPALIVE)
    tunnel.send_frame(KEEPALIVE, b'with something in it')
    tunnel.send_frame(DPD, b'behind')
    # What was sent behind them is the first thing that is answered.
    answer = tunnel.receive_frame()
    lab.equal((answer.type, answer.payload), (4, b'behind'), 'first frame after the keepalives')
    tunnel.ping(lab.HOME_ADDRESS)


BROKEN = {
    'another magic': frame(DPD, b'x', magic=b'STG\x01'),
    'another version': frame(DPD, b'x', magic=b'STF\x02'),
    'a reserved byte that is not 0': frame(DPD, b'x', reserved=1),
    'a length that is too small': frame(DPD, b'xyz', length=2),
    'a length that is too large for one record': frame(DPD, b'xyz', length=65535),
    'compressed data that nobody agreed on': frame(COMPRESSED, b'\x00' * 40),
}


def item_34_broken_frames_end_the_connection_and_unknown_types_do_not():
    for what, record in BROKEN.items():
        with records.open_tunnel() as tunnel:
            tunnel.send_record(record)
            lab.holds(tunnel.is_closed_within(15), f'{what}: the connection stays open')
    with records.open_tunnel() as tunnel:
        for kind in (1, 2, 6, 10, 127, 255):
            tunnel.send_frame(kind, b'whatever')
        tunnel.send_frame(DATA)
        lab.equal(tunnel.dpd(b'still there?'), b'still there?', 'answer behind unknown types')

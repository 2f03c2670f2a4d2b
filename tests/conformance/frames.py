# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of frames over TLS, record by record."""

import os

import lab
import records
from record_client import COMPRESSED, DATA, DPD, KEEPALIVE, frame

PAYLOADS = {'nothing': b'', 'one byte': b'Z', 'a text': b'are you there?', 'the size of a packet': os.urandom(1390),
            'as much as a record takes': os.urandom(16384 - 8)}


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

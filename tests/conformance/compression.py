# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of compressed packets: with the stock client, and record by record."""

import json
import os
import random
import time

import lab
import packets
import records
from client import Client
from packet_codecs import CODECS
from reconnects import CONNECTED
from record_client import COMPRESSED, CSTP, DATA, DTLS
from transfers import checksum

BLOCK, BLOCKS = 5_000_000, 40
DICE = random.Random(53)
BOTH = {'X-CSTP-Accept-Encoding': 'oc-lz4,lzs', 'X-DTLS-Accept-Encoding': 'oc-lz4,lzs'}
NAMES = {CSTP: 'X-CSTP-Content-Encoding', DTLS: 'X-DTLS-Content-Encoding'}


def _make_file(name):
    """200 MB, most of it lines of text, every fourth block noise."""
    line = b'%08d the same words again and again, with another number before them\n'
    text = b''.join(line % number for number in range(BLOCK // len(line % 0) + 1))[:BLOCK]
    with open(f'{os.environ["LAB_WWW"]}/{name}', 'wb') as file:
        for number in range(BLOCKS):
            file.write(DICE.randbytes(BLOCK) if number % 4 == 3 else text)


def _wire():
    """Bytes that the client's own network carried to it and from it."""
    words = lab.run('ip', '-n', lab.CLIENT, '-statistics', '-json', 'link', 'show', 'dev', 'eth0')
    counters = json.loads(words)[0]['stats64']
    return counters['rx']['bytes'], counters['tx']['bytes']


def _carried_small(before, after, direction, what):
    """Less than the file, though each packet has its headers and some are sent again."""
    carried = after[direction] - before[direction]
    lab.holds(carried < BLOCK * BLOCKS, f'{what}: {carried} bytes on the wire')
    print(f'{what}: {carried / (BLOCK * BLOCKS):.2f} of its bytes on the wire')


def _both_ways_compressed(client, encodings):
    for name, encoding in encodings.items():
        client.wait_for_line(f'{name}: {encoding}\\s')
    _make_file('mixed.bin')
    expected = client.fetch('mixed.bin.sha256').strip()
    wires = [_wire()]
    client.fetch('mixed.bin', '--output', '/run/download')
    wires.append(_wire())
    lab.equal(checksum('/run/download'), expected, 'checksum of the download')
    lab.equal(client.fetch('upload', '--upload-file', '/run/download').strip(), expected, 'checksum of the upload')
    wires.append(_wire())
    _carried_small(wires[0], wires[1], 0, 'download')
    _carried_small(wires[1], wires[2], 1, 'upload')
    lab.equal(client.count(CONNECTED), 1, 'connections')


def _over_dtls(encoding):
    client = Client('--compression=stateless').wait_connected().wait_dtls()
    _both_ways_compressed(client, {name: encoding for name in NAMES.values()})
    lab.equal([session['transport'] for session in lab.sessions()], ['dtls'], 'transports')


def _over_tls(encoding):
    client = Client('--compression=all', '--no-dtls').wait_connected()
    _both_ways_compressed(client, {NAMES[CSTP]: encoding})
    lab.equal(client.count(NAMES[DTLS]), 0, 'answers about DTLS')


def item_53_a_large_file_goes_both_ways_over_dtls_in_lz4():
    _over_dtls('oc-lz4')


def item_53_a_large_file_goes_both_ways_over_tls_in_lz4():
    _over_tls('oc-lz4')


def item_53_a_large_file_goes_both_ways_over_dtls_in_lzs():
    _over_dtls('lzs')


def item_53_a_large_file_goes_both_ways_over_tls_in_lzs():
    _over_tls('lzs')


def _receive(tunnel, channel, seconds=10):
    """The next frame with a packet there."""
    deadline = time.monotonic() + seconds
    while True:
        left = max(0.0, deadline - time.monotonic())
        found = tunnel.receive_dtls(left) if channel == DTLS else tunnel.receive_frame(left)
        if found.type in (DATA, COMPRESSED):
            return found


def _send(tunnel, channel, kind, payload):
    if channel == DTLS:
        tunnel.send_dtls(kind, payload)
    else:
        tunnel.send_frame(kind, payload)


def _ping(tunnel, channel, encoding, payload, becomes_smaller):
    """By one channel and back: compressed there and back if it is worth it, else as it is."""
    request = packets.ping(tunnel.ipv4, lab.HOME_ADDRESS, payload=payload)
    packed = CODECS[encoding].pack(request) if encoding else None
    _send(tunnel, channel, COMPRESSED if packed else DATA, packed or request)
    found = _receive(tunnel, channel)
    lab.equal(found.type, COMPRESSED if encoding and becomes_smaller else DATA, f'type by {channel} in {encoding}')
    reply = CODECS[encoding].unpack(found.payload) if found.type == COMPRESSED else found.payload
    lab.holds(packets.Packet(reply).answers(request), f'another reply by {channel} in {encoding}')
    lab.holds(found.type == DATA or len(found.payload) < len(reply), 'what is compressed is not smaller')


def _each_kind_by(tunnel, channel, encoding):
    _ping(tunnel, channel, encoding, b'the same words again and again ' * 30, True)
    _ping(tunnel, channel, encoding, DICE.randbytes(1200), False)
    _ping(tunnel, channel, encoding, b'short ' * 30, False)
    _ping(tunnel, channel, encoding, bytes(1300), True)


def _agreed(tunnel):
    return {channel: tunnel.answer.value(name) for channel, name in NAMES.items()}


def item_53_each_channel_has_its_own_codec_or_none():
    for cstp, dtls in (('oc-lz4', 'lzs'), ('lzs', 'oc-lz4'), ('oc-lz4', None), (None, 'lzs')):
        headers = {'X-CSTP-Accept-Encoding': cstp, 'X-DTLS-Accept-Encoding': dtls}
        with records.open_tunnel(headers, dtls=True) as tunnel:
            lab.equal(_agreed(tunnel), {CSTP: cstp, DTLS: dtls}, 'agreement')
            _each_kind_by(tunnel, DTLS, dtls)
            _each_kind_by(tunnel, CSTP, cstp)
            _each_kind_by(tunnel, DTLS, dtls)
            tunnel.bye()


def item_53_what_the_client_likes_best_is_chosen_however_it_is_written():
    for offer, chosen in (('oc-lz4,lzs', 'oc-lz4'), ('lzs,oc-lz4', 'lzs'), (' LZS , deflate ', 'lzs'),
                          ('deflate,,OC-LZ4', 'oc-lz4'), ('deflate', None), ('', None), (',' * 5000, None)):
        with records.open_tunnel({'X-CSTP-Accept-Encoding': offer, 'X-DTLS-Accept-Encoding': offer}) as tunnel:
            lab.equal(_agreed(tunnel), {CSTP: chosen, DTLS: chosen}, f'agreement on {offer[:40]!r}')
            tunnel.bye()


def _bombs(encoding):
    """What would become very much, if one let it; and what is nothing."""
    return [CODECS[encoding].pack(bytes(16384)), CODECS[encoding].pack(bytes(1500)),
            bytes.fromhex('1f410100') + b'\xff' * 1300, bytes.fromhex('20e07f') + b'\xff' * 1300,
            b'', b'\xc0\x00', b'\x00', b'\xff' * 1400, DICE.randbytes(1400), DICE.randbytes(20), b'\xf0']


def _throw_bombs(tunnel, encodings, bombs, ends):
    """Until that process ends; after each round there are packets both ways as if nothing were."""
    while True:
        is_last = ends.poll() is not None
        for channel in (CSTP, DTLS):
            for bomb in bombs[encodings[channel]]:
                _send(tunnel, channel, COMPRESSED, bomb)
        # The last bomb by datagram has to be heard before a packet by TLS calls for answers there.
        for channel in (DTLS, CSTP):
            _each_kind_by(tunnel, channel, encodings[channel])
        if is_last:
            return


def item_53_bombs_and_junk_cost_a_packet_and_nobody_else_anything():
    bombs = {encoding: _bombs(encoding) for encoding in CODECS}
    client = Client('--compression=stateless').wait_connected().wait_dtls()
    expected = client.fetch('200M.bin.sha256').strip()
    namespace = lab.add_client_namespace('bomber', 3)
    for encodings in ({CSTP: 'oc-lz4', DTLS: 'lzs'}, {CSTP: 'lzs', DTLS: 'oc-lz4'}):
        headers = {f'X-{channel.upper()}-Accept-Encoding': encoding for channel, encoding in encodings.items()}
        transfer = client.fetch_in_background('200M.bin', '/run/download')
        with records.open_tunnel(headers, dtls=True, namespace=namespace) as tunnel:
            _throw_bombs(tunnel, encodings, bombs, transfer)
            tunnel.bye()
        lab.equal(transfer.wait(120), 0, 'status of the transfer')
        lab.equal(checksum('/run/download'), expected, 'checksum')
    lab.equal(client.count(CONNECTED), 1, 'connections')


def _nothing_is_compressed(headers):
    with records.open_tunnel(headers, dtls=True) as tunnel:
        lab.equal(_agreed(tunnel), {CSTP: None, DTLS: None}, 'agreement')
        lab.holds(b'content-encoding' not in tunnel.answer.head.lower(), 'something is announced')
        for channel in (DTLS, CSTP):
            request = packets.ping(tunnel.ipv4, lab.HOME_ADDRESS, payload=bytes(1300))
            _send(tunnel, channel, DATA, request)
            lab.equal(_receive(tunnel, channel).type, DATA, f'type by {channel}')
        tunnel.send_dtls(COMPRESSED, CODECS['oc-lz4'].pack(request))
        lab.holds(tunnel.is_closed_within(15), 'a compressed frame that nobody agreed on leaves the connection open')


def item_54_nothing_is_compressed_by_default():
    _nothing_is_compressed(BOTH)
    client = Client('--compression=all').wait_connected().wait_dtls()
    lab.equal(client.count('Content-Encoding'), 0, 'announcements')
    client.fetch('peer')


def item_54_nothing_is_compressed_with_a_client_that_offers_nothing():
    _nothing_is_compressed({})
    client = Client('--compression=none').wait_connected().wait_dtls()
    lab.equal(client.count('Content-Encoding'), 0, 'announcements')
    client.fetch('peer')

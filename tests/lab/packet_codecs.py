# SPDX-License-Identifier: GPL-2.0-or-later
"""The codecs of compressed packets, apart from the server's: oc-lz4 by liblz4, lzs by its description (RFC 1974 2.5.5).

    from packet_codecs import CODECS
    packed = CODECS['lzs'].pack(packet)
    packet = CODECS['lzs'].unpack(packed)          ValueError, when that is none
"""

import ctypes
from collections import namedtuple

PACKET_MAX = 16384
LZS_WINDOW = 2047
LZS_LENGTHS = {(0, 0): 2, (0, 1): 3, (1, 0): 4, (1, 1, 0, 0): 5, (1, 1, 0, 1): 6, (1, 1, 1, 0): 7}
library = ctypes.CDLL('liblz4.so.1')

Codec = namedtuple('Codec', 'pack unpack')


def lz4_pack(packet):
    room = ctypes.create_string_buffer(2 * PACKET_MAX)
    size = library.LZ4_compress_default(packet, room, len(packet), len(room))
    return room.raw[:size]


def lz4_unpack(packed):
    room = ctypes.create_string_buffer(PACKET_MAX)
    size = library.LZ4_decompress_safe(packed, room, len(packed), len(room))
    if size < 0:
        raise ValueError('no LZ4 block')
    return room.raw[:size]


def _bits(number, count):
    return f'{number:0{count}b}'


def _length_bits(length):
    for bits, short in LZS_LENGTHS.items():
        if short == length:
            return ''.join(map(str, bits))
    more, rest = divmod(length - 8, 15)
    return '1111' + '1111' * more + _bits(rest, 4)


def _match(data, at):
    """(offset, length) of what was there before; length 0: nothing."""
    start, length, offset = max(0, at - LZS_WINDOW), 1, 0
    while at + length < len(data):
        found = data.rfind(data[at:at + length + 1], start, at + length)
        if found < 0:
            break
        length, offset = length + 1, at - found
    return (offset, length) if offset else (0, 0)


def lzs_pack(packet):
    digits, at = [], 0
    while at < len(packet):
        offset, length = _match(packet, at)
        if length:
            digits.append(('11' + _bits(offset, 7) if offset < 128 else '10' + _bits(offset, 11)) + _length_bits(length))
        else:
            digits.append('0' + _bits(packet[at], 8))
        at += length or 1
    text = ''.join(digits) + '110000000'
    text += '0' * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, 'big')


class _Bits:
    def __init__(self, data):
        self.text, self.at = ''.join(_bits(byte, 8) for byte in data), 0

    def take(self, count):
        if self.at + count > len(self.text):
            raise ValueError('LZS data without an end')
        self.at += count
        return int(self.text[self.at - count:self.at], 2)


def _take_length(bits):
    code = (bits.take(1), bits.take(1))
    if code not in LZS_LENGTHS:
        code += (bits.take(1), bits.take(1))
    if code in LZS_LENGTHS:
        return LZS_LENGTHS[code]
    length, nibble = 8, 15
    while nibble == 15:
        nibble = bits.take(4)
        length += nibble
    return length


def lzs_unpack(packed):
    bits, out = _Bits(packed), bytearray()
    while True:
        if bits.take(1) == 0:
            out.append(bits.take(8))
            continue
        short = bits.take(1)
        offset = bits.take(7 if short else 11)
        if short and offset == 0:
            return bytes(out)
        if not 0 < offset <= len(out):
            raise ValueError('LZS match from before the beginning')
        for _ in range(_take_length(bits)):
            out.append(out[-offset])


CODECS = {'oc-lz4': Codec(lz4_pack, lz4_unpack), 'lzs': Codec(lzs_pack, lzs_unpack)}

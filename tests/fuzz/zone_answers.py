# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers to updates of a zone: the head (RFC 1035 4.1.1), the zone, and a signature's record (RFC 8945 4.2)."""

ZONE = b"\4home\4test\0\0\6\0\1"


def _head(code, signatures):
    return bytes([0, 0, 0xA8, code, 0, 1, 0, 0, 0, 0, 0, signatures]) + ZONE


def _signature(error, mac):
    data = b"\13hmac-sha256\0" + bytes([0, 0, 0x67, 0, 0, 0, 1, 44, 0, len(mac)]) + mac + bytes([0, 0, 0, error, 0, 0])
    return b"\3our\3key\0\0\xfa\0\xff" + bytes(4) + len(data).to_bytes(2, "big") + data


ANSWERS = {
    "unsigned": _head(0, 0), "refused": _head(5, 0), "bad-key": _head(9, 1) + _signature(17, b""),
    "bad-signature": _head(9, 1) + _signature(16, b""), "forged": _head(0, 1) + _signature(0, bytes(32)),
    "late": _head(9, 1) + _signature(18, bytes(32)), "cut": _head(0, 1) + _signature(0, bytes(32))[:40],
}

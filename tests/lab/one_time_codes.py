# SPDX-License-Identifier: GPL-2.0-or-later
"""What a phone does with an otpauth URI (RFC 6238, six digits, steps of 30 s), by Python's own means."""

import base64
import hashlib
import hmac
import struct
import time
import urllib.parse

PERIOD = 30


class Phone:
    def __init__(self, uri):
        self.uri = uri
        parts = urllib.parse.urlsplit(uri)
        self.label = urllib.parse.unquote(parts.path.lstrip('/'))
        self.secret = urllib.parse.parse_qs(parts.query)['secret'][0]

    def code(self, step):
        key = base64.b32decode(self.secret)
        digest = hmac.digest(key, struct.pack('>Q', step), hashlib.sha1)
        offset = digest[-1] & 15
        return f'{(struct.unpack(">I", digest[offset:offset + 4])[0] & 0x7fffffff) % 1000000:06d}'


def settled_step(margin=8):
    """The step of now, when it lasts for some more seconds."""
    while time.time() % PERIOD > PERIOD - margin:
        time.sleep(0.1)
    return int(time.time()) // PERIOD

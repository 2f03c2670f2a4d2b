# SPDX-License-Identifier: GPL-2.0-or-later
"""IP packets as bytes, to talk through a tunnel without a TUN device."""

import ipaddress
import struct

ICMP, TCP, UDP, ICMP6 = 1, 6, 17, 58
ECHO_REQUEST, ECHO_REPLY, ECHO_REQUEST6, ECHO_REPLY6 = 8, 0, 128, 129


def checksum(data):
    """RFC 1071."""
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def _is_ipv6(address):
    return ipaddress.ip_address(address).version == 6


def _pseudo_header(source, destination, protocol, length):
    addresses = ipaddress.ip_address(source).packed + ipaddress.ip_address(destination).packed
    return addresses + (struct.pack('!IHBB', length, 0, 0, protocol) if _is_ipv6(source) else
                        struct.pack('!BBH', 0, protocol, length))


def ip(source, destination, protocol, payload, identification=0):
    """Either family, by the addresses."""
    addresses = ipaddress.ip_address(source).packed + ipaddress.ip_address(destination).packed
    if _is_ipv6(source):
        return struct.pack('!IHBB', 6 << 28, len(payload), protocol, 64) + addresses + payload
    head = struct.pack('!BBHHHBB', 0x45, 0, 20 + len(payload), identification, 0, 64, protocol)
    return head + struct.pack('!H', checksum(head + bytes(2) + addresses)) + addresses + payload


def udp(source, source_port, destination, destination_port, payload):
    length = 8 + len(payload)
    datagram = struct.pack('!HHHH', source_port, destination_port, length, 0) + payload
    total = checksum(_pseudo_header(source, destination, UDP, length) + datagram) or 0xffff
    return ip(source, destination, UDP, datagram[:6] + struct.pack('!H', total) + datagram[8:])


def ping(source, destination, identifier=1, sequence=1, payload=b'ping'):
    """An echo request; ICMPv6 for IPv6 addresses."""
    six = _is_ipv6(source)
    message = struct.pack('!BBHHH', ECHO_REQUEST6 if six else ECHO_REQUEST, 0, 0, identifier, sequence) + payload
    over = _pseudo_header(source, destination, ICMP6, len(message)) if six else b''
    message = message[:2] + struct.pack('!H', checksum(over + message)) + message[4:]
    return ip(source, destination, ICMP6 if six else ICMP, message)


class Packet:
    """One that was received: source, destination, protocol, payload; of UDP also ports and data; of echo
    requests and replies `echo` = (type, identifier, sequence, payload)."""

    def __init__(self, data):
        self.version = data[0] >> 4
        six = self.version == 6
        self.protocol = data[6] if six else data[9]
        start, size, header = (8, 16, 40) if six else (12, 4, (data[0] & 15) * 4)
        self.source = str(ipaddress.ip_address(data[start:start + size]))
        self.destination = str(ipaddress.ip_address(data[start + size:start + 2 * size]))
        self.payload = data[header:]
        self.ports = self.data = self.echo = None
        if self.protocol == UDP:
            self.ports, self.data = struct.unpack('!HH', self.payload[:4]), self.payload[8:]
        if self.protocol in (ICMP, ICMP6) and self.payload[0] in (ECHO_REQUEST, ECHO_REPLY, ECHO_REQUEST6, ECHO_REPLY6):
            self.echo = (self.payload[0], *struct.unpack('!HH', self.payload[4:8]), self.payload[8:])

    def answers(self, request):
        """Is this the echo reply to that request, both as bytes were made by `ping`?"""
        asked = Packet(request)
        reply = ECHO_REPLY6 if self.version == 6 else ECHO_REPLY
        return (self.echo is not None and self.echo == (reply, *asked.echo[1:]) and
                (self.source, self.destination) == (asked.destination, asked.source))

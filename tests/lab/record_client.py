# SPDX-License-Identifier: GPL-2.0-or-later
"""A VPN client that sees every record and every byte, for what a stock client does not show or would never do.

    connection = Connection(connected_tcp_socket)              TLS is up
    cookie = connection.sign_in('alice', password)
    tunnel = connection.open_tunnel(cookie)                    Refused, when the answer is not 200
    tunnel.send_data(packets.ping(tunnel.ipv4, '192.168.50.20'))
    frame = tunnel.receive_data()                              (channel, type, payload)
    tunnel.open_dtls(connected_udp_socket)

Sockets come from the caller, so they may be of any network namespace.  tests/netns/records.py has these steps
for the lab.  Each wait has an end (TimeoutError); packets.py makes what goes through the tunnel.
"""

import dataclasses
import re
import struct
import time
from collections import namedtuple

import packets
from gnutls import RECORD_MAX, DtlsClient, TlsClient

DATA, DPD, DPD_RESPONSE, BYE, KEEPALIVE, COMPRESSED, TERMINATE = 0, 3, 4, 5, 7, 8, 9
MAGIC = b'STF\x01'
PSK_LABEL, PSK_SIZE = 'EXPORTER-openconnect-psk', 32
AGENT = 'Open AnyConnect VPN Agent v9.01'
TUNNEL_PATH = '/CSCOSSLC/tunnel'
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
VERSION = '<version who="vpn">v9.01</version><device-id>linux-64</device-id>'
# What openconnect asks for, without DTLS by resumption and compression.
TUNNEL_HEADERS = {
    'Host': 'vpn.test', 'User-Agent': AGENT, 'X-CSTP-Version': '1', 'X-CSTP-Hostname': 'record-client',
    'X-CSTP-Base-MTU': '1500', 'X-CSTP-MTU': '1390', 'X-CSTP-Address-Type': 'IPv6,IPv4',
    'X-CSTP-Full-IPv6-Capability': 'true', 'X-DTLS-CipherSuite': 'PSK-NEGOTIATE',
}
CSTP, DTLS = 'cstp', 'dtls'

Frame = namedtuple('Frame', 'channel type payload')


class Refused(Exception):
    """The server did not open a tunnel, or did not let in; `answer` is what it said."""

    def __init__(self, answer):
        super().__init__(f'{answer.status} {answer.reason}')
        self.answer = answer


@dataclasses.dataclass
class Answer:
    """Of HTTP.  `head` is every byte up to and with the empty line; names in `headers` are spelt as they came."""

    head: bytes
    body: bytes = b''

    def __post_init__(self):
        lines = self.head.decode('latin-1').split('\r\n')
        self.version, _, rest = lines[0].partition(' ')
        status, _, self.reason = rest.partition(' ')
        self.status = int(status) if status.isdigit() else 0
        self.headers = [(name, value[1:] if value[:1] == ' ' else value)
                        for name, _, value in (line.partition(':') for line in lines[1:] if line)]

    def values(self, name):
        """Of each header with exactly this spelling."""
        return [value for spelt, value in self.headers if spelt == name]

    def value(self, name, default=None):
        return (self.values(name) + [default])[0]


def frame(kind, payload=b'', magic=MAGIC, length=None, reserved=0):
    """Of CSTP; the odd arguments are for lies."""
    return magic + struct.pack('!HBB', len(payload) if length is None else length, kind, reserved) + payload


def header_lines(headers):
    """From a dict or a list of pairs; None as a value leaves a header out, a list repeats it."""
    pairs = headers.items() if isinstance(headers, dict) else headers
    flat = ((name, each) for name, value in pairs if value is not None
            for each in (value if isinstance(value, list) else [value]))
    return b''.join(b': '.join(part if isinstance(part, bytes) else part.encode() for part in pair) + b'\r\n'
                    for pair in flat)


class Connection:
    """One TLS connection with the server."""

    def __init__(self, socket, priority='NORMAL', session=None, **options):
        """session: a TlsClient that is up already; else options are its."""
        self.tls = session or TlsClient(socket, priority, **options)
        if session is None:
            try:
                self.tls.handshake()
            except BaseException:
                self.tls.close()
                raise
        self._unread = b''

    def send(self, data):
        """In as many records as it takes."""
        for start in range(0, len(data), RECORD_MAX):
            self.tls.send(data[start:start + RECORD_MAX])

    def receive_some(self, seconds=10.0):
        data = self.tls.receive(seconds)
        if not data:
            raise ConnectionError('the server closed the connection')
        return data

    def receive_answer(self, seconds=30.0, has_body=True):
        """Reads head and body, as Content-Length says.  What follows stays for whoever reads next."""
        deadline = time.monotonic() + seconds
        data = self._unread
        while b'\r\n\r\n' not in data:
            data += self.receive_some(deadline - time.monotonic())
        head, _, rest = data.partition(b'\r\n\r\n')
        answer = Answer(head + b'\r\n\r\n')
        length = int(answer.value('Content-Length', '0')) if has_body else 0
        while len(rest) < length:
            rest += self.receive_some(deadline - time.monotonic())
        answer.body, self._unread = rest[:length], rest[length:]
        return answer

    def request(self, method, target, headers=(), body=b'', seconds=30.0):
        """headers go out as they are; a Content-Length only if there is a body and none of it among them."""
        lines = header_lines(headers)
        if body and b'content-length:' not in lines.lower():
            lines += f'Content-Length: {len(body)}\r\n'.encode()
        self.send(f'{method} {target} HTTP/1.1\r\n'.encode() + lines + b'\r\n' + body)
        return self.receive_answer(seconds)

    def post_xml(self, target, kind, inside, headers=None):
        """A config-auth document of this type."""
        body = (f'{DECLARATION}<config-auth client="vpn" type="{kind}" aggregate-auth-version="2">{VERSION}{inside}'
                f'</config-auth>').encode()
        return self.request('POST', target, {
            'Host': 'vpn.test', 'User-Agent': AGENT, 'X-Transcend-Version': '1', 'X-Aggregate-Auth': '1',
            'Content-Type': 'application/xml; charset=utf-8', **(headers or {})}, body)

    def sign_in(self, user, password):
        """By name and password, as XML; returns the cookie."""
        form = self.post_xml('/', 'init', '<group-access>https://vpn.test</group-access>')
        if form.status != 200 or b'<form' not in form.body:
            raise Refused(form)
        answer = self.post_xml('/auth', 'auth-reply',
                               f'<auth><username>{user}</username><password>{password}</password></auth>')
        found = [re.match(r'webvpn=([^;]+)', value) for value in answer.values('Set-Cookie')]
        cookies = [match.group(1) for match in found if match]
        if answer.status != 200 or not cookies:
            raise Refused(answer)
        return cookies[0]

    def ask_for_tunnel(self, cookie, headers=None, path=TUNNEL_PATH):
        """CONNECT; returns the answer, whatever it is.  headers replace those of TUNNEL_HEADERS with the same name
        (None leaves one out, a list repeats it); the cookie is sent as it is, None sends none."""
        all_headers = {**TUNNEL_HEADERS, 'Cookie': None if cookie is None else f'webvpn={cookie}', **(headers or {})}
        self.send(f'CONNECT {path} HTTP/1.1\r\n'.encode() + header_lines(all_headers) + b'\r\n')
        return self.receive_answer(has_body=False)

    def open_tunnel(self, cookie, headers=None, path=TUNNEL_PATH):
        answer = self.ask_for_tunnel(cookie, headers, path)
        if answer.status != 200:
            raise Refused(answer)
        return Tunnel(self, answer)

    def is_closed_within(self, seconds=10.0):
        """Does the server end the connection?  What it still says is thrown away."""
        deadline = time.monotonic() + seconds
        try:
            while self.tls.receive(max(0.0, deadline - time.monotonic())):
                pass
        except TimeoutError:
            return False
        except OSError:
            pass
        return True

    def close(self):
        self.tls.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Tunnel:
    """After the 200.  `answer` has the headers; ipv4 and ipv6 are ours inside the tunnel, None if not given."""

    def __init__(self, connection, answer):
        self.connection, self.tls, self.answer, self.dtls = connection, connection.tls, answer, None
        addresses = answer.values('X-CSTP-Address')
        self.ipv4 = next((address for address in addresses if ':' not in address), None)
        self.ipv6 = next((address for address in addresses if ':' in address), None)
        if self.ipv6 is None and answer.value('X-CSTP-Address-IP6'):
            self.ipv6 = answer.value('X-CSTP-Address-IP6').partition('/')[0]
        self.mtu, self.base_mtu = int(answer.value('X-CSTP-MTU', '0')), int(answer.value('X-CSTP-Base-MTU', '0'))
        self.app_id = bytes.fromhex(answer.value('X-DTLS-App-ID', ''))

    # The channel over TLS.

    def send_record(self, data):
        """Any bytes, as one TLS record."""
        self.tls.send(data)

    def send_frame(self, kind, payload=b''):
        self.send_record(frame(kind, payload))

    def receive_record(self, seconds=10.0):
        """What one TLS record carried; b'' when the server closed.  A frame that came along with the answer to
        CONNECT is a mistake of the server."""
        if self.connection._unread:
            raise ValueError('the record of the answer to CONNECT has more in it')
        return self.tls.receive(seconds)

    def receive_frame(self, seconds=10.0):
        """One record that is exactly one frame, else ValueError; ConnectionError when the server closed."""
        record = self.receive_record(seconds)
        if not record:
            raise ConnectionError('the server closed the connection')
        return Frame(CSTP, *parse_frame(record))

    # The channel over UDP.

    def psk(self):
        return self.tls.exporter(PSK_LABEL, PSK_SIZE)

    def open_dtls(self, socket, session_id=None, seconds=15.0, **options):
        """Shakes hands with the shared key; options are DtlsClient.psk's.  What was open before stays open, and
        is the caller's."""
        self.dtls = DtlsClient.psk(socket, self.psk(), session_id or self.app_id, **options)
        self.dtls.handshake(seconds)
        return self.dtls

    def send_dtls(self, kind, payload=b''):
        self.dtls.send(bytes([kind]) + payload)

    def receive_dtls(self, seconds=10.0):
        """ConnectionError after the server's goodbye; empty records are none."""
        deadline = time.monotonic() + seconds
        record = self.dtls.receive(seconds)
        while record == b'' and not self.dtls.alerts and time.monotonic() < deadline:
            record = self.dtls.receive(deadline - time.monotonic())
        if not record:
            raise ConnectionError('the server closed the DTLS channel')
        return Frame(DTLS, record[0], record[1:])

    # Packets, over whichever channel is there.

    def send_data(self, packet, channel=None):
        if channel == DTLS or channel is None and self.dtls:
            self.send_dtls(DATA, packet)
        else:
            self.send_frame(DATA, packet)

    def _receive_any(self, seconds):
        """The next frame of either channel; None when neither has one in a short while."""
        for receive in (self.receive_dtls, self.receive_frame) if self.dtls else (self.receive_frame,):
            try:
                return receive(seconds)
            except TimeoutError:
                pass
        return None

    def receive_data(self, seconds=10.0, wanted=lambda packet: True):
        """The next data frame, of either channel, whose packet is wanted.  Others, and what is not data, are
        thrown away."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self._receive_any(0.02 if self.dtls else deadline - time.monotonic())
            if found and found.type == DATA and found.payload and wanted(found.payload):
                return found
        raise TimeoutError('no such packet came')

    def ping(self, destination, seconds=10.0, channel=None, **options):
        """Pings a host through the tunnel; returns the channel by which the reply came."""
        request = packets.ping(self.ipv6 if ':' in destination else self.ipv4, destination, **options)
        self.send_data(request, channel)
        return self.receive_data(seconds, lambda packet: packets.Packet(packet).answers(request)).channel

    def dpd(self, payload=b'', seconds=10.0):
        """Asks over TLS whether the server is there; returns what it answered with."""
        self.send_frame(DPD, payload)
        deadline = time.monotonic() + seconds
        while (got := self.receive_frame(deadline - time.monotonic())).type != DPD_RESPONSE:
            pass
        return got.payload

    def dtls_dpd(self, payload=b'', seconds=10.0):
        self.send_dtls(DPD, payload)
        deadline = time.monotonic() + seconds
        while (got := self.receive_dtls(deadline - time.monotonic())).type != DPD_RESPONSE:
            pass
        return got.payload

    def bye(self, reason=0xb0, text=b'Aborted by caller'):
        """Says goodbye as a client does: the cookie dies with b0."""
        self.send_frame(BYE, bytes([reason]) + text)

    def is_closed_within(self, seconds=10.0):
        return self.connection.is_closed_within(seconds)

    def close(self):
        """Vanishes without a word, as on a broken line."""
        if self.dtls:
            self.dtls.close()
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def parse_frame(record):
    """(type, payload) of a record that is one frame of CSTP, else ValueError."""
    if len(record) < 8 or record[:4] != MAGIC or record[7] != 0:
        raise ValueError(f'no frame: {record[:16].hex()}')
    length, kind = struct.unpack('!HB', record[4:7])
    if length != len(record) - 8:
        raise ValueError(f'a frame of {length} bytes in a record with room for {len(record) - 8}')
    return kind, record[8:]

# SPDX-License-Identifier: GPL-2.0-or-later
"""Seeds of the target worker-life: what a client, main and the keyholder do to a worker, as worker-play.h says."""

import struct

CERTIFICATES, PASSWORDS, GROUPS, STRANGERS, BANNER, TLS13 = (1 << n for n in range(6))
(RECORD, END, HELLO, BROKEN, UPDATE, READS, TIME, ANSWER, DEATH, GRANT, REFUSAL, PAUSE, ALLOWANCE, RECALL, STOP, CANDIDATE,
 STRAY, ROAM, PACKET, DATAGRAM, REACH) = range(21)
AND_MORE = 0x80
ACCEPTED, WRONG, DENIED, BUSY, SUSPENDED, DISABLED, EXPIRED, QUOTA, CODE_WANTED, WRONG_CODE, STALE, NO_TWO_STEP = range(12)
CERTIFICATE_WANTED, PASSWORD_WANTED, FOREIGN, OUT_OF_DATE, UNKNOWN, REVOKED, PAUSED, BLOCKED, GROUP_WANTED = range(12, 21)
TIMES = (0.001, 0.1, 1, 2, 5, 9, 10, 20, 30, 60, 100, 300, 1000, 4000)
GRANT_IPV4, GRANT_IPV6, GRANT_DTLS, GRANT_REKEY, GRANT_LZ4, GRANT_LZS, GRANT_ALLOWANCE, GRANT_LISTS = (
    1 << n for n in range(8))
DTLS_OFF, DTLS_PSK, DTLS_1_2, DTLS_0_9 = range(4)

AGENT = 'User-Agent: Open AnyConnect VPN Agent v9.01'
OLD_AGENT = 'User-Agent: Open AnyConnect VPN Agent v3.20'
BROWSER = 'User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15'
COOKIE = 'ab' * 32
TICKET = 'cd' * 32
TOKEN = 'A' * 42 + 'E'
OPEN = bytes([PASSWORDS | TLS13, 0, 0])


def sized(data):
    data = data.encode() if isinstance(data, str) else data
    return struct.pack('<H', len(data)) + data


def record(data):
    return bytes([RECORD]) + sized(data)


def request(first, *fields, body=None):
    head = ''.join(line + '\r\n' for line in (first + ' HTTP/1.1', AGENT, *fields))
    if body is not None:
        head += f'Content-Length: {len(body.encode())}\r\n'
    return record(head + '\r\n' + (body or ''))


def post(kind, content, target='/'):
    return request('POST ' + target, body=f'<config-auth type="{kind}">{content}</config-auth>')


def reply(fields, more=''):
    return post('auth-reply', f'<auth>{fields}</auth>{more}')


def form(target, body):
    return request('POST ' + target, body=body)


def answer(verdict, *texts, latest=0):
    return bytes([ANSWER, latest, verdict]) + b''.join(bytes([len(text)]) + text for text in texts or (b'',))


def redeem(verdict=ACCEPTED):
    """The answer to a cookie, which has no text."""
    return bytes([ANSWER, 0, verdict])


def later(seconds):
    return bytes([TIME, TIMES.index(seconds)])


def connect(*fields, cookie=COOKIE):
    return request('CONNECT /CSCOSSLC/tunnel', f'Cookie: webvpn={cookie}', *fields)


def grant(flags=GRANT_IPV4 | GRANT_IPV6, mode=DTLS_OFF, dpd=0, idle=0, limit=0, rekey=0, mtu=1):
    return bytes([GRANT, flags, mode, dpd, idle, limit, rekey, mtu])


def frame(kind, payload=b''):
    return record(b'STF\1' + struct.pack('>HBB', len(payload), kind, 0) + payload)


def ipv4(payload=b'', source=2, size=None):
    return struct.pack('>BBHHHBBHII', 0x45, 0, size or 20 + len(payload), 1, 0, 64, 17, 0, 0x0a000000 + source,
                       0x0a000001) + payload


IPV6 = bytes.fromhex('6000000000001140') + b'\xfd' + bytes(14) + b'\2' + b'\xfd' + bytes(14) + b'\1'
INIT = post('init', '<group-access>https://vpn/</group-access>')
LOGIN = reply('<username>jo &amp; co</username><password>p&lt;w</password>')
FORM = INIT + LOGIN
CODE = reply(f'<auth_handle>{TICKET}</auth_handle><password>123456</password>')
OFFER = ('X-CSTP-Base-MTU: 1400', 'X-CSTP-Hostname: box', 'X-CSTP-Address-Type: IPv6,IPv4',
         'X-CSTP-Full-IPv6-Capability: true', 'X-CSTP-Accept-Encoding: oc-lz4,lzs', 'X-DTLS-Accept-Encoding: lzs',
         'X-DTLS-Master-Secret: ' + '12' * 48, 'X-DTLS-CipherSuite: PSK-NEGOTIATE:AES128-SHA',
         'X-DTLS12-CipherSuite: AES128-GCM-SHA256:AES256-SHA')
TUNNEL = OPEN + connect(*OFFER) + redeem()
UP = TUNNEL + grant()
BYE = frame(5, b'\xb0bye')

WHOLE = (INIT + LOGIN + answer(WRONG) + LOGIN + answer(CODE_WANTED, b'Your code?') + CODE + answer(WRONG_CODE) + CODE
         + answer(ACCEPTED) + connect(*OFFER) + redeem())


def verdicts(name, header, step):
    """Each verdict of the keyholder after the same step."""
    return {f'{name}-{verdict}': header + step + answer(verdict, b'Say <something>')
            for verdict in range(GROUP_WANTED + 1)}


LIVES = {
    'nothing': OPEN,
    'end': OPEN + bytes([END]),
    'broken': OPEN + bytes([BROKEN]),
    'whole': OPEN + WHOLE + grant(255, DTLS_PSK, 10, 100, 100, 20) + frame(0, ipv4(b'x' * 30)) + frame(3, b'?') + BYE,
    'in-pieces': OPEN + b''.join(record(INIT[3 + n:4 + n]) for n in range(len(INIT) - 3)) + LOGIN + answer(ACCEPTED),
    'pipelined': OPEN + record('GET / HTTP/1.1\r\nUser-Agent: AnyConnect\r\n\r\n' * 2),
    'second-record': OPEN + bytes([RECORD | AND_MORE]) + INIT[1:] + LOGIN,
    'groups': bytes([PASSWORDS | GROUPS | BANNER, 0, 0]) + INIT
    + reply('<username>j</username><password>p</password>', '<group-select>home</group-select>') + answer(ACCEPTED),
    'unknown-group': bytes([PASSWORDS | GROUPS, 0, 0])
    + reply('<username>j</username><password>p</password>', '<group-select>away</group-select>') + answer(WRONG),
    'group-path': bytes([PASSWORDS | GROUPS, 0, 0]) + request('GET /home') + LOGIN + answer(ACCEPTED),
    'bare-form': OPEN + request('GET /') + form('/auth', 'username=j&password=p') + answer(ACCEPTED),
    'one-by-one': OPEN + record(f'POST / HTTP/1.1\r\n{OLD_AGENT}\r\nContent-Length: 12\r\n\r\nusername=j%3C')
    + form('/auth', 'username=j&password=p') + answer(BUSY) + later(20) + later(60) + later(300),
    'phone': OPEN + request('GET /svc') + form('/svc', 'username=j&password=p') + answer(ACCEPTED),
    'phone-code': OPEN + form('/svc', 'username=j&password=p') + answer(CODE_WANTED),
    'code-bare': OPEN + form('/auth', f'auth_handle={TICKET}&answer=1') + answer(WRONG_CODE) + form('/auth', 'username=a')
    + form('/auth', 'secondary_password=b'),
    'code-stale': OPEN + CODE + answer(STALE) + LOGIN + answer(QUOTA) + LOGIN + answer(NO_TWO_STEP),
    'control-characters': OPEN + reply('<username>a&#1;b</username><password>c&#x7;</password>'),
    'dtls-rekey': bytes([PASSWORDS, 0, 0]) + connect(*OFFER) + redeem()
    + grant(GRANT_IPV4 | GRANT_DTLS | GRANT_REKEY | GRANT_LISTS, DTLS_PSK, rekey=5),
    'documents': OPEN + request('GET /VPNManifest.xml') + request('HEAD /1/index.html') + request('GET /nothing/here'),
    'http-1.0': OPEN + record(f'GET / HTTP/1.0\r\n{AGENT}\r\n\r\n'),
    'close': OPEN + request('GET /', 'Connection: close') + INIT,
    'stranger': bytes([PASSWORDS | STRANGERS, 0, 0]) + record('GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
    'stranger-nothing': OPEN + record('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n'),
    'sixteen': OPEN + request('GET /') * 17,
    'logout': OPEN + post('logout', f'<session-token>{COOKIE}</session-token>') + redeem(),
    'logout-nothing': OPEN + post('logout', ''),
    'no-body': OPEN + request('POST /svc'),
    'no-xml': OPEN + post('init', '<'),
    'certificate': bytes([CERTIFICATES | PASSWORDS, 8, 0]) + INIT + answer(ACCEPTED),
    'certificate-large': bytes([CERTIFICATES | PASSWORDS, 255, 0]) + INIT + LOGIN + answer(ACCEPTED),
    'certificate-none': bytes([CERTIFICATES, 0, 0]) + INIT + post('init', '<client-cert-fail/>'),
    'certificate-group': bytes([CERTIFICATES | GROUPS, 8, 0]) + INIT + answer(GROUP_WANTED)
    + reply('', '<group-select>home</group-select>') + answer(WRONG) + reply('', '<group-select>default</group-select>')
    + answer(ACCEPTED),
    'invitation': OPEN + record(f'GET /e/{TOKEN} HTTP/1.1\r\n{BROWSER}\r\nAccept-Language: de\r\n\r\n')
    + answer(ACCEPTED, b'My <phone>', b'https://vpn.example.org:443/'),
    'claim': OPEN + record(f'POST /e/{TOKEN} HTTP/1.1\r\n{BROWSER}\r\nContent-Length: 0\r\n\r\n')
    + answer(ACCEPTED, b'A & B', b'joe', b'https://vpn.example.org/', b'joe phone'),
    'fetch-p12': OPEN + request(f'GET /e/{TOKEN}/vpn.p12') + answer(ACCEPTED, b'https://vpn/', b'0\x82file'),
    'fetch-conf': OPEN + request(f'GET /e/{TOKEN}/vpn.conf') + answer(ACCEPTED, b'https://vpn.example.org/', b''),
    'fetch-profile': OPEN + request(f'HEAD /e/{TOKEN}/vpn.mobileconfig') + answer(ACCEPTED, b'https://vpn/', b'<plist/>'),
    'reach': OPEN + record(f'GET /r/{TOKEN} HTTP/1.1\r\n{BROWSER}\r\nAccept-Language: es\r\n\r\n') + bytes([REACH, 2]),
    'reach-home': OPEN + record(f'GET /r/{TOKEN}?x HTTP/1.1\r\n{BROWSER}\r\n\r\n') + bytes([REACH, 1]),
    'reach-refused': OPEN + request(f'GET /r/{TOKEN}') + bytes([REACH, 0]),
    'reach-late': OPEN + request(f'GET /r/{TOKEN}') + later(20) + bytes([REACH, 2]),
    'reach-head': OPEN + request(f'HEAD /r/{TOKEN}'),
    'invitation-refused': OPEN + request(f'GET /e/{TOKEN}') + answer(WRONG, b'', b''),
    'invitation-connect': OPEN + request(f'CONNECT /e/{TOKEN}'),
    'keyholder-dies': OPEN + LOGIN + bytes([DEATH]),
    'keyholder-silent': OPEN + LOGIN + later(9) + later(9) + later(9),
    'slow-request': OPEN + record('GET / HT') + later(9) + record('TP/1.1\r\n') + later(9) + later(9),
    'no-cookie': OPEN + request('CONNECT /CSCOSSLC/tunnel'),
    'other-tunnel': OPEN + request('CONNECT /elsewhere', f'Cookie: webvpn={COOKIE}'),
    'refused-401': TUNNEL + bytes([REFUSAL, 0, 0]),
    'refused-503': TUNNEL + bytes([REFUSAL, 1, 12]) + b'No\r\nX-A: room',
    'refused-early': OPEN + connect() + bytes([REFUSAL, 1, 4]) + b'full' + redeem(),
    'too-narrow': TUNNEL + grant(mtu=5),
    'frames': UP + b''.join(frame(kind, b'abc') for kind in (7, 3, 4, 42, 0, 9)) + frame(0, ipv4(b'data'))
    + frame(0, IPV6) + frame(0, ipv4(source=3)) + frame(0, ipv4(b'y' * 1500)) + frame(8, b'??'),
    'compressed': TUNNEL + grant(GRANT_IPV4 | GRANT_LZ4 | GRANT_LZS) + frame(8, bytes.fromhex('2090b04600'))
    + bytes([PACKET]) + sized(ipv4(b'z' * 200)),
    'no-frame': UP + record('GET / HTTP/1.1'),
    'bye-reconnecting': UP + frame(5, b'\x91again'),
    'packets': UP + (bytes([PACKET]) + sized(ipv4(b'out'))) * 3 + bytes([PACKET]) + sized(IPV6) + bytes([PACKET]) + sized(b''),
    'slow-reader': UP + bytes([READS, 1]) + (bytes([PACKET]) + sized(ipv4(b'w' * 1300))) * 20 + bytes([READS, 255]) + BYE,
    'paused': UP + bytes([PAUSE, 1]) + frame(0, ipv4(b'a')) + bytes([PACKET]) + sized(ipv4(b'b')) + bytes([PAUSE, 0]),
    'allowance': TUNNEL + grant(GRANT_IPV4 | GRANT_ALLOWANCE) + frame(0, ipv4(b'c' * 190)) * 2 + bytes([ALLOWANCE, 1])
    + frame(0, ipv4(b'd')),
    'silent': TUNNEL + grant(dpd=10) + later(20) + later(10) + later(30),
    'idle': TUNNEL + grant(idle=10) + later(30) + later(30),
    'over': TUNNEL + grant(limit=10) + later(60) + later(60),
    'recalled': UP + bytes([RECALL]),
    'recalled-after-bye': UP + bytes([RECORD | AND_MORE]) + frame(0, b'x')[1:] + bytes([RECALL]) + later(1),
    'stopped': UP + bytes([STOP, 0, 4]) + b'over',
    'dropped': UP + bytes([STOP, 1, 0]),
    'stopped-early': OPEN + INIT + bytes([STOP, 0, 1]) + b'x',
    'stopped-in-farewell': UP + bytes([READS, 0]) + record('x') + bytes([STOP, 0, 1]) + b'y' + later(2),
    'recalled-in-farewell': UP + bytes([READS, 0]) + record('x') + bytes([RECALL]) + later(2),
    'main-silent': TUNNEL + later(20) + later(10),
    'renegotiation': bytes([PASSWORDS, 0, 0]) + connect() + redeem() + grant(GRANT_IPV4 | GRANT_REKEY, rekey=10)
    + later(60) + later(9) + bytes([HELLO]) + frame(0, ipv4(b'm')) + bytes([HELLO]) + frame(3),
    'renegotiation-unfinished': bytes([PASSWORDS, 0, 0]) + connect() + redeem()
    + grant(GRANT_IPV4 | GRANT_REKEY, rekey=10) + later(60) + later(9) + bytes([HELLO]) + later(20),
    'renegotiation-early': OPEN + bytes([HELLO]) + INIT,
    'renegotiation-in-request': OPEN + INIT + bytes([HELLO]),
    'key-update': TUNNEL + grant(GRANT_IPV4 | GRANT_REKEY, rekey=2) + bytes([UPDATE, 1]) + frame(7) + later(10) + later(10),
    'candidates': TUNNEL + grant(GRANT_IPV4 | GRANT_DTLS, DTLS_PSK) + (bytes([CANDIDATE]) + sized(b'\x16\xfe\xfd')) * 2
    + bytes([DATAGRAM]) + sized(b'junk') + bytes([ROAM]) + bytes([STRAY]) + sized(b'\x17\xfe\xfd' + bytes(30)) + later(20),
    'candidates-goodbye': TUNNEL + grant(GRANT_IPV4 | GRANT_DTLS, DTLS_PSK)
    + (bytes([CANDIDATE]) + sized(b'\x16\xfe\xfd')) * 2 + BYE + bytes([END]),
    'candidates-resumed': TUNNEL + grant(GRANT_IPV4 | GRANT_DTLS, DTLS_1_2) + bytes([CANDIDATE]) + sized(b'\x16\xfe\xfd'),
    'candidate-in-farewell': TUNNEL + grant(GRANT_IPV4 | GRANT_DTLS, DTLS_PSK) + bytes([READS, 0]) + record('x')
    + bytes([CANDIDATE]) + sized(b'\x16\xfe\xfd') + later(2),
    'unwanted-candidate': UP + bytes([CANDIDATE]) + sized(b''),
} | verdicts('password', OPEN, LOGIN) | verdicts('certificate', bytes([CERTIFICATES | PASSWORDS | GROUPS, 8, 0]), INIT)

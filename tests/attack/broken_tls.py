# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS as it is not to be spoken: each is refused, or taken as RFC 8446, 5246 and 6347 say, and disturbs nobody else."""

import concurrent.futures

import figures
import lab
import records
import tls_bytes as tls
from gnutls import FATAL, GnutlsError, TlsClient
from record_client import Refused

ATTACK = 'broken TLS'
AT_ONCE = 8  # who hurries is let in a little later, each time
NOT_OFFERED = {
    'NULL': (0x0001, 0x0002, 0x003b, 0x00b9, 0xc006, 0xc010, 0xc001),
    'export': (0x0003, 0x0006, 0x0008, 0x000b, 0x000e, 0x0014, 0x0062, 0x0064),
    'RC4': (0x0004, 0x0005, 0xc002, 0xc007, 0xc00c, 0xc011),
    'DES and 3DES': (0x0009, 0x000a, 0x0015, 0x0016, 0xc003, 0xc008, 0xc012),
    'anonymous': (0x0018, 0x001b, 0x0034, 0x003a, 0x006c, 0x006d, 0x00a6, 0xc015, 0xc018, 0xc019),
    'RSA without forward secrecy': (0x002f, 0x0035, 0x003c, 0x009c, 0x009d, 0xc09c),
    'Diffie-Hellman of old': (0x0033, 0x0039, 0x0067, 0x009e, 0xccaa),
    'keys that are shared': (0x008c, 0x008d, 0x00a8, 0x00a9, 0xc035, 0xccab),
    'SRP, Kerberos, IDEA, Camellia, SEED': (0xc01d, 0x001e, 0x0007, 0x0041, 0x0096),
    'none that exists': (0x0000, 0x0a0a, 0xffff),
    'the signalling ones alone': (0x00ff, 0x5600),
}


def speak(*pieces, **options):
    """One connection of its own."""
    with records.tcp_socket() as socket:
        return tls.talk(socket, *pieces, **options)


def in_record(hello, **options):
    return tls.record(tls.HANDSHAKE, hello, **options)


def is_refused(what, *pieces):
    """No hello comes back, and the connection ends."""
    answer = speak(*pieces)
    lab.equal(answer.hello, None, f'hello that answers {what}')
    lab.holds(answer.closed, f'the connection ends after {what}')
    return answer


def is_taken(what, *pieces):
    answer = speak(*pieces, until_hello=True)
    lab.holds(answer.hello is not None, f'{what} is answered by a hello, not by alert {answer.alert}')
    return answer.hello


def become_known():
    """Who has signed in is not turned away for what it tries."""
    return records.take_cookie()


def everybody_else_is_served():
    with records.open_tunnel() as tunnel:
        lab.equal(tunnel.dpd(b'?'), b'?', 'answer in the tunnel of somebody else')


def _complain(case):
    name, told = case
    try:
        told()
    except Exception as error:  # pylint: disable=broad-except
        return f'{name}: {error!r}'
    return None


def judge(cases, what, at_once=AT_ONCE):
    """Runs each (name, function); tells how many did as they should."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=at_once) as pool:
        failed = [complaint for complaint in pool.map(_complain, cases) if complaint]
    everybody_else_is_served()
    figures.tell(ATTACK, what + ': cases', len(cases), unit='cases')
    if failed:
        print(*failed, sep='\n')
    figures.tell(ATTACK, what + ': not refused, or not as the RFCs say', len(failed), goal='== 0', unit='cases')


# --- hellos ---

def _is_of_no_version(hello):
    lab.equal(is_refused('the version', in_record(hello)).alert, tls.PROTOCOL_VERSION, 'alert')


def _old_versions():
    for name, version in (('SSL 3', tls.SSL3), ('TLS 1.0', tls.TLS10), ('TLS 1.1', tls.TLS11)):
        of_old = tls.hello_12(version=version, ciphers=tls.OF_ALL_VERSIONS)
        in_list = tls.hello_12(ciphers=tls.OF_ALL_VERSIONS, extensions=tls.extensions_12() + [tls.versions(version)])
        yield name, lambda hello=of_old: _is_of_no_version(hello)
        yield name + ' in the list', lambda hello=in_list: _is_of_no_version(hello)
    yield 'SSL 2', lambda: is_refused('it', bytes.fromhex('802e0100020015000000100100800300800700c0060040020080') + b'x' * 32)
    yield 'none that exists', lambda: is_refused('the list', in_record(
        tls.hello_12(extensions=tls.extensions_12() + [tls.versions(0x7f1c, 0x0a0a)])))
    yield 'an empty list', lambda: is_refused('the list', in_record(
        tls.hello_12(extensions=tls.extensions_12() + [tls.versions()])))


def versions_that_are_old_or_none_are_refused():
    become_known()
    judge(list(_old_versions()), 'versions')


def _newest():
    hello = is_taken('a version of the future', in_record(tls.hello_12(version=0x3ff)))
    lab.equal(hello.version, tls.TLS12, 'version')
    hello = is_taken('TLS 1.3 beside those that nobody knows', in_record(tls.hello_13(
        extensions=[tls.GROUPS_OF_ALL, tls.SIGNATURES_OF_ALL, tls.versions(0x0a0a, tls.TLS13, tls.TLS11), tls.share()])))
    lab.equal(hello.version, tls.TLS13, 'version')


def _bad_ciphers():
    for name, ciphers in NOT_OFFERED.items():
        yield name, lambda ciphers=ciphers: is_refused('them', in_record(tls.hello_12(ciphers=ciphers)))
    yield 'those of TLS 1.2 in TLS 1.3', lambda: is_refused('them', in_record(tls.hello_13(ciphers=tls.USUAL)))
    yield 'no cipher', lambda: is_refused('it', in_record(tls.hello_12(ciphers=())))
    yield 'deflate alone', lambda: is_refused('it', in_record(tls.hello_12(compressions=b'\1')))
    yield 'no compression method', lambda: is_refused('it', in_record(tls.hello_12(compressions=b'')))
    yield 'compression is not chosen', _no_compression
    yield 'versions', _newest


def _no_compression():
    """RFC 8446 4.1.2 has the second one refused; GnuTLS overlooks what is offered, and chooses nothing."""
    lab.equal(is_taken('it', in_record(tls.hello_13(compressions=b'\1\0'))).compression, 0, 'compression in TLS 1.3')
    hello = is_taken('deflate and nothing', in_record(tls.hello_12(compressions=b'\1\0')))
    lab.equal(hello.compression, 0, 'compression')
    lab.holds(tls.RENEGOTIATION in hello.extensions, 'the answer has RFC 5746')


def ciphers_and_compression_that_are_weak_are_refused():
    become_known()
    judge(list(_bad_ciphers()), 'ciphers and compression')


def _with(*more, base=tls.extensions_12):
    return base() + list(more)


def _keyed(group, *keys):
    """Nothing else is offered, so no other key can be asked for."""
    return tls.hello_13(extensions=[tls.extension(tls.GROUPS, tls.sized(2, tls.numbers((group,))))] + tls.extensions_13()[1:4]
                        + [tls.share(group, key) for key in keys])


def _bad_extensions():
    twelve, thirteen = tls.hello_12, tls.hello_13
    for name, hello in {
            'twice the groups': twelve(extensions=_with(tls.GROUPS_OF_ALL)),
            'twice the groups, TLS 1.3': thirteen(extensions=[tls.GROUPS_OF_ALL] + tls.extensions_13()),
            'twice the versions': thirteen(extensions=[tls.versions(tls.TLS13)] + tls.extensions_13()),
            'twice the keys': _keyed(tls.P256, tls.POINT_P256, tls.POINT_P256),
            'twice RFC 5746': twelve(extensions=_with(tls.RFC_5746)),
            'RFC 5746 of an earlier session': twelve(extensions=tls.extensions_12()[:3] + [
                tls.extension(tls.RENEGOTIATION, b'\x0c' + b'v' * 12)]),
            'extensions longer than the hello': twelve(raw_extensions=b'\xff\xff' + tls.RFC_5746),
            'extensions shorter than they say': twelve(raw_extensions=b'\0\7' + tls.RFC_5746),
            'an extension longer than the rest': twelve(raw_extensions=tls.sized(2, b'\0\x0a\0\x20\0\1')),
            'half an extension': twelve(raw_extensions=tls.sized(2, tls.RFC_5746 + b'\0\x0a')),
            'bytes behind the extensions': twelve(tail=b'\0'),
            'a session id that is too long': twelve(session=b's' * 33),
            'groups of an odd size': twelve(extensions=[tls.extension(tls.GROUPS, b'\0\3\0\x1d\0')] + tls.extensions_12()[1:]),
            'signatures of no size': twelve(extensions=tls.extensions_12()[:2] + [tls.extension(tls.SIGNATURES, b'\0\0')]),
            'no signatures in TLS 1.3': thirteen(extensions=[tls.GROUPS_OF_ALL, tls.versions(tls.TLS13), tls.share()]),
            'no groups in TLS 1.3': thirteen(extensions=[tls.SIGNATURES_OF_ALL, tls.versions(tls.TLS13), tls.share()]),
            'no keys in TLS 1.3': thirteen(extensions=tls.extensions_13()[:3]),
            'a point that is not on the curve': _keyed(tls.P256, b'\4' + b'\1' * 64),
            'a point of the wrong size': _keyed(tls.P256, b'\4' + b'\1' * 63),
            'the point at infinity': _keyed(tls.P256, b'\0'),
            'a key of no bytes': _keyed(tls.P256, b''),
            'a key of the wrong size': _keyed(tls.X25519, b'k' * 31),
            'the zero key': _keyed(tls.X25519, bytes(32)),
            'a shared key before other extensions': thirteen(extensions=[_psk()] + tls.extensions_13()),
            'a shared key without modes': thirteen(extensions=tls.extensions_13()[:3] + [tls.share(), _psk()]),
            'a hello of no bytes': b'\1\0\0\0',
            'a hello that ends in the random number': b'\1\0\0\x10' + b'\3\3' + b'r' * 14,
            'another message': b'\x10' + tls.hello_12()[1:],
            'a request for a hello': b'\0\0\0\0'}.items():
        yield name, lambda hello=hello: is_refused('it', in_record(hello))
    yield 'a heartbeat', _no_heartbeat
    yield 'a ticket', _no_ticket
    yield 'a shared key that nobody has', _unknown_psk


def _psk():
    identity = tls.sized(2, b'ticket of another server') + b'\0\0\0\0'
    return tls.extension(tls.PSK, tls.sized(2, identity) + tls.sized(2, tls.sized(1, b'b' * 32)))


def _no_heartbeat():
    hello = is_taken('the offer of heartbeats', in_record(tls.hello_12(extensions=_with(tls.extension(tls.HEARTBEATS, b'\1')))))
    lab.holds(tls.HEARTBEATS not in hello.extensions, 'there are no heartbeats')


def _no_ticket():
    hello = is_taken('the wish for a ticket', in_record(tls.hello_12(extensions=_with(tls.extension(tls.TICKET)))))
    lab.holds(tls.TICKET not in hello.extensions, 'there are no tickets')


def _unknown_psk():
    """A full handshake (RFC 8446 4.2.11), or none."""
    answer = speak(in_record(tls.hello_13(extensions=_with(_psk(), base=tls.extensions_13))), until_hello=True)
    lab.holds(answer.hello is None or tls.PSK not in answer.hello.extensions, 'the shared key is not taken')


def extensions_that_are_twice_or_wrong_are_refused():
    become_known()
    judge(list(_bad_extensions()), 'extensions')


def _early_data():
    """Whatever a client sends with its hello is not read as data (RFC 8446 4.2.10): there is nothing to resume."""
    request = b'GET / HTTP/1.1\r\nUser-Agent: Open AnyConnect VPN Agent v9.01\r\n\r\n'
    hello = tls.hello_13(extensions=_with(tls.extension(tls.EARLY_DATA), _psk(), base=tls.extensions_13))
    answer = speak(in_record(hello), tls.record(tls.DATA, request + b'\x17' + b't' * 16, tls.TLS12), seconds=3)
    lab.holds(answer.hello is None or tls.PSK not in answer.hello.extensions, 'nothing is resumed')
    lab.holds(b'HTTP/1' not in answer.data, 'no answer to a request that came too early')
    alone = tls.hello_13(extensions=_with(tls.extension(tls.EARLY_DATA), base=tls.extensions_13))
    answer = speak(in_record(alone), seconds=3, until_hello=True)
    lab.holds(answer.hello is None or tls.EARLY_DATA not in answer.hello.extensions, 'early data is not accepted')


# --- records ---

def _bad_records():
    hello = tls.hello_12()
    head, rest = hello[:20], hello[20:]
    beat = tls.record(tls.HEARTBEAT, b'\1\x40\0', tls.TLS12)
    for name, pieces in {
            'a heartbeat first': (beat, in_record(hello)),
            'a heartbeat that lies, after the hello': (in_record(hello) + beat,),
            'an unknown type': (tls.record(99, hello),),
            'type 0': (tls.record(0, hello),),
            'data first': (tls.record(tls.DATA, b'GET / HTTP/1.1\r\n\r\n'),),
            'a change of ciphers first': (tls.record(tls.CHANGE_CIPHER_SPEC, b'\1'), in_record(hello)),
            'an alert that ends all': (tls.record(tls.ALERT, b'\2\x28'), in_record(hello)),
            'an alert within the hello': (in_record(head), tls.record(tls.ALERT, b'\1\x5a'), in_record(rest)),
            'a change of ciphers within the hello': (in_record(head), tls.record(tls.CHANGE_CIPHER_SPEC, b'\1'), in_record(rest)),
            'data within the hello': (in_record(head), tls.record(tls.DATA, b'x'), in_record(rest)),
            'an empty record within the hello': (in_record(head), in_record(b''), in_record(rest)),
            'an empty record first': (in_record(b''), in_record(hello)),
            'a record of more than 16 KiB': (tls.record(tls.HANDSHAKE, hello + bytes(16385 - len(hello))),),
            'a record of 64 KiB': (b'\x16\3\1\xff\xff' + hello + bytes(65535 - len(hello)),),
            'a hello of 16 MB': (in_record(b'\1\xff\xff\xff' + hello[4:]) + in_record(bytes(16000)) * 3,),
            'major version 2': (in_record(hello, version=0x201),),
            'major version 4': (in_record(hello, version=0x400),),
            'HTTP': (b'GET / HTTP/1.1\r\nHost: vpn.test\r\n\r\n',),
            'a second hello with the first': (in_record(tls.hello_13()) + in_record(tls.hello_13()),)}.items():
        check = is_refused if 'after the hello' not in name and 'second' not in name else ends_unfinished
        yield name, lambda check=check, pieces=pieces: check('it', *pieces)
    for size in (1, 7, 64):
        yield f'records of {size} bytes', lambda size=size: is_taken('it', tls.records(tls.HANDSHAKE, hello, size))
    yield 'segments of a byte', lambda: is_taken('it', *(in_record(hello)[n:n + 1] for n in range(len(hello) + 5)))
    yield 'early data', _early_data


def ends_unfinished(what, *pieces):
    """The hello before it may have been answered; after it nothing is."""
    answer = speak(*pieces)
    lab.holds(answer.closed, f'the connection ends after {what}')
    lab.holds(answer.alert is not None or b'\x18\3' not in answer.data, 'nothing is echoed')


def records_that_are_odd_or_out_of_place_are_refused():
    become_known()
    judge(list(_bad_records()), 'records')


# --- after the handshake ---

VERSIONS = ('TLS1.2', 'TLS1.3')
PLAIN = {
    'a change of ciphers': tls.record(tls.CHANGE_CIPHER_SPEC, b'\1', tls.TLS12),
    'a heartbeat': tls.record(tls.HEARTBEAT, b'\1\x40\0' + b'h' * 16, tls.TLS12),
    'an unknown type': tls.record(99, b'?' * 40, tls.TLS12),
    'an alert in the clear': tls.record(tls.ALERT, b'\1\0', tls.TLS12),
    'a hello in the clear': tls.record(tls.HANDSHAKE, tls.hello_12(), tls.TLS12),
    'data in the clear': tls.record(tls.DATA, b'STF\1\0\0\7\0', tls.TLS12),
    'an empty record of data': tls.record(tls.DATA, b'', tls.TLS12),
    'a forged record': tls.record(tls.DATA, bytes(200), tls.TLS12),
    'a record that is too large': b'\x17\3\3\xff\xff' + bytes(65535),
    'a version of long ago': b'\x17\3\0\0\x20' + bytes(32),
    'a record without end': b'\x17\3\3\x40\0' + bytes(100),
}


def _tunnel_ends_by(version, raw):
    """What was not said with the session's keys ends it: nothing of it is believed, nothing answered."""
    with records.open_tunnel(priority=f'NORMAL:-VERS-ALL:+VERS-{version}') as tunnel:
        lab.equal(tunnel.tls.protocol(), version, 'version')
        tunnel.tls.socket.sendall(raw)
        if raw == PLAIN['a record without end']:
            tunnel.tls.socket.shutdown(1)
        lab.holds(tunnel.is_closed_within(10), 'the connection ends')


def what_is_not_sealed_ends_the_connection():
    become_known()
    judge([(f'{name}, {version}', lambda version=version, raw=raw: _tunnel_ends_by(version, raw))
           for version in VERSIONS for name, raw in PLAIN.items()], 'in a session', at_once=1)


# --- alerts and renegotiation ---

def _dies_of_alert(version, description, level):
    with records.open_tunnel(priority=f'NORMAL:-VERS-ALL:+VERS-{version}') as tunnel:
        tunnel.tls.alert(description, level)
        lab.holds(tunnel.is_closed_within(10), 'the connection ends')


def _lives_with_alert(version, description):
    with records.open_tunnel(priority=f'NORMAL:-VERS-ALL:+VERS-{version}') as tunnel:
        tunnel.tls.alert(description)
        lab.equal(tunnel.dpd(b'on'), b'on', 'answer after the alert')


def _alerts():
    for version in VERSIONS:
        yield f'fatal, {version}', lambda version=version: _dies_of_alert(version, tls.HANDSHAKE_FAILURE, FATAL)
        yield f'goodbye, {version}', lambda version=version: _dies_of_alert(version, tls.CLOSE_NOTIFY, 1)
    yield 'user canceled, TLS1.2', lambda: _lives_with_alert('TLS1.2', tls.USER_CANCELED)
    # RFC 8446 6.1 would read on to the goodbye; GnuTLS takes it for one.
    yield 'user canceled, TLS1.3', lambda: _dies_of_alert('TLS1.3', tls.USER_CANCELED, 1)
    # RFC 8446 6: an error whatever its level says; RFC 5246 7.2: a warning is one.
    yield 'an error called a warning, TLS1.3', lambda: _dies_of_alert('TLS1.3', tls.HANDSHAKE_FAILURE, 1)
    yield 'an unknown one called a warning, TLS1.3', lambda: _dies_of_alert('TLS1.3', 200, 1)
    yield 'no renegotiation, TLS1.2', lambda: _lives_with_alert('TLS1.2', 100)


def alerts_are_taken_for_what_they_are():
    become_known()
    judge(list(_alerts()), 'alerts', at_once=1)


TLS12 = 'NORMAL:-VERS-ALL:+VERS-TLS1.2'


def _renegotiates(session):
    try:
        session.handshake(10)
    except (GnutlsError, TimeoutError):
        return False
    return True


def _before_signing_in():
    with records.connect(TLS12) as connection:
        lab.holds(not _renegotiates(connection.tls), 'who has not signed in cannot renegotiate')
        lab.holds(connection.is_closed_within(10), 'the connection ends')


def _within_signing_in():
    with records.connect(TLS12) as connection:
        connection.post_xml('/', 'init', '')
        lab.holds(not _renegotiates(connection.tls), 'who signs in cannot renegotiate')
        lab.holds(connection.is_closed_within(10), 'the connection ends')


def _without_rfc_5746():
    try:
        with records.open_tunnel(priority=TLS12 + ':%DISABLE_SAFE_RENEGOTIATION') as tunnel:
            lab.holds(not _renegotiates(tunnel.tls), 'nobody renegotiates without RFC 5746')
            lab.holds(tunnel.is_closed_within(10), 'the connection ends')
    except Refused:
        pass


def renegotiation_is_for_tunnels_whose_client_knows_rfc_5746():
    """In its turn it is how openconnect renews keys: tests/conformance has that, and what is out of turn."""
    become_known()
    judge([('before signing in', _before_signing_in), ('between two requests', _within_signing_in),
           ('without RFC 5746', _without_rfc_5746)], 'renegotiation', at_once=1)


def a_change_of_ciphers_for_old_boxes_is_overlooked_in_the_handshake():
    """RFC 8446 5: one byte 1, between the first hello and Finished, unencrypted; anything else ends it."""
    become_known()
    for what, raw, fine in (('one', b'\1', True), ('another value', b'\2', False), ('two bytes', b'\1\1', False)):
        with _who_said_hello() as session:
            session.socket.sendall(tls.record(tls.CHANGE_CIPHER_SPEC, raw, tls.TLS12))
            lab.equal(_finishes(session), fine, f'handshake with {what}')
    everybody_else_is_served()


def _who_said_hello():
    """And no more: while the machine is busy, the server's answer may be there in the same step, and the handshake over."""
    for _ in range(20):
        session = TlsClient(records.tcp_socket(), 'NORMAL:-VERS-ALL:+VERS-TLS1.3:%DISABLE_TLS13_COMPAT_MODE')
        if not session.try_handshake():
            return session
        session.close()
    raise AssertionError('every handshake was over at once')


def _finishes(session):
    """TLS 1.3: the client is through before the server has judged its Finished: so it is asked something."""
    try:
        session.handshake(10)
        session.send(b'GET / HTTP/1.1\r\nUser-Agent: Open AnyConnect VPN Agent v9.01\r\n\r\n')
        return session.receive(10).startswith(b'HTTP/1.1 200')
    except OSError:
        return False


# --- DTLS ---

DTLS_REFUSED = {
    'DTLS 1.0': 'NORMAL:-VERS-ALL:+VERS-DTLS1.0:-KX-ALL:+PSK',
    'DTLS 0.9': 'NORMAL:-VERS-ALL:+VERS-DTLS0.9:-KX-ALL:+PSK',
    'no cipher': 'NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK:-CIPHER-ALL:+NULL',
    '3DES': 'NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK:-CIPHER-ALL:+3DES-CBC',
    'RC4': 'NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK:-CIPHER-ALL:+ARCFOUR-128',
    'anonymous': 'NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+ANON-ECDH:+ANON-DH',
}


def _dtls_is_not_spoken(tunnel, priority):
    try:
        tunnel.open_dtls(records.udp_socket(), seconds=2, priority=priority)
    except (GnutlsError, TimeoutError):
        return
    raise AssertionError(f'{tunnel.dtls.description()} is spoken')


def _dtls_overlooks(tunnel, raw):
    tunnel.dtls.socket.send(raw)
    lab.equal(tunnel.dtls_dpd(b'still'), b'still', 'answer by datagram')


def datagrams_are_sealed_with_what_is_strong_or_not_at_all():
    cookie = become_known()
    cases = []
    with records.open_tunnel(cookie=cookie) as tunnel:
        for name, priority in DTLS_REFUSED.items():
            cases.append((name, lambda priority=priority: _dtls_is_not_spoken(tunnel, priority)))
        cases.append(('the tunnel is fine', lambda: lab.equal(tunnel.dpd(b'a'), b'a', 'answer over TLS')))
        cases.append(('the usual handshake', lambda: tunnel.open_dtls(records.udp_socket())))
        for name, raw in {
                'a change of ciphers': _datagram(20, b'\1'), 'an alert in the clear': _datagram(21, b'\2\x28'),
                'a goodbye in the clear': _datagram(21, b'\1\0'), 'an unknown type': _datagram(99, b'?' * 30),
                'a heartbeat': _datagram(24, b'\1\x40\0' + b'h' * 16), 'a forged record': _datagram(23, b'd' * 60, epoch=1),
                'a record of the next epoch': _datagram(23, b'd' * 60, epoch=2), 'another version': _datagram(23, b'd' * 60, 0xfeff, 1),
                'half a record': _datagram(23, b'd' * 60, epoch=1)[:30], 'DTLS 1.3': b'\x2f\0\1\0\x20' + b'c' * 32,
                'no bytes': b''}.items():
            cases.append((name, lambda raw=raw: _dtls_overlooks(tunnel, raw)))
        judge(cases, 'datagrams', at_once=1)


def _datagram(kind, body, version=0xfefd, epoch=0):
    return kind.to_bytes(1, 'big') + version.to_bytes(2, 'big') + epoch.to_bytes(2, 'big') + b'\0\0\0\0\x40\0' + tls.sized(2, body)

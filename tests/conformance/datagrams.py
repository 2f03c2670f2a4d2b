# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of the datagram channel: how it comes about, what strangers can do to it, how it ends."""

import os
import random
import re
import signal
import struct
import time

import lab
import records
from client import Client, openssl_program
from gnutls import DtlsClient, GnutlsError
from record_client import CSTP, DTLS
from relay import Relay, is_hello, is_request_to_verify
from transfers import checksum

DICE = random.Random(1)
SIZE = 12_000_000
MASTER = bytes(range(48))
OFFERS_MASTER = {'X-DTLS-Master-Secret': MASTER.hex().upper()}
SERVER_HELLO = 2
NO_WORD = 1.0  # seconds without an answer


def _make_file():
    """Random, of a size that is over soon; returns its checksum."""
    path = f'{os.environ["LAB_WWW"]}/12M.bin'
    with open(path, 'wb') as file:
        file.write(random.Random(2).randbytes(SIZE))
    return checksum(path)


def _carries_a_file(client, expected):
    client.fetch('12M.bin', '--output', '/run/download')
    lab.equal(checksum('/run/download'), expected, 'checksum of the download')
    lab.equal(client.fetch('upload', '--upload-file', '/run/download').strip(), expected, 'checksum of the upload')
    lab.equal([session['transport'] for session in lab.sessions()], ['dtls'], 'the way of packets')


def _leave(client):
    os.unlink(client.log_path)
    lab.equal(client.disconnect(), 0, 'status of openconnect')
    lab.wait_until('the end of the session', lambda: lab.sessions() == [])


# 39: a shared key

def item_39_dtls_is_keyed_from_the_stream_under_tls_1_3_and_1_2():
    expected = _make_file()
    for version in ('TLS1.3', 'TLS1.2'):
        client = Client('--gnutls-priority', f'NORMAL:-VERS-ALL:+VERS-{version}:+VERS-DTLS1.2').wait_connected().wait_dtls()
        lab.equal(client.count(rf'Connected to HTTPS on .* with ciphersuite \({version}'), 1, f'handshakes with {version}')
        lab.equal(client.count(r'Ciphersuite \(DTLS1\.2\)-\(PSK\)-\(AES-128-GCM\)'), 1, 'DTLS handshakes with a shared key')
        _carries_a_file(client, expected)
        _leave(client)


def item_39_the_key_is_exported_without_a_context():
    """In TLS 1.2 that is another one than that of an empty context."""
    with records.open_tunnel(priority='NORMAL:-VERS-ALL:+VERS-TLS1.2') as tunnel:
        wrong = tunnel.tls.exporter('EXPORTER-openconnect-psk', 32, b'')
        lab.holds(wrong != tunnel.psk(), 'both contexts give the same key')
        _does_not_open(lambda: DtlsClient.psk(records.udp_socket(), wrong, tunnel.app_id).handshake(3))
        tunnel.open_dtls(records.udp_socket())
        lab.equal(tunnel.ping(lab.HOME_ADDRESS), DTLS, 'way of the ping')


def item_39_a_client_that_kept_its_first_key_has_dtls_again_after_a_reconnect():
    """openconnect with OpenSSL makes its key but once, and sends it as the beginning of its master secret."""
    client = Client('--dump-http-traffic', program=openssl_program()).wait_connected().wait_dtls()
    for times in (2, 3):
        client.signal(signal.SIGUSR2)
        client.wait_dtls(times)
        lab.equal(client.count('DTLS handshake (timed out|failed)'), 0, 'handshakes that failed')
        lab.equal(client.fetch('peer').strip(), '192.168.50.1', 'address that the home host sees')
        lab.wait_until('DTLS', lambda: [session['transport'] for session in lab.sessions()] == ['dtls'])
    secrets = re.findall(r'X-DTLS-Master-Secret: (\w{64})', client.log())
    lab.equal((len(secrets), secrets[0] == secrets[1], secrets[1] == secrets[2]), (3, False, True),
              'secrets, and whether the key is kept')


# 40, 41: ids

def _does_not_open(handshake):
    try:
        handshake()
    except (TimeoutError, GnutlsError):
        return
    raise AssertionError('a handshake that must not, succeeds')


def item_40_each_connect_gets_a_fresh_id_which_the_servers_hello_does_not_repeat():
    cookie, ids = records.take_cookie(), []
    for _ in range(3):
        with records.open_tunnel(cookie=cookie) as tunnel:
            dtls = tunnel.open_dtls(records.udp_socket())
            ids.append(tunnel.app_id)
            lab.equal(len(dtls.session_id()), 32, 'length of the server\'s session id')
            lab.holds(dtls.session_id() not in ids, 'the server repeats the id')
            lab.holds(not dtls.is_resumed(), 'it looks like a resumption')
            for old in ids[:-1]:
                with DtlsClient.psk(records.udp_socket(), tunnel.psk(), old) as other:
                    _does_not_open(lambda dtls=other: dtls.handshake(2))
            lab.equal(tunnel.ping(lab.HOME_ADDRESS), DTLS, 'way of the ping')
    lab.equal(len(set(ids)), 3, 'different ids')


def item_41_the_id_may_stand_in_the_extension_of_old_clients():
    cookie = records.take_cookie()
    for session_id in (None, DICE.randbytes(32)):  # the extension goes first
        with records.open_tunnel(cookie=cookie) as tunnel:
            tunnel.dtls = DtlsClient.psk(records.udp_socket(), tunnel.psk(), session_id, extension_id=tunnel.app_id)
            tunnel.dtls.handshake()
            lab.equal(tunnel.ping(lab.HOME_ADDRESS), DTLS, 'way of the ping')


# 42: by resumption

OF_DTLS_1_2 = {  # options of openconnect, and the suite as its GnuTLS calls it
    '--dtls-ciphers=OC-DTLS1_2-AES256-GCM': '(RSA)-(AES-256-GCM)',
    '--dtls-ciphers=OC-DTLS1_2-AES128-GCM': '(RSA)-(AES-128-GCM)',
    '--dtls12-ciphers=AES256-GCM-SHA384': '(RSA)-(AES-256-GCM)',
    '--dtls12-ciphers=AES128-GCM-SHA256': '(RSA)-(AES-128-GCM)',
    '--dtls12-ciphers=ECDHE-RSA-AES256-GCM-SHA384': '(ECDHE-RSA)-(AES-256-GCM)',
    '--dtls12-ciphers=ECDHE-RSA-AES128-GCM-SHA256': '(ECDHE-RSA)-(AES-128-GCM)',
    '--dtls12-ciphers=AES256-SHA': '(RSA)-(AES-256-CBC)-(SHA1)',
    '--dtls12-ciphers=AES128-SHA': '(RSA)-(AES-128-CBC)-(SHA1)',
}
PRE_STANDARD = {
    '--dtls-ciphers=AES256-SHA': '(RSA)-(AES-256-CBC)-(SHA1)',
    '--dtls-ciphers=AES128-SHA': '(RSA)-(AES-128-CBC)-(SHA1)',
}


def _offers(option):
    """That suite and no other, in one header."""
    return option, '--dtls12-ciphers=NONE' if option.startswith('--dtls-') else '--dtls-ciphers=NONE'


def _header(option):
    return 'X-DTLS-CipherSuite' if option.startswith('--dtls-') else 'X-DTLS12-CipherSuite'


def _resumes(suites, version, **how):
    expected = _make_file()
    for option, suite in suites.items():
        client = Client('--dump-http-traffic', *_offers(option), **how).wait_connected().wait_dtls()
        name = option.partition('=')[2]
        lab.equal(re.findall(r'(?<!> )\b(X-DTLS\w*-CipherSuite): (\S+)$', client.log(), re.MULTILINE),
                  [(_header(option), name)], f'answer to {option}')
        if how:  # OpenSSL has another name for each
            lab.equal(client.count(f'Ciphersuite DTLSv{version}-'), 1, f'handshakes with {option}')
        else:
            lab.equal(client.count(re.escape(f'Ciphersuite (DTLS{version})-{suite}.')), 1, f'handshakes with {option}')
        lab.equal(client.count('No change in MTU'), 1, f'probes of the MTU with {option}')
        _carries_a_file(client, expected)
        _leave(client)


def item_42_each_suite_of_dtls_1_2_is_resumed_and_carries_a_file():
    _resumes(OF_DTLS_1_2, '1.2')


def item_42_each_suite_of_dtls_1_2_is_resumed_by_openssl():
    _resumes(OF_DTLS_1_2, '1.2', program=openssl_program())


def item_42_resumption_follows_a_challenge_where_the_owner_wants_one():
    _resumes(OF_DTLS_1_2, '1.2')
    with records.open_tunnel(_wants_resumption()) as tunnel, Relay() as relay:
        _resume(tunnel, relay.socket)
        lab.equal([is_request_to_verify(datagram) for datagram in relay.down[:2]], [True, False], 'which answer is a challenge')


def item_42_what_precedes_the_standard_works_where_the_owner_wants_it():
    _resumes(PRE_STANDARD, '0.9')


def item_42_what_precedes_the_standard_works_with_openssl_where_the_owner_wants_it():
    _resumes(PRE_STANDARD, '0.9', program=openssl_program())


def _stays_on_tls(options):
    client = Client('--dump-http-traffic', *options).wait_connected()
    lab.equal(re.findall(r'^(?!.*> X-)X-DTLS.*', client.log(), re.MULTILINE), [], f'words of DTLS with {options}')
    lab.equal(client.count('Established DTLS'), 0, f'DTLS channels with {options}')
    lab.equal(client.fetch('peer').strip(), '192.168.50.1', 'address that the home host sees')
    _leave(client)


def item_42_what_precedes_the_standard_is_off_by_default():
    for option in PRE_STANDARD:
        _stays_on_tls(_offers(option))


def item_42_without_a_common_suite_there_is_no_word_of_dtls():
    _stays_on_tls(('--dtls-ciphers=DES-CBC3-SHA', '--dtls12-ciphers=DHE-RSA-AES256-SHA'))


def item_42_resumption_can_be_switched_off_and_the_shared_key_stays():
    _stays_on_tls(_offers('--dtls12-ciphers=AES256-GCM-SHA384'))
    client = Client().wait_connected().wait_dtls()
    lab.equal(client.count(r'Ciphersuite \(DTLS1\.2\)-\(PSK\)'), 1, 'DTLS handshakes with a shared key')


# Made up from what is known of AnyConnect: which header and suites it has in use.  No Cisco client was at hand to
# record its real lists and their order.
LIKE_ANYCONNECT = {
    'ECDHE and CBC in both headers': ({'X-DTLS12-CipherSuite': 'ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-SHA:AES256-SHA',
           'X-DTLS-CipherSuite': 'DHE-RSA-AES256-SHA:AES256-SHA:AES128-SHA'},
          ('X-DTLS12-CipherSuite', 'ECDHE-RSA-AES256-GCM-SHA384')),
    'GCM and CBC in both headers': ({'X-DTLS12-CipherSuite': 'AES256-GCM-SHA384:AES128-GCM-SHA256:AES256-SHA',
           'X-DTLS-CipherSuite': 'AES256-SHA:AES128-SHA:DES-CBC3-SHA'},
          ('X-DTLS12-CipherSuite', 'AES256-GCM-SHA384')),
    'the older header alone': ({'X-DTLS-CipherSuite': 'AES256-SHA:AES128-SHA:DES-CBC3-SHA'}, ('X-DTLS-CipherSuite', 'AES256-SHA')),
}


def item_42_offers_like_anyconnects_are_answered_in_the_header_that_made_them():
    cookie = records.take_cookie()
    agent = {'User-Agent': 'AnyConnect Linux_64 4.10.07061', 'X-DTLS-CipherSuite': None, **OFFERS_MASTER}
    for what, (offer, (header, suite)) in LIKE_ANYCONNECT.items():
        with records.open_tunnel({**agent, **offer}, cookie, priority='NORMAL:-CIPHER-ALL:+AES-256-GCM') as tunnel:
            found = [(name, value) for name, value in tunnel.answer.headers if name.endswith('CipherSuite')]
            lab.equal(found, [(header, suite)], f'suite for {what}')
            lab.equal(len(tunnel.answer.value('X-DTLS-Session-ID')), 64, 'digits of the session id')
            lab.equal(tunnel.answer.value('X-DTLS-MTU'), tunnel.answer.value('X-CSTP-MTU'), 'MTU')
            lab.equal(tunnel.answer.values('X-DTLS-App-ID'), [], 'ids for a shared key')
            lab.equal(tunnel.answer.values('X-DTLS-Rekey-Method'), [], 'ways to new keys, which there are not')


def item_42_a_master_secret_that_is_none_means_no_dtls():
    cookies = records.cookies()
    offer = {'X-DTLS-CipherSuite': None, 'X-DTLS12-CipherSuite': 'AES256-GCM-SHA384'}
    for secret in (None, '', '00', 'zz' * 48, MASTER.hex()[:95], MASTER.hex()[:94] + 'xx'):
        with records.open_tunnel({**offer, 'X-DTLS-Master-Secret': secret}, next(cookies)) as tunnel:
            lab.equal([name for name, _ in tunnel.answer.headers if name.startswith('X-DTLS')], [], f'headers with {secret!r}')
            lab.equal(tunnel.dpd(b'x'), b'x', 'answer')


# By ourselves.

GCM = ('NONE:+VERS-DTLS1.2:+COMP-NULL:+AES-256-GCM:+AEAD:+RSA:+SIGN-ALL:%NO_SESSION_HASH:%DISABLE_SAFE_RENEGOTIATION')


def _wants_resumption():
    return {'X-DTLS-CipherSuite': None, 'X-DTLS12-CipherSuite': 'AES256-GCM-SHA384', **OFFERS_MASTER}


def _session_of(tunnel):
    return bytes.fromhex(tunnel.answer.value('X-DTLS-Session-ID'))


def _resume(tunnel, socket, master=MASTER, session_id=None):
    tunnel.dtls = DtlsClient.resume(socket, master, session_id or _session_of(tunnel), GCM)
    tunnel.dtls.handshake()
    lab.holds(tunnel.dtls.is_resumed(), 'it is a full handshake')
    return tunnel.dtls


def item_42_only_the_secret_that_was_told_resumes_and_nothing_else_is_negotiated():
    with records.open_tunnel(_wants_resumption()) as tunnel:
        wrong = MASTER[:-1] + b'\0'
        _does_not_open(lambda: DtlsClient.resume(records.udp_socket(), wrong, _session_of(tunnel), GCM).handshake(3))
        _does_not_open(lambda: DtlsClient.psk(records.udp_socket(), tunnel.psk(), _session_of(tunnel)).handshake(3))
        for seconds in (3, 3):  # again and again from new ports, with the same id
            dtls = DtlsClient.resume(records.udp_socket(), MASTER, _session_of(tunnel), GCM)
            dtls.handshake(seconds)
            tunnel.dtls = dtls
            lab.equal(tunnel.ping(lab.HOME_ADDRESS), DTLS, 'way of the ping')
    with records.open_tunnel() as tunnel:  # a shared key's id is good for nothing else
        _does_not_open(lambda: DtlsClient.resume(records.udp_socket(), MASTER, tunnel.app_id, GCM).handshake(3))


def item_42_a_repeated_hello_of_somebody_else_does_not_touch_the_channel():
    """It is not challenged, so it may begin a handshake, from any address; further it does not come."""
    with records.open_tunnel(_wants_resumption()) as tunnel, Relay() as relay:
        _resume(tunnel, relay.socket)
        lab.equal(tunnel.ping(lab.HOME_ADDRESS), DTLS, 'way of the ping')
        hello = next(datagram for datagram in relay.up if is_hello(datagram))
        answers = []

        def stranger_is_answered():
            with records.udp_socket(lab.ROUTER) as stranger:
                stranger.settimeout(0.3)
                stranger.send(hello)
                lab.equal(tunnel.ping(lab.HOME_ADDRESS), DTLS, 'way of the ping')
                try:
                    answers.append(stranger.recv(2048))
                except TimeoutError:
                    return False
            return answers[-1][13] == SERVER_HELLO

        lab.wait_until('a stranger\'s handshake', stranger_is_answered, 30)
        lab.equal(tunnel.ping(lab.HOME_ADDRESS), DTLS, 'way of the ping')
        # Who has the secret has a new channel, whatever candidate is there.
        _resume(tunnel, records.udp_socket())
        lab.equal(tunnel.ping(lab.HOME_ADDRESS), DTLS, 'way of the ping')


# 43: strangers

RECORD = struct.Struct('!BHHHLH')  # type, version, epoch, sequence in two parts, length


def _hello(session_id, version=0xfefd, record_version=0xfeff, random_bytes=None, cookie=b''):
    """A ClientHello as openconnect's, with lies."""
    body = (struct.pack('!H', version) + (random_bytes or DICE.randbytes(32)) + bytes([len(session_id)]) + session_id +
            bytes([len(cookie)]) + cookie + bytes.fromhex('000400a900a8') + b'\x01\x00')
    message = b'\x01' + struct.pack('!I', len(body))[1:] + bytes(5) + struct.pack('!I', len(body))[1:] + body
    return RECORD.pack(22, record_version, 0, 0, 0, len(message)) + message


def _strangers(known_id):
    """Name and datagram.  known_id is an id of ours, which belongs to nobody's hello of that form."""
    genuine = _hello(known_id)
    yield 'an unknown id', _hello(DICE.randbytes(32))
    yield 'no id', _hello(b'')
    yield 'a short id', _hello(DICE.randbytes(8))
    for bit in range(0, 256, 17):
        changed = int.from_bytes(known_id, 'big') ^ 1 << bit
        yield f'our id with bit {bit} changed', _hello(changed.to_bytes(32, 'big'))
    yield 'no random bytes', _hello(known_id, random_bytes=bytes(32))
    for version in (0x0303, 0x0000, 0xfefc, 0xffff):
        yield f'version {version:04x}', _hello(known_id, version=version)
        yield f'version {version:04x} of the record', _hello(known_id, record_version=version)
    yield 'version 0x0100', _hello(known_id, 0x0100, 0x0100)
    yield 'two versions', _hello(known_id, 0x0100)
    yield 'nothing', b''
    for size in (1, 12, 13, 25, 59, 92, len(genuine) - 1):
        yield f'{size} bytes', genuine[:size]
    yield 'a byte too many', genuine + b'\0'
    yield 'a second record', genuine + RECORD.pack(22, 0xfefd, 0, 0, 1, 1) + b'\0'
    yield 'a record of nobody', RECORD.pack(23, 0xfefd, 1, 0, 7, 40) + DICE.randbytes(40)
    yield 'an alert of nobody', RECORD.pack(21, 0xfefd, 0, 0, 0, 2) + b'\x02\x28'
    yield 'very long', DICE.randbytes(60000)
    for _ in range(2000):
        fuzzed = bytearray(_hello(DICE.randbytes(32)))
        for _ in range(DICE.randrange(1, 12)):
            fuzzed[DICE.randrange(len(fuzzed))] = DICE.randrange(256)
        yield 'fuzzed', bytes(fuzzed)
        yield 'random bytes', DICE.randbytes(DICE.randrange(200))


def _cpu_ticks(pid):
    """Of a process: what it used, in hundredths of a second."""
    with open(f'/proc/{pid}/stat', encoding='ascii') as file:
        words = file.read().rpartition(')')[2].split()
    return int(words[11]) + int(words[12])


def item_43_datagrams_of_strangers_are_dropped_without_a_word():
    with records.open_tunnel(dtls=True) as tunnel:
        main = os.environ['LAB_SERVER_PID']
        lines, sockets = lab.server_log().count('\n'), lab.run('ss', '-Huna', namespace=lab.SERVER).count('\n')
        ticks = _cpu_ticks(main)
        with records.udp_socket() as stranger, records.udp_socket(lab.ROUTER) as another:
            for number, (what, datagram) in enumerate(_strangers(tunnel.app_id)):
                (stranger if number % 2 else another).send(datagram)
                if number % 100 == 0:
                    lab.equal(tunnel.dtls_dpd(b'here'), b'here', f'answer of our own channel after {what}')
            for each in (stranger, another):
                each.settimeout(NO_WORD)
                try:
                    raise AssertionError(f'an answer: {each.recv(2048).hex()}')
                except TimeoutError:
                    pass
        lab.equal(tunnel.ping(lab.HOME_ADDRESS), DTLS, 'way of the ping')
        lab.equal(lab.server_log().count('\n'), lines, 'lines in the log')
        lab.equal(lab.run('ss', '-Huna', namespace=lab.SERVER).count('\n'), sockets, 'sockets')
        lab.holds(_cpu_ticks(main) - ticks < 50, 'the door passes strangers on: main had work with them')


def item_43_a_stranger_with_an_id_that_he_overheard_is_only_challenged():
    with records.open_tunnel(dtls=True) as tunnel, records.udp_socket(lab.ROUTER) as stranger:
        stranger.settimeout(5)
        hello = _hello(tunnel.app_id)
        stranger.send(hello)
        answer = stranger.recv(2048)
        lab.holds(is_request_to_verify(answer) and len(answer) < len(hello), f'the answer is {answer.hex()}')
        stranger.settimeout(NO_WORD)
        stranger.send(_hello(tunnel.app_id, cookie=DICE.randbytes(16)))
        lab.holds(is_request_to_verify(stranger.recv(2048)), 'an invented cookie is not challenged')
        lab.equal(tunnel.ping(lab.HOME_ADDRESS), DTLS, 'way of the ping')


# 44: hellos that come again

def _associations():
    """Numbers of those that became current, in the server's log."""
    return [int(number) for number in re.findall(r'association (\d+) is current', lab.server_log())]


def item_44_a_repeated_hello_does_not_restart_the_handshake():
    for headers, open_channel in (({}, lambda tunnel, socket: tunnel.open_dtls(socket)), (_wants_resumption(), _resume)):
        before = len(_associations())
        with records.open_tunnel(headers) as tunnel, Relay(copies=lambda datagram: 4 if is_hello(datagram) else 1) as relay:
            open_channel(tunnel, relay.socket)
            lab.equal(tunnel.ping(lab.HOME_ADDRESS), DTLS, 'way of the ping')
            # The first candidate of this connection: no hello began another one.
            lab.equal(_associations()[before:], [1], 'channels')
            # The hello once more, long after.
            relay.server.send([datagram for datagram in relay.up if is_hello(datagram)][-1])
            lab.equal(tunnel.ping(lab.HOME_ADDRESS), DTLS, 'way of the ping')
            lab.equal(_associations()[before:], [1], 'channels')


def item_44_a_hello_from_a_new_port_makes_a_second_channel_which_then_replaces_the_first():
    for headers, make in (({}, lambda tunnel: DtlsClient.psk(records.udp_socket(), tunnel.psk(), tunnel.app_id)),
                          (_wants_resumption(), lambda tunnel: DtlsClient.resume(records.udp_socket(), MASTER, _session_of(tunnel), GCM))):
        with records.open_tunnel(headers) as tunnel:
            first, second = make(tunnel), make(tunnel)
            tunnel.dtls = first.handshake()
            lab.equal(tunnel.ping(lab.HOME_ADDRESS), DTLS, 'way of the first ping')
            second.handshake()
            # It has not spoken yet: everything goes on by the first.
            lab.equal(tunnel.ping(lab.HOME_ADDRESS), DTLS, 'way of the ping meanwhile')
            tunnel.dtls = second
            lab.equal(tunnel.ping(lab.HOME_ADDRESS), DTLS, 'way of the ping afterwards')
            lab.equal(first.receive(), b'', 'the last word of the first channel')
            first.close()


# 45: how large a record may be

def item_45_padded_requests_up_to_the_mtu_come_back_byte_by_byte():
    cookies = records.cookies()
    for address in (lab.SERVER_ADDRESS, lab.SERVER_ADDRESS6):
        for headers, open_channel in (({}, lambda tunnel, socket: tunnel.open_dtls(socket)), (_wants_resumption(), _resume)):
            with records.open_tunnel(headers, next(cookies), address=address) as tunnel:
                open_channel(tunnel, records.udp_socket(address=address))
                for size in (0, 1, 4, 5, 100, 575, 576, 1280, tunnel.mtu - 1, tunnel.mtu):
                    payload = DICE.randbytes(size)
                    lab.equal(tunnel.dtls_dpd(payload), payload, f'answer to {size} bytes')


def item_45_the_client_finds_nothing_to_change_in_the_mtu():
    for program in ('openconnect', openssl_program()):
        client = Client(program=program).wait_connected().wait_dtls()
        client.wait_for_line(r'No change in MTU after detection \(was 1434\)')
        _leave(client)


# 52: the end of the channel is not the end of the session

def _goes_on(tunnel, what):
    """Over TLS, and then over DTLS again by the same id."""
    tunnel.dtls = None
    lab.equal(tunnel.dpd(b'still'), b'still', f'answer over TLS after {what}')
    lab.equal(tunnel.ping(lab.HOME_ADDRESS), CSTP, f'way of the ping after {what}')
    tunnel.open_dtls(records.udp_socket())
    lab.equal(tunnel.ping(lab.HOME_ADDRESS), DTLS, f'way of the ping after {what} and a new handshake')


def item_52_the_end_of_dtls_is_not_the_end_of_the_session():
    with records.open_tunnel() as tunnel:
        tunnel.open_dtls(records.udp_socket())
        lab.equal(tunnel.ping(lab.HOME_ADDRESS), DTLS, 'way of the ping')
        tunnel.dtls.bye()
        _goes_on(tunnel, 'a goodbye')
        tunnel.dtls.alert(40, level=2)
        _goes_on(tunnel, 'a fatal alert')
        tunnel.dtls.alert(90)
        tunnel.dtls.alert(100)
        lab.equal(tunnel.ping(lab.HOME_ADDRESS), DTLS, 'way of the ping after two warnings')
        tunnel.dtls.close()
        _goes_on(tunnel, 'silence')
    lab.equal(len(lab.sessions()), 1, 'sessions')


def item_52_an_alert_that_anybody_could_have_written_ends_nothing():
    with records.open_tunnel(dtls=True) as tunnel:
        lab.equal(tunnel.ping(lab.HOME_ADDRESS), DTLS, 'way of the ping')
        for number, alert in enumerate((b'\x01\x00', b'\x02\x28', b'\x02\x14', b'\x01\x64')):
            tunnel.dtls.socket.send(RECORD.pack(21, 0xfefd, 0, 0, 9000 + number, 2) + alert)
            tunnel.dtls.socket.send(RECORD.pack(21, 0xfefd, 1, 0, 9000 + number, 26) + DICE.randbytes(26))
            lab.equal(tunnel.ping(lab.HOME_ADDRESS), DTLS, f'way of the ping after {alert.hex()}')


def item_47_late_data_during_a_handshake_do_not_make_the_server_try_another_key():
    """Who tells a master secret may have kept an older key, which is tried when a handshake comes to nothing although
    the client has a key: that is told by a message of the handshake, not by data, which are late."""
    with records.open_tunnel(OFFERS_MASTER) as tunnel, Relay(copies=lambda datagram: 1 if is_hello(datagram) else 0) as relay:
        client = DtlsClient.psk(relay.socket, tunnel.psk(), tunnel.app_id)
        lab.holds(not client.try_handshake(), 'a handshake without the server')
        lab.wait_until('the challenge', lambda: relay.down)
        lab.holds(not client.try_handshake(), 'a handshake without the server')
        lab.wait_until('the answer to the hello', lambda: len(relay.down) > 1)
        relay.server.send(b'\x17\xfe\xfd\0\1\0\0\0\0\0\7\0\x50' + bytes(80))
        time.sleep(1.2)  # there may be another handshake each second
        tunnel.open_dtls(records.udp_socket())
        lab.equal(tunnel.ping(lab.HOME_ADDRESS), DTLS, 'channel')

# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of keys that are renewed under a transfer, every five seconds instead of every other day."""

import hashlib
import os

import lab
import records
import rooms
from client import Client, openssl_program
from gnutls import GnutlsError
from record_client import DTLS

BIG = '200M.bin'
RATE = '11M'  # so that it lasts for two renewals of datagrams, which come every eight seconds
TLS_1_2 = ('--gnutls-priority', 'NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-DTLS1.2')
RENEWALS = 2
SECONDS = 40


def _server_lines(text):
    with open(os.environ['LAB_LOG'], encoding='utf-8', errors='replace') as file:
        return file.read().count(text)


def _carry(client, *proofs):
    """A download, in the middle of which each proof becomes at least RENEWALS."""
    expected = client.fetch(f'{BIG}.sha256').strip()
    transfer = client.fetch_in_background(BIG, '/run/download', '--limit-rate', RATE)
    for what, count in proofs:
        lab.wait_until(what, lambda count=count: count() >= RENEWALS, SECONDS)
    lab.holds(transfer.poll() is None, 'the transfer was over before the keys had been renewed')
    lab.equal(transfer.wait(SECONDS), 0, 'status of the transfer')
    with open('/run/download', 'rb') as file:
        lab.equal(hashlib.file_digest(file, 'sha256').hexdigest(), expected, 'checksum of the download')


def _connections(client):
    return client.count('Got CONNECT response: HTTP/1.1 200')


def _datagrams_renewed(client):
    return ('new keys of the datagram channel',
            lambda: min(client.count('DTLS rekey due'), _server_lines('rekey: the datagram channel has new keys')))


def _tls_1_3_updates():
    """The server asks, and the client's GnuTLS says nothing about it."""
    return ('answers to requests for new keys', lambda: _server_lines('rekey: the client changed its keys'))


def item_51_a_transfer_survives_new_keys_within_tls_1_3():
    client = Client('--no-dtls').wait_connected()
    _carry(client, _tls_1_3_updates())
    lab.equal(_connections(client), 1, 'connections')


def item_51_a_transfer_survives_new_keys_within_tls_1_3_and_dtls():
    client = Client().wait_connected().wait_dtls()
    _carry(client, _tls_1_3_updates(), _datagrams_renewed(client))
    lab.equal(_connections(client), 1, 'connections')
    lab.equal(client.count('DTLS Rehandshake failed'), 0, 'failures')


def item_51_a_transfer_survives_new_keys_within_tls_1_3_of_the_openssl_build():
    """It cannot ask for new keys, but gives its own."""
    client = Client(program=openssl_program()).wait_connected().wait_dtls()
    _carry(client, _tls_1_3_updates())
    lab.equal(_connections(client), 1, 'connections')


def item_51_a_transfer_survives_new_keys_within_tls_1_2():
    """GnuTLS's client fails when it meets data that was under way when it began, and makes a new connection."""
    client = Client('--no-dtls', *TLS_1_2).wait_connected()
    _carry(client, ('renegotiations', lambda: client.count('CSTP rekey due')))
    failed = client.count('Rehandshake failed; attempting new-tunnel')
    lab.equal(_connections(client), 1 + failed, 'connections')
    lab.equal(client.count('CSTP rekey due'), failed + client.count('Renegotiated SSL'), 'what became of them')


def item_51_a_transfer_survives_new_keys_within_tls_1_2_and_dtls():
    client = Client(*TLS_1_2).wait_connected().wait_dtls()
    _carry(client, ('renegotiations of the stream', lambda: client.count('Renegotiated SSL')), _datagrams_renewed(client))
    lab.equal(_connections(client), 1 + client.count('Rehandshake failed; attempting new-tunnel'), 'connections')


def _carry_over_new_tunnels(client, dtls):
    addresses = client.addresses()
    _carry(client, ('new connections', lambda: _connections(client) - 1))
    lab.equal(client.count('CSTP rekey due'), _connections(client) - 1, 'new connections for new keys')
    lab.equal(client.addresses(), addresses, 'addresses')
    lab.equal(_server_lines('rekey:'), 0, 'keys renewed within a connection')
    if dtls:
        client.wait_dtls(times=1 + RENEWALS)


def item_51_a_transfer_survives_new_connections_by_tls_1_3():
    _carry_over_new_tunnels(Client('--no-dtls').wait_connected(), dtls=False)


def item_51_a_transfer_survives_new_connections_by_tls_1_3_and_dtls():
    _carry_over_new_tunnels(Client().wait_connected().wait_dtls(), dtls=True)


def item_51_a_transfer_survives_new_connections_by_tls_1_2():
    _carry_over_new_tunnels(Client('--no-dtls', *TLS_1_2).wait_connected(), dtls=False)


def item_51_a_transfer_survives_new_connections_by_tls_1_2_and_dtls():
    _carry_over_new_tunnels(Client(*TLS_1_2).wait_connected().wait_dtls(), dtls=True)


def item_51_who_cannot_be_given_new_keys_comes_back_by_its_cookie():
    """The keyholder that knew of the connection is gone, and the one after it does not sign for it."""
    client = Client('--no-dtls', *TLS_1_2).wait_connected()
    addresses = client.addresses()
    rooms.kill_room('keyholder')
    client.wait_for_line('Rehandshake failed; attempting new-tunnel')
    lab.wait_until('the next connection', lambda: _connections(client) > 1, SECONDS)
    client.fetch('peer')
    lab.equal(client.addresses(), addresses, 'addresses')
    client.wait_for_line('Renegotiated SSL')


def item_51_a_client_may_ask_for_new_keys_whenever_it_likes_in_tls_1_3():
    """Not only in its turn, and with packets before and after each time."""
    with records.open_tunnel(dtls=True, headers={'X-DTLS-CipherSuite': 'PSK-NEGOTIATE'}) as tunnel:
        lab.equal(tunnel.answer.value('X-CSTP-Rekey-Method'), 'ssl', 'method')
        lab.equal(tunnel.answer.value('X-CSTP-Rekey-Time'), '31536000', 'time, which is far away')
        lab.equal(tunnel.answer.value('X-DTLS-Rekey-Method'), 'ssl', 'method for datagrams')
        for _ in range(6):
            tunnel.tls.key_update()
            lab.equal(tunnel.dpd(b'new keys'), b'new keys', 'answer with new keys')
            tunnel.ping(lab.HOME_ADDRESS)
        tunnel.tls.key_update(of_peer_too=False)
        lab.equal(tunnel.dpd(b'ours alone'), b'ours alone', 'answer')


def item_51_a_renegotiation_out_of_turn_is_refused_on_each_channel():
    """Datagrams go on; a stream ends, since clients that hear no would wait for ever."""
    with records.open_tunnel(dtls=True, priority=TLS_1_2[1]) as tunnel:
        lab.equal(tunnel.dtls_dpd(b'first'), b'first', 'answer')
        tunnel.dtls.try_handshake()
        lab.wait_until('refusal', lambda: tunnel.dtls.try_handshake() or tunnel.dtls.alerts)
        lab.equal(tunnel.dtls_dpd(b'after'), b'after', 'answer by the keys that there were')
        tunnel.ping(lab.HOME_ADDRESS, channel=DTLS)
        try:
            tunnel.tls.handshake()
            refused = False
        except GnutlsError:
            refused = True
        lab.holds(refused, 'the stream was renegotiated')
    with records.open_tunnel(cookie=tunnel.cookie, priority=TLS_1_2[1]) as tunnel:
        tunnel.ping(lab.HOME_ADDRESS)

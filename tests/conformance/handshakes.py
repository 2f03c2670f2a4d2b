# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of TLS handshakes."""

import os

import lab
import records
from client import Client, openssl_program
from gnutls import GnutlsError

# OpenSSL takes its defaults from a file; openconnect itself has no option for the version.
OPENSSL_SETTINGS = """
openssl_conf = main
[main]
ssl_conf = tls
[tls]
system_default = defaults
[defaults]
MaxProtocol = TLSv1.2
"""


def _reaches_home(version, *options, **how):
    client = Client(*options, **how).wait_connected().wait_dtls()
    lab.equal(client.fetch('peer').strip(), '192.168.50.1', 'address that the home host sees')
    lab.equal(client.count(rf'Connected to HTTPS on .* with ciphersuite \(?TLSv?{version}'), 1, f'handshakes with TLS {version}')
    os.unlink(client.log_path)
    lab.equal(client.disconnect(), 0, 'status of openconnect')
    lab.wait_until('the end of the session', lambda: lab.sessions() == [])


def item_01_tls_1_2_and_1_3_work_with_the_gnutls_build():
    _reaches_home('1.3')
    _reaches_home('1.2', '--gnutls-priority', 'NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-DTLS1.2')


def item_01_tls_1_2_and_1_3_work_with_the_openssl_build():
    program = openssl_program()
    _reaches_home('1.3', program=program)
    with open('/run/openssl.cnf', 'w', encoding='ascii') as file:
        file.write(OPENSSL_SETTINGS)
    _reaches_home('1.2', program=program, environment={'OPENSSL_CONF': '/run/openssl.cnf'})


def item_01_tls_older_than_1_2_is_refused():
    for version in ('TLS1.1', 'TLS1.0'):
        try:
            connection = records.connect(f'NORMAL:-VERS-ALL:+VERS-{version}')
        except GnutlsError as error:
            lab.equal(error.alert, 'Error in protocol version', f'alert that answers {version}')
        else:
            raise AssertionError(f'{connection.tls.protocol()} is spoken')
    # So did the client try the latter, and would have taken it.
    lab.equal(records.connect('NORMAL:-VERS-ALL:+VERS-TLS1.1:+VERS-TLS1.2').tls.protocol(), 'TLS1.2', 'version of both')


def item_39_a_hello_on_the_heels_of_the_answer_is_heard():
    """It may reach the server's main process before word of the tunnel does."""
    for _ in range(40):
        with records.open_tunnel() as tunnel:
            # Once more would be fine.  What was lost inside the server would take four repetitions.
            tunnel.open_dtls(records.udp_socket(), seconds=3, retransmit=400)
            tunnel.bye()
            lab.holds(tunnel.is_closed_within(), 'the connection stays open after the goodbye')


def item_01_neither_alpn_nor_the_servers_name_matter():
    for what, options in {
            'no ALPN, no name': {},
            'the ALPN of browsers': {'alpn': (b'h2', b'http/1.1')},
            'an ALPN that nobody knows': {'alpn': (b'openconnect-vpn/1.1',)},
            'the name': {'server_name': 'vpn.test'},
            'a name that is not ours': {'server_name': 'somebody-else.example'},
            'both': {'server_name': 'somebody-else.example', 'alpn': (b'h2',)}}.items():
        for version in ('TLS1.3', 'TLS1.2'):
            with records.open_tunnel(priority=f'NORMAL:-VERS-ALL:+VERS-{version}', **options) as tunnel:
                lab.equal(tunnel.tls.protocol(), version, f'version with {what}')
                lab.equal(tunnel.dpd(b'x'), b'x', f'answer with {what}')

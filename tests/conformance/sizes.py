# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of how large packets may be."""

import lab
import records
from client import Client, openssl_program
from record_client import DTLS

IPV4, IPV6, UDP, PING = 20, 40, 8, 28
# Suite, as a priority string's ending: what is left of 1500 bytes of IPv4 for a packet inside DTLS.
SUITES = {
    'VERS-TLS1.3:+AES-128-GCM': 1434, 'VERS-TLS1.3:+AES-256-GCM': 1434, 'VERS-TLS1.3:+CHACHA20-POLY1305': 1442,
    'VERS-TLS1.3:+AES-128-CCM': 1434, 'VERS-TLS1.2:+AES-128-GCM': 1434, 'VERS-TLS1.2:+AES-256-GCM': 1434,
    'VERS-TLS1.2:+CHACHA20-POLY1305': 1442, 'VERS-TLS1.2:+AES-256-CCM': 1434, 'VERS-TLS1.2:+AES-128-CBC': 1406,
    'VERS-TLS1.2:+AES-256-CBC': 1406,
}
WITHOUT_DTLS = {'X-DTLS-CipherSuite': None}
GCM = 37 + 1


def _priorities(suite):
    """Of TLS, and of DTLS with the same cipher."""
    version, cipher = suite.split(':+')
    return (f'NORMAL:-VERS-ALL:+{version}:-CIPHER-ALL:+{cipher}',
            f'NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK:-CIPHER-ALL:+{cipher}')


def item_28_the_mtu_fits_the_cipher_the_family_and_the_channel():
    for suite, mtu in SUITES.items():
        priority, dtls_priority = _priorities(suite)
        for address, more in ((lab.SERVER_ADDRESS, 0), (lab.SERVER_ADDRESS6, IPV6 - IPV4)):
            with records.open_tunnel(address=address, priority=priority) as tunnel:
                lab.equal((tunnel.base_mtu, tunnel.mtu), (1500, mtu - more), f'MTU of {suite} at {address}')
                # That such a packet passes in one datagram shows that the figure is not too high.
                tunnel.open_dtls(records.udp_socket(address=address), priority=dtls_priority,
                                 mtu=1500 - (IPV6 if more else IPV4) - UDP)
                payload = bytes(tunnel.mtu - PING)
                lab.equal(tunnel.ping(lab.HOME_ADDRESS, payload=payload), DTLS, f'way of the largest ping of {suite}')
            with records.open_tunnel(WITHOUT_DTLS, address=address, priority=priority) as tunnel:
                lab.equal(tunnel.mtu, 1500 - IPV4 - UDP - more, f'MTU of {suite} without DTLS')
                lab.equal(tunnel.ping(lab.HOME_ADDRESS, payload=bytes(tunnel.mtu - PING)), 'cstp', 'way of the ping')


def item_28_wishes_are_heard_and_absurd_ones_are_harmless():
    cookies = records.cookies()
    only_ipv4 = {'X-CSTP-Address-Type': 'IPv4'}
    # Wished, and the link that is agreed on: with IPv6 inside, without.
    for wish, link, link4 in (('1400', 1400, 1400), ('1280', 1280, 1280), ('1279', 1500, 1279), ('800', 1500, 800),
                              ('799', 1500, 1500), ('1', 1500, 1500), ('0', 1500, 1500), ('00001400', 1500, 1500),
                              ('9000', 1500, 1500), ('16384', 1500, 1500), ('16385', 1500, 1500), ('65535', 1500, 1500),
                              ('65536', 1500, 1500), ('4294967296', 1500, 1500), ('9' * 300, 1500, 1500),
                              ('-1', 1500, 1500), ('abc', 1500, 1500), ('14OO', 1500, 1500), ('1400.5', 1500, 1500),
                              ('0x578', 1500, 1500), ('', 1500, 1500)):
        for headers, expected in (({}, link), (only_ipv4, link4)):
            with records.open_tunnel({'X-CSTP-Base-MTU': wish, 'X-CSTP-MTU': None, **headers}, next(cookies)) as tunnel:
                lab.equal((tunnel.base_mtu, tunnel.mtu), (expected, expected - IPV4 - UDP - GCM), f'MTU for {wish!r}')
                lab.equal(tunnel.dpd(b'x'), b'x', f'answer with {wish!r}')


def item_28_old_clients_wish_for_the_size_inside():
    cookies = records.cookies()
    # What they took off: outer headers, type, and the 65 bytes of AES-CBC.
    for wish, link in (('1390', 1390 + 28 + 66), ('1300', 1300 + 28 + 66), ('1400', 1494), ('1406', 1500), ('1500', 1500),
                       ('0', 1500), ('65535', 1500), ('abc', 1500)):
        with records.open_tunnel({'X-CSTP-Base-MTU': None, 'X-CSTP-MTU': wish}, next(cookies)) as tunnel:
            lab.equal((tunnel.base_mtu, tunnel.mtu), (link, link - IPV4 - UDP - GCM), f'MTU for {wish!r}')


def item_29_who_gets_less_than_ipv6_needs_gets_no_ipv6():
    cookies = records.cookies()
    smallest = 1280 + IPV4 + UDP + GCM
    for base, has_ipv6 in ((smallest, True), (smallest - 1, False), (1280, False)):
        for headers in ({}, {'X-CSTP-Full-IPv6-Capability': None}):
            with records.open_tunnel({'X-CSTP-Base-MTU': str(base), **headers}, next(cookies)) as tunnel:
                lab.equal(tunnel.mtu, base - IPV4 - UDP - GCM, 'MTU')
                found = [pair for pair in tunnel.answer.headers if ':' in pair[1] or pair[0].endswith('-IP6')]
                lab.equal(bool(found), has_ipv6, f'IPv6 with {base}: {found}')
                tunnel.ping(lab.HOME_ADDRESS)
    for program in ('openconnect', openssl_program()):
        client = Client('--base-mtu', '1300', program=program).wait_connected()
        lab.equal([address for address in client.addresses() if ':' in address and not address.startswith('fe80')], [],
                  'IPv6 addresses of the device')
        client.fetch('200M.bin.sha256')
        client.disconnect()


def item_29_the_owners_limit_counts_like_the_clients_wish():
    """LAB_SETTINGS: the smallest MTU there is."""
    tunnel = records.open_tunnel()
    lab.equal((tunnel.base_mtu, tunnel.mtu), (800, 800 - IPV4 - UDP - GCM), 'MTU')
    lab.equal([pair for pair in tunnel.answer.headers if ':' in pair[1] or pair[0].endswith('-IP6')], [], 'IPv6')
    tunnel.ping(lab.HOME_ADDRESS)

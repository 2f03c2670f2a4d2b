# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of clients that cannot be run here: their conversations, replayed (transcripts/)."""

import threading
import urllib.parse

import lab
import packets
import records
from client import read_password
from transcript import Transcript


def converse(name, **known):
    """Names for the password in the spellings of different clients."""
    password = read_password()
    spellings = {'password_in_references': ''.join(f'&#{ord(letter)};' for letter in password),
                 'password_in_percent': urllib.parse.quote(password, safe='')}
    return Transcript(**spellings, **known).replay(name)


def states():
    return [session['state'] for session in lab.sessions()]


def item_07_anyconnect_signs_in_and_comes_back_over_many_connections():
    talk = converse('windows')
    lab.equal(len({talk.known[name] for name in ('context', 'second', 'third')}), 3, 'different contexts')
    lab.equal([session['addresses'][0] for session in lab.sessions()], [talk.known['address']], 'addresses of sessions')
    talk.tunnels['agent'].ping(lab.HOME_ADDRESS)


def item_03_downloaders_find_nothing_newer():
    converse('downloads')


def item_03_a_phone_signs_in_without_pages():
    talk = converse('phone')
    talk.tunnels['tunnel'].ping(lab.HOME_ADDRESS)


def item_03_a_tunnel_is_found_without_the_slash():
    talk = converse('clavister')
    talk.tunnels['app'].ping(lab.HOME_ADDRESS)


def item_03_a_posted_logout_ends_its_session_and_no_other():
    neighbour = records.open_tunnel()
    tunnel = records.open_tunnel()
    lab.wait_until('both sessions', lambda: states() == ['connected', 'connected'])
    converse('logout', cookie=tunnel.cookie)
    frame = tunnel.receive_frame()
    lab.equal((frame.type, frame.payload[1:]), (5, b'You have signed out.'), 'what the tunnel is told')
    lab.holds(tunnel.is_closed_within(10), 'the tunnel stays open')
    lab.wait_until('one session', lambda: states() == ['connected'])
    lab.holds(' ended: logout' in lab.server_log(), 'the log does not say why')
    neighbour.ping(lab.HOME_ADDRESS)
    # A cookie that nobody is using dies likewise, and one from nowhere changes nothing.
    converse('logout', cookie=records.take_cookie())
    converse('logout', cookie='ab' * 32)
    neighbour.ping(lab.HOME_ADDRESS)


def item_15_anyconnects_capital_letters_and_references_are_read():
    talk = converse('case')
    with records.open_tunnel(cookie=talk.known['cookie']) as tunnel:
        tunnel.ping(lab.HOME_ADDRESS)


def _flood(tunnel, ended):
    """What the attachment before goes on sending: correct records, and a repeated one."""
    request = packets.ping(tunnel.ipv4, lab.HOME_ADDRESS)
    while not ended.wait(0.002):
        for _ in range(20):
            tunnel.send_data(request, 'dtls')
            tunnel.dtls.socket.send(b'\x17\xfe\xfd\0\1\0\0\0\0\0\1\0\x20' + bytes(32))


def item_47_anyconnect_optimises_its_connection_among_stale_records():
    before, ended = records.open_tunnel(dtls=True), threading.Event()
    flood = threading.Thread(target=_flood, args=(before, ended), daemon=True)
    flood.start()
    talk = converse('optimising', cookie=before.cookie)
    lab.equal(len({talk.known[name] for name in ('first', 'second', 'third')}), 3, 'different ids')
    lab.equal(talk.known['address'], before.ipv4, 'address')
    talk.tunnels['agent'].ping(lab.HOME_ADDRESS)
    ended.set()
    flood.join()
    lab.equal([session['addresses'][0] for session in lab.sessions()], [before.ipv4], 'addresses of sessions')
    lab.holds('crashed' not in lab.server_log(), 'a worker crashed')

# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of clients that cannot be run here: their conversations, replayed (transcripts/)."""

import urllib.parse

import lab
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

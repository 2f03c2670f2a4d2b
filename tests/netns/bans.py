# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of who is kept out."""

import http.client
import json
import os
import re

import lab
from client import Client
from portal import Portal, tcp_connection
from reconnects import CONNECTED

ADDRESS = os.environ.get('LAB_CLIENT_ADDRESS', '')


def _bans():
    return lab.control_json('ban', 'list')['bans']


def _is_refused():
    client = Client()
    before = client.count(CONNECTED)
    lab.holds(client.wait_exit(60) != 0 and client.count(CONNECTED) == before, 'it was let in')


def _fail():
    """Three times on one connection, which is cut then."""
    portal = Portal()
    portal.begin()
    for _ in range(3):
        try:
            portal.try_password('wrong', login='mallory')
        except (OSError, http.client.HTTPException):
            break


def three_wrong_passwords_keep_a_stranger_out_until_the_ban_is_lifted():
    """LAB_SETTINGS: strict."""
    _fail()
    ban, = lab.wait_until('the ban', _bans)
    lab.equal((ban['address'], ban['origin'], ban['reason']), (ADDRESS, 'automatic', '3 wrong passwords'), 'ban')
    lab.holds(ban['until-usec'] - ban['created-at-usec'] in range(3599_000_000, 3601_000_000), f'end of {ban}')
    _is_refused()
    lab.control('ban', 'lift', ADDRESS)
    Client().wait_connected()


def who_signed_in_lately_is_let_in_whoever_fails_beside_them():
    """LAB_SETTINGS: strict."""
    client = Client().wait_connected()
    _fail()
    lab.equal(_bans(), [], 'bans where somebody is connected')
    client.disconnect()
    lab.wait_until('the end of the session', lambda: lab.sessions() == [])
    _fail()
    lab.equal([ban['address'] for ban in lab.wait_until('the ban', _bans)], [ADDRESS], 'bans')
    Client().wait_connected()


def who_is_blocked_loses_a_download_and_stays_out():
    client = Client().wait_connected().wait_dtls()
    download = client.fetch_in_background('200M.bin', '/run/download', '--limit-rate', '5M')
    lab.wait_until('data', lambda: os.path.exists('/run/download') and os.stat('/run/download').st_size > 1_000_000)
    lab.control('ban', 'add', f'{ADDRESS.rsplit(".", 1)[0]}.0/24', '--reason', 'Enough of you')
    lab.holds(client.wait_exit(30) != 0, 'openconnect ended as if all were well')
    lab.holds(client.count('Enough of you') > 0, 'the client was not told why')
    lab.equal(lab.sessions(), [], 'sessions')
    download.kill()
    _is_refused()
    lab.control('ban', 'lift', f'{ADDRESS.rsplit(".", 1)[0]}.0/24')
    Client().wait_connected()


def _attack():
    entries = json.loads(lab.run('sallyportctl', 'check', '--json', check=False))['health']
    return next((entry['details'] for entry in entries if entry['id'] == 'under-attack'), None)


def who_floods_is_turned_away_in_words_and_the_owner_hears_when_it_is_over():
    lab.equal(lab.control_json('penalty', 'list')['penalties'], [], 'penalties before')
    for _ in range(330):
        with tcp_connection() as connection:
            try:
                connection.sendall(b'rubbish rubbish')
            except OSError:
                pass
    attack = lab.wait_until('the entry of the health', _attack)
    lab.equal((attack['networks'], attack['network']), (1, ADDRESS), 'where it comes from')
    lab.holds(300 <= attack['connections'] <= 330, attack)
    row, = lab.wait_until('the row', lambda: [each for each in lab.control_json('penalty', 'list')['penalties'] if each['refused'] >= 330])
    lab.equal((row['network'], row['refused'], row['causes'].keys()), (ADDRESS, 330, {'not-tls', 'penalty'}), 'the row')
    lab.holds(row['causes']['not-tls'] < 20 and row['until-usec'] > row['last-at-usec'], row)
    lab.holds(re.fullmatch(f'refused 330 connections from {re.escape(ADDRESS)} since \\d\\d:\\d\\d', row['text']), row)
    lab.wait_until('the end of the attack', lambda: _attack() is None, 60)
    event, = lab.control_json('events', '--kind', 'attack')['events']
    lab.holds(300 <= event['times'] <= 330 and event['address'] == ADDRESS, event)
    lines = [line for line in lab.server_log().splitlines() if 'attack:' in line or 'admission:' in line]
    lab.holds(len([line for line in lines if 'attack: under attack' in line]) == 1, lines)
    lab.holds(len([line for line in lines if 'attack: the attack is over: refused 3' in line]) == 1, lines)
    lab.holds(len(lines) <= 6, lines)

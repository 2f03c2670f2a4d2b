# SPDX-License-Identifier: GPL-2.0-or-later
"""All of it once, as it is at somebody's home: from the first click to a phone far away that reaches the home network."""

import os
import re
import urllib.parse

import authority
import client
import home_router
import invitations
import large_authority
import provider
import public_names
from scenes import scene
from window import wait_for

NAME = f'anna.{public_names.ZONE}'
ACCOUNT, PASSWORD = 'anna', 'open sesame'
PATIENCE = 150


def make_provider():
    """Whose certificate this computer trusts, as it would that of one in the internet."""
    provider.make_certificate(public_names.ADDRESS)
    with open(provider.CERTIFICATE, 'rb') as file, open(provider.TRUSTED, 'ab') as trusted:
        trusted.write(file.read())


def update(path):
    """What the provider does when it is told an address."""
    asked = urllib.parse.parse_qs(urllib.parse.urlsplit(path).query)
    public_names.lead(asked['hostname'][0], asked['myip'][0])
    return f'good {asked["myip"][0]}\n'


def fill(window, name, text):
    """What is typed into a field is no click, for it can be reached by Tab."""
    window.enter(name, text)
    window.clicks -= 1


def answer(window, url):
    fill(window, 'Name', NAME)
    window.press('switch', 'A Provider Leads the Name Here')
    fill(window, 'Provider’s Address (https://…)', url)
    fill(window, 'Account There', ACCOUNT)
    fill(window, 'Password There', PASSWORD)


def set_up(window):
    """Returns the link of the invitation."""
    window.click('button', 'Continue')
    dialog = window.find('dialog', 'Set Up')
    wait_for('the end of the set-up', lambda: window.has('button', 'Invite a Device', within=dialog), PATIENCE)
    window.picture('set-up-done')
    assert window.texts(dialog).count('Done') == 6, window.texts(dialog)
    window.click('button', 'Invite a Device', within=dialog)
    return window.find('label', re.compile('^https://')).text()


def take_along(window, link):
    """What the phone does, trusting whom the world trusts; returns how openconnect signs in."""
    _, folder, passphrase = invitations.pressed(link, authorities=authority.TRUSTED)
    window.see('Opened')
    archive = invitations.curl(f'https://{NAME}{folder}/vpn.p12', agent=invitations.CISCO, authorities=authority.TRUSTED)
    window.see('Certificate fetched')
    with open('/run/vpn.p12', 'wb') as file:
        file.write(archive.body)
    return '--certificate', '/run/vpn.p12', '--key-password', passphrase


@scene(server='installed')
def story_whole_way(stage):
    """Three clicks and what one types lead to a phone outside that trusts the server and reaches home."""
    make_provider()
    with home_router.standing(), public_names.standing(), provider.serving(update, os.environ['LAB_ROUTER'], public_names.ADDRESS) as keeper, \
            authority.standing(os.environ['LAB_ROUTER'], public_names.ADDRESS, f'{public_names.ADDRESS}:53') as stands, \
            large_authority.standing(stands, public_names.ADDRESS, provider.TRUSTED):
        window = stage.open()
        window.click('button', 'Set Up')
        answer(window, keeper.url)
        window.picture('set-up-named')
        link = set_up(window)
        assert home_router.forwarded() == 2 and public_names.ask(NAME) == home_router.PUBLIC
        assert link.startswith(f'https://{NAME}/e/'), link
        how = take_along(window, link)
        os.environ['LAB_USER'] = stage.control_json('user', 'list')['users'][0]['login']
        phone = client.Client(*how, url=f'https://{NAME}', password='', authorities=authority.TRUSTED).wait_connected()
        window.see('The Device Is Connected')
        phone.fetch('peer')
        window.keys('Escape')
        window.keys('ctrl+1')
        window.see(re.compile('^alice · Phone'))
        window.picture('whole-way')
        assert window.clicks == 3, window.clicks
        phone.disconnect()

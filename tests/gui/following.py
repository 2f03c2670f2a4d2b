# SPDX-License-Identifier: GPL-2.0-or-later
"""A name that follows the address of the network, in the window."""

import base64
import re

import checks
import lab
import name_server
import provider
import settings
import trusted
from scenes import scene
from window import wait_for

ADDRESS = '81.2.69.160'
NAME = f'vpn.{name_server.ZONE}'
SECRET = 'open sesame'
STAYS = ' (Empty: It Stays)'
KEY_SECRET = 'Its Secret, in Base64'


def make_provider():
    """Whose certificate the server's computer trusts."""
    provider.make_certificate()
    with open(provider.CERTIFICATE, 'rb') as file, open(provider.TRUSTED, 'ab') as trusted:
        trusted.write(file.read())


def save(window):
    window.click('button', 'Save')
    window.wait_gone('dialog', 'Dynamic DNS')


def mode(stage):
    return stage.control('config', 'get', 'dynamic-dns-mode').strip()


def use_provider(window, keeper):
    """The provider refuses first, and takes what is written then."""
    window.click('button', 'Let the Name Follow This Network')
    window.find('dialog', 'Dynamic DNS')
    window.enter('Name', NAME)
    window.enter('Provider’s Address (https://…)', keeper.url)
    window.enter('Account There', 'anna')
    assert not trusted.is_sensitive(window.find('button', 'Save')), 'there is no password'
    window.enter('Password There', 'wrong')
    checks.everything_has_a_name(window)
    window.picture('dynamic-dns')
    save(window)
    window.see(re.compile('^The provider does not take the account and its password'))
    window.keys('ctrl+1')
    window.see('The server’s name may lead to another computer')
    window.press('button', 'Show Settings')
    window.see('The Address Was Not Taken')
    window.picture('dynamic-dns-refused')
    checks.everything_has_a_name(window)
    keeper.says = f'good {ADDRESS}\n'
    window.click('button', 'Change…')
    window.enter('Password There' + STAYS, SECRET)
    save(window)
    window.see('The Name Leads Here')
    window.see(re.compile(f'^Updated .*: {NAME} → {ADDRESS}$'))


def use_name_server(window):
    """Likewise one's own name server, whose key is another one first."""
    window.click('button', 'Change Who Keeps the Name')
    window.click('combo box', 'Who Keeps the Name')
    window.click('list item', 'My Name Server (RFC 2136)')
    window.enter('Name Server', f'{name_server.PLACE}:{name_server.PORT}')
    window.enter('Zone', name_server.ZONE)
    window.enter('Name of Its Key (TSIG)', name_server.KEY)
    window.enter(KEY_SECRET, 'no base64')
    window.click('button', 'Save')
    window.find('alert', re.compile('base64'))
    window.picture('dynamic-dns-zone')
    checks.everything_has_a_name(window)
    window.enter(KEY_SECRET, name_server.OTHER_SECRET)
    save(window)
    window.see(re.compile('^The secret of the key is another at the name server'))
    window.click('button', 'Change…')
    window.enter(KEY_SECRET + STAYS, name_server.SECRET)
    save(window)
    window.see('The Name Leads Here')


@scene(server='on')
def story_name_follows(stage):
    """A name follows the network by a provider or one's own name server, and what these refuse is said with what mends it."""
    lab.run('ip', '-n', lab.SERVER, 'addr', 'add', f'{ADDRESS}/32', 'dev', 'wan')
    make_provider()
    with provider.serving('badauth\n') as keeper, name_server.serving():
        window = settings.open_settings(stage)
        use_provider(window, keeper)
        credential = 'Basic ' + base64.b64encode(f'anna:{SECRET}'.encode()).decode()
        assert keeper.asked[-1] == (f'/nic/update?hostname={NAME}&myip={ADDRESS}', credential), keeper.asked
        told = len(keeper.asked)
        window.click('button', 'Update Now')
        wait_for('another update', lambda: len(keeper.asked) == told + 1)
        window.see('The Name Leads Here')
        use_name_server(window)
        window.picture('dynamic-dns-current')
        assert name_server.ask(NAME, 'A') == [ADDRESS]
        window.click('button', 'Stop Using')
        window.see('Let the Name Follow This Network')
        wait_for('its end', lambda: mode(stage) == 'off')
        window.click('button', 'Undo')
        window.see('The Name Leads Here')
        assert mode(stage) == 'rfc2136'
        assert len(keeper.asked) == told + 1, 'the provider heard of what is not its own'

# SPDX-License-Identifier: GPL-2.0-or-later
"""A certificate that everybody trusts, from an authority, in the window."""

import re

import accessible
import authority
import checks
import lab
import settings
from scenes import scene
from window import wait_for

NAME, OTHER = 'vpn.test', 'door.vpn.test'
DIRECTORY, ROOT, AGREED = 'Its Directory (https://…)', 'File of Its Root on the Server (Optional)', 'I Agree to Its Terms of Service'
PATIENCE = 90


def pin(stage):
    return stage.control_json('status')['certificate-pin']


def known(stage):
    """The certificate that came last, by its id."""
    return stage.control_json('authority', 'show')['certificate']


def is_sensitive(node):
    accessible.learn([node], 'states')
    return 'sensitive' in node.states


def choose(window, stands):
    """Everything but the root of the authority's own web server."""
    window.click('button', 'Get a Trusted Certificate')
    window.find('dialog', 'Trusted Certificate')
    window.click('combo box', 'Authority')
    window.click('list item', 'Another One')
    window.enter('Names', f'{NAME}, {OTHER}')
    window.enter(DIRECTORY, stands.directory)
    assert not is_sensitive(window.find('button', 'Get')), 'nobody agreed to anything'
    window.click('switch', AGREED)


@scene(server='on')
def story_trusted_certificate(stage):
    """An authority certifies the server from the window, again when it is told to, and no more after that."""
    with authority.standing() as stands:
        own = pin(stage)
        window = settings.open_certificate(stage)
        window.see('Get a Trusted Certificate')
        choose(window, stands)
        checks.good_manners(window)
        window.picture('authority')
        window.enter(ROOT, authority.HOUSE)
        window.click('button', 'Get')
        window.find('button', 'Done', seconds=PATIENCE)
        window.picture('authority-done')
        window.click('button', 'Done')
        window.see('The Certificate Is There')
        window.see(re.compile(r'^Signed by .*Pebble.*Renewed by itself'))
        window.picture('certificate-trusted')
        checks.everything_has_a_name(window)
        first, trusted = known(stage), pin(stage)
        assert trusted != own
        window.click('button', 'Renew Now')
        wait_for('another certificate', lambda: known(stage) not in ('', first), PATIENCE)
        window.see('The Certificate Is There', PATIENCE)
        wait_for('its use', lambda: pin(stage) not in (own, trusted))
        trusted = pin(stage)
        window.click('button', 'Stop Using')
        window.see('Get a Trusted Certificate')
        wait_for('the own certificate', lambda: pin(stage) == own)
        assert stage.control('config', 'get', 'acme-directory').strip() == ''
        window.click('button', 'Undo')
        window.see('The Certificate Is There')
        wait_for('the trusted certificate', lambda: pin(stage) == trusted)


@scene(server='on')
def story_certificate_refused(stage):
    """What is in the way of a certificate is said with one thing to do, which is done there."""
    with authority.standing() as stands:
        stands.lead_names_to(lab.HOME_ADDRESS)
        window = settings.open_certificate(stage)
        choose(window, stands)
        window.click('button', 'Get')
        window.find('alert', re.compile('^The authority cannot prove who it is'), seconds=PATIENCE)
        window.picture('authority-not-trusted')
        checks.everything_has_a_name(window)
        window.click('button', 'Change')
        window.enter(ROOT, authority.HOUSE)
        window.click('button', 'Get')
        window.find('alert', re.compile('^The name leads to another computer or program.*Asked again: '), seconds=PATIENCE)
        window.keys('Escape')
        window.see('There Is No Certificate Yet')
        window.resize(360, 640)
        checks.nothing_is_cut_off(window)
        window.picture('certificate-refused')
        stands.lead_names_to(lab.SERVER_ADDRESS)
        window.click('button', 'Try Again')
        window.see('The Certificate Is There', PATIENCE)


STEPS = ('Asking the authority', 'Proving that the name leads here', 'Getting the certificate signed')


@scene(server='fake')
def story_order_steps(stage):
    """Each step of the order of a certificate is told while it lasts."""
    stage.control('start')
    stage.control('config', 'set', f'name={NAME}', 'acme-directory=https://authority.test/dir', 'acme-agree=yes')
    window = settings.open_certificate(stage)
    for number, text in enumerate(STEPS):
        stage.backdoor(f'order {number}')
        window.see(text)
        window.see('Getting the Certificate…')

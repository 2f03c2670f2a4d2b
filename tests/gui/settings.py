# SPDX-License-Identifier: GPL-2.0-or-later
"""How the server is set up, in the window."""

import os
import re
import subprocess

import checks
import lab
from scenes import scene
from window import wait_for


def open_settings(stage, **options):
    window = stage.open(**options)
    window.click('tab', 'Settings')
    return window


def setting(stage, key):
    return stage.control('config', 'get', key).strip()


def has(stage, key, value):
    return lambda: setting(stage, key) == value


@scene(server='on')
def story_live_setting(stage):
    """What applies to a running server is written when it is chosen."""
    window = open_settings(stage)
    window.see('Home Network')
    window.picture('settings')
    window.click('switch', 'Devices May See Each Other')
    wait_for('the switch is written', has(stage, 'clients-see-each-other', 'yes'))
    checks.everything_has_a_name(window)
    checks.nothing_is_cut_off(window)


@scene(server='on')
def story_refused_setting(stage):
    """A value that the server refuses is told at its field and goes back."""
    window = open_settings(stage)
    window.enter('Port', '70000')
    window.find('alert', 'Write a number from 1 to 65535.')
    window.picture('settings-refused')
    window.keys('Return', 'Escape')
    window.wait_gone('alert', 'Write a number from 1 to 65535.')
    assert setting(stage, 'port') == '443'


@scene(server='on')
def story_staged_setting(stage):
    """What would disconnect people waits until it is applied."""
    window = open_settings(stage)
    window.enter('Port', '8443')
    window.keys('Return')
    window.find('status', '1 change waits. No one is connected.')
    assert setting(stage, 'port') == '443'
    window.picture('settings-staged')
    window.click('button', 'Apply Now')
    window.see('The settings are in use')
    assert setting(stage, 'port') == '8443'
    assert stage.control_json('status')['port'] == 8443
    window.wait_gone('button', 'Apply Now')


@scene(server='on')
def story_advanced(stage):
    """Every setting of the server is on the advanced page."""
    window = open_settings(stage)
    window.click('list item', 'Advanced')
    window.see('keepalive')
    window.picture('settings-advanced')
    window.enter('dpd', '45')
    window.keys('Return')
    wait_for('it is written', has(stage, 'dpd', '45'))
    window.click('list item', 'Settings as a File')
    assert 'dpd = 45\n' in window.find('text box', 'Settings as a File').text()
    window.picture('settings-file')


def open_certificate(stage, **options):
    window = open_settings(stage, **options)
    window.click('list item', re.compile('lab|vpn|192'))
    window.see('Fingerprint')
    return window


@scene(server='on')
def story_certificate_page(stage):
    """What clients recognise the server by is shown and can be compared."""
    window = open_certificate(stage)
    window.picture('certificate')
    pin = stage.control_json('status')['certificate-pin']
    window.see(pin)
    window.click('button', 'Verify Fingerprint')
    window.picture('certificate-verify')
    window.keys('Escape')
    checks.everything_has_a_name(window)


PASSPHRASE = 'zugbruecke-7'


def openssl(folder, *arguments):
    subprocess.run(['openssl', *arguments], cwd=folder, capture_output=True, check=True)


def make_files(window):
    """A certificate with its key in a sealed file, in two files, and something else."""
    folder = f'{window.desktop.home}/files'
    os.makedirs(folder)
    openssl(folder, 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'key.pem',
            '-out', 'certificate.pem', '-subj', '/CN=home.example.net', '-addext', 'subjectAltName=DNS:home.example.net',
            '-addext', 'extendedKeyUsage=serverAuth', '-days', '90')
    openssl(folder, 'pkcs12', '-export', '-in', 'certificate.pem', '-inkey', 'key.pem', '-out', 'sealed.p12',
            '-passout', f'pass:{PASSPHRASE}')
    with open(f'{folder}/holiday.jpg', 'wb') as file:
        file.write(b'\xff\xd8\xff\xe0 no certificate at all')
    os.makedirs(f'{folder}/pair')
    for name in ('certificate.pem', 'key.pem'):
        os.rename(f'{folder}/{name}', f'{folder}/pair/{name}')
    subprocess.run(['chown', '-R', window.desktop.owner, folder], check=True)
    return folder


def choose_file(window, button, path):
    """In GTK's own chooser, which stays until it knows the folder."""
    window.press('button', button)  # a toast may lie over it
    window.find('label', 'Other Locations')
    window.keys('ctrl+l', 'ctrl+a')
    window.screen.type(path)
    while window.has('label', 'Other Locations'):
        window.keys('Return')
        window.at_rest()


@scene(server='on')
def story_certificate_import(stage):
    """A certificate from a file is looked at before it is used, and taken back."""
    window = open_certificate(stage)
    folder = make_files(window)
    before = stage.control_json('status')['certificate-pin']
    choose_file(window, 'Choose Files…', f'{folder}/holiday.jpg')
    window.see('holiday.jpg is neither a certificate nor a key, or it is damaged')
    window.picture('certificate-not-one')
    window.click('button', 'Cancel')
    choose_file(window, 'Choose Files…', f'{folder}/sealed.p12')
    window.see('sealed.p12 needs a passphrase')
    window.enter('Passphrase of the Files', PASSPHRASE)
    window.keys('Return')
    window.see('the key belongs to the certificate')
    window.picture('certificate-verdict')
    window.click('button', 'Use This Certificate')
    window.see('The certificate is in use')
    after = stage.control_json('status')['certificate-pin']
    assert after != before
    window.see(after)
    window.click('button', 'Undo')
    window.see(before)
    assert stage.control_json('status')['certificate-pin'] == before
    window.click('button', 'Use home.example.net')
    window.see(after)


def answer_passphrase(window, accept, passphrase, twice=False):
    window.enter('Passphrase', passphrase)
    if twice:
        window.see('Write it a second time')
        window.enter('Passphrase Again', passphrase)
    window.click('button', accept)


@scene(server='on')
def story_backup(stage):
    """A backup brings back who was removed, and a wrong passphrase nothing."""
    window = open_settings(stage)
    path = f'{window.desktop.home}/server.sallyport'
    choose_file(window, 'Save Backup…', path)
    answer_passphrase(window, 'Save', PASSPHRASE, twice=True)
    window.find('label', 'The backup was saved', seconds=60)
    stage.control('user', 'add', 'mallory', '--generate-password')
    choose_file(window, 'Restore…', path)
    answer_passphrase(window, 'Open', 'another-passphrase')
    window.find('label', re.compile('The backup cannot be restored'), seconds=60)
    choose_file(window, 'Restore…', path)
    answer_passphrase(window, 'Open', PASSPHRASE)
    window.find('button', 'Replace All', seconds=60)
    window.picture('settings-restore')
    window.click('button', 'Replace All')
    window.find('label', 'The backup was restored', seconds=60)
    assert 'mallory' not in stage.control('user', 'list')
    window.see('Home Network')


@scene(server='on')
def story_routes(stage):
    """Routes that are edited are those of a device that connects again."""
    window = open_settings(stage)
    stage.control('user', 'add', 'anna', input='correct-horse-7\n')
    device = stage.connect('anna', 'correct-horse-7')
    device.wait_connected()
    window.click('combo box', 'Devices Can Reach')
    window.click('list item', 'Only These Networks')
    window.enter('Networks', '10.99.0.0')
    window.find('alert', re.compile('10.99.0.0'))
    window.enter('Networks', '10.99.0.0/16, 192.168.50.0/24')
    window.keys('Return')
    wait_for('they are written', has(stage, 'routes', '10.99.0.0/16, 192.168.50.0/24'))
    window.picture('settings-routes')
    device.disconnect()
    device = stage.connect('anna', 'correct-horse-7')
    device.wait_connected()
    routes = lab.run('ip', '-n', lab.CLIENT, 'route')
    assert '10.99.0.0/16' in routes, routes
    device.disconnect()


@scene(server='on')
def story_tried_setting(stage):
    """A change is tried for a minute, and goes back or is kept."""
    window = open_settings(stage)
    for answer, port in (('Go Back', '443'), ('Keep These Settings', '8443')):
        window.enter('Port', '8443')
        window.keys('Return')
        window.find('button', 'Apply Now')
        window.click('button', 'Other Ways to Apply')
        window.click('menu item', 'Try for a Minute')
        window.see('Keep These Settings?')
        window.picture('settings-tried')
        wait_for('the server is on with it', lambda: stage.control_json('status')['port'] == 8443)
        window.click('button', answer)
        wait_for(answer, lambda: str(stage.control_json('status')['port']) == port)
        assert setting(stage, 'port') == port
        window.wait_gone('button', answer)


@scene(server='on')
def story_overlap(stage):
    """A range of addresses that the home network has is told, and the settings are as before."""
    window = open_settings(stage)
    window.click('combo box', 'Device Addresses')
    window.click('list item', 'This Range')
    window.enter('Address Range', '192.168.50.0/24')
    window.keys('Return')
    window.click('button', 'Apply Now')
    window.see('The Settings Are as Before')
    window.find('label', re.compile('192.168.50.0/24 overlaps'))
    window.picture('settings-overlap')
    window.click('button', 'Close', within=window.find('dialog'))
    assert setting(stage, 'ipv4-range') == 'auto'
    wait_for('the server is on again', lambda: stage.control_json('status')['state'] == 'on')

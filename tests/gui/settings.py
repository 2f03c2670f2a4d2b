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
    """What devices have to know of waits until it is applied."""
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
def story_apply_when_idle(stage):
    """Addresses of devices become others at once; a restart that waits comes when the last one left, and not before."""
    def began():
        status = stage.control_json('status')
        return status['started-at-usec'] if status['state'] == 'on' else 0
    client = stage.connect('alice', stage.password()).wait_connected()
    before = began()
    window = open_settings(stage)
    window.enter('Port', '8443')
    window.keys('Return')
    window.find('status', re.compile('^1 change waits. No one is disconnected.'))
    window.click('button', 'Discard')
    window.click('combo box', 'Device Addresses')
    window.click('list item', 'This Range')
    window.enter('Address Range', '10.99.0.0/24')
    window.keys('Return')
    wait_for('the range', lambda: setting(stage, 'ipv4-range') == '10.99.0.0/24')
    assert began() == before and [session['state'] for session in stage.control_json('session', 'list')['sessions']] == ['connected']
    stage.control('restart', '--when-idle')
    window.find('status', 'The changes apply when no one is connected.')
    window.picture('settings-when-idle')
    window.click('button', 'Do Not Apply')
    wait_for('nothing that waits', lambda: stage.control_json('status')['restart-pending'] is False)
    stage.control('restart', '--when-idle')
    window.find('status', 'The changes apply when no one is connected.')
    assert began() == before
    client.disconnect()
    wait_for('another start', lambda: began() > before)
    window.wait_gone('button', 'Do Not Apply')


@scene(server='on')
def story_reinvite(stage):
    """Who changes the port is told whom that concerns, and gets new links for them that work."""
    stage.control('device', 'add', 'alice', 'Phone', '--out', '/run/phone.p12')
    stage.control('user', 'add', 'bob', '--full-name', 'Bob Miller', '--generate-password')
    stage.control('device', 'add', 'bob', 'Laptop', '--out', '/run/laptop.p12')
    window = open_settings(stage)
    window.enter('Port', '8443')
    window.keys('Return')
    window.find('status', '1 change waits. No one is connected. 2 devices that were set up before need the new address.')
    window.click('button', 'Apply Now')
    window.see('2 Devices Need the New Address')
    window.picture('settings-moved')
    window.click('button', 'Re-Invite…')
    window.see('Bob Miller · Laptop')
    window.click('checkbox', 'alice · Phone')
    window.click('button', 'Re-Invite 1 Device')
    link = window.find('label', re.compile('^https://')).text()
    assert ':8443/' in link, link
    window.find('button', 'Copy the Link for Bob Miller · Laptop')
    window.picture('settings-reinvited')
    checks.everything_has_a_name(window)
    window.click('button', 'Copy All Links')
    window.see('Copied')
    invitation, = stage.control_json('invitation', 'list')['invitations']
    assert invitation['device-name'] == 'Laptop' and invitation['state'] == 'open', invitation
    page = subprocess.run(['ip', 'netns', 'exec', os.environ['LAB_CLIENT'], 'curl', '--silent', '--insecure', link],
                          capture_output=True, text=True, check=True).stdout
    assert '<form' in page, page


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


CERTIFICATE = re.compile('lab|vpn|192')


def open_certificate(stage, **options):
    window = open_settings(stage, **options)
    window.click('list item', CERTIFICATE)
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


def choose_file(window, button, path, role='button'):
    """In GTK's own chooser, which stays until it knows the folder."""
    window.press(role, button)  # a toast may lie over it
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


@scene(server='on')
def story_certificate_dropped(stage):
    """A file that is dropped on the page of the certificate is looked at as if it was chosen."""
    window = open_certificate(stage)
    folder = make_files(window)
    stage.drop_file(window, f'{folder}/sealed.p12', window.see(re.compile('^Drop ')))
    window.see('sealed.p12 needs a passphrase')
    window.enter('Passphrase of the Files', PASSPHRASE)
    window.keys('Return')
    window.see('the key belongs to the certificate')


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
def story_weekly_backup(stage):
    """A folder and a passphrase are enough for weekly backups, and the first one is made and told."""
    folder = '/run/lab/state/weekly'
    os.makedirs(folder, mode=0o700)
    window = open_settings(stage)
    window.click('button', 'Set the Passphrase of Weekly Backups')
    answer_passphrase(window, 'Set', PASSPHRASE, twice=True)
    window.enter('Weekly Backup', folder)
    window.keys('Return')
    wait_for('the folder', has(stage, 'backup-folder', folder))
    window.find('label', re.compile('^Last on .* Into this folder of the server:'), seconds=90)
    window.picture('settings-weekly')
    assert stage.control_json('status')['last-backup-at-usec'] and os.listdir(folder), os.listdir(folder)


@scene(server='on')
def story_reset(stage):
    """Everything is erased after one question, whose answer is no unless one says so."""
    stage.control('user', 'add', 'mallory', '--generate-password')
    window = open_settings(stage)
    window.click('button', 'Reset Everything…')
    window.see(re.compile('^Reset .*\\?$'))
    window.picture('settings-reset')
    checks.everything_has_a_name(window)
    window.keys('Escape')
    assert 'mallory' in stage.control('user', 'list')
    window.click('button', 'Reset Everything…')
    window.click('button', 'Reset Everything')
    window.see(re.compile('^Everything was reset|^Reach Home'), seconds=60)
    assert not stage.control_json('user', 'list')['users'], stage.control_json('user', 'list')
    assert stage.control_json('status')['state'] == 'off', stage.control_json('status')


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
    wait_for('the route', lambda: '10.99.0.0/16' in lab.run('ip', '-n', lab.CLIENT, 'route'))
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
    """A range of addresses that the home network has is told while it is typed, and a free one is offered."""
    window = open_settings(stage)
    window.click('combo box', 'Device Addresses')
    window.click('list item', 'This Range')
    window.enter('Address Range', '192.168.50.0/24')
    window.find('alert', re.compile('^Overlaps 192.168.50.0/24'))
    window.picture('settings-overlap')
    window.keys('Return')
    window.press('button', 'Choose a Free Range')
    wait_for('the free range', lambda: not window.has('alert', re.compile('^Overlaps')))
    checks.everything_has_a_name(window)
    window.keys('Return')
    wait_for('the range', lambda: setting(stage, 'ipv4-range') not in ('auto', '192.168.50.0/24'))
    wait_for('the server is on again', lambda: stage.control_json('status')['state'] == 'on')


@scene(server='on')
def story_move(stage):
    """When the computer moves to where its range is used, one click takes another."""
    window = stage.open()
    window.see('Nothing Needs Your Attention')
    stage.control('config', 'set', 'ipv4-range=10.77.5.0/24')
    stage.control('stop')
    stage.control('start')
    links = subprocess.run(['ip', '-brief', 'link', 'show', 'type', 'veth'], stdout=subprocess.PIPE, text=True, check=True).stdout
    link = links.split('@')[0].split()[0]
    subprocess.run(['ip', 'address', 'add', '10.77.5.9/16', 'dev', link], check=True)
    window.see(re.compile('addresses overlap with your home network'))
    window.press('button', 'Choose a Free Range')
    window.see('Nothing Needs Your Attention')
    assert setting(stage, 'ipv4-range') == 'auto'
    wait_for('the server is on again', lambda: stage.control_json('status')['state'] == 'on')


@scene(server='on')
def story_awake(stage):
    """Who learns that the computer may sleep keeps it awake by one click, and lets it sleep in the settings."""
    import logind

    if not logind.is_here():
        return
    window = stage.open()
    window.see('Nothing Needs Your Attention')
    logind.start()
    window.see('This computer may go to sleep')
    window.picture('health-sleep')
    window.press('button', 'Keep Awake')
    window.see('Nothing Needs Your Attention')
    wait_for('the inhibitor', logind.is_kept_awake)
    window.click('tab', 'Settings')
    window.click('switch', 'Stay Awake')
    wait_for('the setting', has(stage, 'keep-awake', 'no'))
    wait_for('its end', lambda: not logind.is_kept_awake())

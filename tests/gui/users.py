# SPDX-License-Identifier: GPL-2.0-or-later
"""Users: who may connect, with what, and for how long."""

import os
import re
import subprocess
import sys
import time

import accessible
import checks
from scenes import scene
from settings import choose_file
from window import spoken, wait_for

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../bench'))
import measure_users  # noqa: E402

MANY = 10_000


def show_users(stage):
    window = stage.open()
    window.click('tab', 'Users')
    return window


def open_user(stage, name):
    window = show_users(stage)
    window.click('label', name)
    window.find('text box', 'Name')
    return window


def user(stage, login):
    """What the server has of a user, or None."""
    users = stage.control_json('user', 'list')['users']
    return next((one for one in users if one['login'] == login), None)


def mind_manners(window):
    """Of a page that lies on another."""
    checks.everything_has_a_name(window)
    checks.nothing_is_cut_off(window)


def is_ready(window, button):
    node = window.find('button', button)
    accessible.learn([node], 'states')
    return 'sensitive' in node.states


@scene(server='on')
def story_add_and_invite(stage):
    """Somebody is added and invited in two clicks, and a phone reads the picture.

    What is on the screen is the link that stands below it, and the server gives a page for it."""
    window = show_users(stage)
    clicks = window.clicks
    window.click('button', 'Add a User')
    window.enter('Name', 'Anna Keller')
    window.picture('add-user')
    checks.everything_has_a_name(window)
    window.click('button', 'Add and Invite')
    window.see('Scan to Connect')
    link = window.find('label', re.compile('^https://')).text()
    window.see_code(link, 'invite')
    # the field was clicked, too
    assert window.clicks - clicks == 3, window.clicks - clicks
    checks.everything_has_a_name(window)
    window.keys('Escape')
    window.see('Anna Keller')
    assert user(stage, 'anna')['full-name'] == 'Anna Keller', user(stage, 'anna')
    window.picture('users')
    checks.good_manners(window)


def visit(link, *options):
    """As the phone does out in the internet."""
    return subprocess.run(['ip', 'netns', 'exec', os.environ['LAB_CLIENT'], 'curl', '--silent', '--insecure', '--max-time', '20',
                           *options, link], capture_output=True, check=True).stdout


@scene(server='on')
def story_invitation_ticks(stage):
    """What the visitor of a link does is ticked off while it happens, up to the connection."""
    window = open_user(stage, 'alice')
    window.click('button', re.compile('^Invite a Device of alice'))
    link = window.find('label', re.compile('^https://')).text()
    window.see('Waiting for the device…')
    page = visit(link, '--data', '').decode()
    window.see('Opened')
    window.see(re.compile(r' from 192\.0\.2\.10$'))
    window.see('Certificate not fetched yet')
    passphrase = re.search(r'<code class=s>([^<]+)</code>', page).group(1)
    archive = re.search(r'href="(/e/[\w-]{43}/vpn\.p12)"', page).group(1)
    with open('/run/invited.p12', 'wb') as file:
        file.write(visit(link.split('/e/')[0] + archive))
    window.see('Certificate fetched')
    window.picture('invitation-fetched')
    stage.connect('alice', 'no password is asked for', '--certificate', '/run/invited.p12',
                  '--key-password', passphrase).wait_connected()
    window.see('The Device Is Connected')
    window.picture('invitation-connected')


@scene(server='on')
def story_invitation_cancelled(stage):
    """An invitation is cancelled by one click, and its link leads nowhere then."""
    window = open_user(stage, 'alice')
    window.click('button', re.compile('^Invite a Device of alice'))
    link = window.find('label', re.compile('^https://')).text()
    assert b'<form' in visit(link)
    window.click('button', 'Cancel Invitation')
    window.see('Invitation Cancelled')
    assert b'<form' not in visit(link)


@scene(server='on')
def story_several(stage):
    """Several users are chosen by pointer and keyboard, turned off, given more time and removed, and each is undone."""
    for login in ('anna', 'bob', 'carl'):
        stage.control('user', 'add', login, '--generate-password')
    window = show_users(stage)
    window.screen.do('keydown', 'ctrl')
    window.click('label', 'anna')
    window.screen.do('keyup', 'ctrl')
    window.find('status', '1 selected')
    window.click('label', 'bob')
    window.find('status', '2 selected')
    window.picture('users-selected')
    checks.good_manners(window)
    # Tab went round and is one stop behind the check of the last one.
    window.keys('shift+Tab', 'space')
    window.find('status', '3 selected')
    window.keys('space')
    window.find('status', '2 selected')
    window.click('button', 'Turn Off')
    window.see('2 users turned off')
    window.find('button', 'Off 2')
    window.click('button', 'Undo')
    window.find('button', 'Off 0')
    window.click('button', 'Select Users')
    window.click('label', 'carl')
    window.keys('ctrl+a')
    window.find('status', '4 selected')
    window.click('button', 'Extend…')
    window.click('menu item', 'By a Week')
    window.see('Access of 4 users changed')
    assert user(stage, 'carl')['expires-at-usec'] > time.time() * 10 ** 6, user(stage, 'carl')
    window.click('button', 'Undo')
    wait_for('no end', lambda: user(stage, 'carl')['expires-at-usec'] == 0)
    window.click('button', 'Select Users')
    window.click('label', 'carl')
    window.click('label', 'bob')
    window.click('button', 'Remove')
    window.see('2 users removed')
    window.wait_gone('label', 'bob')
    window.click('button', 'Undo')
    window.see('bob')


@scene(server='on')
def story_login_judged(stage):
    """A login is made of the name, and what is wrong with one is said while it is typed."""
    window = show_users(stage)
    window.click('button', 'Add a User')
    window.enter('Name', 'Alice')
    # the lab's user is called so
    wait_for('another login than the one that is taken',
             lambda: window.find('text box', 'Login').text() == 'alice2')
    window.enter('Login', 'alice')
    window.find('alert', 'Somebody else has this login.')
    window.enter('Login', 'ali ce')
    window.find('alert', 'A login has no blanks.')
    wait_for('no way to add it', lambda: not is_ready(window, 'Add'))
    window.picture('add-user-problem')
    window.enter('Login', 'alice.k')
    window.click('button', 'Make a Password')
    window.click('button', 'Add')
    window.wait_gone('button', 'Add and Invite')
    assert user(stage, 'alice.k')['full-name'] == 'Alice'


@scene(server='on')
def story_switch_off(stage):
    """Whoever is switched off is disconnected, and one click lets them in again."""
    client = stage.connect('alice', stage.password()).wait_connected()
    window = show_users(stage)
    window.find('button', 'Connected 1')
    window.press('switch', 'alice may connect')
    window.see('alice was turned off')
    client.wait_exit()
    window.find('button', 'Connected 0')
    window.find('button', 'Off 1')
    window.see('paused')
    window.picture('users-off')
    window.click('button', 'Undo')
    window.find('button', 'Off 0')
    assert user(stage, 'alice')['enabled'] is True
    stage.connect('alice', stage.password()).wait_connected()
    window.find('button', 'Connected 1')
    window.click('button', 'Connected 1')
    window.see('alice')


@scene(server='on')
def story_remove_and_restore(stage):
    """Whoever is removed comes back by one click, from the bin, or never."""
    stage.control('user', 'add', 'bob', '--full-name', 'Bob Miller', '--generate-password')
    window = open_user(stage, 'Bob Miller')
    window.click('button', 'Remove Bob Miller')
    window.see('Bob Miller was removed')
    window.find('button', 'Removed in the Last 30 Days (1)')
    window.wait_gone('list item', 'Bob Miller')
    window.click('button', 'Undo')
    window.wait_gone('button', 'Removed in the Last 30 Days (1)')
    window.click('label', 'Bob Miller')
    window.click('button', 'Remove Bob Miller')
    window.click('button', 'Removed in the Last 30 Days (1)')
    window.see('Bob Miller')
    window.picture('removed-users')
    window.click('button', 'Restore Bob Miller')
    window.see('No One Was Removed')
    assert user(stage, 'bob')['status'] == 'active', user(stage, 'bob')
    stage.control('user', 'remove', 'bob')
    window.click('button', 'Delete Bob Miller Now')
    window.see('Delete Bob Miller Permanently?')
    window.picture('delete-user')
    window.click('button', 'Delete')
    window.see('No One Was Removed')
    assert not stage.control_json('user', 'list', '--removed')['users']


@scene(server='on')
def story_device_revoked(stage):
    """A device is renamed and revoked, and cannot sign in any more."""
    stage.control('device', 'add', 'alice', 'Old Phone', '--out', '/run/phone.p12')
    window = open_user(stage, 'alice')
    window.click('label', 'Old Phone')
    window.see('Certificate Good Until')
    window.picture('device')
    mind_manners(window)
    window.enter('Name', 'Older Phone')
    window.keys('Return')
    device = wait_for('the new name', lambda: next((one for one in stage.control_json('device', 'list')['devices']
                                                    if one['name'] == 'Older Phone'), None))
    window.click('button', 'Revoke This Device')
    window.see('Older Phone was revoked')
    window.click('button', 'Undo')
    wait_for('the device back', lambda: not one_device(stage, device['id'])['revoked-at'])
    window.click('button', 'Revoke This Device')
    wait_for('the revocation', lambda: one_device(stage, device['id'])['revoked-at'])
    window.click('button', 'Back')
    window.wait_gone('label', 'Older Phone')


@scene(server='on')
def story_device_readdressed(stage):
    """A device's secret address is replaced on its page, after a question; the page has the new one."""
    stage.control('config', 'set', 'name=vpn.example.org', 'name-gate=label')
    stage.control('device', 'add', 'alice', 'Old Phone', '--out', '/run/phone.p12')
    window = open_user(stage, 'alice')
    window.click('label', 'Old Phone')
    before = value_below(window, 'Secret Address of the Server')
    assert re.search(r'https://[0-9a-z]{8,}\.vpn\.example\.org', before), before
    mind_manners(window)
    window.click('button', 'Replace the Secret Address')
    window.see('Replace the Secret Address?')
    checks.everything_has_a_name(window)
    window.picture('replace-address')
    window.click('button', 'Cancel')
    window.wait_gone('label', 'Replace the Secret Address?')
    assert value_below(window, 'Secret Address of the Server') == before
    window.click('button', 'Replace the Secret Address')
    window.click('button', 'Replace')
    window.see('Tell the device its new address')
    device, = stage.control_json('device', 'list')['devices']
    wait_for('the new address', lambda: device['label'] in value_below(window, 'Secret Address of the Server'))
    assert device['label'] not in before, (before, device)


@scene(server='on')
def story_device_unblocked(stage):
    """A device that was blocked until further notice says so, and is let in again from its page."""
    stage.control('device', 'add', 'alice', 'Old Phone', '--out', '/run/phone.p12')
    device = stage.control_json('device', 'list')['devices'][0]
    stage.control('device', 'block', device['id'])
    window = open_user(stage, 'alice')
    window.click('label', 'Old Phone')
    window.see('You unblock it')
    window.picture('blocked-device')
    mind_manners(window)
    window.click('button', 'Unblock Old Phone')
    wait_for('the end of the block', lambda: not one_device(stage, device['id'])['blocked-until'])
    window.wait_gone('label', 'You unblock it')


def one_device(stage, identity):
    return next(one for one in stage.control_json('device', 'list')['devices'] if one['id'] == identity)


@scene(server='on')
def story_device_renewed(stage):
    """A device gets a new certificate, a real client connects with it, and the old one is good no more."""
    stage.control('device', 'add', 'alice', 'Laptop', '--out', '/run/laptop.p12')
    before, = stage.control_json('device', 'list')['devices']
    window = open_user(stage, 'alice')
    window.click('label', 'Laptop')
    assert value_below(window, 'Fingerprint (SHA-256)').replace(' ', '') == before['fingerprint'], window.texts()
    window.click('button', 'Renew the Certificate')
    window.see('New Certificate of Laptop')
    window.picture('device-renewed')
    checks.everything_has_a_name(window)
    passphrase = value_below(window, 'Passphrase of the File')
    folder = f'/run/{window.desktop.owner}-files'
    subprocess.run(['install', '-d', '-o', window.desktop.owner, folder], check=True)
    choose_file(window, 'Save…', f'{folder}/new.p12')
    wait_for('the file', lambda: os.path.exists(f'{folder}/new.p12'))
    window.keys('Escape')
    after, = stage.control_json('device', 'list')['devices']
    assert after['id'] == before['id'] and after['fingerprint'] != before['fingerprint'], (before, after)
    wait_for('the new fingerprint', lambda: value_below(window, 'Fingerprint (SHA-256)').replace(' ', '') == after['fingerprint'])
    stage.connect('alice', 'no password is asked for', '--certificate', f'{folder}/new.p12',
                  '--key-password', passphrase).wait_connected()
    window.see('Connected')
    window.keys('F2', 'ctrl+a')
    window.screen.type('Notebook')
    window.keys('Return')
    wait_for('the new name', lambda: one_device(stage, before['id'])['name'] == 'Notebook')


@scene(server='on')
def story_limits(stage):
    """Until when, how much and what somebody reaches is chosen in words."""
    window = open_user(stage, 'alice')
    window.picture('user')
    mind_manners(window)
    window.click('button', 'Until')
    window.click('menu item', '7 Days After the First Connection')
    wait_for('the end', lambda: user(stage, 'alice')['expires-after-first-login'] == 7 * 86400)
    window.click('button', 'Traffic per Month')
    window.click('menu item', '10 GB')
    wait_for('the quota', lambda: user(stage, 'alice')['quota'] == 10 ** 10)
    window.click('button', 'Can Reach')
    window.click('menu item', 'Only This Computer')
    wait_for('the reach', lambda: user(stage, 'alice')['reach'] == 'server')
    window.click('button', 'Can Reach')
    window.click('menu item', 'Chosen Devices…')
    window.enter('Add an Address', '192.168.50.20 tcp 80')
    window.keys('Return')
    window.see('192.168.50.20 tcp 80')
    window.picture('chosen-devices')
    window.click('button', 'Set')
    wait_for('the hosts', lambda: user(stage, 'alice')['reach-hosts'] == ['192.168.50.20 tcp 80'])
    window.click('button', 'Download Speed')
    window.click('menu item', '10 Mbit/s')
    wait_for('the speed', lambda: user(stage, 'alice')['rate-down'] == 10_000_000)
    window.find('button', '10 Mbit/s')
    window.resize(360, 640)
    window.picture('user-narrow')
    checks.nothing_is_cut_off(window)


def code_of(uri):
    secret = re.search(r'secret=([A-Z2-7]+)', uri).group(1)
    return subprocess.run(['oathtool', '--totp', '--base32', secret], capture_output=True, text=True, check=True).stdout.strip()


@scene(server='on')
def story_two_step(stage):
    """A second step is set up with a phone, and a client has to give its code."""
    window = open_user(stage, 'alice')
    window.click('button', 'Set Up Two-Step Sign-In')
    window.see('Or Enter This Key')
    uri, = window.codes('two-step')
    assert uri.startswith('otpauth://totp/'), uri
    checks.everything_has_a_name(window)
    window.enter('Code That the App Shows', '12345')
    assert not is_ready(window, 'Confirm')
    window.enter('Code That the App Shows', '000000')
    window.click('button', 'Confirm')
    window.find('alert', re.compile('^This is not the current code'))
    # phones show it in two groups
    code = code_of(uri)
    window.enter('Code That the App Shows', f'{code[:3]} {code[3:]}')
    window.click('button', 'Confirm')
    window.see('Recovery Codes')
    window.picture('recovery-codes')
    codes = window.find('label', re.compile('^[0-9a-z-]+\n')).text().split()
    assert len(codes) == 10, codes
    window.click('button', 'Done')
    window.see('On · 10 recovery codes left')
    refused = stage.connect('alice', stage.password(), '--non-inter')
    refused.wait_exit()
    stage.connect('alice', f'{stage.password()}\n{codes[0]}').wait_connected()
    window.see('On · 9 recovery codes left')
    window.click('button', 'Turn Off Two-Step Sign-In')
    window.click('button', 'Turn Off')
    wait_for('the password alone', lambda: user(stage, 'alice')['two-step'] is False)
    window.see('Off')


@scene(server='on')
def story_password(stage):
    """A password is changed, and a client signs in with the new one."""
    window = open_user(stage, 'alice')
    window.click('button', 'Change the Password')
    window.find('text box', 'New Password')
    window.keys('Escape')
    window.wait_gone('text box', 'New Password')
    window.click('button', 'Change the Password')
    window.enter('New Password', 'better-horse-8')
    window.picture('password')
    checks.everything_has_a_name(window)
    window.click('button', 'Change')
    window.see('The password was changed')
    stage.connect('alice', 'better-horse-8').wait_connected()


@scene(server='on')
def story_computer(stage):
    """A computer gets what its programs need, and a real client connects with the certificate."""
    window = open_user(stage, 'alice')
    window.click('button', re.compile('^Invite a Device of alice'))
    window.see('Scan to Connect')
    window.click('list item', 'For a Computer Instead')
    window.see(re.compile("^sudo openconnect --user='alice' --servercert=pin-sha256:"))
    window.picture('computer')
    checks.everything_has_a_name(window)
    window.enter('Name of the Computer', 'ThinkPad')
    window.click('button', 'Make')
    window.see('Passphrase of the File')
    passphrase = value_below(window, 'Passphrase of the File')
    folder = f'/run/{window.desktop.owner}-files'
    subprocess.run(['install', '-d', '-o', window.desktop.owner, folder], check=True)
    choose_file(window, 'Save…', f'{folder}/vpn.p12')
    wait_for('the certificate', lambda: os.path.exists(f'{folder}/vpn.p12'))
    choose_file(window, 'Save the Connection…', f'{folder}/vpn.nmconnection')
    wait_for('the connection', lambda: os.path.exists(f'{folder}/vpn.nmconnection'))
    with open(f'{folder}/vpn.nmconnection', encoding='utf-8') as file:
        lines = file.read().splitlines()
    assert 'service-type=org.freedesktop.NetworkManager.openconnect' in lines, lines
    assert 'gateway=198.51.100.20' in lines, lines
    stage.connect('alice', 'no password is asked for', '--certificate', f'{folder}/vpn.p12',
                  '--key-password', passphrase).wait_connected()
    session, = stage.control_json('session', 'list')['sessions']
    device, = stage.control_json('device', 'list')['devices']
    assert device['name'] == 'ThinkPad' and session['device'].endswith(device['id']), (device, session)


def value_below(window, title):
    """Of a row that shows a value below its name."""
    texts = window.texts()
    return texts[texts.index(title) + 1]


@scene(server='on')
def story_advanced(stage):
    """Networks are written by who knows them, and what cannot be is said and kept to be mended."""
    window = open_user(stage, 'alice')
    window.click('list item', 'Advanced')
    window.find('text box', 'Routes')
    mind_manners(window)
    window.enter('Routes', '192.168.50.0/24, 10.9.0.0/16')
    window.keys('Return')
    wait_for('the routes', lambda: user(stage, 'alice')['routes'] == ['192.168.50.0/24', '10.9.0.0/16'])
    window.enter('Name Servers', 'nonsense')
    window.keys('Return')
    window.see(re.compile('^alice was not changed: '))
    window.picture('user-advanced')
    assert window.find('text box', 'Name Servers').text() == 'nonsense'


def write_file(window, name, text):
    folder = f'/run/{window.desktop.owner}-files'
    subprocess.run(['install', '-d', '-o', window.desktop.owner, folder], check=True)
    with open(f'{folder}/{name}', 'w', encoding='utf-8') as file:
        file.write(text)
    os.chmod(f'{folder}/{name}', 0o644)
    return f'{folder}/{name}'


def import_file(window, path):
    window.click('button', 'Main Menu')
    choose_file(window, 'Import Users…', path, role='menu item')


@scene(server='on')
def story_import_table(stage):
    """A table of people is previewed, imported, and undone; a client connects with its password."""
    stage.control('user', 'add', 'bob', '--full-name', 'Bob', '--generate-password')
    window = show_users(stage)
    import_file(window, write_file(window, 'people.csv', 'login;name;password;phone\n'
                                   'anna;Anna Keller;correct horse 7;1\nbob;Bob Miller;;2\ncarl;;;3\ntwo words;X;;4\n'
                                   'alice;;;5\n'))
    window.see('These columns mean nothing to the server: phone')
    assert value_below(window, 'New') == '2', window.texts()
    window.see('The login is too long, or has a blank.')
    window.see('Is here already.')
    window.picture('import-users')
    checks.everything_has_a_name(window)
    window.click('button', 'Import')
    window.see('3 users were imported')
    assert user(stage, 'anna')['full-name'] == 'Anna Keller', user(stage, 'anna')
    assert user(stage, 'bob')['full-name'] == 'Bob Miller', user(stage, 'bob')
    stage.connect('anna', 'correct horse 7').wait_connected()
    window.click('button', 'Undo')
    wait_for('nobody new', lambda: user(stage, 'anna') is None and user(stage, 'carl') is None)
    assert user(stage, 'bob')['full-name'] == 'Bob', user(stage, 'bob')


@scene(server='on')
def story_import_passwords(stage):
    """People of an ocserv keep their passwords; what is no such file is refused in words."""
    window = show_users(stage)
    hashed = subprocess.run(['openssl', 'passwd', '-6', 'old horse 9'], capture_output=True, text=True, check=True)
    import_file(window, write_file(window, 'ocpasswd', f'anna:*:{hashed.stdout.strip()}\nbob:staff:!{hashed.stdout.strip()}\n'
                                   'carl:*:$1$salt$aaaaaaaaaaaaaaaaaaaaaa\n'))
    window.see(re.compile('^Is added without a password: the old one'))
    window.click('button', 'Import')
    window.see('3 users were imported')
    assert user(stage, 'bob')['enabled'] is False, user(stage, 'bob')
    stage.connect('anna', 'old horse 9').wait_connected()
    import_file(window, write_file(window, 'empty.csv', 'login,name\n'))
    window.see(re.compile('^empty.csv has nobody in it'))


@scene(server='on')
def story_import_dropped(stage):
    """The card of a person that is dropped on the list fills in the dialog for a new user."""
    window = show_users(stage)
    path = write_file(window, 'anna.vcf', 'BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Anna Keller\r\nEND:VCARD\r\n')
    stage.drop_file(window, path, window.see('alice'))
    wait_for('the name', lambda: window.find('text box', 'Name').text() == 'Anna Keller')
    assert window.find('text box', 'Login').text() == 'anna'
    window.click('button', 'Add')
    wait_for('Anna', lambda: user(stage, 'anna'))


def get_first(window):
    """Who stands at the list's upper edge: rows above that are found, too."""
    users = window.find('list', 'Users')
    rows = [row for row in window.all('list item', within=users) if row.box[1] + row.box[3] > users.box[1]]
    return spoken(min(rows, key=lambda row: row.box[1])) if rows else ''


@scene(server='on')
def story_many_users(stage):
    """Ten thousand users are found, scrolled and searched without waiting."""
    measure_users.Caller().add_many([f'person{number:05}' for number in range(MANY)])
    began = time.monotonic()
    window = stage.open()
    window.click('tab', 'Users')
    window.find('button', f'All {MANY + 1}', seconds=60)
    print(f'shown after {time.monotonic() - began:.1f} s')
    wait_for('alice at the beginning', lambda: get_first(window) == 'alice')
    stage.control('user', 'add', 'aaron', '--generate-password')
    wait_for('aaron above her', lambda: get_first(window) == 'aaron')
    window.scroll_to_end()
    there = get_first(window)
    assert there.startswith('Person'), there
    stage.control('user', 'add', 'aachen', '--generate-password')
    window.find('button', f'All {MANY + 3}')
    window.settle()
    assert get_first(window) == there, 'who scrolled is not left there'
    window.keys('ctrl+f')
    began = time.monotonic()
    window.screen.type('person09')
    window.see('Person person09000')
    print(f'found after {time.monotonic() - began:.1f} s')
    window.wait_gone('label', 'alice')
    window.picture('many-users')
    window.screen.type('zzz')
    window.see('No Results')
    window.keys('Escape')
    window.see('alice')
    # what is read again of that many goes in one row
    window.press('switch', 'alice may connect')
    window.find('button', 'Off 1')

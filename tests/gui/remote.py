# SPDX-License-Identifier: GPL-2.0-or-later
"""Another computer is managed in the window: a real sshd on the lab's loopback, where the server is; the window's own
bus is an empty one."""

import contextlib
import os
import pwd
import re
import signal
import subprocess

import accessible
import checks
import lab
import machine
from scenes import scene
from window import wait_for

FOLDER = '/run/elsewhere'
SSH = f'{FOLDER}/ssh'
LOG = f'{SSH}/sshd.log'
HERE = 'No Server on This Computer'
CONNECT = 'Connect to Another Computer…'
LOST = re.compile('^The connection to attic was lost')


def read(path):
    with open(path, encoding='utf-8', errors='replace') as file:
        return file.read()


def key(name):
    path = f'{SSH}/{name}'
    if not os.path.exists(path):
        subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', path], check=True)
    return path


def fingerprint(name):
    return lab.run('ssh-keygen', '-lf', f'{SSH}/{name}.pub').split()[1]


def empty_bus():
    """A computer without any service."""
    address = f'unix:path={FOLDER}/bus'
    with open(f'{FOLDER}/bus.conf', 'w', encoding='ascii') as file:
        file.write(f'<busconfig><type>session</type><listen>{address}</listen><policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>'
                   '<allow own="*"/><allow user="*"/></policy></busconfig>\n')
    machine.start(['dbus-daemon', '--config-file', f'{FOLDER}/bus.conf', '--nofork', '--nopidfile'], f'{FOLDER}/bus.log')
    wait_for('the empty bus', lambda: os.path.exists(f'{FOLDER}/bus'))
    return address


RELAY = """import os, select, socket, sys
def relay(pairs):
    while True:
        for ready in select.select(list(pairs), [], [])[0]:
            data = os.read(ready, 65536)
            if not data:
                return
            os.write(pairs[ready], data)
"""
THERE = RELAY + """
door = socket.socket(socket.AF_UNIX)
door.bind(sys.argv[1])
door.listen()
while True:
    near, _ = door.accept()
    if not os.fork():
        far = socket.create_connection((sys.argv[2], 22))
        relay({near.fileno(): far.fileno(), far.fileno(): near.fileno()})
        os._exit(0)
    near.close()
"""
HERE_END = RELAY + """
near = socket.socket(socket.AF_UNIX)
near.connect(sys.argv[1])
relay({0: near.fileno(), near.fileno(): 1})
"""


class Attic:
    """The other computer: who has the key “client” is let in as anybody."""

    def __init__(self, knows_client=True):
        os.makedirs(SSH, mode=0o755)
        os.makedirs('/run/sshd', exist_ok=True)
        for name in ('host', 'other', 'client'):
            key(name)
        with open(f'{SSH}/authorized', 'w', encoding='ascii') as file:
            file.write(read(f'{SSH}/client.pub') if knows_client else '')
        os.chmod(f'{SSH}/authorized', 0o644)
        os.chown(f'{SSH}/client', pwd.getpwnam('alice').pw_uid, -1)
        with open('/etc/hosts', 'a', encoding='ascii') as file:
            file.write('127.0.0.1 attic\n')
        with open('/etc/ssh/ssh_config', 'w', encoding='ascii') as file:
            file.write(f'Host attic\n IdentityFile {SSH}/client\n HashKnownHosts yes\n')
        self.bus = empty_bus()
        self.process = None
        self.start()

    def start(self, host='host'):
        with open(f'{SSH}/sshd.conf', 'w', encoding='ascii') as file:
            file.write(f'Port 22\nListenAddress 0.0.0.0\nHostKey {SSH}/{host}\nAuthorizedKeysFile {SSH}/authorized\n'
                       'StrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n')
        open(LOG, 'w', encoding='ascii').close()
        self.process = machine.start(['/usr/sbin/sshd', '-D', '-e', '-f', f'{SSH}/sshd.conf'], LOG)
        wait_for('the sshd', lambda: 'listening' in read(LOG))

    def stop(self):
        self.process.kill()
        self.process.wait()

    def through_tunnel(self, address):
        """Who goes to “attic” comes out of the VPN's client, whose network is another."""
        joint = f'{FOLDER}/tunnel'
        for name, code in (('there', THERE), ('here', HERE_END)):
            with open(f'{FOLDER}/{name}.py', 'w', encoding='ascii') as file:
                file.write(code)
        machine.start(['/usr/bin/python3', f'{FOLDER}/there.py', joint, address], f'{FOLDER}/there.log', lab.CLIENT)
        wait_for('the way through the tunnel', lambda: os.path.exists(joint))
        os.chmod(joint, 0o777)
        with open('/etc/ssh/ssh_config', 'a', encoding='ascii') as file:
            file.write(f'Host inside\n IdentityFile {SSH}/client\n HostKeyAlias attic\n'
                       f' ProxyCommand /usr/bin/python3 {FOLDER}/here.py {joint}\n')

    def let_in(self, line):
        with open(f'{SSH}/authorized', 'a', encoding='ascii') as file:
            file.write(line + '\n')


def children(name):
    """Processes of this name that run."""
    found = []
    for entry in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{entry}/stat', encoding='ascii', errors='replace') as file:
                words = file.read()
        except OSError:
            continue
        if words[words.index('(') + 1:words.rindex(')')] == name and words[words.rindex(')') + 2] != 'Z':
            found.append(int(entry))
    return found


def ask(stage, attic, computer, **options):
    """The window, its dialog filled in and answered."""
    window = stage.open(environment={'DBUS_SYSTEM_BUS_ADDRESS': attic.bus}, **options)
    window.see(HERE)
    window.click('button', CONNECT)
    window.enter('Computer', computer)
    window.click('button', 'Connect')
    return window


def trust(window):
    window.see('Is This attic?')
    window.see(fingerprint('host'))
    window.click('button', 'Trust and Connect')


def is_there(window):
    window.find('button', 'Server: attic')
    window.find('tab', 'Overview')


@scene(server='on')
def story_first_contact(stage):
    """Another computer shows its fingerprint, is trusted, and is managed as if one sat there."""
    attic = Attic()
    window = ask(stage, attic, 'dave@attic')
    window.see('Is This attic?')
    window.see('ED25519')
    window.see(fingerprint('host'))
    checks.everything_has_a_name(window)
    window.picture('remote-fingerprint')
    window.click('button', 'Trust and Connect')
    is_there(window)
    window.see('Running')
    window.picture('remote')
    assert len(children('ssh')) == 1, children('ssh')
    client = stage.connect(os.environ['LAB_USER'], stage.password()).wait_connected()
    window.see(re.compile('^alice'))
    window.see(re.compile('1 device connected'))
    window.click('button', 'Disconnect')
    window.find('status', 'Disconnecting…')
    client.wait_exit(30)
    window.see('No One Is Connected')
    window.click('tab', 'Users')
    window.click('button', 'Add a User')
    window.enter('Name', 'Anna Keller')
    window.click('button', 'Add and Invite')
    wait_for('the user', lambda: [one for one in stage.control_json('user', 'list')['users'] if one['login'] == 'anna'])


@scene(server='on')
def story_remote_menu(stage):
    """The menu of computers has each with what is known of it, and a closed window leaves no ssh behind."""
    attic = Attic()
    window = ask(stage, attic, 'dave@attic')
    trust(window)
    is_there(window)
    window.keys('F9')
    window.find('menu item', 'dave@attic — connected')
    window.find('menu item', re.compile('^lab — no server'))
    window.picture('remote-menu')
    window.keys('Escape')
    window.keys('ctrl+w')
    wait_for('the end of ssh', lambda: not children('ssh'))
    window.see(HERE)
    window.click('button', CONNECT)
    window.click('label', 'dave@attic')
    is_there(window)


@scene(server='on')
def story_host_key_changed(stage):
    """A computer that is not the one it was is refused, and there is no way around it."""
    attic = Attic()
    window = ask(stage, attic, 'dave@attic')
    trust(window)
    is_there(window)
    attic.stop()
    for process in children('ssh'):
        os.kill(process, signal.SIGKILL)
    attic.start('other')
    window.see('This Is Not the attic That You Know')
    window.click('label', 'Show Details')
    window.find('label', re.compile('IDENTIFICATION HAS CHANGED'))
    assert not window.has('button', re.compile('Trust|Try')), window.describe()
    checks.everything_has_a_name(window)
    window.picture('remote-changed')


@scene(server='on')
def story_not_in_group(stage):
    """Who is in no group there is told the command that helps, and is in when somebody gave it."""
    attic = Attic()
    window = ask(stage, attic, 'eve@attic')
    trust(window)
    window.see('Only Administrators Can See the Server on attic')
    window.see('sudo usermod -aG sallyport-admin eve')
    checks.everything_has_a_name(window)
    window.picture('remote-denied')
    window.click('button', 'Copy the Command')
    subprocess.run(['usermod', '-aG', 'sallyport-admin', 'eve'], check=True)
    window.click('button', 'Try Again')
    is_there(window)


@scene(server='on')
def story_remote_looking_only(stage):
    """Who may only look there is told the command that helps in a banner."""
    attic = Attic()
    window = ask(stage, attic, 'frank@attic')
    trust(window)
    is_there(window)
    window.find(name=re.compile('sudo usermod -aG sallyport-admin frank'))
    assert 'sensitive' not in window.find('button', 'Add a User').states
    window.click('button', 'Copy Command')
    window.see('The command is copied')
    window.picture('remote-banner')
    window.resize(360, 640)
    checks.everything_has_a_name(window)
    window.picture('remote-narrow')
    window.click('button', 'Try Again')
    window.find(name=re.compile('sudo usermod -aG sallyport-admin frank'))


@scene(server='on')
def story_ssh_dies(stage):
    """A connection that dies is told in a banner and comes back by itself, with who is connected."""
    attic = Attic()
    window = ask(stage, attic, 'dave@attic')
    trust(window)
    is_there(window)
    attic.stop()
    for process in children('ssh'):
        os.kill(process, signal.SIGKILL)
    window.find(name=LOST)
    window.picture('remote-lost')
    client = stage.connect(os.environ['LAB_USER'], stage.password()).wait_connected()
    attic.start()
    # It comes back by itself, too, and may do so before this is pressed.
    with contextlib.suppress(AssertionError):
        if window.has('button', 'Reconnect Now'):
            window.click('button', 'Reconnect Now')
    window.wait_gone(name=LOST)
    window.see(re.compile('^alice'))
    client.disconnect()
    window.see('No One Is Connected')


@scene(server='on')
def story_own_key(stage):
    """The app makes a key of its own, shows it, and is let in by it."""
    attic = Attic(knows_client=False)
    window = stage.open(environment={'DBUS_SYSTEM_BUS_ADDRESS': attic.bus})
    window.see(HERE)
    window.keys('ctrl+shift+n')
    window.enter('Computer', 'dave@attic')
    window.click('label', 'My SSH keys')
    window.click('label', 'This app’s key')
    window.find_ready('button', 'Copy Public Key')
    checks.everything_has_a_name(window)
    window.picture('remote-dialog')
    window.click('button', 'Copy Public Key')
    window.see('The public key is copied')
    path = f'{window.desktop.home}/.local/share/sallyport/ssh/id_ed25519'
    public = read(f'{path}.pub').strip()
    assert os.stat(path).st_mode & 0o777 == 0o600, oct(os.stat(path).st_mode)
    window.click('button', 'Connect')
    trust(window)
    window.see('attic Does Not Let You In')
    window.see(public)
    window.picture('remote-not-let-in')
    attic.let_in(public)
    window.click('button', 'Try Again')
    is_there(window)


def is_sensitive(window, name):
    node = window.find('button', name)
    accessible.learn([node], 'states')
    return 'sensitive' in node.states


@scene(server='absent')
def story_computer_judged(stage):
    """A computer that cannot be one is told at the field, one that is not there on a page with the way out."""
    attic = Attic()
    attic.stop()
    window = stage.open(environment={'DBUS_SYSTEM_BUS_ADDRESS': attic.bus})
    window.see(HERE)
    window.click('button', CONNECT)
    for text, words in (('a b', 'Write the name'), ('@attic', 'Before the @'), ('attic:99999', 'After the colon')):
        window.enter('Computer', text)
        window.find(name=re.compile(words))
        assert not is_sensitive(window, 'Connect'), text
    window.picture('remote-bad-host')
    window.enter('Computer', 'attic')
    assert is_sensitive(window, 'Connect')
    window.click('button', 'Connect')
    window.see('attic Does Not Answer')
    checks.everything_has_a_name(window)
    window.picture('remote-unreachable')
    window.click('label', 'Show Details')
    window.find('label', re.compile('Connection refused'))
    window.keys('ctrl+shift+n')
    window.enter('Computer', 'nowhere.invalid')
    window.keys('Return')
    window.see('nowhere.invalid Was Not Found')


def change_port(window, port):
    window.click('tab', 'Settings')
    window.enter('Port', port)
    window.keys('Return')
    window.click('button', 'Apply Now')


@scene(server='on')
def story_inside(stage):
    """What is changed through the VPN itself is on trial, and what is changed over another way is not."""
    attic = Attic()
    window = ask(stage, attic, 'dave@attic')
    trust(window)
    is_there(window)
    change_port(window, '8443')
    window.see('The settings are in use')
    assert not lab.succeeds('sallyportctl', 'config', 'rollback'), 'something is on trial'
    change_port(window, '443')
    wait_for('the port', lambda: stage.control_json('status')['port'] == 443)
    window.keys('ctrl+w')
    wait_for('the end of ssh', lambda: not children('ssh'))
    client = stage.connect(os.environ['LAB_USER'], stage.password()).wait_connected()
    own = client.addresses()[0]
    attic.through_tunnel(own.rsplit('.', 1)[0] + '.1')
    window.click('button', CONNECT)
    window.enter('Computer', 'dave@inside')
    window.click('button', 'Connect')
    window.find('button', 'Server: inside')
    window.see(re.compile('1 device connected'))
    change_port(window, '8443')
    wait_for('the trial', lambda: stage.control_json('status')['port'] == 8443)
    stage.control('config', 'rollback')
    wait_for('the port of before', lambda: stage.control_json('status')['port'] == 443)


AVAHI = """import sys
from gi.repository import Gio, GLib
NAME = 'org.freedesktop.Avahi'
NODE = Gio.DBusNodeInfo.new_for_xml('<node><interface name="' + NAME + '.Server"><method name="ServiceBrowserNew">'
    + ''.join(f'<arg type="{t}" direction="in"/>' for t in 'iissu') + '<arg type="o" direction="out"/></method>'
    '<method name="ResolveService">' + ''.join(f'<arg type="{t}" direction="in"/>' for t in 'iisssiu')
    + ''.join(f'<arg type="{t}" direction="out"/>' for t in ('i', 'i', 's', 's', 's', 's', 'i', 's', 'q', 'aay', 'u'))
    + '</method></interface></node>')
def on_call(bus, sender, path, interface, method, parameters, invocation):
    if method == 'ServiceBrowserNew':
        invocation.return_value(GLib.Variant('(o)', ('/Browser1',)))
        for name in ('nas', 'nas', 'evil'):
            bus.emit_signal(sender, '/Browser1', NAME + '.ServiceBrowser', 'ItemNew',
                            GLib.Variant('(iisssu)', (1, 0, name, '_ssh._tcp', 'local', 0)))
        return
    name = parameters[2]
    host = '-oProxyCommand=id' if name == 'evil' else name + '.local'
    invocation.return_value(GLib.Variant('(iissssisqaayu)', (1, 0, name, '_ssh._tcp', 'local', host, 0, '192.0.2.7', 22, [], 0)))
bus = Gio.DBusConnection.new_for_address_sync(sys.argv[1], Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
                                              | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None)
bus.register_object('/', NODE.interfaces[0], on_call)
Gio.bus_own_name_on_connection(bus, NAME, Gio.BusNameOwnerFlags.NONE, lambda *_: print('ready', flush=True), None)
GLib.MainLoop().run()
"""


@scene(server='absent')
def story_found_nearby(stage):
    """A computer that is found nearby is taken with a click, one that is none is not shown, and none are shown without Avahi."""
    attic = Attic()
    window = stage.open(environment={'DBUS_SYSTEM_BUS_ADDRESS': attic.bus})
    window.see(HERE)
    window.click('button', CONNECT)
    window.find('text box', 'Computer')
    assert not window.has('label', 'Found Nearby')
    window.click('button', 'Cancel')
    machine.start(['/usr/bin/python3', '-c', AVAHI, attic.bus], f'{FOLDER}/avahi.log')
    wait_for('who finds', lambda: 'ready' in read(f'{FOLDER}/avahi.log'))
    window.click('button', CONNECT)
    window.see('Found Nearby')
    window.click('label', 'nas.local')
    wait_for('the address', lambda: window.find('text box', 'Computer').text() == 'nas.local')
    assert len(window.all('label', re.compile(r'\.local$'))) == 1, window.describe()
    assert not window.has('label', re.compile('Proxy'))
    window.picture('remote-nearby')

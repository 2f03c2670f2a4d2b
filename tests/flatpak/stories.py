# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of the window in its sandbox, at the real server behind the real polkit; see tests/gui/README.md."""

import os
import re

import bundle
import lab
import remote
from accessible import wait_for_program
from desktop import PATIENCE
from sandbox import ID
from scenes import NAME, scene

SWITCH = re.compile('^Server')
README = os.path.join(os.path.dirname(bundle.MANIFEST), 'README.md')
# A manifest's words, as an installed Flatpak shows them: (group, key, one value).
SHOWN = {'share': ('Context', 'shared'), 'socket': ('Context', 'sockets'), 'device': ('Context', 'devices'),
         'system-talk-name': ('System Bus Policy', None)}


@scene(server='installed')
def story_first_device(stage):
    """A server is set up, and somebody invited, from the sandbox."""
    window = stage.open()
    window.see('Reach Home from Anywhere')
    window.click('button', 'Set Up')
    window.find('dialog', 'Set Up')
    window.click('button', 'Continue')
    window.click('button', 'Invite a Device', within=window.find('dialog', 'Set Up'))
    window.see('Scan to Connect')
    link = window.find('label', re.compile('^https://')).text()
    assert window.codes('flatpak-invitation') == [link], link
    assert stage.control_json('status')['state'] == 'on'
    assert len(stage.control_json('user', 'list')['users']) == 1


@scene(server='on')
def story_overview(stage):
    """Who is connected is seen, somebody is added, and the server is turned off and on, from the sandbox."""
    window = stage.open()
    window.see('Running')
    client = stage.connect(os.environ['LAB_USER'], stage.password()).wait_connected()
    window.see(re.compile('^alice'))
    window.picture('flatpak-overview')
    client.disconnect()
    window.see('No One Is Connected')
    window.keys('ctrl+n')
    window.enter('Name', 'Anna Keller')
    window.click('button', 'Make a Password')
    window.click('button', 'Add')
    window.wait_gone('button', 'Add and Invite')
    assert 'anna' in [user['login'] for user in stage.control_json('user', 'list')['users']]
    window.click('switch', SWITCH)
    window.see('Server Is Off')
    lab.equal(stage.control_json('status')['state'], 'off', 'the server')
    window.click('button', 'Turn On')
    window.see('Running')


@scene(server='on')
def story_settings(stage):
    """What a sandbox cannot do is not offered: notifications while the window is closed."""
    window = stage.open()
    window.click('tab', 'Settings')
    window.see('Advanced')
    assert not window.has('label', 'Notifications'), window.describe()


@scene(server='on')
def story_rights(stage):
    """Polkit decides about the person behind the sandbox."""
    window = stage.open(person='bob')
    window.see('Only Administrators Can See This Server')
    window.click('button', 'Unlock…')
    window.see('Only Administrators Can See This Server')
    assert not window.has('tab', 'Overview'), window.describe()


@scene(server='absent')
def story_absent(stage):
    """Without a server the sandboxed window says how to get one, and finds it as soon as it is there."""
    window = stage.open()
    window.see('No Server on This Computer')
    stage.install()
    window.see('Reach Home from Anywhere')


def installed_permissions(stage, desktop):
    """As {(group, key, value)}."""
    found, group = set(), ''
    for line in stage.run(desktop, 'flatpak', 'info', '--show-permissions', ID).splitlines():
        if line.startswith('['):
            group = line.strip('[]')
        elif '=' in line:
            key, values = line.split('=', 1)
            found |= {(group, key, value) for value in values.split(';') if value}
    return found


def wanted_permission(argument):
    kind, value = argument.removeprefix('--').split('=', 1)
    group, key = SHOWN[kind]
    return (group, key, value) if key else (group, value, 'talk')


def explained_permissions():
    with open(README, encoding='utf-8') as file:
        return {row.group(1) for row in re.finditer(r'^\| `(--[^`]+)` \| \S', file.read(), re.MULTILINE)}


@scene(server='installed')
def story_permissions(stage):
    """What is installed may what the manifest says, each with a reason, and nothing else."""
    arguments = set(bundle.manifest()['finish-args'])
    lab.equal(explained_permissions(), arguments, 'permissions with a reason in the README')
    # The wider of two sockets is listed with the one that is a fallback of it.
    found = installed_permissions(stage, stage.desktop()) - {('Context', 'sockets', 'x11')}
    lab.equal(found, {wanted_permission(argument) for argument in arguments}, 'what the sandbox lets through')


def call(name, path='/', method='org.freedesktop.DBus.Peer.Ping'):
    return f'gdbus call --system --timeout 10 -d {name} -o {path} -m {method}'


@scene(server='on')
def story_walls(stage):
    """The sandbox shows neither files of its person nor processes nor other names of the system bus."""
    desktop = stage.desktop()
    with open(f'{desktop.home}/diary', 'w', encoding='ascii') as file:
        file.write('dear diary')
    os.chmod(f'{desktop.home}/diary', 0o644)
    assert 'dear' in stage.run(desktop, 'cat', 'diary')
    assert 'dear' not in stage.inside(desktop, 'cat $HOME/diary', check=False)
    lab.equal(stage.inside(desktop, 'cut -d: -f1 /etc/passwd | sort').split(), ['alice', 'nfsnobody'], 'people in there')
    lab.equal(stage.inside(desktop, 'cd /proc && cat [0-9]*/comm | grep -c sallyportd || true').strip(), '0', 'servers')
    lab.equal(stage.inside(desktop, "sed -nE 's/^(CapEff|NoNewPrivs|Seccomp):\\s*//p' /proc/self/status").split(),
              ['0' * 16, '1', '2'], 'privileges, their way back, the filter of system calls')
    names = stage.inside(desktop, call('org.freedesktop.DBus', '/', 'org.freedesktop.DBus.ListNames'))
    names = {name for name in re.findall(r"'([^']*)'", names) if name[0] != ':'}
    lab.equal(names, {'org.freedesktop.DBus', NAME}, 'names of the system bus')
    stage.inside(desktop, call(NAME))
    assert stage.run(desktop, *call('org.freedesktop.PolicyKit1').split()).startswith('()')
    refused = stage.inside(desktop, call('org.freedesktop.PolicyKit1'), check=False)
    assert 'Error' in refused, refused


@scene(server='installed')
def story_keys(stage):
    """SSH is there, and sees no key of the person's."""
    desktop = stage.desktop()
    stage.run(desktop, 'mkdir', '-m', '700', '.ssh')
    stage.run(desktop, 'ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', '.ssh/id_ed25519')
    lab.equal(sorted(os.listdir(f'{desktop.home}/.ssh')), ['id_ed25519', 'id_ed25519.pub'], 'keys of the person')
    assert 'OpenSSH' in stage.inside(desktop, 'ssh -V')
    lab.equal(stage.inside(desktop, 'ls $HOME/.ssh 2>/dev/null', check=False), '', 'keys seen in the sandbox')


@scene(server='on')
def story_another_computer(stage):
    """Another computer is managed over SSH from the sandbox, with a key that the window made there."""
    attic = remote.Attic(knows_client=False)
    window = stage.open(environment={'DBUS_SYSTEM_BUS_ADDRESS': attic.bus})
    window.see(remote.HERE)
    window.keys('ctrl+shift+n')
    window.enter('Computer', 'dave@attic')
    window.click('label', 'My SSH keys')
    window.click('label', 'This app’s key')
    window.find_ready('button', 'Copy Public Key')
    attic.let_in(remote.read(f'{window.desktop.home}/.var/app/{ID}/data/sallyport/ssh/id_ed25519.pub').strip())
    window.click('button', 'Connect')
    remote.trust(window)
    remote.is_there(window)
    window.see('Running')
    window.picture('flatpak-remote')


@scene(server='installed')
def story_menu(stage):
    """Menus have it with its icon, and the desktop starts it by its name."""
    desktop = stage.desktop()
    exports = desktop.environment()['XDG_DATA_DIRS'].split(':')[0]
    found = sorted(os.path.relpath(os.path.join(folder, name), exports)
                   for folder, _, names in os.walk(exports, followlinks=True) for name in names if ID in name)
    lab.equal(found, [f'applications/{ID}.desktop', f'dbus-1/services/{ID}.service',
                      f'icons/hicolor/scalable/apps/{ID}.svg', f'icons/hicolor/symbolic/apps/{ID}-symbolic.svg',
                      f'metainfo/{ID}.appdata.xml'], 'exports')
    stage.run(desktop, 'gdbus', 'call', '--session', '-d', 'org.freedesktop.DBus', '-o', '/', '-m',
              'org.freedesktop.DBus.ReloadConfig')
    stage.run(desktop, 'gdbus', 'call', '--session', '-d', ID, '-o', f'/{ID.replace(".", "/")}', '-m',
              'org.freedesktop.Application.Activate', '{}')
    wait_for_program(desktop.accessibility, 'sallyport', PATIENCE, lambda: None)
    desktop.activate(ID, 'quit')

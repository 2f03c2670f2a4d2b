# SPDX-License-Identifier: GPL-2.0-or-later
"""What a story is given: desktops, windows, the server and its clients, hands to act beside the window."""

import ctypes
import glob
import os
import subprocess

import lab
import scenes
from agent import Agent
from desktop import PATIENCE, Desktop
from probe import Probe
from window import Window, wait_for

APPLICATION = 'org.sallyport.Sallyport'
SERVICE = f'/usr/share/dbus-1/system-services/{scenes.NAME}.service'
SCHEMAS = '/usr/share/glib-2.0/schemas'
LOCALES = '/run/locales'
BACKDOOR = '/run/lab/backdoor'
CLONE_NEWNET = 0x40000000


class House:
    def __init__(self, build, story, told):
        self.build, self.story, self.scene = build, story, scenes.of(told)
        self.pictures = os.environ.get('SALLYPORT_SCREENSHOTS', f'{build}/screenshots')
        self.desktops, self.windows, self.kept_service = {}, [], ''
        self._move_to_the_server()
        self._set_service()
        if glob.glob(f'{SCHEMAS}/{APPLICATION}*.gschema.xml'):
            subprocess.run(['glib-compile-schemas', SCHEMAS], check=True)

    def _move_to_the_server(self):
        """The window is on the server's computer; so is all that this process starts, but what it sends elsewhere."""
        with open(f'/run/netns/{lab.SERVER}', 'rb') as there:
            if ctypes.CDLL(None, use_errno=True).setns(there.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), 'setns')

    def _set_service(self):
        """Whom the bus starts."""
        if self.scene.server == 'on':
            self._write_service(self._starter())
        elif self.scene.server == 'broken':
            self.break_service()
        elif self.scene.server == 'absent':
            self.uninstall()
        elif self.scene.server == 'fake':
            os.mkfifo(BACKDOOR)
            self._write_service(f'{self.build}/tests/stories/bus-test-daemon {BACKDOOR} /run/lab/passwords')

    @staticmethod
    def _starter():
        """The bus hands on no search path."""
        path = '/run/lab/service'
        with open(path, 'w', encoding='ascii') as file:
            file.write(f'#!/bin/sh\nexport PATH={os.environ["PATH"]}\nexec {os.environ["LAB_START_SERVER"]}\n')
        os.chmod(path, 0o755)
        return path

    def break_service(self):
        """It ends at once, until mend_service()."""
        self.kept_service = lab.run('cat', SERVICE)
        self._write_service('/bin/false')

    def mend_service(self):
        self.install()

    def _write_service(self, program):
        with open(SERVICE, 'w', encoding='ascii') as file:
            file.write(f'[D-BUS Service]\nName={scenes.NAME}\nUser=root\nExec={program}\n')
        self.reload_bus()

    def reload_bus(self):
        lab.run('dbus-send', '--system', '--print-reply', '--dest=org.freedesktop.DBus', '/org/freedesktop/DBus',
                'org.freedesktop.DBus.ReloadConfig')

    def uninstall(self):
        """As far as the bus can tell."""
        self.kept_service = lab.run('cat', SERVICE)
        os.unlink(SERVICE)
        self.reload_bus()

    def install(self):
        """The service file as it was."""
        with open(SERVICE, 'w', encoding='ascii') as file:
            file.write(self.kept_service)
        self.reload_bus()

    # --- people and their windows ---

    def desktop(self, person='alice', **options):
        """Of alice, who may everything; bob may nothing, frank may look, carol has to give her password."""
        if person not in self.desktops:
            if options.get('language', 'en') != 'en':
                self._make_locale(options['language'])
            self.desktops[person] = Desktop(person, len(self.desktops), **options)
        return self.desktops[person]

    def _make_locale(self, language):
        """For dates and numbers; texts follow LANGUAGE."""
        os.makedirs(LOCALES, exist_ok=True)
        names = {'de': 'de_DE', 'es': 'es_ES', 'zh_CN': 'zh_CN', 'he': 'he_IL'}
        subprocess.run(['localedef', '-i', names[language], '-f', 'UTF-8', f'{LOCALES}/{names[language]}.UTF-8'], check=True)
        os.environ['LOCPATH'] = LOCALES

    def open(self, *arguments, person='alice', program=None, dark=False, probed=False, environment=None, **options):
        """The window of Sallyport, or of another program, on the person's desktop; window.facts() is for one that is probed."""
        more = {'ADW_DEBUG_COLOR_SCHEME': 'prefer-dark'} if dark else {}
        command = [program or os.environ.get('SALLYPORT_WINDOW', '/usr/bin/sallyport'), *arguments]
        desktop = self.desktop(person, **options)
        probe = Probe(self.build, desktop) if probed else None
        window = Window(desktop, command, os.path.basename(command[0]), self.pictures, f'window-{len(self.windows)}',
                        {**more, **(environment or {})}, probe)
        self.windows.append(window)
        return window

    def agent(self, window, password='correct-horse-7'):
        """Answers when the person is asked for her password."""
        owner = window.desktop.owner
        subprocess.run(['chpasswd'], input=f'{owner}:{password}\n', text=True, check=True)
        return Agent(owner, window.process.pid, password)

    def drop_file(self, window, path, node):
        """Drags a file out of a window of another program onto a widget of this one, with the pointer."""
        source = window.desktop.start([f'{self.build}/tests/gui/drag-source', path], 'drag-source')
        areas = wait_for('something to drag', lambda: window.screen.windows(source.pid))
        window.screen.move(areas[-1].window, 1150, 700)
        window.scroll_to(node)
        x, y = window.place(node)
        window.screen.drag((1250, 800), (x, y))
        source.wait(PATIENCE)

    # --- server and clients ---

    def control(self, *arguments, **options):
        """sallyportctl, as root."""
        return lab.control(*arguments, **options)

    def control_json(self, *arguments):
        return lab.control_json(*arguments)

    def password(self):
        """Of LAB_USER, whom a server that is on knows."""
        with open(os.environ['LAB_PASSWORD_FILE'], encoding='ascii') as file:
            return file.read().rstrip('\n')

    @staticmethod
    def backdoor(line):
        """Makes something happen in a server that is a fake."""
        with open(BACKDOOR, 'w', encoding='ascii') as file:
            file.write(line + '\n')

    def server_process(self):
        words = lab.run('dbus-send', '--system', '--print-reply=literal', '--dest=org.freedesktop.DBus', '/',
                        'org.freedesktop.DBus.GetConnectionUnixProcessID', f'string:{scenes.NAME}')
        return int(words.split()[-1])

    def connect(self, login, password, *options, **more):
        """A real client comes in from the internet."""
        import client

        os.environ.update({'LAB_USER': login, 'LAB_PIN': self.control_json('status')['certificate-pin'],
                           'LAB_URL': f'https://{lab.SERVER_ADDRESS}'})
        return client.Client(*options, password=password, **more)

    # --- the end ---

    def end(self):
        for window in self.windows:
            window.close(APPLICATION)

    def show(self):
        """After a failure: what the windows said and looked like."""
        for window in self.windows:
            print(f'--- {window.name} of {window.desktop.owner}\n{window.words()}')
            if window.process.poll() is None:
                print(window.describe())
                print('picture:', window.picture(f'failed-{self.story}'))
        for name in ('server', 'bus'):
            path = f'/run/lab/{name}.log'
            if os.path.exists(path):
                with open(path, encoding='utf-8', errors='replace') as file:
                    print(f'--- {name}', *file.read().splitlines()[-40:], sep='\n')

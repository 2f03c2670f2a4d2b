# SPDX-License-Identifier: GPL-2.0-or-later
"""People with and without rights on the throw-away machine, for stories about who may do what."""

import os
import pwd
import subprocess

PEOPLE = {  # name: (uid, what a rule of this machine says about her)
    'alice': (3001, 'polkit.Result.YES'),
    'bob': (3002, 'polkit.Result.NO'),
    'carol': (3003, None),  # an administrator who has to authenticate
    'dave': (3004, None),   # member of sallyport-admin
    'eve': (3005, None),    # nobody in particular
    'frank': (3006, 'action.id.endsWith(".monitor") ? polkit.Result.YES : polkit.Result.NO'),
}
GROUPS = {'sallyport-admin': (3900, 'dave'), 'sudo': (27, 'carol')}
RULES = '/etc/polkit-1/rules.d/10-people.rules'


def move_in(actions):
    """They have accounts; the rule is about actions whose name begins with `actions`.  Before polkitd starts, or it
    may take a moment to see the rule."""
    with open('/etc/passwd', 'a', encoding='ascii') as passwd, open('/etc/group', 'a', encoding='ascii') as group:
        for name, (uid, _) in PEOPLE.items():
            passwd.write(f'{name}:x:{uid}:{uid}::/:/bin/sh\n')
            group.write(f'{name}:x:{uid}:\n')
        group.write(f'sallyport-admin:x:{GROUPS["sallyport-admin"][0]}:dave\n')
    subprocess.run(['usermod', '-aG', 'sudo', 'carol'], check=True)
    rules = ''.join(f'if (subject.user == "{name}") return {result};\n' for name, (_, result) in PEOPLE.items() if result)
    with open(RULES, 'w', encoding='ascii') as file:
        file.write(f'polkit.addRule(function (action, subject) {{\nif (action.id.indexOf("{actions}") != 0) return;\n'
                   f'{rules}}});\n')
    os.chown(RULES, pwd.getpwnam('polkitd').pw_uid, -1)


def let_look(name):
    """Without a password, as people at the screen may.  Before anybody asks polkitd."""
    path = os.path.join(os.path.dirname(RULES), '05-look.rules')
    with open(path, 'w', encoding='ascii') as file:
        file.write('polkit.addRule(function (action, subject) {\n'
                   f'if (action.id.endsWith(".monitor") && subject.user == "{name}") return polkit.Result.YES;\n}});\n')
    os.chown(path, pwd.getpwnam('polkitd').pw_uid, -1)


def command(name, *words):
    """The words as a command of this person."""
    if name == 'root':
        return list(words)
    return ['setpriv', f'--reuid={name}', f'--regid={name}', '--init-groups', *words]

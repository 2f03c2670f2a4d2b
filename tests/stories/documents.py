# SPDX-License-Identifier: GPL-2.0-or-later
"""What is written about the programs is so."""

import os
import re
import shlex
import shutil

from theatre import FOLDER, NAME, SERVER, Skipped, expect, read, wait_for

MANUALS = {name: f'/usr/share/man/man{name[-1]}/{name}' for name in ('sallyportctl.1', 'sallyportd.8')}
UNITS = [f'/usr/lib/systemd/system/{name}' for name in ('sallyportd.service', 'sallyportd.socket', 'sallyport-pam.socket', 'sallyport-pam@.service')]
COMPLETION = '/usr/share/bash-completion/completions/sallyportctl'


def examples(manual):
    """The literal displays of the section EXAMPLES, as a shell sees them."""
    section = manual[manual.index('.Sh EXAMPLES'):]
    return [block.replace('\\e', '\\') for block in re.findall(r'^\.Bd -literal[^\n]*\n(.*?)^\.Ed', section, re.M | re.S)]


def story_examples(stage):
    """Every example of the manual pages works as it stands."""
    stage.use_shipped_service()
    count = 0
    for path in MANUALS.values():
        for block in examples(read(path)):
            stage.run('root', 'bash', '-euo', 'pipefail', '-c', block, env={'PATH': '/usr/sbin:/usr/bin:/sbin:/bin'}).must()
            count += 1
    expect(count >= 7, count)


def story_commands(stage):
    """The manual page names every command, option and status, and nothing else."""
    manual = read(MANUALS['sallyportctl.1'])
    commands = {tuple(line.split()[:2 if re.fullmatch('[a-z-]+', line.split()[1]) else 1])
                for line in stage.control('eve', '--help').must().out.splitlines() if re.match(r'  [a-z]', line)}
    described = {tuple(re.sub(r' (Ar|Op|Fl|Oo|Ic)\b.*', '', line[len('.It Cm '):]).split())
                 for line in manual.splitlines() if line.startswith('.It Cm ')}
    expect(described == commands, described ^ commands)
    options = set()
    for command in commands:
        options |= set(re.findall(r'--([a-z-]+)', stage.control('eve', *command, '--help').must().out))
    written = set(re.findall(r'(?:Fl| \|) -([a-z-]+)', manual)) - {'version'}
    expect(written == options, written ^ options)
    statuses = re.findall(r'^\.It (\d)$', manual, re.M)
    expect(statuses == [str(number) for number in range(8)], statuses)


def story_daemon_options(stage):
    """The daemon's manual page names every option, and nothing else."""
    options = set(re.findall(r'--([a-z-]+)', stage.run('root', 'sallyportd', '--help').must().out)) - {'help'}
    written = set(re.findall(r'^\.It Fl -([a-z-]+)', read(MANUALS['sallyportd.8']), re.M))
    expect(written == options, written ^ options)


def complete(stage, line, user='root'):
    """What bash offers at the end of a line, with the words as bash itself splits them."""
    words = [word for word in re.split(r'\s+|([@:=]+)', line) if word]
    if line[-1] == ' ':
        words.append('')
    script = f'. {COMPLETION}; COMP_LINE={shlex.quote(line)}; COMP_POINT=${{#COMP_LINE}}; COMP_WORDS=({" ".join(map(shlex.quote, words))}); ' \
             f'COMP_CWORD={len(words) - 1}; _sallyportctl; printf "%s\\n" "${{COMPREPLY[@]}}"'
    return set(stage.run(user, 'bash', '-c', script).must().out.split())


def story_completion(stage):
    """Bash completes commands, options, fields, logins, sessions and files."""
    running = f"gdbus call --system -d org.freedesktop.DBus -o /org/freedesktop/DBus -m org.freedesktop.DBus.NameHasOwner {NAME}"
    expect(complete(stage, 'sallyportctl user remove ') == set(), 'there is nobody')
    expect('false' in stage.run('root', *running.split()).must().out, 'completion started the service')
    for login in ('anna', 'bert', 'anna@example.org'):
        stage.control('root', 'user', 'add', login, '--generate-password').must()
    stage.backdoor('open anna phone')
    session = wait_for('the session', lambda: stage.control('root', 'session', 'list', '--json').json['sessions'])[0]['id']
    expect(complete(stage, 'sallyportctl st') == {'start', 'status', 'stop'})
    expect({'list', 'add', 'change', 'password', 'remove'} <= complete(stage, 'sallyportctl user '))
    expect(complete(stage, 'sallyportctl --json session d') == {'disconnect'})
    expect(complete(stage, 'sallyportctl --wait 5 session d') == {'disconnect'})
    expect({'--json', '--fields', '--help', '--address'} <= complete(stage, 'sallyportctl --'))
    expect(complete(stage, 'sallyportctl session disconnect --a') == {'--all', '--address'})
    expect(complete(stage, 'sallyportctl user add --full-name x --gen') == {'--generate-password'})
    expect(complete(stage, 'sallyportctl user remove ') == {'anna', 'bert', 'anna@example.org'})
    expect(complete(stage, 'sallyportctl us rem b') == {'bert'})
    expect(complete(stage, 'sallyportctl user change --enable a') == {'anna', 'anna@example.org'})
    expect(complete(stage, 'sallyportctl user remove anna@ex') == {'example.org'})
    expect(complete(stage, 'sallyportctl user remove anna ') == set())
    expect(complete(stage, 'sallyportctl user add ') == set())
    expect(complete(stage, 'sallyportctl session disconnect ') == {session})
    expect(complete(stage, f'sallyportctl session disconnect {session} --reason x {session[:3]}') == {session})
    expect(complete(stage, 'sallyportctl user list --fields id,log') == {'id,login'})
    expect(complete(stage, 'sallyportctl session -f rx-b') == {'rx-bytes'})
    expect(complete(stage, 'sallyportctl session list --fields=login,mt') == {'login,mtu'})
    expect(complete(stage, f'sallyportctl user password anna --password-file {FOLDER}/back') == {f'{FOLDER}/backdoor'})
    for line in ('frob ', 'user frob ', '--nonsense x ', 'user list ', 'undo '):
        expect(complete(stage, 'sallyportctl ' + line) == set(), line)
    for line in ('user remove ', 'session disconnect '):
        expect(complete(stage, 'sallyportctl ' + line, 'bob') == set(), line)


def story_fish(stage):
    """Fish completes commands, options and logins."""
    need('fish')
    stage.control('root', 'user', 'add', 'anna', '--full-name', 'Anna Berg', '--generate-password').must()
    for line, candidates in (('user rem', {'remove'}), ('user remove ', {'anna'}), ('session disconnect --a', {'--all', '--address'}),
                             ('user list --fields id,log', {'id,login'}), ('user add ', set()),
                             (f'user password anna --password-file {FOLDER}/back', {f'{FOLDER}/backdoor'})):
        said = stage.run('root', 'fish', '--no-config', '-c', f'source /usr/share/fish/vendor_completions.d/sallyportctl.fish; complete -C "sallyportctl {line}"',
                         env={'HOME': FOLDER, 'PATH': '/usr/sbin:/usr/bin:/sbin:/bin'}).must()
        expect({row.split('\t')[0] for row in said.out.splitlines()} == candidates, line, said)


# Tab writes down what is offered, and that it was asked for.
ZSH = """
fpath=(/usr/share/zsh/site-functions $fpath)
autoload -U compinit && compinit -u -D
PS1='ready '
zle -C offer complete-word offer
offer() {
    compadd() { local -a o; builtin compadd -O o "$@"; (( $#o )) && print -rl -- "<"$^o">" >> $ZDOTDIR/offered; builtin compadd "$@"; }
    _main_complete
    print "<>" >> $ZDOTDIR/offered
    unfunction compadd
}
bindkey '^I' offer
"""


def story_zsh(stage):
    """Zsh completes commands, options and logins."""
    need('zsh')
    stage.control('root', 'user', 'add', 'anna', '--full-name', 'Anna Berg', '--generate-password').must()
    home = f'{FOLDER}/home'
    os.makedirs(home)
    with open(f'{home}/.zshrc', 'w', encoding='ascii') as file:
        file.write(ZSH)
    for line, candidates in (('user rem', {'remove'}), ('user remove ', {'anna'}), ('session disconnect --a', {'--all', '--address'}),
                             ('user list --fields id,log', {'id,login'}), ('--json us', {'user'}), ('user add ', set()),
                             (f'user password anna --password-file {home}/.zsh', {'run', 'story', 'home', '.zshrc'})):
        with open(f'{home}/offered', 'w', encoding='ascii'):
            pass
        script = f'zmodload zsh/zpty; zpty shell env ZDOTDIR={home} TERM=dumb zsh -i; zpty -r shell said "*ready *"; ' \
                 f'zpty -w -n shell $\'sallyportctl {line}\\t\'; ' \
                 f'for i in {{1..400}}; do zpty -r -t shell said; grep -q "<>" {home}/offered && break; sleep 0.05; done; zpty -d shell'
        stage.run('root', 'zsh', '-f', '-c', script).must()
        found = set(re.findall('<(.*)>', read(f'{home}/offered')))
        expect(found == candidates | {''}, line, found)


def need(program):
    if shutil.which(program) is None:
        raise Skipped(f'there is no {program} here')


def story_unit(stage):
    """The units are well-formed, and as closed as they can be."""
    need('systemd-analyze')
    for unit in UNITS:
        verified = stage.run('root', 'systemd-analyze', 'verify', '--man=no', unit).must()
        expect('sallyport' not in verified.err, verified)
        if unit.endswith('.service'):
            stage.run('root', 'systemd-analyze', 'security', '--offline=true', '--threshold=23', unit).must()


def story_accounts(stage):
    """The rooms' accounts and folders can be made."""
    need('systemd-sysusers')
    stage.run('root', 'systemd-sysusers', '/usr/lib/sysusers.d/sallyport.conf').must()
    for name in ('door', 'worker', 'keyholder', 'token'):
        entry = stage.run('root', 'getent', 'passwd', f'sallyport-{name}').must().out
        expect(entry.strip().endswith('nologin'), entry)
    stage.run('root', 'systemd-tmpfiles', '--create', '/usr/lib/tmpfiles.d/sallyport.conf').must()
    expect('drwx------ sallyport-keyholder' in stage.run('root', 'stat', '-c', '%A %U', '/var/lib/sallyport/keyholder').out)
    stage.use_shipped_service()
    stage.control('root', 'start').must()
    accounts = stage.run('root', 'ps', '-eo', 'user:30,args').must().out
    for account in ('sallyport-door', 'sallyport-worker', 'sallyport-keyholder'):
        expect(re.search(rf'^{account} ', accounts, re.M), account, accounts)


def story_actions(stage):
    """polkit knows the actions that the service asks about, and what each is for."""
    permissions = stage.call('root', SERVER, f'{NAME}.Server', 'GetPermissions', '(@a{sv} {},)').must().out
    asked = set(re.findall(rf"'({NAME}\.[a-z-]+)'", permissions))
    known = {line for line in stage.run('root', 'pkaction').must().out.split() if line.startswith(NAME)}
    expect(known == asked and len(known) == 7, known ^ asked)
    for action in known:
        told = stage.run('root', 'pkaction', '--verbose', '--action-id', action).must().out
        expect('Authentication is required to' in told, told)
    umbrella = stage.run('root', 'pkaction', '--verbose', '--action-id', f'{NAME}.administer').out
    expect('policykit.imply' in umbrella and f'{NAME}.secrets' not in umbrella, umbrella)

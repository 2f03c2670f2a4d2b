#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""about_the_lab.py LAB NAME: stories of the lab itself, which bring it up themselves."""

import os
import subprocess
import sys

CONNECT = ('ip netns exec $LAB_CLIENT openconnect --user $LAB_USER --passwd-on-stdin --servercert $LAB_PIN --background '
           '--pid-file /run/client.pid $LAB_URL <$LAB_PASSWORD_FILE >/run/client.log 2>&1 || exit 9; '
           'for try in $(seq 200); do ip -n $LAB_CLIENT route get $LAB_HOME_ADDRESS | grep -q tun && break; sleep .05; done; '
           'ip netns exec $LAB_CLIENT curl -sSm 10 http://$LAB_HOME_ADDRESS/peer && sallyportctl session list --json ')
# Each waits for the other's file: neither can be done before both are up.
MEET = 'echo here >$OWN; for try in $(seq 600); do test -s $OTHER && break; sleep .05; done; test -s $OTHER || exit 8; '


def start(lab, command, **variables):
    return subprocess.Popen([lab, 'sh', '-c', command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            env={**os.environ, **variables})


def two_labs_stand_beside_each_other(lab):
    files = [f'/tmp/lab-{os.getpid()}-{number}' for number in (1, 2)]
    try:
        labs = [start(lab, MEET + CONNECT, OWN=files[i], OTHER=files[1 - i]) for i in (0, 1)]
        for one in labs:
            words = one.communicate(timeout=60)[0]
            assert one.returncode == 0 and '192.168.50.1' in words, words
            assert words.count('"login"') == 1, f'sees sessions of the other: {words}'
    finally:
        for file in filter(os.path.exists, files):
            os.unlink(file)


def the_lab_hands_on_what_its_command_says(lab):
    for command, status in (('exit 0', 0), ('exit 7', 7), ('kill -9 $$', 137), ('exec /nowhere', 127)):
        done = start(lab, command)
        words = done.communicate(timeout=60)[0]
        assert done.returncode == status, f'{command}: {done.returncode}: {words}'
    done = start(lab, 'true', LAB_SETTINGS='/nowhere')
    assert 'LAB_SETTINGS' in done.communicate(timeout=60)[0] and done.returncode == 125, done.returncode


if __name__ == '__main__':
    globals()[sys.argv[2]](sys.argv[1])

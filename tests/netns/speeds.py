# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of people who are as fast as the owner says, and no faster."""

import json
import os
import time

import lab
import values
from client import Client

WINDOW = 4.0  # seconds that are averaged
PATIENCE = 60.0  # for one window without a pause of a busy machine
TOLERANCE = 0.05
BURST = 16384 * 8  # bits that may pass at once
UPLOAD_BYTES = 100_000_000
SLOW, QUICK = 4_000_000, 6_000_000


def _counters(device):
    link = json.loads(lab.run('ip', '-n', lab.SERVER, '-s', '-j', 'link', 'show', 'dev', device))[0]
    return link['stats64']


def _sent_to_clients():
    """Bytes of IP packets, of all sessions together."""
    links = json.loads(lab.run('ip', '-n', lab.SERVER, '-s', '-j', 'link', 'show', 'type', 'tun'))
    return sum(link['stats64']['tx']['bytes'] for link in links)


def _sent_home():
    """Likewise of what the server passes on; without Ethernet's headers."""
    sent = _counters('lan')['tx']
    return sent['bytes'] - 14 * sent['packets']


def _measure(counter):
    """Bits a second, or fewer: reading a counter takes a moment, which belongs to the time on both ends."""
    before, bytes_before = time.monotonic(), counter()
    time.sleep(WINDOW)
    return 8 * (counter() - bytes_before) / (time.monotonic() - before)


def _runs_at(counter, rate, what):
    """Never faster, and as fast as that as soon as the machine has a moment for it."""
    most = rate * (1 + TOLERANCE) + BURST / WINDOW
    deadline = time.monotonic() + PATIENCE
    while True:
        seen = _measure(counter)
        print(f'{what}: {seen / 1e6:.3f} Mbit/s of {rate / 1e6}')
        lab.holds(seen <= most, f'{what}: {seen:.0f} bit/s, the limit is {rate}')
        if seen >= rate * (1 - TOLERANCE):
            return
        lab.holds(time.monotonic() < deadline, f'{what}: never more than {seen:.0f} of {rate} bit/s')


def _download(client, host):
    client.home = f'[{host}]' if ':' in host else host
    return client.fetch_in_background('200M.bin', '/dev/null', seconds=600)


def a_download_is_as_fast_as_the_owner_says_and_changes_with_it():
    values.update(RateDown=SLOW)
    client = Client().wait_connected().wait_dtls()
    transfer = _download(client, lab.HOME_ADDRESS)
    time.sleep(1)  # what the senders need to find the speed
    _runs_at(_sent_to_clients, SLOW, 'download')
    values.update(RateDown=QUICK)
    time.sleep(1)
    _runs_at(_sent_to_clients, QUICK, 'after the change')
    values.update(RateDown=0)
    lab.wait_until('a download without limit', lambda: _measure(_sent_to_clients) > 3 * QUICK or transfer.poll() is not None,
                   PATIENCE)
    lab.equal(transfer.wait(PATIENCE), 0, 'status of the transfer')


def an_upload_is_as_fast_as_the_owner_says():
    client = Client().wait_connected().wait_dtls()
    values.update(RateUp=SLOW)  # while the session runs
    client.home = f'[{lab.HOME_ADDRESS6}]'
    with open('/run/upload', 'wb') as file:
        os.truncate(file.fileno(), UPLOAD_BYTES)
    transfer = client.fetch_in_background('upload', '/run/answer', '--upload-file', '/run/upload', seconds=600)
    time.sleep(1)
    _runs_at(_sent_home, SLOW, 'upload')
    transfer.kill()
    transfer.wait()


def the_devices_of_one_person_share_the_speed():
    values.update(RateDown=SLOW)
    one = Client().wait_connected().wait_dtls()
    other = Client(namespace=lab.add_client_namespace('client2', 3)).wait_connected().wait_dtls()
    transfers = [_download(one, lab.HOME_ADDRESS), _download(other, lab.HOME_ADDRESS6)]
    time.sleep(1)
    _runs_at(_sent_to_clients, SLOW, 'both downloads')
    lab.equal(lab.run('ip', '-n', lab.SERVER, '-o', 'link', 'show', 'type', 'ifb').count(' sallyq'), 1, 'queues')
    for transfer in transfers:
        transfer.kill()
        transfer.wait()
    for client in (one, other):
        client.disconnect()
    lab.wait_until('that no queue is left', lambda: not lab.run('ip', '-n', lab.SERVER, 'link', 'show', 'type', 'ifb'))


def a_limit_that_cannot_be_is_refused_by_name():
    for wrong in (1, 63_999):
        answer = values.refused(RateUp=wrong)
        lab.holds('“RateUp” must be 0 (no limit) or at least 64000 bits a second' in answer, answer)

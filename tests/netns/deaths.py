# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of rooms that are killed: the others go on, the dead one is replaced, its clients come back."""

import contextlib
import os
import signal
import time

import lab
import rooms
from client import Client
from reconnects import CONNECTED

FIRST_ADDRESS, SECOND_ADDRESS = '192.0.2.10', '192.0.3.10'


def _two_clients():
    """The first has a transfer running, which must not notice anything."""
    first = Client().wait_connected().wait_dtls()
    second = Client(namespace=lab.add_client_namespace('second', 3)).wait_connected().wait_dtls()
    transfer = first.fetch_in_background('200M.bin', '/run/download', '--limit-rate', '30M')
    lab.wait_until('the transfer', lambda: lab.succeeds('test', '-s', '/run/download'))
    return first, second, transfer


def _transfer_was_not_disturbed(client, transfer):
    lab.equal(transfer.wait(120), 0, 'status of the transfer')
    expected = client.fetch('200M.bin.sha256').strip()
    lab.equal(lab.run('sha256sum', '/run/download').split()[0], expected, 'checksum')
    lab.equal(client.count(CONNECTED), 1, 'connections of the first client')


def _somebody_new():
    third = Client(namespace=lab.add_client_namespace('third', 4)).wait_connected().wait_dtls()
    third.fetch('peer')
    return third


def _somebody_new_gets_in():
    _somebody_new().disconnect()


def a_killed_worker_loses_only_its_own_client_which_comes_back():
    first, second, transfer = _two_clients()
    addresses = second.addresses()
    rooms.kill(rooms.worker_of(SECOND_ADDRESS))
    second.wait_for_line(CONNECTED, 30, times=2)
    second.wait_dtls(times=2)
    second.fetch('peer')
    lab.equal(second.addresses(), addresses, 'addresses')
    lab.equal(len(lab.sessions()), 2, 'sessions')
    _transfer_was_not_disturbed(first, transfer)
    _somebody_new_gets_in()


def a_worker_that_crashes_is_the_last_of_its_nursery():
    """What its end may have told of where things are in memory is of no use then."""
    first, second, transfer = _two_clients()
    before = rooms.room('nursery')
    waiting = [process for process in rooms.processes() if rooms.parent(process) == before and process not in rooms.workers()]
    lab.holds(waiting, 'no worker waits')
    rooms.kill(rooms.worker_of(SECOND_ADDRESS), by=signal.SIGSEGV)
    lab.wait_until('another nursery', lambda: rooms.room('nursery') not in (None, before), 30)
    lab.wait_until('the end of those that waited', lambda: all(map(rooms.is_over, waiting)))
    second.wait_for_line(CONNECTED, 30, times=2)
    second.fetch('peer')
    _transfer_was_not_disturbed(first, transfer)
    _somebody_new_gets_in()


def _idle_workers():
    nursery = rooms.room('nursery')
    return [process for process in rooms.processes() if nursery and rooms.parent(process) == nursery and process not in rooms.workers()]


def workers_that_end_before_they_have_a_client_are_started_ever_more_slowly():
    """As with a library that was renewed under the server, and with which they crash at once."""
    ended, until, is_pause_new = set(), time.monotonic() + 5.5, False
    while time.monotonic() < until or not is_pause_new:  # of five seconds by then
        workers = set(_idle_workers()) - ended
        for worker in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGSEGV)
        ended |= workers
        is_pause_new = bool(workers)
    lab.holds(3 < len(ended) < 30, f'{len(ended)} workers in ten seconds')
    lab.holds('ended before it had a client' in lab.server_log(), lab.server_log())
    newcomer = _somebody_new()
    lab.equal(_idle_workers(), [], 'workers ahead of need')
    newcomer.disconnect()
    lab.wait_until('workers', lambda: len(_idle_workers()) == 2, 15)


def a_killed_nursery_is_replaced_and_clients_come_back():
    first, second, _ = _two_clients()
    addresses = first.addresses(), second.addresses()
    rooms.kill_room('nursery')
    _somebody_new_gets_in()
    for client in (first, second):
        lab.wait_until('the way home', lambda c=client: lab.succeeds('curl', '-sfm', '2', f'http://{lab.HOME_ADDRESS}/peer',
                                                                     namespace=c.namespace), 40)
    lab.equal((first.addresses(), second.addresses()), addresses, 'addresses')
    lab.equal(len(lab.sessions()), 2, 'sessions')


def a_killed_door_is_replaced_and_sessions_go_on():
    first, second, transfer = _two_clients()
    rooms.kill_room('door')
    _somebody_new_gets_in()
    _transfer_was_not_disturbed(first, transfer)
    second.fetch('peer')
    lab.equal(second.count(CONNECTED), 1, 'connections of the second client')


def a_killed_keyholder_is_replaced_and_cookies_stay_good():
    first, second, transfer = _two_clients()
    addresses = second.addresses()
    rooms.kill_room('keyholder')
    rooms.kill(rooms.worker_of(SECOND_ADDRESS))
    second.wait_for_line(CONNECTED, 60, times=2)
    second.fetch('peer')
    lab.equal(second.addresses(), addresses, 'addresses')
    _somebody_new_gets_in()
    _transfer_was_not_disturbed(first, transfer)

# SPDX-License-Identifier: GPL-2.0-or-later
"""Kinds of machines, by the names that Debian gives them."""

import collections

Machine = collections.namedtuple('Machine', 'name triplet emulator family order')
MACHINES = {machine.name: machine for machine in (
    Machine('s390x', 's390x-linux-gnu', 'qemu-s390x-static', 's390x', 'big'),
    Machine('armhf', 'arm-linux-gnueabihf', 'qemu-arm-static', 'arm', 'little'),
    Machine('arm64', 'aarch64-linux-gnu', 'qemu-aarch64-static', 'aarch64', 'little'))}

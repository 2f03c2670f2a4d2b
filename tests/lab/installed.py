# SPDX-License-Identifier: GPL-2.0-or-later
"""LAB_PRODUCT=installed: Sallyport as a package leaves it, installed and never started; the bus starts it on demand."""

import os

import bus
import machine
import sallyport


def bring_up():
    sallyport.install(os.environ.get('LAB_BUILD', os.path.join(os.path.dirname(__file__), '../../build')))
    os.environ['DBUS_SYSTEM_BUS_ADDRESS'] = bus.ADDRESS
    os.environ['PATH'] = machine.search_path()
    bus.bring_up()
    return {'LAB_PORT': str(sallyport.PORT), 'DBUS_SYSTEM_BUS_ADDRESS': bus.ADDRESS}

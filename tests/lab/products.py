# SPDX-License-Identifier: GPL-2.0-or-later
"""The server that stands in the lab: LAB_PRODUCT=sallyport (the default), the same only installed, nothing
until CMD puts something there, or ocserv, openvpn, wireguard or limit, to compare with."""

import os

import installed
import limit
import nothing
import ocserv
import openvpn
import sallyport
import wireguard
from world import LabError

PRODUCTS = {'sallyport': sallyport, 'installed': installed, 'nothing': nothing, 'ocserv': ocserv,
            'openvpn': openvpn, 'wireguard': wireguard, 'limit': limit}


def chosen():
    name = os.environ.get('LAB_PRODUCT', 'sallyport')
    if name not in PRODUCTS:
        raise LabError(f'LAB_PRODUCT={name}: known are {", ".join(PRODUCTS)}')
    return PRODUCTS[name]

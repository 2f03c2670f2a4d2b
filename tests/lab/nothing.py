# SPDX-License-Identifier: GPL-2.0-or-later
"""LAB_PRODUCT=nothing: nobody is in `server`; CMD has something move in, which clients will find at the usual place."""

import sallyport
import world


def bring_up():
    return {'LAB_URL': f'https://{world.SERVER_ADDRESS}', 'LAB_PORT': str(sallyport.PORT), 'LAB_USER': sallyport.USER,
            'LAB_PASSWORD_FILE': sallyport.PASSWORD_FILE}

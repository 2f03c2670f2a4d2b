/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What invited people read, and who tests whether a server is reached.  TEXT (name, English); "%s"
 * is where a value goes.  The rooms that face the network cannot read catalogues of translations,
 * so the build makes a table of this list and of po/ (make_page_texts.py).  Plain text: what is
 * markup elsewhere is none here. */

/* clang-format off */
#define SP_PAGE_TEXTS(TEXT) \
  TEXT (TITLE,          "VPN access") \
  TEXT (INVITED,        "Connect to %s") \
  TEXT (INVITED_TEXT,   "You are invited to use this private network. This link sets up one device: “%s”.") \
  TEXT (FIRST,          "1. Get the app") \
  TEXT (SECOND,         "2. Set up") \
  TEXT (ONCE,           "Do this on the device itself, once the app is there. It works a single time.") \
  TEXT (BEGIN,          "Set Up This Device") \
  TEXT (FINISH,         "Finish setting up") \
  TEXT (STAY,           "Leave this page open until you are connected. It cannot be shown again.") \
  TEXT (PASSPHRASE,     "Passphrase of the certificate") \
  TEXT (PASSPHRASE_TEXT, "You will be asked for it. Press and hold to copy it.") \
  TEXT (IOS,            "iPhone and iPad") \
  TEXT (ANDROID,        "Android") \
  TEXT (WINDOWS,        "Windows") \
  TEXT (MACOS,          "Mac") \
  TEXT (LINUX,          "Linux") \
  TEXT (OTHER,          "Something else") \
  TEXT (APP_STORE,      "Get Cisco Secure Client") \
  TEXT (APP_EXTERNAL,   "In the app, open Settings and set External Control to Enabled.") \
  TEXT (APP_DESKTOP,    "Get OpenConnect-GUI") \
  TEXT (APP_DESKTOP_OTHER, "Cisco Secure Client works, too.") \
  TEXT (APP_LINUX,      "Install openconnect, or the OpenConnect plugin of NetworkManager.") \
  TEXT (APP_OTHER,      "Every client for OpenConnect or AnyConnect servers works.") \
  TEXT (CERTIFICATE_IN_APP, "Install the Certificate") \
  TEXT (ADD_IN_APP,     "Add the Connection") \
  TEXT (CONNECT_IN_APP, "Turn the connection on in the app.") \
  TEXT (PROFILE,        "Download the Profile") \
  TEXT (PROFILE_TEXT,   "Or let the settings of the device do it: open this profile there and type the passphrase. It sets up Cisco Secure Client.") \
  TEXT (CERTIFICATE,    "Download the Certificate") \
  TEXT (OPEN_CERTIFICATE, "Open the certificate and type the passphrase, so that your computer keeps it.") \
  TEXT (USE_CERTIFICATE, "In the app, connect to %s and choose this certificate.") \
  TEXT (CONNECTION_FILE, "Download the Connection") \
  TEXT (IMPORT_FILE,    "In the network settings, add a VPN from the file vpn.conf and choose vpn.p12 as its user certificate.") \
  TEXT (TERMINAL,       "Or in a terminal:") \
  TEXT (SERVER,         "Server") \
  TEXT (USER,           "User name") \
  TEXT (PIN,            "Fingerprint of the server") \
  TEXT (REACHED,        "The server is reached from outside") \
  TEXT (REACHED_TEXT,   "You may close this page. Devices can connect from wherever this one is.") \
  TEXT (REACH_HOME,     "This was opened from the home network") \
  TEXT (REACH_HOME_TEXT, "So it does not show whether the server is reached from outside. Switch Wi-Fi off on this phone, so that it uses mobile data, and load this page again.")
/* clang-format on */

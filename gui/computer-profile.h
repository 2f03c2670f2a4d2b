/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What programs on a computer need to know of a server, in their own formats.  Everything is new.
 */

typedef struct
{
  const char *name;  /* what the connection is called: the server's computer */
  const char *url;   /* "https://vpn.example.net", with a port if it is not 443 */
  const char *login; /* of the user */
  const char *pin;   /* "pin-sha256:…" */
} SpComputerProfile;

/* The line for a terminal; with `certificate` (a file's name) it signs in with that. */
char *sp_computer_profile_get_command (const SpComputerProfile *profile, const char *certificate);

/* A connection of NetworkManager as it lies in its folder (".nmconnection"); NULL: an error. */
char *sp_computer_profile_create_keyfile (const SpComputerProfile *profile, GError **error);

/* What NetworkManager's editor imports with its plugin for OpenConnect. */
char *sp_computer_profile_create_import (const SpComputerProfile *profile);

G_END_DECLS

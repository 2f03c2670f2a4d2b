/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* A configuration profile as Apple's devices install it (Apple, "Configuration Profile Reference":
 * com.apple.security.pkcs12 and com.apple.vpn.managed): an identity, and a connection of Cisco's
 * app that signs in with it. */

typedef struct
{
  const char *url;      /* of the server, "https://NAME" or "https://NAME:PORT" */
  const char *name;     /* of the device */
  const guint8 *device; /* SP_ID_SIZE bytes: a newer profile of the same device takes its place */
  const guint8
      *archive; /* PKCS #12; its passphrase is not in the profile: who installs it is asked */
  gsize archive_size;
} SpAppleProfile;

/* A property list in XML.  Texts are given unescaped. */
void sp_apple_profile_write (GString *xml, const SpAppleProfile *profile);

G_END_DECLS

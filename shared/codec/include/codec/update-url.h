/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* What a provider of dynamic DNS is asked with: a URL with places in braces, which are filled with
 * values so that no value becomes anything but a part of the path or of the query.  PURE. */

typedef struct
{
  const char *name;     /* {name}: that is to lead here */
  const char *ip;       /* {ip}: an address as text, or empty */
  const char *ip6;      /* {ip6}: likewise */
  const char *password; /* {password} */
} SpUpdateValues;

/* Why nothing can be fetched from there, as the end of a sentence; NULL: it can.  A URL is
 * "https://", the name or address of a host, perhaps a port, a path and a query, in visible ASCII.
 * `may_be_plain`: also "http://".  `has_places`: there are places, those above, behind the host. */
const char *sp_update_url_check (const char *url, gboolean may_be_plain, gboolean has_places);

/* Of the URL of a provider, which has passed the check without places, one with places, as the
 * protocol that is called dyndns2 has them.  Without a path of its own that is "/nic/update". */
char *sp_update_url_for_dyndns2 (const char *url);

/* Fills the places of one that has passed the check: a value's bytes other than those that RFC 3986
 * 2.3 does not reserve are escaped.  It may have a secret in it then. */
char *sp_update_url_fill (const char *pattern, const SpUpdateValues *values);

G_END_DECLS

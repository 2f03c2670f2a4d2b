/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "setting-row.h"

G_BEGIN_DECLS

/* Checks of single values. */

gboolean sp_check_domain (const char *text);    /* letters, digits and hyphens between dots */
gboolean sp_check_host_name (const char *text); /* a domain or an address */

/* Whether that is the zone, or a name in it. */
gboolean sp_check_within (const char *name, const char *zone);

/* "192.0.2.1:8443", "[2001:db8::1]:8443", or "*:8443" for all addresses (unset). */
gboolean sp_check_place (const char *text, SpEndpoint *ret);

/* Fills `ret`; returns NULL, or what is wrong with the text as a free-standing "is …". */
char *sp_check_network (SpSettingKind kind, const char *text, SpNetwork *ret);

G_END_DECLS

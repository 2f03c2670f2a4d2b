/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where a router says that it is asked (UPnP Device Architecture 2.0, 1.2.2 and 2.3).  Pure. */

#define SP_ROUTER_URL_MAX 255 /* bytes */

/* Whether that is the router itself: "http://", its address as `router` writes it, perhaps a port,
 * and a path of printable ASCII, so that no two readers find another host in it. */
gboolean sp_router_url_check (const char *url, const char *router);

G_END_DECLS

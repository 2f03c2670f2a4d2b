/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"
#include "walls/main-door.h"

G_BEGIN_DECLS

/* The networks of proxies, which speak for others.  PURE: a few, looked at one after the other. */
typedef struct
{
  guint n;
  SpNetwork networks[SP_PROXIES_MAX];
} SpProxyList;

/* Those of the message in the place of all before; FALSE, and none, if it is malformed. */
gboolean sp_proxy_list_set (SpProxyList *proxies, const SpSetProxies *message);
gboolean sp_proxy_list_has (const SpProxyList *proxies, const guint8 *address);

G_END_DECLS

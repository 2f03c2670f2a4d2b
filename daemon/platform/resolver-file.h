/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

/* What resolv.conf(5) says, as far as clients can use it. */
typedef struct
{
  guint8 servers[SP_DNS_SERVERS_MAX][SP_ADDRESS_SIZE]; /* neither of loopback nor link-local */
  guint n_servers;
  gboolean has_local;              /* a resolver of this machine itself */
  char domains[SP_DOMAIN_MAX + 1]; /* to search, blank-separated; empty = none */
} SpResolverFile;

/* Pure; `text` need not end in 0.  What it does not understand it skips, as the resolver does. */
void sp_resolver_file_parse (const char *text, gsize length, SpResolverFile *ret);

/* The same from other sources, word by word; each server and domain counts once.  What is no
 * address or domain, or does not fit any more, is left out. */
void sp_resolver_file_add_server (SpResolverFile *file, const char *word);
void sp_resolver_file_add_domain (SpResolverFile *file, const char *word);

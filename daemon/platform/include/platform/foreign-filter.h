/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"

#include <glib.h>

G_BEGIN_DECLS

/* The packet filters of other programs on this machine (a container engine's, a firewall's, an
 * administrator's own tables): what they would do with a packet of ours.  A packet passes only when
 * every table lets it, so that what one of them drops is lost whatever our table says. */

/* Who keeps a table, as far as its shape tells. */
typedef enum
{
  SP_FOREIGN_SOMEBODY,
  SP_FOREIGN_DOCKER,
  SP_FOREIGN_UFW,
  SP_FOREIGN_FIREWALLD,
  SP_FOREIGN_LAST = SP_FOREIGN_FIREWALLD
} SpForeignKeeper;

typedef struct
{
  const char *in;  /* the device that it came in by */
  const char *out; /* the one that it leaves by; NULL: it is for this machine */
  gboolean is_ipv6;
  gboolean is_answer; /* it belongs to a connection that was let through; else it begins one */
  guint8 protocol;    /* IPPROTO_TCP or _UDP */
  guint16 port;       /* where it goes; 0 = unknown.  All addresses are unknown. */
} SpForeignPacket;

/* Where it is lost; all lent by the filter. */
typedef struct
{
  const char *family; /* as nft(8) writes it: "ip", "ip6", "inet" */
  const char *table;
  const char *chain; /* at the hook */
  SpForeignKeeper keeper;
} SpForeignDrop;

/* A picture of one moment. */
typedef struct _SpForeignFilter SpForeignFilter;

/* Errors: SP_ERROR_NOT_AUTHORIZED, SP_ERROR_NOT_SUPPORTED (no nftables), SP_ERROR_FAILED; also when
 * there is more than SP_FOREIGN_RULES_MAX. */
#define SP_FOREIGN_RULES_MAX 20000
SpForeignFilter *sp_foreign_filter_read (GError **error);
void sp_foreign_filter_free (SpForeignFilter *filter);

/* TRUE only if it is certain; rules that look at what is not known here may let the packet through.
 */
gboolean sp_foreign_filter_drops (const SpForeignFilter *filter,
                                  const SpForeignPacket *packet,
                                  SpForeignDrop *ret);

/* Calls `changed` from the thread-default main context, at most once a second, when tables, chains
 * or rules of others changed. */
typedef struct _SpForeignFilterWatch SpForeignFilterWatch;
typedef void (*SpForeignFilterChanged) (gpointer user_data);

SpForeignFilterWatch *sp_foreign_filter_watch_new (SpForeignFilterChanged changed,
                                                   gpointer user_data,
                                                   GError **error);
void sp_foreign_filter_watch_free (SpForeignFilterWatch *watch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpForeignFilter, sp_foreign_filter_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpForeignFilterWatch, sp_foreign_filter_watch_free)

G_END_DECLS

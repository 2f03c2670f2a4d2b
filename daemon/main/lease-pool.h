/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"

#include <glib.h>

G_BEGIN_DECLS

/* The addresses that sessions have inside the tunnel.  Pure: no system call, no clock.
 *
 * A lease is one place in both ranges: host number n of the IPv4 range goes with host number n of
 * the IPv6 range.  Number 1 is the server itself.  A lease belongs to a session id and stays
 * reserved until it is released, whether the client is connected or only holds a cookie.
 *
 * The ranges may become others: then leases of before stay what they are, and only new ones are of
 * the new ranges. */

typedef struct
{
  guint8 ipv4[SP_ADDRESS_SIZE]; /* all zero = none */
  guint8 ipv6[SP_ADDRESS_SIZE];
} SpLease;

#define SP_GLOBAL_ID_SIZE 5 /* RFC 4193 3.2: 40 random bits, made once by the caller and kept */

/* The first private /24 of a fixed table that overlaps none of `used`.  Errors:
 * SP_ERROR_ADDRESS_CONFLICT when all do. */
gboolean sp_lease_pool_choose_ipv4 (const SpNetwork *used,
                                    guint n_used,
                                    SpNetwork *ret,
                                    GError **error);
/* The unique local /64 of this global id (RFC 4193 3.1, subnet 0). */
void sp_lease_pool_derive_ipv6 (const guint8 *global_id, SpNetwork *ret);

/* The server's own address in a range. */
void sp_lease_pool_derive_server (const SpNetwork *range, guint8 *ret);

typedef struct _SpLeasePool SpLeasePool;

/* Either range may be NULL (no such addresses), not both.  Errors: SP_ERROR_INVALID_ARGUMENTS: an
 * IPv4 range shorter than /16 or longer than /29, an IPv6 range longer than /112, or no range. */
SpLeasePool *sp_lease_pool_new (const SpNetwork *ipv4, const SpNetwork *ipv6, GError **error);
void sp_lease_pool_free (SpLeasePool *pool);

const SpNetwork *sp_lease_pool_get_ipv4 (SpLeasePool *pool); /* NULL = none */
const SpNetwork *sp_lease_pool_get_ipv6 (SpLeasePool *pool);
void sp_lease_pool_get_server (SpLeasePool *pool, SpLease *ret);
guint sp_lease_pool_get_size (SpLeasePool *pool); /* how many sessions fit */
guint sp_lease_pool_get_used (SpLeasePool *pool);

/* Addresses that belong to somebody, n × SP_ADDRESS_SIZE bytes: sessions that have them keep them,
 * others get them as `fixed` alone.  Replaces what was reserved before. */
void sp_lease_pool_reserve (SpLeasePool *pool, const guint8 *addresses, guint n);
/* Whether a client can have this address: in a range, and neither the server's nor the network's
 * own. */
gboolean sp_lease_pool_has (SpLeasePool *pool, const guint8 *address);

/* `session` is SP_ID_SIZE bytes; one that has a lease keeps it.  `fixed` (or NULL; unset = any) is
 * given as far as it is in the ranges, unless somebody has a part of it.  `preferred` (or NULL) is
 * what this session had last time: given if it is in the ranges and free, and before all else if it
 * is of an earlier one.  Otherwise the next free
 * place after the one given last, so that a released address rests as long as possible.  Errors:
 * SP_ERROR_BUSY: all are taken. */
gboolean sp_lease_pool_allocate (SpLeasePool *pool,
                                 const guint8 *session,
                                 const SpLease *preferred,
                                 const SpLease *fixed,
                                 SpLease *ret,
                                 GError **error);
gboolean sp_lease_pool_find (SpLeasePool *pool, const guint8 *session, SpLease *ret);
/* Exactly this one, of whichever ranges (unset: none of that family), to a session that has none.
 * Errors: SP_ERROR_ADDRESS_CONFLICT. */
gboolean sp_lease_pool_restore (SpLeasePool *pool,
                                const guint8 *session,
                                const SpLease *lease,
                                GError **error);
/* FALSE if the session has none. */
gboolean sp_lease_pool_release (SpLeasePool *pool, const guint8 *session);

/* New leases are of these ranges from now on; those of before are earlier ones.  Errors: as new,
 * and SP_ERROR_ADDRESS_CONFLICT: a client has what would be the server's own address there. */
gboolean sp_lease_pool_move (SpLeasePool *pool,
                             const SpNetwork *ipv4,
                             const SpNetwork *ipv6,
                             GError **error);
/* The same without doing it. */
gboolean sp_lease_pool_check_move (SpLeasePool *pool,
                                   const SpNetwork *ipv4,
                                   const SpNetwork *ipv6,
                                   GError **error);
/* One of before this pool, which sessions may have leases of; and one that nobody needs. */
void sp_lease_pool_add_earlier (SpLeasePool *pool, const SpNetwork *range);
void sp_lease_pool_forget (SpLeasePool *pool, const SpNetwork *range);
/* A present range, or one that somebody has a lease of. */
gboolean sp_lease_pool_needs (SpLeasePool *pool, const SpNetwork *range);
/* Which range somebody's address is of; NULL: it is nobody's. */
const SpNetwork *sp_lease_pool_find_range (SpLeasePool *pool, const guint8 *address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpLeasePool, sp_lease_pool_free)

G_END_DECLS

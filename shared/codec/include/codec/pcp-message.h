/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* The Port Control Protocol (RFC 6887), as far as a client needs it that has ports forwarded: MAP
 * requests without options, their answers, and what a router's clock tells of it.  Pure. */

#define SP_PCP_PORT        5351 /* RFC 6887 19.1 */
#define SP_PCP_VERSION     2
#define SP_PCP_NONCE_SIZE  12
#define SP_PCP_MAP_SIZE    60   /* bytes of a request: 7.1 and 11.1 */
#define SP_PCP_MESSAGE_MAX 1100 /* 7 */

/* One port; addresses as everywhere, which is how the protocol writes them, too (5). */
typedef struct
{
  guint8 client[SP_ADDRESS_SIZE]; /* who asks, and where the port leads to */
  guint8 nonce[SP_PCP_NONCE_SIZE];
  guint8 protocol;  /* IPPROTO_TCP or IPPROTO_UDP */
  guint16 inside;   /* the client's port */
  guint16 outside;  /* that it wants to have outside, 0: none, when it is ended */
  guint32 lifetime; /* seconds; 0: it shall lead here no longer (15) */
} SpPcpMap;

/* RFC 6887 7.4; others are told as they came. */
typedef enum
{
  SP_PCP_SUCCESS,
  SP_PCP_UNSUPPORTED_VERSION,
  SP_PCP_NOT_AUTHORIZED,
  SP_PCP_MALFORMED_REQUEST,
  SP_PCP_UNSUPPORTED_OPCODE,
  SP_PCP_UNSUPPORTED_OPTION,
  SP_PCP_MALFORMED_OPTION,
  SP_PCP_NETWORK_FAILURE,
  SP_PCP_NO_RESOURCES,
  SP_PCP_UNSUPPORTED_PROTOCOL,
  SP_PCP_USER_EXCEEDS_QUOTA,
  SP_PCP_CANNOT_PROVIDE_EXTERNAL,
  SP_PCP_ADDRESS_MISMATCH,
  SP_PCP_EXCESSIVE_REMOTE_PEERS,
  SP_PCP_RESULT_LAST = SP_PCP_EXCESSIVE_REMOTE_PEERS
} SpPcpResult;

typedef struct
{
  guint8 result;    /* an SpPcpResult, or a number that is none */
  guint32 lifetime; /* these are 0 where the version is not supported */
  guint32 epoch;    /* of the router's clock, in seconds */
  guint16 outside;
  guint8 address[SP_ADDRESS_SIZE]; /* outside */
} SpPcpAnswer;

void sp_pcp_map_write (const SpPcpMap *map, guint8 ret[SP_PCP_MAP_SIZE]);

/* FALSE: it is no answer to that (8.3, 11.4), and to be ignored.  That somebody does not know this
 * version is an answer in any version, that of NAT-PMP (RFC 6886 3.5) among them. */
gboolean sp_pcp_answer_read (const guint8 *bytes,
                             gsize size,
                             const SpPcpMap *asked,
                             SpPcpAnswer *ret);

/* What was seen of a router's clock; zero-filled: nothing. */
typedef struct
{
  gboolean is_known;
  guint32 epoch;
  gint64 seen_at; /* µs, monotonic */
} SpPcpClock;

/* FALSE: the router was started anew since, and has forgotten what it was told before (8.5). */
gboolean sp_pcp_clock_note (SpPcpClock *clock, guint32 epoch, gint64 now);

G_END_DECLS

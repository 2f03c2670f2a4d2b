/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/pcp-message.h"

#include "base/endpoint.h"
#include "cursor.h"

#include <string.h>

#define OPCODE_MAP     1
#define IS_ANSWER      0x80
#define RESULT_AT      3 /* in every version */
#define NAT_PMP_ANSWER 8 /* bytes, of one that says nothing but its result */

/* RFC 6887 8.5 */
#define STEP_BACK 1  /* seconds that packets may overtake each other by */
#define SLACK     2  /* seconds */
#define DRIFT     16 /* one part in so many */

/* --- requests --- */

static guint8 *
put (guint8 *at, guint32 number, guint size)
{
  for (guint i = 0; i < size; i++)
    at[i] = (guint8) (number >> 8 * (size - 1 - i));
  return at + size;
}

static guint8 *
put_bytes (guint8 *at, const guint8 *bytes, gsize size)
{
  memcpy (at, bytes, size);
  return at + size;
}

void
sp_pcp_map_write (const SpPcpMap *map, guint8 ret[SP_PCP_MAP_SIZE])
{
  guint8 any[SP_ADDRESS_SIZE] = { 0 };
  guint8 *at = ret;

  if (sp_address_is_ipv4 (map->client))
    sp_address_from_ipv4 (any, 0);
  at = put (at, SP_PCP_VERSION, 1);
  at = put (at, OPCODE_MAP, 1);
  at = put (at, 0, 2);
  at = put (at, map->lifetime, 4);
  at = put_bytes (at, map->client, SP_ADDRESS_SIZE);
  at = put_bytes (at, map->nonce, SP_PCP_NONCE_SIZE);
  at = put (at, map->protocol, 1);
  at = put (at, 0, 3);
  at = put (at, map->inside, 2);
  at = put (at, map->outside, 2);
  (void) put_bytes (at, any, sizeof any);
}

/* --- answers --- */

static gboolean
is_of_other_version (const guint8 *bytes, gsize size)
{
  return size >= NAT_PMP_ANSWER && (bytes[1] & IS_ANSWER) != 0 &&
         bytes[RESULT_AT] == SP_PCP_UNSUPPORTED_VERSION;
}

static gboolean
is_same (const guint8 *bytes, const guint8 *expected, gsize size)
{
  return bytes != NULL && memcmp (bytes, expected, size) == 0;
}

/* Behind what is read here there may be options, none of which was asked for. */
static gboolean
read_map (SpCursor *cursor, const SpPcpMap *asked, SpPcpAnswer *ret)
{
  const guint8 *nonce = sp_cursor_bytes (cursor, SP_PCP_NONCE_SIZE);
  guint32 protocol = sp_cursor_number (cursor, 1);
  guint32 inside;
  const guint8 *address;

  (void) sp_cursor_bytes (cursor, 3);
  inside = sp_cursor_number (cursor, 2);
  ret->outside = (guint16) sp_cursor_number (cursor, 2);
  address = sp_cursor_bytes (cursor, SP_ADDRESS_SIZE);
  if (address == NULL || !is_same (nonce, asked->nonce, SP_PCP_NONCE_SIZE) ||
      protocol != asked->protocol || inside != asked->inside)
    return FALSE;
  memcpy (ret->address, address, SP_ADDRESS_SIZE);
  return TRUE;
}

gboolean
sp_pcp_answer_read (const guint8 *bytes, gsize size, const SpPcpMap *asked, SpPcpAnswer *ret)
{
  SpCursor cursor = sp_cursor (bytes, size);

  memset (ret, 0, sizeof *ret);
  if (size > SP_PCP_MESSAGE_MAX || size % 4 != 0)
    return FALSE;
  if (is_of_other_version (bytes, size))
    {
      ret->result = SP_PCP_UNSUPPORTED_VERSION;
      return TRUE;
    }
  if (sp_cursor_number (&cursor, 1) != SP_PCP_VERSION ||
      sp_cursor_number (&cursor, 1) != (IS_ANSWER | OPCODE_MAP))
    return FALSE;
  (void) sp_cursor_bytes (&cursor, 1);
  ret->result = (guint8) sp_cursor_number (&cursor, 1);
  ret->lifetime = sp_cursor_number (&cursor, 4);
  ret->epoch = sp_cursor_number (&cursor, 4);
  (void) sp_cursor_bytes (&cursor, 12);
  return read_map (&cursor, asked, ret);
}

/* --- its clock --- */

/* Both clocks count seconds, and go about equally fast. */
static gboolean
agree (gint64 mine, gint64 its)
{
  return mine + SLACK >= its - its / DRIFT && its + SLACK >= mine - mine / DRIFT;
}

gboolean
sp_pcp_clock_note (SpPcpClock *clock, guint32 epoch, gint64 now)
{
  SpPcpClock before = *clock;

  *clock = (SpPcpClock){ .is_known = TRUE, .epoch = epoch, .seen_at = now };
  if (!before.is_known)
    return TRUE;
  if ((gint64) epoch + STEP_BACK < before.epoch)
    return FALSE;
  return agree ((now - before.seen_at) / G_USEC_PER_SEC, (gint64) epoch - before.epoch);
}

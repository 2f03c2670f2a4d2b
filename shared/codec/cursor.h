/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/* A place in bytes that somebody else owns.  Reading past the end yields zero or NULL, takes what
 * is left, and is remembered in `failed`, so that a reader checks once, at its end. */
typedef struct
{
  const guint8 *at;
  gsize left;
  gboolean failed;
} SpCursor;

SpCursor sp_cursor (const guint8 *bytes, gsize size);

/* A big-endian number of 1 to 4 bytes. */
guint32 sp_cursor_number (SpCursor *cursor, guint size);
const guint8 *sp_cursor_bytes (SpCursor *cursor, gsize size);
/* What a length of `length_size` bytes in front of it announces (RFC 8446 3.4). */
SpCursor sp_cursor_vector (SpCursor *cursor, guint length_size);
gboolean sp_cursor_is_done (const SpCursor *cursor); /* nothing failed and nothing is left */

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/* A place in bytes that somebody else owns.  Reading past the end yields zero or NULL, takes what
 * is left, and is remembered in `failed`, so that a reader checks once, at its end.  All of it is
 * in line: strangers' hellos are read by it by the hundred thousand. */
typedef struct
{
  const guint8 *at;
  gsize left;
  gboolean failed;
} SpCursor;

static inline SpCursor
sp_cursor (const guint8 *bytes, gsize size)
{
  return (SpCursor){ bytes, size, FALSE };
}

static inline const guint8 *
sp_cursor_bytes (SpCursor *cursor, gsize size)
{
  const guint8 *bytes = cursor->at;

  if (cursor->failed || size > cursor->left)
    {
      cursor->failed = TRUE;
      cursor->left = 0;
      return NULL;
    }
  cursor->left -= size;
  if (size > 0)
    cursor->at += size;
  return bytes;
}

/* A big-endian number of 1 to 4 bytes. */
static inline guint32
sp_cursor_number (SpCursor *cursor, guint size)
{
  const guint8 *bytes = sp_cursor_bytes (cursor, size);
  guint32 number = 0;

  for (guint i = 0; bytes != NULL && i < size; i++)
    number = number << 8 | bytes[i];
  return number;
}

/* What a length of `length_size` bytes in front of it announces (RFC 8446 3.4). */
static inline SpCursor
sp_cursor_vector (SpCursor *cursor, guint length_size)
{
  gsize length = sp_cursor_number (cursor, length_size);
  const guint8 *bytes = sp_cursor_bytes (cursor, length);

  return (SpCursor){ bytes, bytes == NULL ? 0 : length, bytes == NULL };
}

/* Nothing failed and nothing is left. */
static inline gboolean
sp_cursor_is_done (const SpCursor *cursor)
{
  return !cursor->failed && cursor->left == 0;
}

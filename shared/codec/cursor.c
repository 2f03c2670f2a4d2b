/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cursor.h"

SpCursor
sp_cursor (const guint8 *bytes, gsize size)
{
  return (SpCursor){ bytes, size, FALSE };
}

const guint8 *
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

guint32
sp_cursor_number (SpCursor *cursor, guint size)
{
  const guint8 *bytes = sp_cursor_bytes (cursor, size);
  guint32 number = 0;

  for (guint i = 0; bytes != NULL && i < size; i++)
    number = number << 8 | bytes[i];
  return number;
}

SpCursor
sp_cursor_vector (SpCursor *cursor, guint length_size)
{
  gsize length = sp_cursor_number (cursor, length_size);
  const guint8 *bytes = sp_cursor_bytes (cursor, length);

  return (SpCursor){ bytes, bytes == NULL ? 0 : length, bytes == NULL };
}

gboolean
sp_cursor_is_done (const SpCursor *cursor)
{
  return !cursor->failed && cursor->left == 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hello-body.h"

static gboolean
extensions_tile (SpCursor extensions)
{
  while (extensions.left > 0)
    {
      (void) sp_cursor_number (&extensions, 2);
      (void) sp_cursor_vector (&extensions, 2);
    }
  return sp_cursor_is_done (&extensions);
}

gboolean
sp_hello_body_read (const guint8 *bytes, gsize size, gboolean has_cookie, SpHelloBody *ret)
{
  SpCursor cursor = sp_cursor (bytes, size);
  SpCursor suites, compressions;

  ret->version = (guint16) sp_cursor_number (&cursor, 2);
  ret->random = sp_cursor_bytes (&cursor, SP_HELLO_RANDOM_SIZE);
  ret->session_id = sp_cursor_vector (&cursor, 1);
  ret->cookie = has_cookie ? sp_cursor_vector (&cursor, 1) : sp_cursor (bytes, 0);
  suites = sp_cursor_vector (&cursor, 2);
  compressions = sp_cursor_vector (&cursor, 1);
  ret->extensions = cursor.left > 0 ? sp_cursor_vector (&cursor, 2) : sp_cursor (bytes, 0);
  return sp_cursor_is_done (&cursor) && ret->session_id.left <= SP_HELLO_SESSION_ID_MAX &&
         suites.left >= 2 && suites.left % 2 == 0 && compressions.left >= 1 &&
         extensions_tile (ret->extensions);
}

gboolean
sp_hello_body_find_extension (const SpHelloBody *body, guint16 type, SpCursor *ret)
{
  SpCursor extensions = body->extensions;

  while (extensions.left > 0)
    {
      guint32 found = sp_cursor_number (&extensions, 2);

      *ret = sp_cursor_vector (&extensions, 2);
      if (found == type && !ret->failed)
        return TRUE;
    }
  return FALSE;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/io.h"

#include <string.h>

/* Recorded bytes, written down as hexadecimal; blanks do not count.  Free with g_byte_array_unref.
 */
static inline GByteArray *
bytes_from_hex (const char *hex)
{
  GByteArray *bytes = g_byte_array_new ();
  g_autoptr (GString) digits = g_string_new (NULL);

  for (const char *at = hex; *at != '\0'; at++)
    if (!g_ascii_isspace (*at))
      g_string_append_c (digits, *at);
  g_byte_array_set_size (bytes, (guint) digits->len / 2);
  g_assert_true (sp_hex_decode (digits->str, digits->len, bytes->data, bytes->len));
  return bytes;
}

/* A copy that ends where the bytes end, so that a sanitizer sees a read past them. */
static inline guint8 *
exact_copy (gconstpointer bytes, gsize size)
{
  guint8 *copy = g_malloc (MAX (size, 1));

  if (size > 0)
    memcpy (copy, bytes, size);
  return copy;
}

/* Names the case at hand in the log, on one line whatever it holds. */
static inline void
say (const char *text)
{
  g_autofree char *escaped = g_strescape (text, NULL);

  g_test_message ("%s", escaped);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/secret.h"

#include <string.h>

void
sp_secret_wipe (gpointer memory, gsize size)
{
  explicit_bzero (memory, size);
}

gboolean
sp_secret_equal (gconstpointer a, gconstpointer b, gsize size)
{
  const guint8 *left = a;
  const guint8 *right = b;
  guint8 difference = 0;

  for (gsize i = 0; i < size; i++)
    difference |= left[i] ^ right[i];
  return difference == 0;
}

void
sp_secret_text_free (char *text)
{
  if (text == NULL)
    return;
  sp_secret_wipe (text, strlen (text));
  g_free (text);
}

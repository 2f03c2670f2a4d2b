/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output-tail.h"

#include "base/log.h"

#include <string.h>

#define LINES_TOLD 20

void
sp_output_tail_take (SpOutputTail *self, const char *bytes, gsize size)
{
  gsize kept = MIN (self->length, sizeof self->bytes - MIN (size, sizeof self->bytes));

  if (size > sizeof self->bytes)
    {
      bytes += size - sizeof self->bytes;
      size = sizeof self->bytes;
      self->cut = TRUE;
    }
  self->cut = self->cut || kept < self->length;
  memmove (self->bytes, self->bytes + self->length - kept, kept);
  memcpy (self->bytes + kept, bytes, size);
  self->length = kept + size;
}

/* The log makes single lines of printable text of them. */
void
sp_output_tail_tell (const SpOutputTail *self)
{
  g_autofree char *text = g_malloc (self->length + 1);
  g_auto (GStrv) lines = NULL;
  guint n, first;

  for (gsize i = 0; i < self->length; i++)
    text[i] = self->bytes[i] != '\0' ? self->bytes[i] : '?';
  text[self->length] = '\0';
  lines = g_strsplit (g_strchomp (text), "\n", -1);
  n = g_strv_length (lines);
  first = n > LINES_TOLD ? n - LINES_TOLD : 0;
  if (self->cut || first > 0)
    sp_log (SP_LOG_NOTICE, "hook", "it said more than is told here; its last words:");
  for (guint i = first; i < n; i++)
    if (lines[i][0] != '\0')
      sp_log (SP_LOG_NOTICE, "hook", "it said: %s", lines[i]);
}

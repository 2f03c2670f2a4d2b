/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "room-lines.h"

#include "base/bucket.h"

#include <string.h>

#define PROGRAM_PREFIX "sallyport-"

/* Far more than a room in order says, and little enough for whoever reads or keeps the log. */
static const SpBucketLimit usual = { .interval = G_USEC_PER_SEC / 50, .burst = 1000 };
static const SpBucketLimit generous = { .interval = G_USEC_PER_SEC / 5000, .burst = 20000 };

void
sp_room_lines_init (SpRoomLines *self, const char *program)
{
  memset (self, 0, sizeof *self);
  if (g_str_has_prefix (program, PROGRAM_PREFIX))
    program += strlen (PROGRAM_PREFIX);
  (void) g_strlcpy (self->name, program, sizeof self->name);
}

void
sp_room_lines_be_generous (SpRoomLines *self, gboolean on)
{
  self->generous = on;
}

static gboolean
begins_with_name (const SpRoomLines *self)
{
  gsize length = strlen (self->name);

  return length > 0 && self->length > length && memcmp (self->line, self->name, length) == 0 &&
         self->line[length] == '[';
}

void
sp_room_lines_tell_left_out (SpRoomLines *self, GString *out)
{
  if (self->left_out > 0)
    g_string_append_printf (out, "%s: %u lines were left out, which came too fast\n", self->name,
                            self->left_out);
  self->left_out = 0;
}

static void
finish_line (SpRoomLines *self, gint64 now, GString *out)
{
  const SpBucketLimit *limit = self->generous ? &generous : &usual;
  gsize length = self->length;

  if (length > 0 && sp_bucket_wait (self->bucket, limit, now) > 0)
    self->left_out++;
  else if (length > 0)
    {
      sp_bucket_take (&self->bucket, limit, now);
      sp_room_lines_tell_left_out (self, out);
      if (!begins_with_name (self))
        g_string_append_printf (out, "%s says: ", self->name);
      g_string_append_len (out, self->line, (gssize) length);
      g_string_append_c (out, '\n');
    }
  self->length = 0;
}

/* C0 and DEL by their byte; C1 (U+0080 to U+009F) by the second of its two in UTF-8. */
static char
clean (SpRoomLines *self, guchar byte)
{
  gboolean second_of_c1 = self->follows_c2 && byte >= 0x80 && byte <= 0x9f;

  self->follows_c2 = byte == 0xc2;
  return byte < 0x20 || byte == 0x7f || second_of_c1 ? '?' : (char) byte;
}

void
sp_room_lines_take (SpRoomLines *self, const char *bytes, gsize size, gint64 now, GString *out)
{
  for (gsize i = 0; i < size; i++)
    {
      if (bytes[i] == '\n')
        finish_line (self, now, out);
      else if (self->length < sizeof self->line)
        self->line[self->length++] = clean (self, (guchar) bytes[i]);
    }
}

void
sp_room_lines_end (SpRoomLines *self, gint64 now, GString *out)
{
  finish_line (self, now, out);
  sp_room_lines_tell_left_out (self, out);
}

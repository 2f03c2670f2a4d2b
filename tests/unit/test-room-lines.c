/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "room-lines.h"

#include <string.h>

#define NOW (1000 * G_USEC_PER_SEC)

static const struct
{
  const char *name;
  const char *program;
  const char *bytes;
  const char *expected;
} cases[] = {
  { "own", "sallyport-door", "door[7] notice x: y\n", "door[7] notice x: y\n" },
  { "several", "sallyport-door", "door[7] a\ndoor[7] b\n", "door[7] a\ndoor[7] b\n" },
  { "forked", "sallyport-nursery", "worker[9] a\nnursery[8] b\n",
    "nursery says: worker[9] a\nnursery[8] b\n" },
  { "not-its-own", "sallyport-door", "worker[9] a\n", "door says: worker[9] a\n" },
  { "forged", "sallyport-door", "sallyportd[1] error main: x\n",
    "door says: sallyportd[1] error main: x\n" },
  { "name-alone", "sallyport-door", "door\n", "door says: door\n" },
  { "empty", "sallyport-door", "\n\n", "" },
  { "no-end", "sallyport-door", "door[7] a\ndoor[7] b", "door[7] a\n" },
  { "control", "sallyport-door", "door[7] \x1b[2J\r\x7f\t!\n", "door[7] ?[2J?\?\?!\n" },
  { "control-of-two-bytes", "sallyport-door", "door[7] \xc2\x9b \xc3\x9b\n",
    "door[7] \xc2? \xc3\x9b\n" },
  { "program-of-another-name", "probe", "probe[1] a\nb\n", "probe[1] a\nprobe says: b\n" },
};

/* Whole, and byte by byte. */
static void
test_case (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  gsize size = strlen (cases[i].bytes);

  for (gsize piece = 1; piece <= size; piece = piece == 1 ? size : size + 1)
    {
      g_autoptr (GString) out = g_string_new (NULL);
      SpRoomLines lines;

      sp_room_lines_init (&lines, cases[i].program);
      for (gsize n = 0; n < size; n += piece)
        sp_room_lines_take (&lines, cases[i].bytes + n, piece, NOW, out);
      g_assert_cmpstr (out->str, ==, cases[i].expected);
    }
}

static void
test_long (void)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree char *line = g_strnfill (5000, 'x');
  SpRoomLines lines;

  sp_room_lines_init (&lines, "sallyport-door");
  sp_room_lines_take (&lines, line, 5000, NOW, out);
  sp_room_lines_take (&lines, "\n", 1, NOW, out);
  g_assert_cmpuint (out->len, ==, strlen ("door says: ") + SP_ROOM_LINE_MAX + 1);
  sp_room_lines_take (&lines, "door[7] next", 12, NOW, out);
  sp_room_lines_end (&lines, NOW, out);
  g_assert_true (g_str_has_suffix (out->str, "\ndoor[7] next\n"));
}

static guint
count_lines (const GString *text)
{
  guint n = 0;

  for (gsize i = 0; i < text->len; i++)
    n += text->str[i] == '\n';
  return n;
}

static void
say (SpRoomLines *lines, guint n, gint64 now, GString *out)
{
  for (guint i = 0; i < n; i++)
    sp_room_lines_take (lines, "door[7] a\n", 10, now, out);
}

static void
test_budget (void)
{
  g_autoptr (GString) out = g_string_new (NULL);
  SpRoomLines lines;

  sp_room_lines_init (&lines, "sallyport-door");
  say (&lines, 5000, NOW, out);
  g_assert_cmpuint (count_lines (out), ==, 1000);
  g_assert_cmpuint (lines.left_out, ==, 4000);
  (void) g_string_truncate (out, 0);
  say (&lines, 100, NOW + G_USEC_PER_SEC, out);
  g_assert_true (g_str_has_prefix (out->str, "door: 4000 lines were left out"));
  g_assert_cmpuint (count_lines (out), ==, 51);
  (void) g_string_truncate (out, 0);
  sp_room_lines_end (&lines, NOW + G_USEC_PER_SEC, out);
  g_assert_cmpstr (out->str, ==, "door: 50 lines were left out, which came too fast\n");
  sp_room_lines_be_generous (&lines, TRUE);
  (void) g_string_truncate (out, 0);
  say (&lines, 10000, NOW + 30 * G_USEC_PER_SEC, out);
  g_assert_cmpuint (count_lines (out), ==, 10000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/room-lines/", cases[i].name, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_case);
    }
  g_test_add_func ("/room-lines/long", test_long);
  g_test_add_func ("/room-lines/budget", test_budget);
  return g_test_run ();
}

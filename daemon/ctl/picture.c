/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "picture.h"

#include <qrencode.h>
#include <unistd.h>

#define MARGIN 2 /* modules of light around it; four are asked for, two are enough for phones */
#define LIGHT  "\033[38;5;16;48;5;231m" /* black on white */
#define NORMAL "\033[0m"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QRcode, QRcode_free)

static gboolean
is_dark (const QRcode *code, int x, int y)
{
  return x >= 0 && y >= 0 && x < code->width && y < code->width &&
         (code->data[y * code->width + x] & 1) != 0;
}

/* Two modules, one above the other, are one character. */
static void
print_row (const QRcode *code, int y)
{
  static const char *const blocks[2][2] = { { " ", "▄" }, { "▀", "█" } };
  g_autoptr (GString) line = g_string_new (LIGHT);

  for (int x = -MARGIN; x < code->width + MARGIN; x++)
    g_string_append (line, blocks[is_dark (code, x, y)][is_dark (code, x, y + 1)]);
  g_print ("%s" NORMAL "\n", line->str);
}

gboolean
sp_picture_print (const char *text)
{
  g_autoptr (QRcode) code = NULL;

  if (!isatty (STDOUT_FILENO) || !g_get_charset (NULL))
    return FALSE;
  code = QRcode_encodeString (text, 0, QR_ECLEVEL_L, QR_MODE_8, 1);
  if (code == NULL)
    return FALSE;
  for (int y = -MARGIN; y < code->width + MARGIN; y += 2)
    print_row (code, y);
  return TRUE;
}

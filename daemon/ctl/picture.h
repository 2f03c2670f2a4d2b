/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Prints a text as a picture (a QR code) for a phone's camera, if standard output is a terminal
 * that shows it: dark on light, whatever the terminal's colours are.  FALSE: it was not printed. */
gboolean sp_picture_print (const char *text);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Called with what was typed, which is gone afterwards; not called when the person gave up. */
typedef void (*SpPassphraseFunc) (GtkWidget *near, const char *passphrase, gpointer data);

/* Asks for a passphrase above the window of `near`; for a new one twice, and it has to be long
 * enough.  `near` and `data` are kept until the question is over. */
void sp_passphrase_dialog_ask (GtkWidget *near,
                               const char *heading,
                               const char *body,
                               const char *accept,
                               gboolean new_one,
                               SpPassphraseFunc func,
                               gpointer data,
                               GDestroyNotify free_data);

G_END_DECLS

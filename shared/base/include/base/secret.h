/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Overwrites memory in a way that the compiler may not remove. */
void sp_secret_wipe (gpointer memory, gsize size);

/* Compares in time that depends on `size` alone. */
gboolean sp_secret_equal (gconstpointer a, gconstpointer b, gsize size);

/* Frees a text that held a secret, after wiping it; NULL is fine. */
void sp_secret_text_free (char *text);

typedef char SpSecretText;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpSecretText, sp_secret_text_free)

G_END_DECLS

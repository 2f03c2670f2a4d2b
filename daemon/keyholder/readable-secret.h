/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Secrets that people copy by hand: random characters of five bits each, none of which looks like
 * another, in groups with hyphens between them. */

#define SP_READABLE_TEXT_SIZE(characters, group)                                                   \
  ((characters) + ((characters) -1) / (group) + 1) /* with the terminator */

/* `ret_text` holds SP_READABLE_TEXT_SIZE bytes. */
void sp_readable_secret_make (guint characters, guint group, char *ret_text);

/* What was typed without blanks and hyphens, in lower case; more than `size` bytes of it are left
 * out.  Returns how many are in `ret`. */
gsize sp_readable_secret_normalise (const guint8 *typed, gsize length, guint8 *ret, gsize size);

/* SHA-256 of the user and a normal secret, which has so many bits that a plain hash keeps it as
 * well as a slow one. */
#define SP_READABLE_HASH_SIZE 32
void sp_readable_secret_hash (const guint8 *user,
                              const guint8 *normal,
                              gsize length,
                              guint8 ret_hash[SP_READABLE_HASH_SIZE]);

G_END_DECLS

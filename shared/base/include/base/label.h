/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* A device's secret label: the first part of the name that it calls the server by, which nobody
 * else knows to call.  80 random bits in the alphabet of base32 (RFC 4648 6), lower case.  It opens
 * nothing but the door. */

/* `label` holds SP_LABEL_LENGTH + 1 bytes. */
void sp_label_make (char *label);
/* Exactly SP_LABEL_LENGTH letters of the alphabet. */
gboolean sp_label_is_valid (const char *text, gsize length);
/* What it is known by to who shall recognise it and not be able to tell it to others: the first
 * half of the SHA-256. */
void sp_label_hash (const char *label, guint8 hash[SP_LABEL_HASH_SIZE]);

/* Where "{label}" stands in the address for it; a new text. */
#define SP_LABEL_PLACE "{label}"
char *sp_label_insert (const char *url, const char *label);

G_END_DECLS

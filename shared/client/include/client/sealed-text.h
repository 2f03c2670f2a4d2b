/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/secret.h"

#include <gio/gunixfdlist.h>

G_BEGIN_DECLS

/* Secrets on the bus travel inside sealed memory files. */

/* The options or arguments of a call that hands one over: a new list with the text, whose handle
 * in the message is 0.  NULL: an error. */
GUnixFDList *sp_sealed_text_write (const char *text, GError **error);

/* What the service put into the memory file that `handle` (type h) names among `descriptors`, as
 * bytes; at most `size_max`.  Wipe it with sp_secret_wipe() before it is freed.  NULL: an error. */
GByteArray *sp_sealed_text_read_bytes (GUnixFDList *descriptors,
                                       GVariant *handle,
                                       gsize size_max,
                                       GError **error);

/* Likewise as a text, which has to be UTF-8; free with sp_secret_text_free(). */
char *sp_sealed_text_read (GUnixFDList *descriptors,
                           GVariant *handle,
                           gsize size_max,
                           GError **error);

G_END_DECLS

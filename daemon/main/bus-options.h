/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A key that a method understands in one of its dictionaries. */
typedef struct
{
  const char *name;
  const char *type;    /* "s", "u", "b" or "t" (any number) */
  guint32 least, most; /* of a number; for a text: its length in bytes */
  gboolean required;
} SpBusKey;

/* Whether a dictionary of type a{sv} has only known keys, each once, with the right type and
 * range.  The error names the key and what would be right. */
gboolean sp_bus_options_check (GVariant *dictionary,
                               const SpBusKey *keys,
                               gsize n_keys,
                               GError **error);

/* For methods that know no option yet. */
gboolean sp_bus_options_check_empty (GVariant *dictionary, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _SpBusKey SpBusKey;

/* What else must hold for a value whose type and range are right. */
typedef gboolean (*SpBusCheck) (const SpBusKey *key, GVariant *value, GError **error);

/* A key that a method understands in one of its dictionaries. */
struct _SpBusKey
{
  const char *name;
  const char *type;    /* "s", "u", "t", "b", "as" or "h" */
  guint64 least, most; /* of a number; of the bytes of a text; of the entries of a list */
  gboolean required;
  SpBusCheck check; /* or NULL */
};

#define SP_BUS_LIST_TEXT_MAX 255 /* bytes of one entry of a list */

/* Whether a dictionary of type a{sv} has only known keys, each once, with the right type and
 * range; a text is one line without control characters.  The error names the key and what would be
 * right. */
gboolean sp_bus_options_check (GVariant *dictionary,
                               const SpBusKey *keys,
                               gsize n_keys,
                               GError **error);

/* For methods that know no option yet. */
gboolean sp_bus_options_check_empty (GVariant *dictionary, GError **error);

/* Says that nobody knows the key; repeats it only if it looks like one, since the message ends in
 * logs and on terminals. */
void sp_bus_set_unknown_key (const char *name, GError **error);

G_END_DECLS

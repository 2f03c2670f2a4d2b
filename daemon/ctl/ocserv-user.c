/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ocserv-map.h"
#include "ocserv-value.h"

#include <string.h>

#define BITS_OF_BYTE 8
#define RATE_MIN     64000 /* bits a second, as the service wants it */

/* What becomes of a line of a file for a user or a group. */
typedef struct
{
  const char *key;
  SpImportVerdict verdict;
  const char *name; /* of ours */
  char type;        /* 'a': a list, 's': a text, 'u': a number, 'r': a rate */
  gboolean of_groups;
  SpImportConvert convert; /* NULL: of its type */
  const char *words;
} Row;

/* clang-format off */
static const Row rows[] = {
  { "banner",          SP_IMPORT_SAME,      "Banner",         's', TRUE,  sp_import_convert_text,    NULL },
  { "route",           SP_IMPORT_SAME,      "Routes",         'a', TRUE,  sp_import_convert_route,   NULL },
  { "no-route",        SP_IMPORT_SAME,      "ExcludedRoutes", 'a', TRUE,  sp_import_convert_route,   NULL },
  { "dns",             SP_IMPORT_SAME,      "Dns",            'a', TRUE,  sp_import_convert_address, NULL },
  { "ipv4-dns",        SP_IMPORT_SAME,      "Dns",            'a', TRUE,  sp_import_convert_address, NULL },
  { "ipv6-dns",        SP_IMPORT_SAME,      "Dns",            'a', TRUE,  sp_import_convert_address, NULL },
  { "split-dns",       SP_IMPORT_SAME,      "SplitDns",       'a', TRUE,  sp_import_convert_text,    NULL },
  { "default-domain",  SP_IMPORT_SAME,      "Domains",        'a', TRUE,  sp_import_convert_text,    NULL },
  { "explicit-ipv4",   SP_IMPORT_DIFFERENT, "FixedAddresses", 'a', FALSE, sp_import_convert_address, "of the first of the person's sessions, if it is of the range" },
  { "explicit-ipv6",   SP_IMPORT_DIFFERENT, "FixedAddresses", 'a', FALSE, sp_import_convert_address, "of the first of the person's sessions, if it is of the range" },
  { "iroute",          SP_IMPORT_SAME,      "NetworksBehind", 'a', FALSE, sp_import_convert_route,   NULL },
  { "max-same-clients", SP_IMPORT_DIFFERENT, "SessionsMax",   'u', FALSE, NULL, "one more takes the place of an older one" },
  { "rx-data-per-sec", SP_IMPORT_DIFFERENT, "RateUp",         'r', FALSE, NULL, "in bits a second; for all devices of the person together" },
  { "tx-data-per-sec", SP_IMPORT_DIFFERENT, "RateDown",       'r', FALSE, NULL, "in bits a second; for all devices of the person together" },
};
/* clang-format on */

static const Row *
find_row (const char *key)
{
  for (guint i = 0; key != NULL && i < G_N_ELEMENTS (rows); i++)
    if (strcmp (rows[i].key, key) == 0)
      return &rows[i];
  return NULL;
}

/* --- values --- */

/* A word that stands for everything stands alone. */
static void
add_to_list (GVariantDict *values, const char *name, const char *value)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) before = NULL;
  g_auto (GStrv) list = NULL;

  if (g_variant_dict_lookup (values, name, "^as", &before) && strcmp (value, "all") != 0)
    {
      if (g_strv_contains ((const char *const *) before, "all") ||
          g_strv_contains ((const char *const *) before, value))
        return;
      g_strv_builder_addv (builder, (const char **) before);
    }
  g_strv_builder_add (builder, value);
  list = g_strv_builder_end (builder);
  g_variant_dict_insert (values, name, "^as", list);
}

static gboolean
add_number (const Row *row, const char *value, GVariantDict *values)
{
  guint64 number;

  if (!sp_import_read_number (value, &number))
    return FALSE;
  if (row->type == 'u')
    g_variant_dict_insert (values, row->name, "u", (guint32) number);
  else if (number > 0 && number * BITS_OF_BYTE < RATE_MIN)
    return FALSE;
  else
    g_variant_dict_insert (values, row->name, "t", number * BITS_OF_BYTE);
  return TRUE;
}

static gboolean
add_value (const Row *row, const char *value, GVariantDict *values)
{
  g_autofree char *converted = row->convert != NULL ? row->convert (value) : NULL;

  if (row->convert == NULL)
    return add_number (row, value, values);
  if (converted == NULL)
    return FALSE;
  if (row->type == 'a')
    add_to_list (values, row->name, converted);
  else
    g_variant_dict_insert (values, row->name, "s", converted);
  return TRUE;
}

/* --- the whole file --- */

static gboolean
is_restricted (GPtrArray *lines)
{
  gboolean restricted = FALSE;

  for (guint i = 0; i < lines->len; i++)
    {
      const SpOcservLine *line = lines->pdata[i];

      if (line->key != NULL && strcmp (line->key, "restrict-user-to-routes") == 0)
        restricted = sp_import_is_true (line->value);
    }
  return restricted;
}

/* Who is restricted to the routes reaches them and nothing else. */
static gboolean
map_reach (const SpOcservLine *line, GVariantDict *values)
{
  g_autofree char *network =
      strcmp (line->key, "route") == 0 ? sp_import_network (line->value, NULL) : NULL;

  if (network == NULL)
    return FALSE;
  g_variant_dict_insert (values, "Reach", "s", "hosts");
  add_to_list (values, "ReachHosts", network);
  return TRUE;
}

static void
map_line (SpImportLine *mapped, gboolean restricted, GVariantDict *values, GVariantDict *group)
{
  const SpOcservLine *line = mapped->line;
  const Row *row = find_row (line->key);

  if (row == NULL && g_strcmp0 (line->key, "restrict-user-to-routes") == 0)
    {
      mapped->verdict = SP_IMPORT_SAME;
      return;
    }
  /* A user has no banner. */
  if (row == NULL || (group == NULL && row->type == 's'))
    {
      mapped->words = group != NULL ? "not a value of a group or its members here"
                                    : "not a value of a user here";
      return;
    }
  if (!add_value (row, line->value, row->of_groups && group != NULL ? group : values))
    {
      mapped->words =
          row->type == 'r' ? "at least 64000 bits a second" : "the value cannot be said here";
      return;
    }
  mapped->verdict = row->verdict;
  mapped->words = row->words;
  if (restricted && map_reach (line, values))
    mapped->words = "one of ReachHosts, too";
}

void
sp_import_map_user (GPtrArray *lines, GVariantDict *values, GVariantDict *group, GArray *report)
{
  gboolean restricted = is_restricted (lines);

  for (guint i = 0; i < lines->len; i++)
    {
      SpImportLine mapped = { lines->pdata[i], SP_IMPORT_NOT, NULL, NULL };

      map_line (&mapped, restricted, values, group);
      g_array_append_val (report, mapped);
    }
}

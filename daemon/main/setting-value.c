/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setting-row.h"

#include "setting-check.h"

#include "base/error.h"

#include <string.h>

static gpointer
locate (const SpSettingRow *row, const SpSettings *settings)
{
  return (guint8 *) settings + row->offset;
}

/* "'foo' is not an address; write …" */
static gboolean
refuse (const SpSettingRow *row, const char *value, const char *why, GError **error)
{
  g_autofree char *expects = sp_setting_row_expects (row);
  g_autofree char *quoted = sp_setting_quote (value);

  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "'%s' %s; write %s", quoted, why,
               expects);
  return FALSE;
}

/* SP_WORD_ABSENT if the value is none of the row's words. */
static SpSettingWord
find_word (const SpSettingRow *row, const char *value)
{
  for (guint word = SP_WORD_ABSENT + 1; word <= SP_WORD_LAST; word++)
    if ((row->words & (G_GUINT64_CONSTANT (1) << word)) &&
        strcmp (value, sp_setting_word_to_string (word)) == 0)
      return word;
  return SP_WORD_ABSENT;
}

static gboolean
set_boolean (const SpSettingRow *row, gboolean *member, const char *value, GError **error)
{
  *member = strcmp (value, "yes") == 0;
  if (!*member && strcmp (value, "no") != 0)
    return refuse (row, value, "is neither yes nor no", error);
  return TRUE;
}

static gboolean
set_number (const SpSettingRow *row, guint *member, const char *value, GError **error)
{
  g_autoptr (GError) reason = NULL;
  guint64 number;

  if (g_ascii_string_to_unsigned (value, 10, row->minimum, row->maximum, &number, &reason))
    {
      *member = (guint) number;
      return TRUE;
    }
  if (g_error_matches (reason, G_NUMBER_PARSER_ERROR, G_NUMBER_PARSER_ERROR_OUT_OF_BOUNDS))
    return refuse (row, value, "is out of range", error);
  return refuse (row, value, "is not a number", error);
}

static gboolean
set_text (const SpSettingRow *row, char **member, const char *value, GError **error)
{
  if (strlen (value) > row->maximum)
    return refuse (row, value, "is too long", error);
  if (row->kind == SP_SETTING_HOST_NAME && value[0] != '\0' && !sp_check_host_name (value))
    return refuse (row, value, "is not a host name", error);
  g_free (*member);
  *member = g_strdup (value);
  return TRUE;
}

/* The parts of a comma-separated list, or NULL after an error. */
static GStrv
split_list (const SpSettingRow *row, const char *value, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (value, ",", row->maximum + 1);
  guint n = g_strv_length (parts);

  if (n > row->maximum)
    {
      (void) refuse (row, value, row->maximum == 1 ? "is more than one" : "is too long a list",
                     error);
      return NULL;
    }
  for (guint i = 0; i < n; i++)
    if (g_strstrip (parts[i])[0] == '\0')
      n = 0;
  if (n < row->minimum)
    {
      (void) refuse (row, value, n == 0 ? "has nothing in a place of the list" : "is too short",
                     error);
      return NULL;
    }
  return g_steal_pointer (&parts);
}

static gboolean
set_addresses (const SpSettingRow *row, SpAddressList *member, const char *value, GError **error)
{
  g_auto (GStrv) parts = split_list (row, value, error);
  guint n;

  if (parts == NULL)
    return FALSE;
  n = g_strv_length (parts);
  member->items = g_malloc0_n (n, sizeof *member->items);
  for (; member->n < n; member->n++)
    if (!sp_address_from_text (parts[member->n], member->items[member->n]))
      return refuse (row, parts[member->n], "is not an address", error);
  return TRUE;
}

static gboolean
set_endpoints (const SpSettingRow *row, SpEndpointList *member, const char *value, GError **error)
{
  g_auto (GStrv) parts = split_list (row, value, error);
  guint n;

  if (parts == NULL)
    return FALSE;
  n = g_strv_length (parts);
  member->items = g_new0 (SpEndpoint, n);
  for (; member->n < n; member->n++)
    if (!sp_check_place (parts[member->n], &member->items[member->n]))
      return refuse (row, parts[member->n], "is not an address with a port", error);
  return TRUE;
}

static gboolean
set_networks (const SpSettingRow *row, SpNetworkList *member, const char *value, GError **error)
{
  g_auto (GStrv) parts = split_list (row, value, error);
  guint n;

  if (parts == NULL)
    return FALSE;
  n = g_strv_length (parts);
  member->items = g_new0 (SpNetwork, n);
  for (; member->n < n; member->n++)
    {
      g_autofree char *why =
          sp_check_network (row->kind, parts[member->n], &member->items[member->n]);
      if (why != NULL)
        return refuse (row, parts[member->n], why, error);
    }
  return TRUE;
}

static gboolean
set_domains (const SpSettingRow *row, SpDomainList *member, const char *value, GError **error)
{
  member->items = split_list (row, value, error);
  if (member->items == NULL)
    return FALSE;
  member->n = g_strv_length (member->items);
  for (guint i = 0; i < member->n; i++)
    if (!sp_check_domain (member->items[i]))
      return refuse (row, member->items[i], "is not a domain", error);
  return TRUE;
}

/* Every kind that may be a word keeps the word first in its member. */
static void
set_word (const SpSettingRow *row, gpointer member, SpSettingWord word)
{
  if (row->kind == SP_SETTING_NUMBER)
    *(guint *) member = word == SP_WORD_SAME ? SP_NUMBER_SAME : 0;
  else
    *(SpSettingWord *) member = word;
}

gboolean
sp_setting_row_set (const SpSettingRow *row,
                    SpSettings *settings,
                    const char *value,
                    GError **error)
{
  gpointer member = locate (row, settings);
  SpSettingWord word = find_word (row, value);

  sp_setting_row_clear (row, settings);
  if (word != SP_WORD_ABSENT)
    {
      set_word (row, member, word);
      return TRUE;
    }
  switch (row->kind)
    {
      case SP_SETTING_BOOLEAN:
        return set_boolean (row, member, value, error);
      case SP_SETTING_NUMBER:
        return set_number (row, member, value, error);
      case SP_SETTING_CHOICE:
        return refuse (row, value, "is none of the choices", error);
      case SP_SETTING_HOST_NAME:
      case SP_SETTING_LINE:
        return set_text (row, member, value, error);
      case SP_SETTING_ADDRESSES:
        return set_addresses (row, member, value, error);
      case SP_SETTING_ENDPOINTS:
        return set_endpoints (row, member, value, error);
      case SP_SETTING_NETWORKS:
      case SP_SETTING_NETWORK_IPV4:
      case SP_SETTING_NETWORK_IPV6:
        return set_networks (row, member, value, error);
      case SP_SETTING_DOMAINS:
        return set_domains (row, member, value, error);
    }
  g_assert_not_reached ();
}

void
sp_setting_row_clear (const SpSettingRow *row, SpSettings *settings)
{
  gpointer member = locate (row, settings);
  SpAddressList *addresses = member;
  SpEndpointList *endpoints = member;
  SpNetworkList *networks = member;
  SpDomainList *domains = member;

  switch (row->kind)
    {
      case SP_SETTING_BOOLEAN:
      case SP_SETTING_NUMBER:
      case SP_SETTING_CHOICE:
        memset (member, 0, sizeof (guint));
        break;
      case SP_SETTING_HOST_NAME:
      case SP_SETTING_LINE:
        g_clear_pointer ((char **) member, g_free);
        break;
      case SP_SETTING_ADDRESSES:
        g_free (addresses->items);
        *addresses = (SpAddressList){ 0 };
        break;
      case SP_SETTING_ENDPOINTS:
        g_free (endpoints->items);
        *endpoints = (SpEndpointList){ 0 };
        break;
      case SP_SETTING_NETWORKS:
      case SP_SETTING_NETWORK_IPV4:
      case SP_SETTING_NETWORK_IPV6:
        g_free (networks->items);
        *networks = (SpNetworkList){ 0 };
        break;
      case SP_SETTING_DOMAINS:
        g_strfreev (domains->items);
        *domains = (SpDomainList){ 0 };
        break;
    }
}

static gboolean
equal_lists (const SpSettingRow *row, gconstpointer a, gconstpointer b)
{
  const SpAddressList *addresses[] = { a, b };
  const SpEndpointList *endpoints[] = { a, b };
  const SpNetworkList *networks[] = { a, b };
  const SpDomainList *domains[] = { a, b };

  if (addresses[0]->word != addresses[1]->word || addresses[0]->n != addresses[1]->n)
    return FALSE;
  if (addresses[0]->n == 0)
    return TRUE;
  if (row->kind == SP_SETTING_ADDRESSES)
    return memcmp (addresses[0]->items, addresses[1]->items,
                   addresses[0]->n * sizeof *addresses[0]->items) == 0;
  if (row->kind == SP_SETTING_ENDPOINTS)
    return memcmp (endpoints[0]->items, endpoints[1]->items,
                   endpoints[0]->n * sizeof (SpEndpoint)) == 0;
  if (row->kind == SP_SETTING_DOMAINS)
    return g_strv_equal ((const char *const *) domains[0]->items,
                         (const char *const *) domains[1]->items);
  return memcmp (networks[0]->items, networks[1]->items, networks[0]->n * sizeof (SpNetwork)) == 0;
}

gboolean
sp_setting_row_equal (const SpSettingRow *row, const SpSettings *a, const SpSettings *b)
{
  switch (row->kind)
    {
      case SP_SETTING_BOOLEAN:
      case SP_SETTING_NUMBER:
      case SP_SETTING_CHOICE:
        return memcmp (locate (row, a), locate (row, b), sizeof (guint)) == 0;
      case SP_SETTING_HOST_NAME:
      case SP_SETTING_LINE:
        return strcmp (*(char **) locate (row, a), *(char **) locate (row, b)) == 0;
      case SP_SETTING_ADDRESSES:
      case SP_SETTING_ENDPOINTS:
      case SP_SETTING_NETWORKS:
      case SP_SETTING_NETWORK_IPV4:
      case SP_SETTING_NETWORK_IPV6:
      case SP_SETTING_DOMAINS:
        return equal_lists (row, locate (row, a), locate (row, b));
    }
  g_assert_not_reached ();
}

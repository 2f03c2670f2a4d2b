/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-network.h"

#include "base/error.h"
#include "base/limits.h"
#include "platform/shaper.h"
#include "setting-check.h"

#include <netinet/in.h>
#include <string.h>

gboolean
sp_user_check_rate (const SpBusKey *key, GVariant *value, GError **error)
{
  guint64 rate = g_variant_get_uint64 (value);

  if (rate == 0 || rate >= SP_RATE_MIN)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
               "“%s” must be 0 (no limit) or at least %" G_GUINT64_FORMAT " bits a second",
               key->name, SP_RATE_MIN);
  return FALSE;
}

static const struct
{
  const char *word;
  SpReach reach;
} reaches[] = {
  { "all", SP_REACH_EVERYTHING },    { "home", SP_REACH_HOME },
  { "server", SP_REACH_COMPUTER },   { "hosts", SP_REACH_HOSTS },
  { "internet", SP_REACH_INTERNET },
};

gboolean
sp_user_read_reach (const char *text, SpReach *ret)
{
  for (guint i = 0; i < G_N_ELEMENTS (reaches); i++)
    if (g_str_equal (reaches[i].word, text))
      {
        *ret = reaches[i].reach;
        return TRUE;
      }
  return FALSE;
}

gboolean
sp_user_check_reach (const SpBusKey *key, GVariant *value, GError **error)
{
  const char *text = g_variant_get_string (value, NULL);
  SpReach ignored;

  if (*text == '\0' || sp_user_read_reach (text, &ignored))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
               "“%s” must be “all”, “home”, “server”, “hosts”, “internet”, or empty for what the "
               "server’s routes say",
               key->name);
  return FALSE;
}

gboolean
sp_user_check_choice (const SpBusKey *key, GVariant *value, GError **error)
{
  const char *text = g_variant_get_string (value, NULL);

  if (*text == '\0' || g_str_equal (text, "yes") || g_str_equal (text, "no"))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
               "“%s” must be “yes”, “no”, or empty for the server’s setting", key->name);
  return FALSE;
}

/* Networks and hosts */

gboolean
sp_user_read_network (const char *text, SpNetwork *ret)
{
  gsize length = strlen (text);
  g_autofree char *bare = NULL;

  if (length > 2 && text[0] == '[' && text[length - 1] == ']')
    {
      bare = g_strndup (text + 1, length - 2);
      text = bare;
      if (strchr (text, ':') == NULL)
        return FALSE;
    }
  if (sp_network_from_text (text, ret))
    return TRUE;
  ret->length = 8 * SP_ADDRESS_SIZE;
  return sp_address_from_text (text, ret->address) && !sp_address_is_unset (ret->address);
}

static gboolean
read_port (const char *text, guint16 *ret)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT16, &number, NULL))
    return FALSE;
  *ret = (guint16) number;
  return TRUE;
}

static gboolean
read_ports (const char *text, SpFirewallHost *ret)
{
  g_auto (GStrv) ends = g_strsplit (text, "-", 3);
  guint n = g_strv_length (ends);

  return (n == 1 || n == 2) && read_port (ends[0], &ret->first_port) &&
         read_port (ends[n - 1], &ret->last_port) && ret->first_port <= ret->last_port;
}

gboolean
sp_user_read_host (const char *text, SpFirewallHost *ret)
{
  g_auto (GStrv) words = g_strsplit (text, " ", 4);
  guint n = g_strv_length (words);

  memset (ret, 0, sizeof *ret);
  ret->last_port = G_MAXUINT16;
  if (n < 1 || n > 3 || !sp_user_read_network (words[0], &ret->network))
    return FALSE;
  if (n > 1 && g_str_equal (words[1], "tcp"))
    ret->protocol = IPPROTO_TCP;
  else if (n > 1 && g_str_equal (words[1], "udp"))
    ret->protocol = IPPROTO_UDP;
  else if (n > 1)
    return FALSE;
  return n < 3 || read_ports (words[2], ret);
}

gboolean
sp_user_check_hosts (const SpBusKey *key, GVariant *value, GError **error)
{
  g_autofree const char **texts = g_variant_get_strv (value, NULL);
  SpFirewallHost ignored;

  for (guint i = 0; texts[i] != NULL; i++)
    if (!sp_user_read_host (texts[i], &ignored))
      {
        g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                     "“%s”: entry %u must be like “192.168.1.20”, “192.168.1.0/24 tcp 443” or "
                     "“[2001:db8::1] udp 5000-5010”",
                     key->name, i + 1);
        return FALSE;
      }
  return TRUE;
}

/* Lists: a word alone, or entries */

typedef gboolean (*IsEntry) (const char *text);

typedef struct
{
  const char *const *words;
  IsEntry is_entry;
  guint length_most; /* of all entries with blanks between; 0 = any */
  const char *what;  /* for the error */
} List;

static gboolean
is_network (const char *text)
{
  SpNetwork ignored;

  return sp_user_read_network (text, &ignored);
}

static gboolean
is_address (const char *text)
{
  guint8 address[SP_ADDRESS_SIZE];

  return sp_address_from_text (text, address) && !sp_address_is_unset (address);
}

static gboolean
is_domain (const char *text)
{
  return sp_check_domain (text);
}

static gboolean
list_is_good (const List *list, const char *const *texts)
{
  gsize length = 0;

  if (texts[0] != NULL && texts[1] == NULL && g_strv_contains (list->words, texts[0]))
    return TRUE;
  for (guint i = 0; texts[i] != NULL; i++)
    {
      if (!list->is_entry (texts[i]))
        return FALSE;
      length += strlen (texts[i]) + 1;
    }
  return list->length_most == 0 || length <= list->length_most + 1;
}

static gboolean
check_list (const List *list, const SpBusKey *key, GVariant *value, GError **error)
{
  g_autofree const char **texts = g_variant_get_strv (value, NULL);

  if (list_is_good (list, texts))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
               "“%s” must be %s, or empty for the server’s setting", key->name, list->what);
  return FALSE;
}

static const char *const home_or_all[] = { "home", "all", NULL };
static const char *const none[] = { "none", NULL };
static const char *const auto_or_none[] = { "auto", "none", NULL };

gboolean
sp_user_check_routes (const SpBusKey *key, GVariant *value, GError **error)
{
  static const List list = { home_or_all, is_network, 0, "“home”, “all”, or networks" };

  return check_list (&list, key, value, error);
}

gboolean
sp_user_check_excluded (const SpBusKey *key, GVariant *value, GError **error)
{
  static const List list = { none, is_network, 0, "“none”, or networks" };

  return check_list (&list, key, value, error);
}

gboolean
sp_user_check_dns (const SpBusKey *key, GVariant *value, GError **error)
{
  static const List list = { auto_or_none, is_address, 0, "“auto”, “none”, or addresses" };

  return check_list (&list, key, value, error);
}

gboolean
sp_user_check_domains (const SpBusKey *key, GVariant *value, GError **error)
{
  static const List list = { auto_or_none, is_domain, SP_DOMAIN_MAX,
                             "“auto”, “none”, or domains, together at most 255 bytes" };

  return check_list (&list, key, value, error);
}

gboolean
sp_user_check_split_dns (const SpBusKey *key, GVariant *value, GError **error)
{
  static const List list = { none, is_domain, SP_SPLIT_DNS_MAX,
                             "“none”, or domains, together at most 1023 bytes" };

  return check_list (&list, key, value, error);
}

gboolean
sp_user_check_fixed (const SpBusKey *key, GVariant *value, GError **error)
{
  g_autofree const char **texts = g_variant_get_strv (value, NULL);
  guint n[2] = { 0, 0 }; /* of each family */
  guint8 address[SP_ADDRESS_SIZE];

  for (guint i = 0; texts[i] != NULL; i++)
    {
      if (!is_address (texts[i]) || !sp_address_from_text (texts[i], address) ||
          n[sp_address_is_ipv4 (address)]++ > 0)
        {
          g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                       "“%s” must have at most one IPv4 and one IPv6 address", key->name);
          return FALSE;
        }
    }
  return TRUE;
}

/* Everything is not a network behind somebody. */
gboolean
sp_user_check_behind (const SpBusKey *key, GVariant *value, GError **error)
{
  g_autofree const char **texts = g_variant_get_strv (value, NULL);
  SpNetwork network;

  for (guint i = 0; texts[i] != NULL; i++)
    if (!sp_user_read_network (texts[i], &network) || sp_network_prefix (&network) == 0)
      {
        g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                     "“%s”: entry %u must be a network, like “192.168.70.0/24” or “fd00:70::/64”",
                     key->name, i + 1);
        return FALSE;
      }
  return TRUE;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setting-check.h"

#include "base/error.h"

#include <string.h>

#define LABEL_MAX_BYTES  63  /* RFC 1035 2.3.4 */
#define DOMAIN_MAX_BYTES 253 /* 255 on the wire */

static gboolean
is_label (const char *start, gsize length)
{
  if (length == 0 || length > LABEL_MAX_BYTES || start[0] == '-' || start[length - 1] == '-')
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (start[i]) && start[i] != '-')
      return FALSE;
  return TRUE;
}

gboolean
sp_check_domain (const char *text)
{
  const char *label = text;

  if (strlen (text) > DOMAIN_MAX_BYTES)
    return FALSE;
  for (;;)
    {
      gsize length = strcspn (label, ".");
      if (!is_label (label, length))
        return FALSE;
      if (label[length] == '\0')
        return TRUE;
      label += length + 1;
    }
}

gboolean
sp_check_host_name (const char *text)
{
  guint8 address[SP_ADDRESS_SIZE];

  return sp_address_from_text (text, address) || sp_check_domain (text);
}

gboolean
sp_check_place (const char *text, SpEndpoint *ret)
{
  const char *colon = strrchr (text, ':');
  g_autofree char *address = colon != NULL ? g_strndup (text, (gsize) (colon - text)) : NULL;
  gsize length = address != NULL ? strlen (address) : 0;
  guint64 port;

  if (address == NULL || !g_ascii_string_to_unsigned (colon + 1, 10, 1, G_MAXUINT16, &port, NULL))
    return FALSE;
  memset (ret, 0, sizeof *ret);
  ret->port = (guint16) port;
  if (strcmp (address, "*") == 0)
    return TRUE;
  if (length < 2 || address[0] != '[' || address[length - 1] != ']')
    return sp_address_from_text (address, ret->address) && sp_address_is_ipv4 (ret->address);
  address[length - 1] = '\0';
  return sp_address_from_text (address + 1, ret->address) && !sp_address_is_ipv4 (ret->address);
}

/* "192.168.1.5/24" is probably meant as 192.168.1.0/24: say so. */
static char *
explain_host_bits (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "/", 2);
  guint8 address[SP_ADDRESS_SIZE];
  char proposal[SP_ENDPOINT_TEXT_MAX];
  SpNetwork network;
  guint64 prefix;

  if (g_strv_length (parts) != 2 || !sp_address_from_text (parts[0], address))
    return NULL;
  network.length = sp_address_is_ipv4 (address) ? SP_IPV4_MAPPED_BITS : 0;
  if (!g_ascii_string_to_unsigned (parts[1], 10, 0, 128 - network.length, &prefix, NULL))
    return NULL;
  network.length += prefix;
  for (guint bit = network.length; bit < 8 * SP_ADDRESS_SIZE; bit++)
    address[bit / 8] &= ~(0x80 >> (bit % 8));
  memcpy (network.address, address, sizeof address);
  sp_network_to_text (&network, proposal);
  return g_strdup_printf ("is an address in the network %s", proposal);
}

/* Addresses that no device can have. */
static gboolean
is_special (const SpNetwork *network)
{
  static const char *const special[] = { "0.0.0.0/8",   "127.0.0.0/8", "169.254.0.0/16",
                                         "224.0.0.0/3", "::/8",        "fe80::/10",
                                         "ff00::/8" };

  for (guint i = 0; i < G_N_ELEMENTS (special); i++)
    {
      SpNetwork other;
      if (sp_network_from_text (special[i], &other) &&
          sp_network_is_ipv4 (&other) == sp_network_is_ipv4 (network) &&
          sp_network_overlaps (&other, network))
        return TRUE;
    }
  return FALSE;
}

static const char *
check_range (const SpNetwork *network, gboolean ipv4, guint shortest, guint longest)
{
  if (sp_network_is_ipv4 (network) != ipv4)
    return "is of the other address family";
  if (sp_network_prefix (network) < shortest)
    return "is too large";
  if (sp_network_prefix (network) > longest)
    return "is too small";
  return is_special (network) ? "has addresses in it that no device can have" : NULL;
}

char *
sp_check_network (SpSettingKind kind, const char *text, SpNetwork *ret)
{
  char *why;

  if (!sp_network_from_text (text, ret))
    {
      why = explain_host_bits (text);
      return why != NULL ? why : g_strdup ("is not a network");
    }
  if (kind == SP_SETTING_NETWORK_IPV4)
    return g_strdup (check_range (ret, TRUE, 16, 29));
  if (kind == SP_SETTING_NETWORK_IPV6)
    return g_strdup (check_range (ret, FALSE, 32, 112));
  return NULL;
}

gboolean
sp_check_within (const char *name, const char *zone)
{
  gsize length = strlen (name);
  gsize zone_length = strlen (zone);

  if (length < zone_length || g_ascii_strcasecmp (name + length - zone_length, zone) != 0)
    return FALSE;
  return length == zone_length || name[length - zone_length - 1] == '.';
}

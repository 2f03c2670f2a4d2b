/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ocserv-value.h"

#include "base/endpoint.h"

#include <string.h>

#define NUMBER_MAX G_MAXUINT32

gboolean
sp_import_read_number (const char *value, guint64 *ret_number)
{
  return g_ascii_string_to_unsigned (value, 10, 0, NUMBER_MAX, ret_number, NULL);
}

char *
sp_import_convert_number (const char *value)
{
  guint64 number;

  return sp_import_read_number (value, &number) ? g_strdup_printf ("%" G_GUINT64_FORMAT, number)
                                                : NULL;
}

static char *
convert_number_or (const char *value, const char *zero)
{
  g_autofree char *text = sp_import_convert_number (value);

  if (text != NULL && strcmp (text, "0") == 0)
    return g_strdup (zero);
  return g_steal_pointer (&text);
}

char *
sp_import_convert_or_off (const char *value)
{
  return convert_number_or (value, "off");
}

char *
sp_import_convert_or_never (const char *value)
{
  return convert_number_or (value, "never");
}

gboolean
sp_import_is_true (const char *value)
{
  return g_ascii_strcasecmp (value, "true") == 0 || g_ascii_strcasecmp (value, "yes") == 0 ||
         strcmp (value, "1") == 0;
}

char *
sp_import_convert_inverted (const char *value)
{
  return g_strdup (sp_import_is_true (value) ? "no" : "yes");
}

char *
sp_import_convert_text (const char *value)
{
  return g_strdup (value);
}

char *
sp_import_convert_address (const char *value)
{
  guint8 address[SP_ADDRESS_SIZE];

  return sp_address_from_text (value, address) ? g_strdup (value) : NULL;
}

/* A mask in dots, or a number of bits; -1: neither. */
static int
read_mask (const char *mask, guint bits_max)
{
  guint8 bytes[SP_ADDRESS_SIZE];
  guint64 bits;
  guint32 word;

  if (g_ascii_string_to_unsigned (mask, 10, 0, bits_max, &bits, NULL))
    return (int) bits;
  if (!sp_address_from_text (mask, bytes) || !sp_address_is_ipv4 (bytes))
    return -1;
  word = ~sp_address_to_ipv4 (bytes);
  if ((word & (word + 1)) != 0)
    return -1;
  return 32 - (word == 0 ? 0 : (int) g_bit_storage (word));
}

char *
sp_import_network (const char *address, const char *mask)
{
  const char *slash = strchr (address, '/');
  g_autofree char *bare =
      slash != NULL ? g_strndup (address, (gsize) (slash - address)) : g_strdup (address);
  char text[SP_ENDPOINT_TEXT_MAX];
  SpNetwork network;
  guint most;
  int bits;

  if (slash != NULL)
    mask = slash + 1;
  if (!sp_address_from_text (bare, network.address))
    return NULL;
  most = sp_address_is_ipv4 (network.address) ? 32 : 128;
  bits = mask != NULL ? read_mask (mask, most) : (int) most;
  if (bits < 0)
    return NULL;
  network.length = (guint8) (bits + 128 - (int) most);
  for (guint i = 0; i < SP_ADDRESS_SIZE; i++)
    {
      int left = (int) network.length - (int) (8 * i);

      if (left < 8)
        network.address[i] &= left <= 0 ? 0 : (guint8) (0xff << (8 - left));
    }
  sp_network_to_text (&network, text);
  return g_strdup (text);
}

char *
sp_import_convert_route (const char *value)
{
  if (strcmp (value, "default") == 0 || strcmp (value, "0.0.0.0/0") == 0)
    return g_strdup ("all");
  return sp_import_network (value, NULL);
}

char *
sp_import_convert_rekey_method (const char *value)
{
  return strcmp (value, "ssl") == 0 || strcmp (value, "new-tunnel") == 0 ? g_strdup (value) : NULL;
}

char *
sp_import_convert_compression (const char *value)
{
  return g_strdup (sp_import_is_true (value) ? "any" : "off");
}

char *
sp_import_convert_legacy (const char *value)
{
  return g_strdup (sp_import_is_true (value) ? "dtls12" : "off");
}

char *
sp_import_convert_priorities (const char *value)
{
  return strstr (value, "-VERS-TLS1.3") != NULL ? g_strdup ("1.2") : NULL;
}

char *
sp_import_convert_log_level (const char *value)
{
  guint64 level;

  if (!sp_import_read_number (value, &level))
    return NULL;
  return g_strdup (level <= 2 ? "notice" : "debug");
}

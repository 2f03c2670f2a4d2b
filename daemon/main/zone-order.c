/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "zone-order.h"

#include <string.h>

static SpZoneAlgorithm
find_algorithm (SpSettingWord word)
{
  static const struct
  {
    SpSettingWord word;
    SpZoneAlgorithm algorithm;
  } algorithms[] = {
    { SP_WORD_HMAC_SHA256, SP_ZONE_HMAC_SHA256 },
    { SP_WORD_HMAC_SHA384, SP_ZONE_HMAC_SHA384 },
    { SP_WORD_HMAC_SHA512, SP_ZONE_HMAC_SHA512 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (algorithms); i++)
    if (algorithms[i].word == word)
      return algorithms[i].algorithm;
  g_assert_not_reached ();
}

static guint16
fill_text (guint8 *field, gsize most, const char *text)
{
  gsize length = MIN (strlen (text), most);

  memcpy (field, text, length);
  return (guint16) length;
}

void
sp_zone_order_fill (SpRunErrand *ret,
                    const SpSettings *settings,
                    SpErrandKind kind,
                    const char *name)
{
  ret->kind = (guint8) kind;
  ret->algorithm = (guint8) find_algorithm (settings->dns_update_algorithm);
  ret->url_length = fill_text (ret->url, sizeof ret->url, settings->dns_update_server);
  ret->name_length = fill_text (ret->name, sizeof ret->name, name);
  ret->user_length = fill_text (ret->user, sizeof ret->user, settings->dns_update_key);
  ret->zone_length = fill_text (ret->zone, sizeof ret->zone, settings->dns_update_zone);
}

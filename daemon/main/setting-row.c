/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setting-row.h"

#include <string.h>

#define ROW(KIND, member_, group_, key_, words_, standard_, minimum_, maximum_, unit_, text_)      \
                                                                                                   \
  {                                                                                                \
    .kind = SP_SETTING_##KIND,                                                                     \
    .member = #member_,                                                                            \
    .group = group_,                                                                               \
    .key = key_,                                                                                   \
    .words = words_,                                                                               \
    .standard = standard_,                                                                         \
    .minimum = minimum_,                                                                           \
    .maximum = maximum_,                                                                           \
    .unit = unit_,                                                                                 \
    .text = text_,                                                                                 \
    .offset = G_STRUCT_OFFSET (SpSettings, member_),                                               \
  },

const SpSettingRow sp_setting_rows[] = { SP_SETTINGS (ROW) };
const guint sp_setting_rows_n = G_N_ELEMENTS (sp_setting_rows);

static const char *const words[] = {
  [SP_WORD_ABSENT] = "",
  [SP_WORD_AUTO] = "auto",
  [SP_WORD_SAME] = "same",
  [SP_WORD_HOME] = "home",
  [SP_WORD_ALL] = "all",
  [SP_WORD_NONE] = "none",
  [SP_WORD_NEVER] = "never",
  [SP_WORD_NAT] = "nat",
  [SP_WORD_ROUTED] = "routed",
  [SP_WORD_REFUSED] = "refused",
  [SP_WORD_OFF] = "off",
  [SP_WORD_ERROR] = "error",
  [SP_WORD_WARNING] = "warning",
  [SP_WORD_NOTICE] = "notice",
  [SP_WORD_DEBUG] = "debug",
  [SP_WORD_LZ4] = "lz4",
  [SP_WORD_LZS] = "lzs",
  [SP_WORD_ANY] = "any",
  [SP_WORD_TLS_1_3] = "1.3",
  [SP_WORD_TLS_1_2] = "1.2",
  [SP_WORD_NEW_TUNNEL] = "new-tunnel",
  [SP_WORD_SSL] = "ssl",
  [SP_WORD_DTLS12] = "dtls12",
  [SP_WORD_PASSWORD] = "password",
  [SP_WORD_CERTIFICATE] = "certificate",
  [SP_WORD_CERTIFICATE_AND_PASSWORD] = "certificate-and-password",
  [SP_WORD_PASSWORD_OR_CERTIFICATE] = "password-or-certificate",
  [SP_WORD_REQUIRED] = "required",
  [SP_WORD_PAM] = "pam",
  [SP_WORD_NAME] = "name",
  [SP_WORD_LABEL] = "label",
  [SP_WORD_DYNDNS2] = "dyndns2",
  [SP_WORD_URL] = "url",
  [SP_WORD_TLS_ALPN_01] = "tls-alpn-01",
  [SP_WORD_DNS_01] = "dns-01",
  [SP_WORD_RFC2136] = "rfc2136",
  [SP_WORD_HMAC_SHA256] = "hmac-sha256",
  [SP_WORD_HMAC_SHA384] = "hmac-sha384",
  [SP_WORD_HMAC_SHA512] = "hmac-sha512",
  [SP_WORD_HTTP_01] = "http-01",
  [SP_WORD_HOOK] = "hook",
};

G_STATIC_ASSERT (G_N_ELEMENTS (words) == SP_WORD_LAST + 1);

const char *
sp_setting_word_to_string (SpSettingWord word)
{
  return words[word];
}

/* The value's own form; NULL if only words may stand there. */
static char *
describe_value (const SpSettingRow *row)
{
  switch (row->kind)
    {
      case SP_SETTING_BOOLEAN:
        return g_strdup ("yes or no");
      case SP_SETTING_NUMBER:
        return g_strdup_printf ("a number from %u to %u", row->minimum, row->maximum);
      case SP_SETTING_CHOICE:
        return NULL;
      case SP_SETTING_HOST_NAME:
        return g_strdup ("a name such as home.example.net, or an address");
      case SP_SETTING_LINE:
        return g_strdup_printf ("at most %u bytes of text", row->maximum);
      case SP_SETTING_ADDRESSES:
        return g_strdup_printf ("up to %u addresses separated by commas", row->maximum);
      case SP_SETTING_ENDPOINTS:
        return g_strdup_printf ("up to %u places such as 192.0.2.1:8443, [2001:db8::1]:8443 or "
                                "*:8443 separated by commas",
                                row->maximum);
      case SP_SETTING_NETWORKS:
        return g_strdup_printf ("up to %u networks such as 192.168.1.0/24 separated by commas",
                                row->maximum);
      case SP_SETTING_NETWORK_IPV4:
        return g_strdup ("an IPv4 network such as 10.10.0.0/24");
      case SP_SETTING_NETWORK_IPV6:
        return g_strdup ("an IPv6 network such as fd12:3456:789a::/64");
      case SP_SETTING_DOMAINS:
        return g_strdup_printf ("up to %u domains separated by commas", row->maximum);
    }
  g_assert_not_reached ();
}

char *
sp_setting_row_expects (const SpSettingRow *row)
{
  g_autofree char *value = describe_value (row);
  GString *sentence = g_string_new (value);
  guint64 left = row->words;

  for (guint word = SP_WORD_ABSENT + 1; word <= SP_WORD_LAST; word++)
    {
      if ((left & (G_GUINT64_CONSTANT (1) << word)) == 0)
        continue;
      left &= ~(G_GUINT64_CONSTANT (1) << word);
      if (value != NULL)
        g_string_append (sentence, ", or ");
      else if (sentence->len > 0)
        g_string_append (sentence, left == 0 ? " or " : ", ");
      g_string_append (sentence, words[word]);
    }
  return g_string_free (sentence, FALSE);
}

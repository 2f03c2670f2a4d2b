/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/update-answer.h"

#include "base/endpoint.h"

#include <string.h>

static const struct
{
  const char *word;
  SpUpdateAnswer answer;
} words[] = {
  { "good", SP_UPDATE_GOOD },          { "nochg", SP_UPDATE_UNCHANGED },
  { "badauth", SP_UPDATE_CREDENTIAL }, { "nohost", SP_UPDATE_NAME },
  { "notfqdn", SP_UPDATE_NAME },       { "numhost", SP_UPDATE_NAME },
  { "!yours", SP_UPDATE_NAME },        { "abuse", SP_UPDATE_ABUSE },
  { "!donator", SP_UPDATE_UNPAID },    { "badagent", SP_UPDATE_PROGRAM },
  { "badsys", SP_UPDATE_PROGRAM },     { "911", SP_UPDATE_LATER },
  { "dnserr", SP_UPDATE_LATER },
};

static gboolean
ends_word (guint8 byte)
{
  return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

SpUpdateAnswer
sp_update_answer_read (const guint8 *answer, gsize size, char ret_word[SP_PROVIDER_WORD_MAX + 1])
{
  gsize length = 0;

  memset (ret_word, 0, SP_PROVIDER_WORD_MAX + 1);
  while (length < size && !ends_word (answer[length]))
    length++;
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strlen (words[i].word) == length && memcmp (words[i].word, answer, length) == 0)
      {
        memcpy (ret_word, words[i].word, length);
        return words[i].answer;
      }
  return SP_UPDATE_UNKNOWN;
}

/* IANA's registries of addresses for special purposes, those that are not globally reachable. */
static const char *const elsewhere[] = {
  "0.0.0.0/8",       "10.0.0.0/8",     "100.64.0.0/10", "127.0.0.0/8",    "169.254.0.0/16",
  "172.16.0.0/12",   "192.0.0.0/24",   "192.0.2.0/24",  "192.168.0.0/16", "198.18.0.0/15",
  "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",   "2001:db8::/32",  "2001::/23",
  "2002::/16",       "3fff::/20",
};

gboolean
sp_address_is_global (const guint8 *address)
{
  SpNetwork network;

  /* RFC 4291 2.4, as far as it was given out: 2000::/3 */
  if (!sp_address_is_ipv4 (address) && (address[0] & 0xe0) != 0x20)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (elsewhere); i++)
    if (sp_network_from_text (elsewhere[i], &network) && sp_network_contains (&network, address))
      return FALSE;
  return TRUE;
}

gboolean
sp_address_answer_read (const guint8 *answer, gsize size, guint8 ret_address[SP_ADDRESS_SIZE])
{
  char text[SP_ADDRESS_ANSWER_MAX + 1] = "";

  if (size > 0 && answer[size - 1] == '\n')
    size--;
  if (size > 0 && answer[size - 1] == '\r')
    size--;
  if (size == 0 || size > SP_ADDRESS_ANSWER_MAX || memchr (answer, '\0', size) != NULL)
    return FALSE;
  memcpy (text, answer, size);
  return sp_address_from_text (text, ret_address) && sp_address_is_global (ret_address);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolver-file.h"

#include "base/endpoint.h"

#include <string.h>

#define LINE_BYTES 1024 /* longer ones are cut */
#define BLANKS     " \t\r"

static gboolean
is_loopback (const guint8 *address)
{
  static const guint8 ipv6_loopback[SP_ADDRESS_SIZE] = { [15] = 1 };

  return sp_address_is_ipv4 (address) ? address[12] == 127
                                      : memcmp (address, ipv6_loopback, SP_ADDRESS_SIZE) == 0;
}

static gboolean
is_link_local (const guint8 *address)
{
  return sp_address_is_ipv4 (address) ? address[12] == 169 && address[13] == 254
                                      : address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
}

static void
read_server (const char *word, SpResolverFile *ret)
{
  guint8 address[SP_ADDRESS_SIZE];

  if (!sp_address_from_text (word, address) || is_link_local (address))
    return;
  if (is_loopback (address))
    ret->has_local = TRUE;
  else if (ret->n_servers < SP_DNS_SERVERS_MAX)
    memcpy (ret->servers[ret->n_servers++], address, SP_ADDRESS_SIZE);
}

/* The last line with "search" or "domain" counts; "." stands for no domain. */
static void
read_domain (const char *word, SpResolverFile *ret)
{
  gsize length = strlen (word);

  if (length > 1 && word[length - 1] == '.')
    length--;
  if (length > SP_DOMAIN_MAX)
    return;
  memcpy (ret->domain, word, length);
  ret->domain[length] = '\0';
  if (g_str_equal (ret->domain, "."))
    ret->domain[0] = '\0';
}

static void
read_line (char *line, SpResolverFile *ret)
{
  char *rest = line + strspn (line, BLANKS);
  char *keyword = strsep (&rest, BLANKS);
  char *word;

  if (rest == NULL)
    return;
  rest += strspn (rest, BLANKS);
  word = strsep (&rest, BLANKS);
  if (*word == '\0')
    return;
  if (g_str_equal (keyword, "nameserver"))
    read_server (word, ret);
  else if (g_str_equal (keyword, "search") || g_str_equal (keyword, "domain"))
    read_domain (word, ret);
}

void
sp_resolver_file_parse (const char *text, gsize length, SpResolverFile *ret)
{
  memset (ret, 0, sizeof *ret);
  while (length > 0)
    {
      const char *end = memchr (text, '\n', length);
      gsize line_length = end != NULL ? (gsize) (end - text) : length;
      char line[LINE_BYTES] = "";

      memcpy (line, text, MIN (line_length, sizeof line - 1));
      read_line (line, ret);
      text += MIN (line_length + 1, length);
      length -= MIN (line_length + 1, length);
    }
}

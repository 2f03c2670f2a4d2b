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

static gboolean
has_server (const SpResolverFile *file, const guint8 *address)
{
  for (guint i = 0; i < file->n_servers; i++)
    if (memcmp (file->servers[i], address, SP_ADDRESS_SIZE) == 0)
      return TRUE;
  return FALSE;
}

void
sp_resolver_file_add_server (SpResolverFile *file, const char *word)
{
  guint8 address[SP_ADDRESS_SIZE];

  if (!sp_address_from_text (word, address) || is_link_local (address))
    return;
  if (is_loopback (address))
    file->has_local = TRUE;
  else if (file->n_servers < SP_DNS_SERVERS_MAX && !has_server (file, address))
    memcpy (file->servers[file->n_servers++], address, SP_ADDRESS_SIZE);
}

/* They come from whoever gave the network its addresses, and go into a header of HTTP. */
static gboolean
is_domain (const char *word, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (word[i]) && strchr ("-_.", word[i]) == NULL)
      return FALSE;
  return length > 0 && word[0] != '.'; /* "." stands for none */
}

static gboolean
has_domain (const SpResolverFile *file, const char *word, gsize length)
{
  for (const char *next = file->domains; *next != '\0'; next += strspn (next, " "))
    {
      gsize own = strcspn (next, " ");

      if (own == length && g_ascii_strncasecmp (next, word, length) == 0)
        return TRUE;
      next += own;
    }
  return FALSE;
}

void
sp_resolver_file_add_domain (SpResolverFile *file, const char *word)
{
  gsize length = strlen (word);
  gsize used = strlen (file->domains);
  gsize blank = used > 0 ? 1 : 0;

  if (length > 1 && word[length - 1] == '.')
    length--;
  if (!is_domain (word, length) || has_domain (file, word, length) ||
      used + blank + length > SP_DOMAIN_MAX)
    return;
  if (blank > 0)
    file->domains[used++] = ' ';
  memcpy (file->domains + used, word, length);
  file->domains[used + length] = '\0';
}

/* The last line with "search" or "domain" counts. */
static void
read_domains (char *words, SpResolverFile *ret)
{
  char *word;

  memset (ret->domains, 0, sizeof ret->domains);
  while ((word = strsep (&words, BLANKS)) != NULL)
    sp_resolver_file_add_domain (ret, word);
}

static void
read_line (char *line, SpResolverFile *ret)
{
  char *rest = line + strspn (line, BLANKS);
  char *keyword = strsep (&rest, BLANKS);

  if (rest == NULL)
    return;
  rest += strspn (rest, BLANKS);
  if (*rest == '\0')
    return;
  if (g_str_equal (keyword, "nameserver"))
    sp_resolver_file_add_server (ret, strsep (&rest, BLANKS));
  else if (g_str_equal (keyword, "search") || g_str_equal (keyword, "domain"))
    read_domains (rest, ret);
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

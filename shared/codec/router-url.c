/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/router-url.h"

#include <string.h>

#define SCHEME      "http://"
#define PORT_DIGITS 5

static gboolean
is_path (const char *text)
{
  if (text[0] != '/')
    return FALSE;
  for (gsize i = 0; text[i] != '\0'; i++)
    if (!g_ascii_isgraph (text[i]))
      return FALSE;
  return TRUE;
}

gboolean
sp_router_url_check (const char *url, const char *router)
{
  gsize digits;

  if (strnlen (url, SP_ROUTER_URL_MAX + 1) > SP_ROUTER_URL_MAX || !g_str_has_prefix (url, SCHEME))
    return FALSE;
  url += strlen (SCHEME);
  if (router[0] == '\0' || !g_str_has_prefix (url, router))
    return FALSE;
  url += strlen (router);
  if (url[0] == ':')
    {
      digits = strspn (url + 1, "0123456789");
      if (digits == 0 || digits > PORT_DIGITS ||
          g_ascii_strtoull (url + 1, NULL, 10) > G_MAXUINT16 ||
          g_ascii_strtoull (url + 1, NULL, 10) == 0)
        return FALSE;
      url += 1 + digits;
    }
  return is_path (url);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/update-url.h"

#include <string.h>

#define HTTPS         "https://"
#define HTTP          "http://"
#define DYNDNS2_PATH  "/nic/update"
#define DYNDNS2_QUERY "hostname={name}&myip={ip}"
#define PORT_DIGITS   5

static const struct
{
  const char *text;
  gsize offset; /* of the value in SpUpdateValues */
} places[] = {
  { "{name}", G_STRUCT_OFFSET (SpUpdateValues, name) },
  { "{ip}", G_STRUCT_OFFSET (SpUpdateValues, ip) },
  { "{ip6}", G_STRUCT_OFFSET (SpUpdateValues, ip6) },
  { "{password}", G_STRUCT_OFFSET (SpUpdateValues, password) },
};

/* The place that `text` begins with; -1: none. */
static int
find_place (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (g_str_has_prefix (text, places[i].text))
      return (int) i;
  return -1;
}

static const char *
skip_scheme (const char *url, gboolean may_be_plain)
{
  if (g_str_has_prefix (url, HTTPS))
    return url + strlen (HTTPS);
  return may_be_plain && g_str_has_prefix (url, HTTP) ? url + strlen (HTTP) : NULL;
}

static const char *
skip_port (const char *text)
{
  const char *digits = text + 1;
  gsize length = *text == ':' ? strspn (digits, "0123456789") : 0;

  return length > 0 && length <= PORT_DIGITS && g_ascii_strtoull (digits, NULL, 10) <= G_MAXUINT16
             ? digits + length
             : text;
}

/* The end of host and port; NULL: they are none (RFC 3986 3.2, without a user). */
static const char *
skip_host (const char *host)
{
  const char *end = host;

  if (*host == '[')
    {
      end = host + 1 + strspn (host + 1, "0123456789abcdefABCDEF:.");
      if (*end != ']' || end == host + 1)
        return NULL;
      end++;
    }
  else
    while (g_ascii_isalnum (*end) || *end == '-' || *end == '.')
      end++;
  if (end == host)
    return NULL;
  end = skip_port (end);
  return *end == '\0' || *end == '/' || *end == '?' ? end : NULL;
}

static const char *
check_rest (const char *rest, gboolean has_places)
{
  while (*rest != '\0')
    {
      int place = has_places ? find_place (rest) : -1;

      if (place < 0 && (*rest == '{' || *rest == '}'))
        return has_places ? "has braces around something that is not known" : "has braces in it";
      if (!g_ascii_isgraph (*rest) || strchr ("\"<>\\^`|#", *rest) != NULL)
        return "has characters in it that no URL has";
      rest += place < 0 ? 1 : strlen (places[place].text);
    }
  return NULL;
}

const char *
sp_update_url_check (const char *url, gboolean may_be_plain, gboolean has_places)
{
  const char *host = skip_scheme (url, may_be_plain);
  const char *rest;

  if (host == NULL)
    return may_be_plain ? "does not begin with https:// or http://"
                        : "does not begin with https://";
  rest = skip_host (host);
  if (rest == NULL)
    return "has no host where it should be";
  if (strlen (url) > SP_ERRAND_URL_MAX)
    return "is too long";
  return check_rest (rest, has_places);
}

char *
sp_update_url_for_dyndns2 (const char *url)
{
  const char *rest = skip_host (skip_scheme (url, FALSE));
  gboolean bare = *rest == '\0' || strcmp (rest, "/") == 0;
  const char *joint = strchr (rest, '?') == NULL ? "?" : "&";

  return g_strdup_printf ("%.*s%s%s%s", (int) (rest - url), url, bare ? DYNDNS2_PATH : rest, joint,
                          DYNDNS2_QUERY);
}

static void
append_escaped (GString *url, const char *value)
{
  for (; *value != '\0'; value++)
    if (g_ascii_isalnum (*value) || strchr ("-._~", *value) != NULL)
      g_string_append_c (url, *value);
    else
      g_string_append_printf (url, "%%%02X", (guint) (guint8) *value);
}

char *
sp_update_url_fill (const char *pattern, const SpUpdateValues *values)
{
  /* Never moved while it grows, so that nothing of a secret stays behind. */
  gsize most = strlen (pattern) * (3 * SP_ERRAND_SECRET_MAX + 1);
  GString *url = g_string_sized_new (most);

  while (*pattern != '\0')
    {
      int place = find_place (pattern);

      if (place < 0)
        g_string_append_c (url, *pattern++);
      else
        {
          append_escaped (url, G_STRUCT_MEMBER (const char *, values, places[place].offset));
          pattern += strlen (places[place].text);
        }
    }
  return g_string_free (url, FALSE);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "codec/update-url.h"

#include <string.h>

#define HOSTILE "a/b?c=d&e#f%20@:[]{}\r\n\x01\xff"

/* Where host and port end. */
static size_t
find_rest (const char *url)
{
  const char *host = strstr (url, "://") + 3;

  return (size_t) (host - url) + strcspn (host, "/?");
}

/* No value changes where a request goes, nor what the URL is made of. */
static void
check_filled (const char *pattern)
{
  const SpUpdateValues values = { HOSTILE, HOSTILE, HOSTILE, HOSTILE };
  const SpUpdateValues plain = { "x", "x", "x", "x" };
  g_autofree char *filled = sp_update_url_fill (pattern, &values);
  g_autofree char *other = sp_update_url_fill (pattern, &plain);
  size_t rest = find_rest (pattern);

  g_assert_cmpuint (find_rest (filled), ==, rest);
  g_assert_true (strncmp (filled, pattern, rest) == 0);
  g_assert_true (strpbrk (filled + rest, "#\r\n{} ") == NULL);
  for (const char *part = "/?&="; *part != '\0'; part++)
    {
      guint there = 0;

      for (const char *next = filled; (next = strchr (next, *part)) != NULL; next++)
        there++;
      for (const char *next = other; (next = strchr (next, *part)) != NULL; next++)
        there--;
      g_assert_cmpuint (there, ==, 0);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *url = g_strndup ((const char *) data, size);

  if (sp_update_url_check (url, TRUE, TRUE) == NULL)
    check_filled (url);
  if (sp_update_url_check (url, FALSE, FALSE) == NULL)
    {
      g_autofree char *pattern = sp_update_url_for_dyndns2 (url);

      g_assert_null (strlen (pattern) <= SP_ERRAND_URL_MAX
                         ? sp_update_url_check (pattern, FALSE, TRUE)
                         : NULL);
      check_filled (pattern);
    }
  return 0;
}

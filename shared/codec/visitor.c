/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/visitor.h"

#include <string.h>

#define WEIGHT_ONE 1000

/* The first that is found counts: Android says that it is Linux, iPhones that they are like a Mac,
 * Windows Phone that it is like all others. */
static const struct
{
  const char *word;
  SpPlatform platform;
} words[] = {
  { "iPhone", SP_PLATFORM_IOS },      { "iPad", SP_PLATFORM_IOS },
  { "iPod", SP_PLATFORM_IOS },        { "Android", SP_PLATFORM_ANDROID },
  { "Windows", SP_PLATFORM_WINDOWS }, { "Macintosh", SP_PLATFORM_MACOS },
  { "Linux", SP_PLATFORM_LINUX },     { "X11", SP_PLATFORM_LINUX },
};

SpPlatform
sp_platform_from_user_agent (const char *text, gsize length)
{
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (memmem (text, length, words[i].word, strlen (words[i].word)) != NULL)
      return words[i].platform;
  return SP_PLATFORM_OTHER;
}

static const char *
skip_blanks (const char *at, const char *end)
{
  while (at < end && (*at == ' ' || *at == '\t'))
    at++;
  return at;
}

/* ";q=0.123" in thousandths; what is no weight counts as none given. */
static guint
read_weight (const char *at, const char *end)
{
  guint weight = 0;
  guint unit = WEIGHT_ONE / 10;

  at = skip_blanks (at, end);
  if (at == end || *at != ';')
    return WEIGHT_ONE;
  at = skip_blanks (at + 1, end);
  if (end - at < 3 || g_ascii_tolower (at[0]) != 'q' || at[1] != '=' || at[2] != '0')
    return WEIGHT_ONE;
  for (at += MIN (4, end - at); at < end && g_ascii_isdigit (*at) && unit > 0; at++, unit /= 10)
    weight += (guint) (*at - '0') * unit;
  return weight;
}

static gboolean
is_known (const char *range, gsize length, const char *language)
{
  gsize known = strcspn (language, "-");

  return length >= known && g_ascii_strncasecmp (range, language, known) == 0 &&
         (length == known || range[known] == '-');
}

guint
sp_language_choose (const char *text, gsize length, const char *const *languages)
{
  const char *at = text;
  const char *end = text + length;
  guint best = 0;
  guint best_weight = 0;

  while (at < end)
    {
      const char *comma = memchr (at, ',', (gsize) (end - at));
      const char *item_end = comma != NULL ? comma : end;
      const char *range = skip_blanks (at, item_end);
      const char *range_end = range;
      guint weight;

      while (range_end < item_end && (g_ascii_isalnum (*range_end) || *range_end == '-'))
        range_end++;
      weight = read_weight (range_end, item_end);
      for (guint i = 0; weight > best_weight && languages[i] != NULL; i++)
        if (is_known (range, (gsize) (range_end - range), languages[i]))
          {
            best = i;
            best_weight = weight;
          }
      at = comma != NULL ? comma + 1 : end;
    }
  return best;
}

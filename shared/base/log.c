/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024

/* nocheck: set by sp_log_open before anything else runs; then by the one room whose level changes.
 */
static struct
{
  char room[24];
  SpLogLevel most;
} settings = { "sallyport", SP_LOG_NOTICE };

/* nocheck: set by the one room that shows its log, before and after all others speak in it. */
static struct
{
  SpLogTap tap;
  gpointer user_data;
  SpLogLevel most;
} listener;

static const char *const level_names[] = { "error", "warning", "notice", "debug" };

void
sp_log_open (const char *room, SpLogLevel most)
{
  g_strlcpy (settings.room, room, sizeof settings.room);
  settings.most = most;
}

void
sp_log_set_level (SpLogLevel most)
{
  settings.most = most;
}

SpLogLevel
sp_log_get_level (void)
{
  return settings.most;
}

/* A line break in a message would let an outsider forge the next line, other control characters
 * (also those of two bytes, U+0080 to U+009F) move the reader's cursor, and what is not UTF-8 is
 * anybody's guess.  Everything else may stand. */
static gsize
measure_harmless (const char *line, gsize left)
{
  gunichar character = g_utf8_get_char_validated (line, left);

  if (character == (gunichar) -1 || character == (gunichar) -2 || g_unichar_iscntrl (character))
    return 0;
  return g_utf8_next_char (line) - line;
}

static void
replace_control_characters (char *line, gsize length)
{
  for (gsize i = 0; i < length;)
    {
      gsize harmless = measure_harmless (line + i, length - i);
      if (harmless == 0)
        line[i++] = '?';
      i += harmless;
    }
}

const char *
sp_log_level_name (SpLogLevel level)
{
  return level_names[level];
}

void
sp_log_set_tap (SpLogTap tap, gpointer user_data)
{
  listener.tap = tap;
  listener.user_data = user_data;
  listener.most = SP_LOG_NOTICE;
}

void
sp_log_set_tap_level (SpLogLevel most)
{
  listener.most = most;
}

static void say (SpLogLevel level,
                 const char *topic,
                 const SpLogAbout *about,
                 const char *format,
                 va_list arguments) G_GNUC_PRINTF (4, 0);

static void
say (SpLogLevel level,
     const char *topic,
     const SpLogAbout *about,
     const char *format,
     va_list arguments)
{
  gboolean heard = listener.tap != NULL && level <= listener.most;
  char line[LINE_MAX_BYTES];
  gsize begin;
  gsize length;

  if (level > settings.most && !heard)
    return;
  g_snprintf (line, sizeof line - 1, "%s[%d] %s %s: ", settings.room, (int) getpid (),
              level_names[level], topic);
  begin = strlen (line);
  g_vsnprintf (line + begin, sizeof line - 1 - begin, format, arguments);
  length = strlen (line);
  replace_control_characters (line, length);
  if (heard)
    {
      const SpLogLine told = { level, topic, line + begin, about->session, about->user };

      listener.tap (listener.user_data, &told);
    }
  if (level > settings.most)
    return;
  line[length] = '\n';
  /* Nowhere is left to report that the log cannot be written. */
  (void) !write (STDERR_FILENO, line, length + 1);
}

void
sp_log (SpLogLevel level, const char *topic, const char *format, ...)
{
  static const SpLogAbout nothing = { NULL, NULL };
  va_list arguments;

  va_start (arguments, format);
  say (level, topic, &nothing, format, arguments);
  va_end (arguments);
}

void
sp_log_about (const SpLogAbout *about, SpLogLevel level, const char *topic, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  say (level, topic, about, format, arguments);
  va_end (arguments);
}

gboolean
sp_log_throttle (SpLogThrottle *throttle, gint64 now, guint *ret_suppressed)
{
  if (throttle->last_line != 0 && now - throttle->last_line < G_USEC_PER_SEC * 60)
    {
      throttle->suppressed++;
      return FALSE;
    }
  *ret_suppressed = throttle->suppressed;
  throttle->suppressed = 0;
  throttle->last_line = now;
  return TRUE;
}

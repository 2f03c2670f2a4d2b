/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-log.h"

#include "base/limits.h"
#include "bus-options.h"
#include "bus-reply.h"
#include "bus/error.h"

#include <gio/gunixfdlist.h>

#define WORD_MAX        16
#define BACKLOG_DEFAULT 100

static const SpBusKey filter_keys[] = {
  { "Level", "s", 1, WORD_MAX, FALSE, NULL },
  { "Subject", "s", 1, SP_LOG_TOPIC_MAX, FALSE, NULL },
  { "Session", "s", 2 * SP_ID_SIZE, 2 * SP_ID_SIZE, FALSE, NULL },
  { "User", "s", 2 * SP_ID_SIZE, 2 * SP_ID_SIZE, FALSE, NULL },
};

static const SpBusKey option_keys[] = {
  { "backlog", "u", 0, SP_LOG_LINES_KEPT, FALSE, NULL },
  { "follow", "b", 0, 0, FALSE, NULL },
  { "format", "s", 1, WORD_MAX, FALSE, NULL },
};

static gboolean
read_level (const char *word, SpLogLevel *ret_level, GError **error)
{
  for (guint level = 0; level <= SP_LOG_LAST; level++)
    if (g_str_equal (word, sp_log_level_name (level)))
      {
        *ret_level = (SpLogLevel) level;
        return TRUE;
      }
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
               "“Level” must be “error”, “warning”, “notice” or “debug”");
  return FALSE;
}

static gboolean
read_format (const char *word, SpLogFormat *ret_format, GError **error)
{
  *ret_format = g_str_equal (word, "text") ? SP_LOG_TEXT : SP_LOG_JSON;
  if (*ret_format == SP_LOG_TEXT || g_str_equal (word, "json"))
    return TRUE;
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS, "“format” must be “json” or “text”");
  return FALSE;
}

static int
open_log (SpLogBook *book, GVariant *filter, GVariant *options, GError **error)
{
  SpLogWishes wishes = { .backlog = BACKLOG_DEFAULT, .follow = TRUE };
  const char *level = "notice";
  const char *format = "json";

  if (!sp_bus_options_check (filter, filter_keys, G_N_ELEMENTS (filter_keys), error) ||
      !sp_bus_options_check (options, option_keys, G_N_ELEMENTS (option_keys), error))
    return -1;
  (void) g_variant_lookup (filter, "Level", "&s", &level);
  (void) g_variant_lookup (filter, "Subject", "&s", &wishes.topic);
  (void) g_variant_lookup (filter, "Session", "&s", &wishes.session);
  (void) g_variant_lookup (filter, "User", "&s", &wishes.user);
  (void) g_variant_lookup (options, "backlog", "u", &wishes.backlog);
  (void) g_variant_lookup (options, "follow", "b", &wishes.follow);
  (void) g_variant_lookup (options, "format", "&s", &format);
  if (!read_level (level, &wishes.most, error) || !read_format (format, &wishes.format, error))
    return -1;
  return sp_log_book_open (book, &wishes, error);
}

void
sp_bus_log_open (SpLogBook *book,
                 GDBusMethodInvocation *invocation,
                 GVariant *filter,
                 GVariant *options)
{
  g_autoptr (GUnixFDList) descriptors = NULL;
  GError *error = NULL;
  int fd = open_log (book, filter, options, &error);

  if (fd < 0)
    {
      sp_bus_reply_error (invocation, error);
      return;
    }
  descriptors = g_unix_fd_list_new_from_array (&fd, 1);
  g_dbus_method_invocation_return_value_with_unix_fd_list (invocation, g_variant_new ("(h)", 0),
                                                           descriptors);
}

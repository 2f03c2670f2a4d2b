/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "event-book.h"

#include "base/log.h"
#include "setting-variant.h"

#include <string.h>

#define HOUR ((gint64) 60 * 60 * G_USEC_PER_SEC)
#define DAY  (24 * HOUR)

struct _SpEventBook
{
  SpStore *store;
  SpConfiguration *configuration;
  SpSettings *settings; /* those of before a change */
  gboolean holding;
  char *held;
  GHashTable *failures; /* key → SpEvent: of the running hour */
  SpEvent *attack;      /* the one that goes on, or the last; NULL: there was none */
  GPtrArray *unwritten; /* SpEvent, lent */
  gint64 hour;          /* µs since the epoch */
  gint64 pruned_at;
  guint timer;
};

static void
follow_settings (SpEventBook *book)
{
  SpSettings *settings = sp_configuration_get (book->configuration);
  char *text = sp_event_describe_changes (book->settings, settings);

  sp_settings_unref (book->settings);
  book->settings = sp_settings_ref (settings);
  if (book->holding)
    {
      g_free (book->held);
      book->held = text;
      return;
    }
  sp_event_book_note_change (book, "", text, g_get_real_time ());
  g_free (text);
}

void
sp_event_book_hold (SpEventBook *book)
{
  book->holding = TRUE;
}

char *
sp_event_book_take (SpEventBook *book)
{
  book->holding = FALSE;
  return g_steal_pointer (&book->held);
}

SpEventBook *
sp_event_book_new (SpStore *store, SpConfiguration *configuration)
{
  SpEventBook *book = g_new0 (SpEventBook, 1);

  book->store = store;
  book->configuration = configuration;
  book->failures =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) sp_event_free);
  book->unwritten = g_ptr_array_new ();
  book->settings = sp_settings_ref (sp_configuration_get (configuration));
  (void) g_signal_connect_swapped (configuration, "changed", G_CALLBACK (follow_settings), book);
  return book;
}

static gboolean
put_all (SpEventBook *book, gint64 before, GError **error)
{
  for (guint i = 0; i < book->unwritten->len; i++)
    if (!sp_store_put_event (book->store, book->unwritten->pdata[i], error))
      return FALSE;
  return sp_store_prune_events (book->store, before, error);
}

void
sp_event_book_write (SpEventBook *book)
{
  gint64 days = sp_configuration_get (book->configuration)->history_days;
  g_autoptr (GError) error = NULL;

  g_clear_handle_id (&book->timer, g_source_remove);
  if (book->unwritten->len == 0)
    return;
  if (sp_store_begin (book->store, &error))
    {
      (void) put_all (book, g_get_real_time () - days * DAY, &error);
      (void) sp_store_end (book->store, error == NULL ? &error : NULL);
    }
  if (error != NULL)
    sp_log (SP_LOG_ERROR, "history", "cannot be stored: %s", error->message);
  g_ptr_array_set_size (book->unwritten, 0);
}

void
sp_event_book_free (SpEventBook *book)
{
  sp_event_book_write (book);
  (void) g_signal_handlers_disconnect_by_data (book->configuration, book);
  sp_settings_unref (book->settings);
  g_free (book->held);
  g_hash_table_unref (book->failures);
  g_clear_pointer (&book->attack, sp_event_free);
  g_ptr_array_unref (book->unwritten);
  g_free (book);
}

static gboolean
write_cb (gpointer data)
{
  SpEventBook *book = data;

  book->timer = 0;
  sp_event_book_write (book);
  return G_SOURCE_REMOVE;
}

static void
write_later (SpEventBook *book, SpEvent *event)
{
  if (!g_ptr_array_find (book->unwritten, event, NULL))
    g_ptr_array_add (book->unwritten, event);
  if (book->timer == 0)
    book->timer = g_timeout_add_seconds (SP_EVENT_WRITE_SECONDS, write_cb, book);
}

static gboolean
is_kept (SpEventBook *book)
{
  return sp_configuration_get (book->configuration)->history_days != 0;
}

/* The row that this failure is counted in; made when there is none. */
static SpEvent *
find_failure (
    SpEventBook *book, const char *address, const char *login, const char *reason, gint64 now)
{
  g_autofree char *key = g_strjoin ("\n", address, login, reason, NULL);
  SpEvent *event = g_hash_table_lookup (book->failures, key);

  if (event != NULL)
    return event;
  if (g_hash_table_size (book->failures) >= SP_EVENT_ROWS_AN_HOUR && address[0] != '\0')
    return find_failure (book, "", "", "many", now);
  event = g_new0 (SpEvent, 1);
  event->kind = SP_EVENT_SIGN_IN;
  event->since = now;
  event->who = g_strdup (login);
  event->address = g_strdup (address);
  event->text = g_strdup (reason);
  (void) g_hash_table_insert (book->failures, g_steal_pointer (&key), event);
  return event;
}

void
sp_event_book_note_failure (
    SpEventBook *book, const char *address, const char *login, const char *reason, gint64 now)
{
  SpEvent *event;

  if (!is_kept (book))
    return;
  if (now / HOUR != book->hour)
    {
      sp_event_book_write (book);
      g_hash_table_remove_all (book->failures);
      book->hour = now / HOUR;
    }
  event = find_failure (book, address, login, reason, now);
  event->at = now;
  event->times++;
  write_later (book, event);
}

void
sp_event_book_note_block (SpEventBook *book, const SpNetwork *network)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, book->failures);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      SpEvent *event = value;
      guint8 address[SP_ADDRESS_SIZE];

      if (event->blocked || !sp_address_from_text (event->address, address) ||
          !sp_network_contains (network, address))
        continue;
      event->blocked = TRUE;
      write_later (book, event);
    }
}

static void
replace (char **text, const char *other)
{
  g_free (*text);
  *text = g_strdup (other);
}

void
sp_event_book_note_attack (SpEventBook *book,
                           gint64 since,
                           gint64 now,
                           guint64 connections,
                           const char *network,
                           const char *text)
{
  if (!is_kept (book))
    return;
  if (book->attack == NULL || book->attack->since != since)
    {
      sp_event_book_write (book);
      g_clear_pointer (&book->attack, sp_event_free);
      book->attack = g_new0 (SpEvent, 1);
      book->attack->kind = SP_EVENT_ATTACK;
      book->attack->since = since;
      book->attack->who = g_strdup ("");
    }
  book->attack->at = now;
  book->attack->times = connections;
  replace (&book->attack->address, network);
  replace (&book->attack->text, text);
  write_later (book, book->attack);
}

void
sp_event_book_note_change (SpEventBook *book, const char *who, const char *text, gint64 now)
{
  SpEvent event = { .kind = SP_EVENT_SETTINGS,
                    .since = now,
                    .at = now,
                    .times = 1,
                    .who = (char *) who,
                    .address = (char *) "",
                    .text = (char *) text };
  g_autoptr (GError) error = NULL;

  if (is_kept (book) && text[0] != '\0' && !sp_store_put_event (book->store, &event, &error))
    sp_log (SP_LOG_ERROR, "history", "cannot be stored: %s", error->message);
}

char *
sp_event_describe_changes (const SpSettings *before, const SpSettings *after)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  for (guint i = 0; i < sp_setting_rows_n; i++)
    {
      const SpSettingRow *row = &sp_setting_rows[i];
      g_autofree char *old = g_strdup (sp_setting_row_text (row, before));
      const char *new = sp_setting_row_text (row, after);

      if (g_strcmp0 (old, new) != 0)
        g_string_append_printf (lines, "%s%s: %s → %s", lines->len > 0 ? "\n" : "", row->key, old,
                                new);
    }
  return g_string_free (g_steal_pointer (&lines), FALSE);
}

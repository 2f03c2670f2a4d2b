/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/user-census.h"

#include <string.h>

#define RECOUNT_SECONDS 600 /* days go by without anybody telling */

typedef enum
{
  USERS,
  SESSIONS,
  DEVICES,
  N_LISTS
} List;

typedef struct
{
  SpUserCensus *census; /* not owned */
  List which;
  GListModel *model;
  GPtrArray *items; /* a copy, since a model does not say what is gone */
} Followed;

struct _SpUserCensus
{
  GObject parent_instance;
  Followed lists[N_LISTS];
  guint counts[SP_USERS_KINDS];
  GHashTable *sessions; /* user's path → number */
  GHashTable
      *words; /* user's path → what is searched in of devices and sessions; NULL: to be made */
  GHashTable *names; /* user's path → what is searched in of the user, as far as it was asked for */
  guint recount;     /* an idle source, or 0 */
  gboolean renamed; /* since the last count */
  guint timer;
};

G_DEFINE_FINAL_TYPE (SpUserCensus, sp_user_census, G_TYPE_OBJECT)

const char *
sp_client_path_of (gpointer object)
{
  GDBusObject *holder;

  if (G_IS_DBUS_PROXY (object))
    return g_dbus_proxy_get_object_path (object);
  holder = g_dbus_interface_get_object (object);
  return holder != NULL ? g_dbus_object_get_object_path (holder) : NULL;
}

const char *
sp_client_id_of (gpointer object)
{
  const char *path = sp_client_path_of (object);
  const char *slash = path != NULL ? strrchr (path, '/') : NULL;

  return slash != NULL ? slash + 1 : "";
}

const char *
sp_user_get_shown_name (SpBusUser *user)
{
  const char *name = sp_bus_user_get_full_name (user);

  if (name == NULL || name[0] == '\0')
    name = sp_bus_user_get_login (user);
  return name != NULL ? name : "";
}

/* --- counting --- */

static gboolean
is_expiring (SpBusUser *user)
{
  guint64 end = sp_bus_user_get_ends_at (user);
  gint64 soon = g_get_real_time () + SP_EXPIRING_DAYS * 24 * G_TIME_SPAN_HOUR;

  return end != 0 && end <= (guint64) soon;
}

gboolean
sp_user_census_is_of (SpUserCensus *census, SpBusUser *user, SpUsersKind kind)
{
  if (sp_bus_user_get_removed (user))
    return kind == SP_USERS_REMOVED;
  switch (kind)
    {
      case SP_USERS_ALL:
        return TRUE;
      case SP_USERS_CONNECTED:
        return sp_user_census_count_sessions (census, user) > 0;
      case SP_USERS_OFF:
        return !sp_bus_user_get_enabled (user);
      case SP_USERS_EXPIRING:
        return is_expiring (user);
      case SP_USERS_REMOVED:
      case SP_USERS_KINDS:
        break;
    }
  return FALSE;
}

static void
count_sessions (SpUserCensus *census)
{
  GPtrArray *sessions = census->lists[SESSIONS].items;

  g_hash_table_remove_all (census->sessions);
  for (guint i = 0; i < sessions->len; i++)
    {
      const char *user = sp_bus_session_get_user (sessions->pdata[i]);
      guint count;

      if (user == NULL)
        continue;
      count = GPOINTER_TO_UINT (g_hash_table_lookup (census->sessions, user));
      g_hash_table_insert (census->sessions, g_strdup (user), GUINT_TO_POINTER (count + 1));
    }
}

static void
count_users (SpUserCensus *census)
{
  GPtrArray *users = census->lists[USERS].items;

  memset (census->counts, 0, sizeof census->counts);
  for (guint i = 0; i < users->len; i++)
    for (SpUsersKind kind = 0; kind < SP_USERS_KINDS; kind++)
      if (sp_user_census_is_of (census, users->pdata[i], kind))
        census->counts[kind]++;
}

static gboolean
on_recount (gpointer data)
{
  SpUserCensus *census = data;

  census->recount = 0;
  g_clear_pointer (&census->words, g_hash_table_unref);
  count_sessions (census);
  count_users (census);
  if (census->renamed)
    g_signal_emit_by_name (census, "renamed");
  census->renamed = FALSE;
  g_signal_emit_by_name (census, "changed");
  return G_SOURCE_REMOVE;
}

static void
queue_recount (SpUserCensus *census)
{
  if (census->recount == 0)
    census->recount = g_idle_add_full (G_PRIORITY_DEFAULT, on_recount, census, NULL);
}

static gboolean
on_timer (gpointer data)
{
  queue_recount (data);
  return G_SOURCE_CONTINUE;
}

guint
sp_user_census_count (SpUserCensus *census, SpUsersKind kind)
{
  return census->counts[kind];
}

guint
sp_user_census_count_sessions (SpUserCensus *census, SpBusUser *user)
{
  const char *path = sp_client_path_of (user);

  return path != NULL ? GPOINTER_TO_UINT (g_hash_table_lookup (census->sessions, path)) : 0;
}

/* --- searching --- */

char *
sp_user_census_fold (const char *text)
{
  /* What most are called, and much faster. */
  if (g_str_is_ascii (text))
    return g_ascii_strdown (text, -1);
  g_autofree char *normal = g_utf8_normalize (text, -1, G_NORMALIZE_ALL);

  return normal != NULL ? g_utf8_casefold (normal, -1) : g_strdup ("");
}

static void
add_word (SpUserCensus *census, const char *user, const char *word)
{
  g_autofree char *folded = NULL;
  GString *words;

  if (user == NULL || word == NULL || word[0] == '\0')
    return;
  words = g_hash_table_lookup (census->words, user);
  if (words == NULL)
    {
      words = g_string_new (NULL);
      g_hash_table_insert (census->words, g_strdup (user), words);
    }
  folded = sp_user_census_fold (word);
  /* what is not typed, so that nothing is found across two words */
  g_string_append_c (words, '\n');
  g_string_append (words, folded);
}

static void
free_words (gpointer words)
{
  (void) g_string_free (words, TRUE);
}

static void
add_session_words (SpUserCensus *census, SpBusSession *session)
{
  const char *user = sp_bus_session_get_user (session);
  g_auto (GStrv) addresses = sp_bus_session_dup_addresses (session);

  add_word (census, user, sp_bus_session_get_remote_address (session));
  add_word (census, user, sp_bus_session_get_client_name (session));
  for (guint i = 0; addresses != NULL && addresses[i] != NULL; i++)
    add_word (census, user, addresses[i]);
}

static void
make_words (SpUserCensus *census)
{
  const Followed *lists = census->lists;

  census->words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_words);
  for (guint i = 0; i < lists[DEVICES].items->len; i++)
    {
      SpBusDevice *device = lists[DEVICES].items->pdata[i];

      if (sp_bus_device_get_revoked_at (device) == 0)
        add_word (census, sp_bus_device_get_user (device), sp_bus_device_get_name (device));
    }
  for (guint i = 0; i < lists[SESSIONS].items->len; i++)
    add_session_words (census, lists[SESSIONS].items->pdata[i]);
}

/* Made one by one, since a search of many looks at some at a time. */
static const char *
get_names (SpUserCensus *census, SpBusUser *user, const char *path)
{
  char *names = g_hash_table_lookup (census->names, path);

  if (names == NULL)
    {
      const char *login = sp_bus_user_get_login (user);
      const char *full_name = sp_bus_user_get_full_name (user);
      g_autofree char *both = g_strdup_printf ("%s\n%s", login != NULL ? login : "",
                                               full_name != NULL ? full_name : "");

      names = sp_user_census_fold (both);
      g_hash_table_insert (census->names, g_strdup (path), names);
    }
  return names;
}

gboolean
sp_user_census_matches (SpUserCensus *census, SpBusUser *user, const char *text)
{
  const char *path = sp_client_path_of (user);
  const GString *words;

  if (text[0] == '\0')
    return TRUE;
  if (path == NULL)
    return FALSE;
  if (census->words == NULL)
    make_words (census);
  if (strstr (get_names (census, user, path), text) != NULL)
    return TRUE;
  words = g_hash_table_lookup (census->words, path);
  return words != NULL && strstr (words->str, text) != NULL;
}

/* --- following --- */

static void
on_notify (GObject *object, GParamSpec *property, gpointer data)
{
  static const char *const properties[] = { "login",   "full-name",      "enabled",    "status",
                                            "removed", "ends-at",        "user",       "name",
                                            "device",  "remote-address", "revoked-at", NULL };

  if (!g_strv_contains (properties, property->name))
    return;
  if (g_str_equal (property->name, "full-name") || g_str_equal (property->name, "login"))
    {
      SP_USER_CENSUS (data)->renamed = TRUE;
      g_hash_table_remove_all (SP_USER_CENSUS (data)->names);
    }
  queue_recount (data);
}

static void
forget_item (Followed *list, guint position)
{
  (void) g_signal_handlers_disconnect_by_data (list->items->pdata[position], list->census);
}

static void
take_item (Followed *list, guint position)
{
  GObject *item = g_list_model_get_item (list->model, position);

  (void) g_signal_connect (item, "notify", G_CALLBACK (on_notify), list->census);
  g_ptr_array_insert (list->items, (gint) position, item);
}

static void
on_items_changed (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  Followed *list = data;

  for (guint i = 0; i < removed; i++)
    forget_item (list, position + i);
  if (removed > 0)
    (void) g_ptr_array_remove_range (list->items, position, removed);
  for (guint i = 0; i < added; i++)
    take_item (list, position + i);
  if (list->which == USERS && removed > 0)
    g_hash_table_remove_all (list->census->names);
  queue_recount (list->census);
}

static void
follow (SpUserCensus *census, List which, GListModel *model)
{
  Followed *list = &census->lists[which];

  list->census = census;
  list->which = which;
  list->model = g_object_ref (model);
  list->items = g_ptr_array_new_with_free_func (g_object_unref);
  (void) g_signal_connect (model, "items-changed", G_CALLBACK (on_items_changed), list);
  on_items_changed (model, 0, 0, g_list_model_get_n_items (model), list);
}

static void
leave (Followed *list)
{
  if (list->model == NULL)
    return;
  (void) g_signal_handlers_disconnect_by_data (list->model, list);
  for (guint i = 0; i < list->items->len; i++)
    forget_item (list, i);
  g_clear_pointer (&list->items, g_ptr_array_unref);
  g_clear_object (&list->model);
}

SpUserCensus *
sp_user_census_new (GListModel *users, GListModel *sessions, GListModel *devices)
{
  SpUserCensus *census = g_object_new (SP_TYPE_USER_CENSUS, NULL);

  follow (census, USERS, users);
  follow (census, SESSIONS, sessions);
  follow (census, DEVICES, devices);
  census->timer = g_timeout_add_seconds (RECOUNT_SECONDS, on_timer, census);
  return census;
}

static void
sp_user_census_dispose (GObject *object)
{
  SpUserCensus *census = SP_USER_CENSUS (object);

  g_clear_handle_id (&census->recount, g_source_remove);
  g_clear_handle_id (&census->timer, g_source_remove);
  for (List which = 0; which < N_LISTS; which++)
    leave (&census->lists[which]);
  g_clear_pointer (&census->words, g_hash_table_unref);
  g_clear_pointer (&census->names, g_hash_table_unref);
  g_clear_pointer (&census->sessions, g_hash_table_unref);
  G_OBJECT_CLASS (sp_user_census_parent_class)->dispose (object);
}

static void
sp_user_census_class_init (SpUserCensusClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_user_census_dispose;
  (void) g_signal_new ("changed", SP_TYPE_USER_CENSUS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 0);
  (void) g_signal_new ("renamed", SP_TYPE_USER_CENSUS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 0);
}

static void
sp_user_census_init (SpUserCensus *census)
{
  census->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  census->sessions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

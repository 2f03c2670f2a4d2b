/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-user-list.h"

#include "base/hex.h"
#include "base/limits.h"
#include "bus-options.h"
#include "bus-reply.h"
#include "bus-user.h"
#include "bus/error.h"

#include <string.h>

#define WORD_MAX   32
#define CURSOR_MAX 2048
#define NUMBER_KEY "%020" G_GUINT64_FORMAT /* sorts as a text like a number */

static const SpBusKey filter_keys[] = {
  { "Text", "s", 1, SP_FULL_NAME_MAX, FALSE },
  { "Status", "s", 1, WORD_MAX, FALSE },
  { "Connected", "b", 0, 0, FALSE },
  { "EndsBefore", "t", 1, SP_TIME_MAX, FALSE },
};

static const SpBusKey option_keys[] = {
  { "sort", "s", 1, WORD_MAX, FALSE },
  { "descending", "b", 0, 0, FALSE },
};

/* What users can be sorted by: properties of SpUser, texts or times. */
static const char *const sorts[] = { "login", "full-name", "created", "ends-at" };

typedef struct
{
  char *text; /* folded; NULL: any */
  const char *status;
  int connected;      /* negative: does not matter */
  gint64 ends_before; /* 0: does not matter */
  guint sort;         /* index of sorts */
  gboolean descending;
} Wish;

typedef struct
{
  SpUser *user; /* lent */
  char *key;
} Entry;

static void
entry_clear (gpointer entry)
{
  g_free (((Entry *) entry)->key);
}

/* Texts that people take for the same become the same. */
static char *
fold (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *plain = g_utf8_normalize (valid, -1, G_NORMALIZE_ALL);

  return g_utf8_casefold (plain, -1);
}

static gboolean
contains (const char *text, const Wish *wish)
{
  g_autofree char *folded = fold (text);

  return strstr (folded, wish->text) != NULL;
}

/* Where its client comes from, and its addresses inside the VPN. */
static gboolean
session_has_text (SpSession *session, const Wish *wish)
{
  g_autofree char *remote = NULL;
  g_auto (GStrv) addresses = NULL;
  gboolean has;

  g_object_get (session, "remote-address", &remote, "addresses", &addresses, NULL);
  has = contains (remote, wish);
  for (guint i = 0; !has && addresses != NULL && addresses[i] != NULL; i++)
    has = contains (addresses[i], wish);
  return has;
}

/* Users with the text in something that is theirs; a set. */
static GHashTable *
find_owners (SpServer *server, const Wish *wish)
{
  SpSessionRegistry *sessions = sp_server_get_sessions (server);
  SpDeviceRegistry *devices = sp_server_get_devices (server);
  GHashTable *owners = g_hash_table_new (NULL, NULL);

  for (guint i = 0; wish->text != NULL && i < sp_session_registry_get_n (sessions); i++)
    if (session_has_text (sp_session_registry_get (sessions, i), wish))
      (void) g_hash_table_add (owners, sp_session_get_user (sp_session_registry_get (sessions, i)));
  for (guint i = 0; wish->text != NULL && i < sp_device_registry_get_n (devices); i++)
    if (contains (sp_device_get_name (sp_device_registry_get (devices, i)), wish))
      (void) g_hash_table_add (owners, sp_device_get_user (sp_device_registry_get (devices, i)));
  return owners;
}

static GHashTable *
find_connected (SpServer *server)
{
  SpSessionRegistry *sessions = sp_server_get_sessions (server);
  GHashTable *connected = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < sp_session_registry_get_n (sessions); i++)
    {
      SpSession *session = sp_session_registry_get (sessions, i);

      if (sp_session_is_announced (session))
        (void) g_hash_table_add (connected, sp_session_get_user (session));
    }
  return connected;
}

static gboolean
has_end (const Wish *wish, SpUser *user)
{
  return wish->ends_before == 0 ||
         sp_user_record_get_end (sp_user_get_record (user)) < wish->ends_before;
}

static gboolean
has_text (const Wish *wish, SpUser *user)
{
  g_autofree char *login = NULL;
  g_autofree char *name = NULL;

  if (wish->text == NULL)
    return TRUE;
  login = fold (sp_user_get_login (user));
  if (strstr (login, wish->text) != NULL)
    return TRUE;
  name = fold (sp_user_get_text (user, SP_USER_FULL_NAME));
  return strstr (name, wish->text) != NULL;
}

static gboolean
has_status (const Wish *wish, SpUser *user)
{
  g_autofree char *status = NULL;

  if (wish->status == NULL)
    return sp_user_get_record (user)->removed_at == 0;
  g_object_get (user, "status", &status, NULL);
  return g_strcmp0 (status, wish->status) == 0;
}

static char *
make_key (const Wish *wish, SpUser *user)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_object_get_property (G_OBJECT (user), sorts[wish->sort], &value);
  if (G_VALUE_HOLDS_STRING (&value))
    return fold (g_value_get_string (&value));
  /* A time that never comes is later than all others. */
  if (wish->sort == 3 && g_value_get_int64 (&value) == 0)
    return g_strdup_printf (NUMBER_KEY, G_MAXUINT64);
  return g_strdup_printf (NUMBER_KEY, (guint64) g_value_get_int64 (&value));
}

static int
compare (const Entry *left, const Entry *right, const Wish *wish)
{
  int order = strcmp (left->key, right->key);

  if (order == 0)
    order = memcmp (sp_user_get_id (left->user), sp_user_get_id (right->user), SP_ID_SIZE);
  return wish->descending ? -order : order;
}

static int
compare_cb (gconstpointer left, gconstpointer right, gpointer wish)
{
  return compare (left, right, wish);
}

static GArray *
collect (SpServer *server, const Wish *wish)
{
  SpUserRegistry *users = sp_server_get_users (server);
  g_autoptr (GHashTable) owners = find_owners (server, wish);
  g_autoptr (GHashTable) connected = find_connected (server);
  guint n_users = sp_user_registry_get_n (users);
  GArray *entries = g_array_new (FALSE, FALSE, sizeof (Entry));

  g_array_set_clear_func (entries, entry_clear);
  for (guint i = 0; i < n_users; i++)
    {
      SpUser *user = sp_user_registry_get (users, i);
      Entry entry = { .user = user };

      if (!has_status (wish, user) || !has_end (wish, user) ||
          (wish->connected >= 0 && g_hash_table_contains (connected, user) != wish->connected) ||
          !(g_hash_table_contains (owners, user) || has_text (wish, user)))
        continue;
      entry.key = make_key (wish, user);
      g_array_append_val (entries, entry);
    }
  g_array_sort_with_data (entries, compare_cb, (gpointer) wish);
  return entries;
}

/* --- pages --- */

/* How users are sorted, the last one's id, and its key in base64: the page behind it is the same
 * whoever is added or removed meanwhile. */
static char *
write_cursor (const Wish *wish, const Entry *last)
{
  char id[2 * SP_ID_SIZE + 1];
  g_autofree char *key = g_base64_encode ((const guchar *) last->key, strlen (last->key));

  sp_hex_encode (sp_user_get_id (last->user), SP_ID_SIZE, id);
  return g_strdup_printf ("%u%c.%s.%s", wish->sort, wish->descending ? 'd' : 'a', id, key);
}

static gboolean
read_cursor (const Wish *wish, const char *cursor, char **ret_key, guint8 *ret_id, GError **error)
{
  g_autofree char *head = g_strdup_printf ("%u%c", wish->sort, wish->descending ? 'd' : 'a');
  g_auto (GStrv) parts =
      strlen (cursor) <= CURSOR_MAX ? g_strsplit (cursor, ".", 4) : g_new0 (char *, 1);
  gsize size = 0;

  if (g_strv_length (parts) == 3 && g_str_equal (parts[0], head) &&
      sp_hex_decode (parts[1], strlen (parts[1]), ret_id, SP_ID_SIZE))
    {
      g_autofree guchar *key = g_base64_decode (parts[2], &size);

      *ret_key = g_strndup ((const char *) key, size);
      return TRUE;
    }
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
               "the cursor must be empty or what an earlier page of the same list gave");
  return FALSE;
}

static gboolean
is_behind (const Wish *wish, const Entry *entry, const char *key, const guint8 *id)
{
  int order = strcmp (entry->key, key);

  if (order == 0)
    order = memcmp (sp_user_get_id (entry->user), id, SP_ID_SIZE);
  return wish->descending ? order < 0 : order > 0;
}

static gboolean
find_start (
    const Wish *wish, const GArray *entries, const char *cursor, guint *ret_start, GError **error)
{
  g_autofree char *key = NULL;
  guint8 id[SP_ID_SIZE];

  *ret_start = 0;
  if (cursor[0] == '\0')
    return TRUE;
  if (!read_cursor (wish, cursor, &key, id, error))
    return FALSE;
  while (*ret_start < entries->len &&
         !is_behind (wish, &g_array_index (entries, Entry, *ret_start), key, id))
    (*ret_start)++;
  return TRUE;
}

/* Everything that the user's object shows. */
static GVariant *
describe (SpBusTree *tree, SpUser *user)
{
  g_autofree char *path = sp_exported_user_path (user);
  g_autoptr (GVariant) properties = sp_bus_tree_read (tree, path, SP_BUS_USER_INTERFACE);
  GVariantBuilder row = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  GVariant *described;
  gsize n_properties = properties != NULL ? g_variant_n_children (properties) : 0;

  g_variant_builder_add (&row, "{sv}", "User",
                         g_variant_new_string (sp_user_get_path_element (user)));
  for (gsize i = 0; i < n_properties; i++)
    {
      g_autoptr (GVariant) property = g_variant_get_child_value (properties, i);

      g_variant_builder_add_value (&row, property);
    }
  described = g_variant_builder_end (&row);
  (void) g_variant_get_data (described); /* one piece of memory, not one for each part */
  return described;
}

static gboolean
read_sort (const char *word, guint *ret_sort, GError **error)
{
  for (*ret_sort = 0; *ret_sort < G_N_ELEMENTS (sorts); (*ret_sort)++)
    if (g_str_equal (sorts[*ret_sort], word))
      return TRUE;
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
               "“sort” must be login, full-name, created or ends-at");
  return FALSE;
}

static gboolean
read_wish (GVariant *filter, GVariant *options, guint limit, Wish *wish, GError **error)
{
  const char *text = NULL;
  const char *sort = sorts[0];
  gboolean connected;
  guint64 ends_before = 0;

  if (!sp_bus_options_check (filter, filter_keys, G_N_ELEMENTS (filter_keys), error) ||
      !sp_bus_options_check (options, option_keys, G_N_ELEMENTS (option_keys), error))
    return FALSE;
  (void) g_variant_lookup (filter, "Text", "&s", &text);
  (void) g_variant_lookup (filter, "Status", "&s", &wish->status);
  if (g_variant_lookup (filter, "Connected", "b", &connected))
    wish->connected = connected;
  (void) g_variant_lookup (filter, "EndsBefore", "t", &ends_before);
  wish->ends_before = (gint64) ends_before;
  (void) g_variant_lookup (options, "sort", "&s", &sort);
  (void) g_variant_lookup (options, "descending", "b", &wish->descending);
  wish->text = text != NULL ? fold (text) : NULL;
  if (limit >= 1 && limit <= SP_USER_PAGE_MAX)
    return read_sort (sort, &wish->sort, error);
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
               "the limit must be a number from 1 to %d", SP_USER_PAGE_MAX);
  return FALSE;
}

static GVariant *
make_page (SpServer *server,
           SpBusTree *tree,
           const Wish *wish,
           const char *cursor,
           guint limit,
           GError **error)
{
  g_autoptr (GArray) entries = collect (server, wish);
  GVariantBuilder rows = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  g_autofree char *next = NULL;
  guint start;
  guint end;

  if (!find_start (wish, entries, cursor, &start, error))
    {
      g_variant_builder_clear (&rows);
      return NULL;
    }
  end = start + MIN (limit, entries->len - start);
  for (guint i = start; i < end; i++)
    g_variant_builder_add_value (&rows, describe (tree, g_array_index (entries, Entry, i).user));
  next = end < entries->len ? write_cursor (wish, &g_array_index (entries, Entry, end - 1))
                            : g_strdup ("");
  return g_variant_new ("(aa{sv}su)", &rows, next, entries->len);
}

void
sp_bus_user_list (SpServer *server,
                  SpBusTree *tree,
                  GDBusMethodInvocation *invocation,
                  GVariant *filter,
                  const char *cursor,
                  guint limit,
                  GVariant *options)
{
  Wish wish = { .connected = -1 };
  GVariant *page = NULL;
  GError *error = NULL;

  if (read_wish (filter, options, limit, &wish, &error))
    page = make_page (server, tree, &wish, cursor, limit, &error);
  g_free (wish.text);
  if (page != NULL)
    g_dbus_method_invocation_return_value (invocation, page);
  else
    sp_bus_reply_error (invocation, error);
}

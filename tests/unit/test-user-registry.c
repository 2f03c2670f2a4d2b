/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-registry.h"

#include "base/names.h"

#include <glib/gstdio.h>
#include <string.h>

static const guint8 anna[SP_ID_SIZE] = { 0xa };
static const guint8 bert[SP_ID_SIZE] = { 0xb };

typedef struct
{
  char *folder;
  SpStore *store;
  SpUserRegistry *users;
  guint n_changed;
} Fixture;

static void
put_user (Fixture *self, const guint8 *id, const char *login, guint32 expires_after)
{
  g_autoptr (SpUserRecord) record = g_new0 (SpUserRecord, 1);

  record->login = g_strdup (login);
  memcpy (record->id, id, SP_ID_SIZE);
  if (expires_after != 0)
    sp_user_values_set (&record->values, SP_USER_EXPIRES_AFTER,
                        g_variant_new_uint32 (expires_after));
  g_assert_true (sp_store_put_user (self->store, record, NULL));
}

static void
changed_cb (SpUserRegistry *users, SpUser *user, gpointer user_data)
{
  Fixture *self = user_data;

  self->n_changed++;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("users-XXXXXX", NULL);
  self->store = sp_store_open (self->folder, NULL);
  g_assert_nonnull (self->store);
  put_user (self, anna, "anna", 0);
  put_user (self, bert, "bert", 3600);
  self->users = sp_user_registry_new (self->store, NULL, NULL);
  (void) g_signal_connect (self->users, "changed", G_CALLBACK (changed_cb), self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_autofree char *file = g_build_filename (self->folder, SP_DATABASE_FILE, NULL);

  g_clear_object (&self->users);
  sp_store_free (self->store);
  g_assert_no_errno (g_unlink (file));
  g_assert_no_errno (g_rmdir (self->folder));
  g_free (self->folder);
}

static gint64
read_known (Fixture *self, const guint8 *id)
{
  return sp_user_get_record (sp_user_registry_find_by_id (self->users, id))->first_login;
}

static gint64
read_stored (Fixture *self, const guint8 *id)
{
  g_autoptr (GPtrArray) records = sp_store_list_users (self->store, NULL);

  for (guint i = 0; i < records->len; i++)
    {
      const SpUserRecord *record = records->pdata[i];

      if (memcmp (record->id, id, SP_ID_SIZE) == 0)
        return record->first_login;
    }
  g_assert_not_reached ();
}

/* A first sign-in is known at once, and stored by itself; others hear of it only if it sets an
 * end. */
static void
test_first_login (Fixture *self, gconstpointer data)
{
  sp_user_registry_first_login (self->users, anna, 7);
  g_assert_cmpint (read_known (self, anna), ==, 7);
  g_assert_cmpint (read_stored (self, anna), ==, 0);
  g_assert_cmpuint (self->n_changed, ==, 0);
  sp_user_registry_first_login (self->users, bert, 8);
  sp_user_registry_first_login (self->users, bert, 8); /* the keyholder says it again */
  g_assert_cmpuint (self->n_changed, ==, 1);
  while (read_stored (self, anna) == 0)
    (void) g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (read_stored (self, anna), ==, 7);
  g_assert_cmpint (read_stored (self, bert), ==, 8);
}

/* Whoever copies the store has it written first, and it is when the registry ends. */
static void
test_first_login_is_written (Fixture *self, gconstpointer data)
{
  sp_user_registry_first_login (self->users, anna, 7);
  sp_user_registry_write_first_logins (self->users);
  g_assert_cmpint (read_stored (self, anna), ==, 7);
  sp_user_registry_first_login (self->users, bert, 8);
  g_clear_object (&self->users);
  g_assert_cmpint (read_stored (self, bert), ==, 8);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/user-registry/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("first-login", test_first_login);
  ADD ("first-login-is-written", test_first_login_is_written);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-fakes.h"

#include "base/error.h"
#include "base/names.h"
#include "device-registry.h"
#include "store-devices.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define DAY ((gint64) 24 * 3600 * G_USEC_PER_SEC)

static const guint8 anna[SP_ID_SIZE] = { 0xa };
static const guint8 bert[SP_ID_SIZE] = { 0xb };

typedef struct
{
  char *folder;
  SpStore *store;
  SpUserRegistry *users;
  SpDeviceRegistry *devices;
} Fixture;

static void
put_user (Fixture *self, const guint8 *id, const char *login)
{
  SpUserRecord record = { .login = (char *) login };

  memcpy (record.id, id, SP_ID_SIZE);
  g_assert_true (sp_store_put_user (self->store, &record, NULL));
}

static void
open_all (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  self->store = sp_store_open (self->folder, &error);
  g_assert_no_error (error);
  put_user (self, anna, "anna");
  put_user (self, bert, "bert");
  self->users = sp_user_registry_new (self->store, NULL, NULL);
  self->devices = sp_device_registry_new (self->store, NULL, self->users, &error);
  g_assert_no_error (error);
}

static void
close_all (Fixture *self)
{
  g_object_unref (self->devices);
  g_object_unref (self->users);
  sp_store_free (self->store);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_free (sp_fakes_take_orders ());
  sp_fakes_refuse_devices (FALSE);
  self->folder = g_dir_make_tmp ("devices-XXXXXX", NULL);
  open_all (self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  static const char *const endings[] = { "", "-wal", "-shm" };

  close_all (self);
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *path = g_strconcat (self->folder, "/", SP_DATABASE_FILE, endings[i], NULL);
      (void) g_unlink (path);
    }
  g_assert_no_errno (g_rmdir (self->folder));
  g_free (self->folder);
}

static SpDevice *
add (Fixture *self, guint8 number, const guint8 *user, const char *name)
{
  guint8 id[SP_ID_SIZE] = { number };
  g_autoptr (GError) error = NULL;
  SpDevice *device =
      sp_device_registry_add (self->devices, id, sp_user_registry_find_by_id (self->users, user),
                              number < 0x80 ? SP_DEVICE_CERTIFICATE : SP_DEVICE_PASSWORD, name,
                              7 * DAY, NULL, NULL, &error);

  g_assert_no_error (error);
  return device;
}

static SpDevice *
find (Fixture *self, guint8 number)
{
  guint8 id[SP_ID_SIZE] = { number };

  return sp_device_registry_find_by_id (self->devices, id);
}

static void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GAsyncResult *
await (GAsyncResult **result)
{
  while (*result == NULL)
    (void) g_main_context_iteration (NULL, TRUE);
  return *result;
}

static char *
revoke_now (Fixture *self, SpDevice *device, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  sp_device_registry_revoke_async (self->devices, device, NULL, keep_result, &result);
  return sp_device_registry_revoke_finish (self->devices, await (&result), error);
}

static gboolean
undo (Fixture *self, const char *token, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  sp_device_registry_undo_async (self->devices, token, NULL, keep_result, &result);
  return sp_device_registry_undo_finish (self->devices, await (&result), error);
}

static gboolean
change (Fixture *self, SpDevice *device, const SpDeviceChange *change, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  sp_device_registry_update_async (self->devices, device, change, keep_result, &result);
  return sp_device_registry_update_finish (self->devices, await (&result), error);
}

static gboolean
rename_it (Fixture *self, SpDevice *device, const char *name, GError **error)
{
  const SpDeviceChange wish = { .name = name, .blocked_until = -1 };

  return change (self, device, &wish, error);
}

static void
expect_orders (const char *expected)
{
  g_autofree char *orders = NULL;

  while (g_main_context_iteration (NULL, FALSE))
    ;
  orders = sp_fakes_take_orders ();
  g_assert_cmpstr (orders, ==, expected);
}

static void
test_outlives_the_program (Fixture *self, gconstpointer data)
{
  const SpDeviceRecord *record;

  (void) add (self, 1, anna, "phone");
  (void) add (self, 0x81, bert, "mail");
  g_assert_true (rename_it (self, find (self, 1), "tablet", NULL));
  sp_device_registry_note_seen (self->devices, sp_device_get_id (find (self, 1)));
  close_all (self);
  open_all (self);
  g_assert_cmpuint (sp_device_registry_get_n (self->devices), ==, 2);
  record = sp_device_get_record (find (self, 1));
  g_assert_cmpstr (record->name, ==, "tablet");
  g_assert_cmpint (record->kind, ==, SP_DEVICE_CERTIFICATE);
  g_assert_cmpint (record->seen, >, 0);
  g_assert_cmpint (record->not_after, ==, 7 * DAY);
  g_assert_true (sp_device_get_user (find (self, 1)) ==
                 sp_user_registry_find_by_id (self->users, anna));
  g_assert_cmpint (sp_device_get_record (find (self, 0x81))->kind, ==, SP_DEVICE_PASSWORD);
}

static void
test_names (Fixture *self, gconstpointer data)
{
  static const char *const bad[] = { "",
                                     " ",
                                     "a\nb",
                                     "\x7f",
                                     "\xff",
                                     ("0123456789012345678901234567890123456789"
                                      "0123456789012345678901234") };
  SpDevice *device = add (self, 1, anna, "phone");

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (rename_it (self, device, bad[i], &error));
      g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
    }
  g_assert_cmpstr (sp_device_get_name (device), ==, "phone");
}

/* A block is stored and told, with a name or not at all, and ends by itself. */
static void
test_block (Fixture *self, gconstpointer data)
{
  gint64 now = g_get_real_time ();
  SpDevice *device = add (self, 1, anna, "phone");
  const SpDeviceChange block = { .name = "lost", .blocked_until = now + DAY };
  const SpDeviceChange suspend = { .blocked_until = now + 2 * DAY, .keep = TRUE };
  const SpDeviceChange bad = { .name = "", .blocked_until = now + DAY };
  const SpDeviceChange lift = { .blocked_until = 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *token = NULL;

  g_assert_false (change (self, device, &bad, NULL));
  g_assert_false (sp_device_is_barred (device, now));
  g_assert_true (change (self, device, &block, NULL));
  expect_orders ("block 01");
  close_all (self);
  open_all (self);
  device = find (self, 1);
  g_assert_cmpstr (sp_device_get_name (device), ==, "lost");
  g_assert_true (sp_device_is_barred (device, now));
  g_assert_false (sp_device_is_barred (device, now + DAY));
  g_assert_true (change (self, device, &suspend, NULL));
  sp_device_registry_release (self->devices, device);
  expect_orders ("suspend 01 block 01");
  sp_fakes_refuse_devices (TRUE);
  g_assert_false (change (self, device, &lift, NULL));
  g_assert_true (sp_device_is_barred (device, now + DAY));
  sp_fakes_refuse_devices (FALSE);
  g_assert_true (change (self, device, &lift, NULL));
  expect_orders ("restore 01 restore 01");
  token = revoke_now (self, device, NULL);
  g_assert_false (change (self, device, &block, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
  g_assert_cmpstr (sp_device_get_name (device), ==, "lost");
}

static void
test_revoke_and_undo (Fixture *self, gconstpointer data)
{
  SpDevice *device = add (self, 1, anna, "phone");
  g_autofree char *token = revoke_now (self, device, NULL);
  g_autofree char *second = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (token);
  expect_orders ("revoke 01");
  g_assert_true (sp_device_is_revoked (device));
  g_assert_cmpuint (sp_device_registry_count_of (self->devices, sp_device_get_user (device)), ==,
                    0);
  g_assert_null (revoke_now (self, device, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_true (sp_device_registry_has_token (self->devices, token));
  g_assert_true (undo (self, token, NULL));
  expect_orders ("restore 01");
  g_assert_false (sp_device_is_revoked (device));
  g_assert_false (undo (self, token, &error)); /* once */
  g_assert_error (error, SP_ERROR, SP_ERROR_NOT_FOUND);
  second = revoke_now (self, device, NULL);
  g_assert_cmpstr (second, !=, token);
  g_assert_false (sp_device_registry_has_token (self->devices, token));
}

/* The answer to a revocation is good whoever reads it then. */
static void
test_another_undoes (Fixture *self, gconstpointer data)
{
  g_autofree char *token = revoke_now (self, add (self, 1, anna, "phone"), NULL);

  close_all (self);
  open_all (self);
  g_assert_true (sp_device_is_revoked (find (self, 1)));
  g_assert_true (undo (self, token, NULL));
  close_all (self);
  open_all (self);
  g_assert_false (sp_device_is_revoked (find (self, 1)));
  g_assert_false (sp_device_registry_has_token (self->devices, token));
}

/* A keyholder that does not do it leaves everything as it was. */
static void
test_keyholder_refuses (Fixture *self, gconstpointer data)
{
  SpDevice *device = add (self, 1, anna, "phone");
  g_autoptr (GError) error = NULL;

  sp_fakes_refuse_devices (TRUE);
  g_assert_null (revoke_now (self, device, &error));
  g_assert_nonnull (error);
  g_assert_false (sp_device_is_revoked (device));
  close_all (self);
  open_all (self);
  g_assert_false (sp_device_is_revoked (find (self, 1)));
}

static void
revoke_long_ago (Fixture *self, guint8 number)
{
  SpDeviceRecord record = *sp_device_get_record (find (self, number));

  record.revoked = g_get_real_time () - (SP_DEVICE_REVOKED_DAYS + 1) * DAY;
  g_assert_true (sp_store_put_device (self->store, &record, NULL));
}

/* The keyholder hears it all again when it was started, and what was revoked long ago goes. */
static void
test_announce (Fixture *self, gconstpointer data)
{
  for (guint8 number = 1; number <= 4; number++)
    (void) add (self, number, anna, "phone");
  g_free (revoke_now (self, find (self, 3), NULL));
  revoke_long_ago (self, 1);
  revoke_long_ago (self, 2);
  close_all (self);
  open_all (self);
  g_free (sp_fakes_take_orders ());
  sp_device_registry_announce (self->devices);
  expect_orders ("remove 01 remove 02 revoke 03 restore 04");
  g_assert_cmpuint (sp_device_registry_get_n (self->devices), ==, 2);
  close_all (self);
  open_all (self);
  g_assert_null (find (self, 1));
  g_assert_nonnull (find (self, 3));
}

static void
test_goes_with_its_user (Fixture *self, gconstpointer data)
{
  SpUser *user = sp_user_registry_find_by_id (self->users, anna);

  (void) add (self, 1, anna, "phone");
  (void) add (self, 2, bert, "phone");
  (void) add (self, 3, anna, "laptop");
  g_signal_emit_by_name (self->users, "removed", user);
  g_assert_cmpuint (sp_device_registry_get_n (self->devices), ==, 1);
  close_all (self);
  open_all (self);
  g_assert_null (find (self, 1));
  g_assert_null (find (self, 3));
  g_assert_nonnull (find (self, 2));
}

static SpDevice *
issue (Fixture *self, SpDeviceFormat format, guint days, int *file, int *passphrase, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  sp_device_registry_issue_async (self->devices, sp_user_registry_find_by_id (self->users, anna),
                                  "phone", format, -1, days, NULL, keep_result, &result);
  return sp_device_registry_issue_finish (self->devices, await (&result), file, passphrase, error);
}

static void
expect_content (int fd, const char *expected)
{
  char bytes[16] = "";

  g_assert_cmpint (fcntl (fd, F_GET_SEALS) & F_SEAL_WRITE, !=, 0);
  g_assert_cmpint (read (fd, bytes, sizeof bytes - 1), ==, (int) strlen (expected));
  g_assert_cmpstr (bytes, ==, expected);
  (void) close (fd);
}

static void
test_issue (Fixture *self, gconstpointer data)
{
  int file;
  int passphrase;
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  SpDevice *device = issue (self, SP_DEVICE_PKCS12, 0, &file, &passphrase, &error);

  g_assert_no_error (error);
  expect_orders ("issue 730 days, format 0, passphrase 0");
  expect_content (file, "file");
  expect_content (passphrase, "made");
  g_assert_cmpint (sp_device_get_record (device)->not_after, ==, 730 * DAY);
  sp_device_registry_renew_async (self->devices, device, SP_DEVICE_PEM, -1, 9, NULL, keep_result,
                                  &result);
  g_assert_true (device == sp_device_registry_issue_finish (self->devices, await (&result), &file,
                                                            &passphrase, &error));
  expect_orders ("renew 9 days, format 2, passphrase 2");
  expect_content (file, "file");
  expect_content (passphrase, "");
  g_assert_cmpuint (sp_device_registry_get_n (self->devices), ==, 1);
  close_all (self);
  open_all (self);
  device = sp_device_registry_get (self->devices, 0);
  g_assert_cmpint (sp_device_get_record (device)->not_after, ==, 9 * DAY);
  g_assert_cmpint (sp_device_get_record (device)->fingerprint[0], ==, 9);
  g_assert_cmpint (sp_device_get_record (device)->issued, >=,
                   sp_device_get_record (device)->created);
}

/* Not more than the user may have; one that is revoked does not count; a failure leaves nothing. */
static void
test_issue_is_bounded (Fixture *self, gconstpointer data)
{
  int file;
  int passphrase;
  g_autoptr (GError) error = NULL;

  for (guint8 number = 1; number <= 10; number++)
    (void) add (self, number, anna, "phone");
  g_assert_null (issue (self, SP_DEVICE_PEM, 0, &file, &passphrase, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_BUSY);
  g_clear_error (&error);
  g_free (revoke_now (self, find (self, 1), NULL));
  sp_fakes_refuse_devices (TRUE);
  g_assert_null (issue (self, SP_DEVICE_PEM, 0, &file, &passphrase, &error));
  g_assert_nonnull (error);
  g_assert_cmpint (file, ==, -1);
  g_assert_cmpuint (sp_device_registry_get_n (self->devices), ==, 10);
  sp_fakes_refuse_devices (FALSE);
  g_assert_nonnull (issue (self, SP_DEVICE_PEM, 0, &file, &passphrase, NULL));
  expect_content (file, "file");
  expect_content (passphrase, "");
}

/* "0102": the devices of the page, in order, and whether others follow. */
static void
expect_page (Fixture *self,
             const SpDeviceFilter *filter,
             char **cursor,
             guint limit,
             const char *expected,
             gboolean more)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autofree char *from = g_steal_pointer (cursor);
  g_autoptr (GPtrArray) page =
      sp_store_list_devices (self->store, filter, from, limit, cursor, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < page->len; i++)
    g_string_append_printf (seen, "%02x", ((SpDeviceRecord *) page->pdata[i])->id[0]);
  g_assert_cmpstr (seen->str, ==, expected);
  g_assert_cmpint ((*cursor)[0] != '\0', ==, more);
}

static void
test_pages (Fixture *self, gconstpointer data)
{
  const SpDeviceFilter all = { .kind = -1, .revoked = -1 };
  const SpDeviceFilter of_anna = { .user = anna, .kind = -1, .revoked = -1 };
  const SpDeviceFilter passwords = { .kind = SP_DEVICE_PASSWORD, .revoked = -1 };
  const SpDeviceFilter revoked = { .kind = -1, .revoked = 1 };
  const SpDeviceFilter good = { .kind = -1, .revoked = 0 };
  g_autofree char *cursor = g_strdup ("");

  (void) add (self, 1, anna, "a");
  (void) add (self, 0x82, bert, "b");
  (void) add (self, 3, anna, "c");
  g_free (revoke_now (self, find (self, 3), NULL));
  expect_page (self, &all, &cursor, 2, "0182", TRUE);
  g_assert_true (sp_store_remove_device (self->store, sp_device_get_id (find (self, 1)), NULL));
  expect_page (self, &all, &cursor, 2, "03", FALSE);
  expect_page (self, &of_anna, &cursor, 9, "03", FALSE);
  expect_page (self, &passwords, &cursor, 9, "82", FALSE);
  expect_page (self, &revoked, &cursor, 9, "03", FALSE);
  expect_page (self, &good, &cursor, 9, "82", FALSE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/device-registry/outlives-the-program", Fixture, NULL, set_up,
              test_outlives_the_program, tear_down);
  g_test_add ("/device-registry/names", Fixture, NULL, set_up, test_names, tear_down);
  g_test_add ("/device-registry/block", Fixture, NULL, set_up, test_block, tear_down);
  g_test_add ("/device-registry/revoke-and-undo", Fixture, NULL, set_up, test_revoke_and_undo,
              tear_down);
  g_test_add ("/device-registry/another-undoes", Fixture, NULL, set_up, test_another_undoes,
              tear_down);
  g_test_add ("/device-registry/keyholder-refuses", Fixture, NULL, set_up, test_keyholder_refuses,
              tear_down);
  g_test_add ("/device-registry/announce", Fixture, NULL, set_up, test_announce, tear_down);
  g_test_add ("/device-registry/goes-with-its-user", Fixture, NULL, set_up, test_goes_with_its_user,
              tear_down);
  g_test_add ("/device-registry/issue", Fixture, NULL, set_up, test_issue, tear_down);
  g_test_add ("/device-registry/issue-is-bounded", Fixture, NULL, set_up, test_issue_is_bounded,
              tear_down);
  g_test_add ("/device-registry/pages", Fixture, NULL, set_up, test_pages, tear_down);
  return g_test_run ();
}

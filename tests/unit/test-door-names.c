/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "door-names.h"

#include "base/error.h"
#include "base/label.h"
#include "base/names.h"

#include <glib/gstdio.h>
#include <string.h>

/* What the door would know: the messages to it end here. */
static SpSetNameGate told; /* nocheck: the door of the test */
static GHashTable *good;   /* nocheck: the door of the test */
static guint n_told;       /* nocheck: the door of the test */
static const guint8 anna[SP_ID_SIZE] = { 0xaa };

void
sp_door_client_set_name_gate (SpDoorClient *self, const SpSetNameGate *gate)
{
  told = *gate;
  n_told++;
}

void
sp_door_client_set_labels (SpDoorClient *self, const SpSetLabels *labels)
{
  for (gsize i = 0; i < labels->hashes_length; i += SP_LABEL_HASH_SIZE)
    {
      g_autoptr (GBytes) hash = g_bytes_new (labels->hashes + i, SP_LABEL_HASH_SIZE);

      if (labels->good)
        g_assert_true (g_hash_table_add (good, g_bytes_ref (hash)));
      else
        g_assert_true (g_hash_table_remove (good, hash));
    }
}

typedef struct
{
  char *folder;
  SpStore *store;
  SpUserRegistry *users;
  SpDeviceRegistry *devices;
  SpInvitationRegistry *invitations;
  SpCertificateRegistry *certificates;
  SpDoorNames *names;
} Fixture;

static char *
find_url (gpointer user_data, const char *label)
{
  return g_strdup ("https://home.example.net");
}

static void
open_all (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  SpUserRecord record = { .login = (char *) "anna" };

  self->store = sp_store_open (self->folder, &error);
  g_assert_no_error (error);
  memcpy (record.id, anna, SP_ID_SIZE);
  g_assert_true (sp_store_put_user (self->store, &record, &error));
  self->users = sp_user_registry_new (self->store, NULL, &error);
  self->devices = sp_device_registry_new (self->store, NULL, self->users, &error);
  g_assert_no_error (error);
  self->invitations = sp_invitation_registry_new (NULL, self->users, self->devices, find_url, NULL);
  self->certificates = sp_certificate_registry_new (NULL);
  self->names = sp_door_names_new (NULL, self->certificates);
  sp_door_names_follow_devices (self->names, self->devices, self->invitations);
}

static void
close_all (Fixture *self)
{
  sp_door_names_free (self->names);
  g_object_unref (self->certificates);
  g_object_unref (self->invitations);
  g_object_unref (self->devices);
  g_object_unref (self->users);
  sp_store_free (self->store);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  good = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  n_told = 0;
  memset (&told, 0, sizeof told);
  self->folder = g_dir_make_tmp ("names-XXXXXX", NULL);
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
  g_hash_table_unref (good);
}

static gboolean
is_good (const char *label)
{
  guint8 hash[SP_LABEL_HASH_SIZE];
  g_autoptr (GBytes) bytes = NULL;

  sp_label_hash (label, hash);
  bytes = g_bytes_new (hash, sizeof hash);
  return g_hash_table_contains (good, bytes);
}

static SpDevice *
add_device (Fixture *self, guint8 number, const char *label)
{
  guint8 id[SP_ID_SIZE] = { number };
  g_autoptr (GError) error = NULL;
  SpDevice *device =
      sp_device_registry_add (self->devices, id, sp_user_registry_find_by_id (self->users, anna),
                              SP_DEVICE_CERTIFICATE, "phone", 0, NULL, label, &error);

  g_assert_no_error (error);
  return device;
}

/* --- labels --- */

static void
test_device (Fixture *self, gconstpointer data)
{
  SpDevice *device = add_device (self, 1, NULL);
  g_autofree char *first = g_strdup (sp_device_get_label (device));
  g_autoptr (GError) error = NULL;

  g_assert_true (sp_label_is_valid (first, strlen (first)));
  g_assert_true (is_good (first));
  g_assert_true (sp_device_registry_renew_label (self->devices, device, &error));
  g_assert_false (is_good (first));
  g_assert_true (is_good (sp_device_get_label (device)));
  sp_device_set_revoked (device, 1);
  g_assert_cmpuint (g_hash_table_size (good), ==, 0);
  g_assert_false (sp_device_registry_renew_label (self->devices, device, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
  sp_device_set_revoked (device, 0);
  g_assert_true (is_good (sp_device_get_label (device)));
}

/* Those that are stored are known from the first moment on, and outlive the program. */
static void
test_restart (Fixture *self, gconstpointer data)
{
  g_autofree char *label = g_strdup (sp_device_get_label (add_device (self, 1, NULL)));

  close_all (self);
  g_hash_table_remove_all (good);
  open_all (self);
  g_assert_true (is_good (label));
  g_hash_table_remove_all (good); /* another door */
  sp_door_names_tell_door (self->names);
  g_assert_true (is_good (label));
}

static void
test_many (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < 200; i++)
    (void) add_device (self, (guint8) (i + 1), NULL);
  g_assert_cmpuint (g_hash_table_size (good), ==, 200);
  g_hash_table_remove_all (good);
  sp_door_names_tell_door (self->names);
  g_assert_cmpuint (g_hash_table_size (good), ==, 200);
}

/* The label goes from the link to the device that came of it, and stays good on the way. */
static void
test_invitation (Fixture *self, gconstpointer data)
{
  SpInvitationKnown known = { .invitation = { 7 }, .name_length = 1, .name = "x" };
  const guint8 device[SP_ID_SIZE] = { 9 };
  char label[SP_LABEL_LENGTH + 1];

  sp_label_make (label);
  memcpy (known.user, anna, SP_ID_SIZE);
  memcpy (known.label, label, SP_LABEL_LENGTH);
  sp_invitation_registry_known (self->invitations, &known);
  g_assert_true (is_good (label));
  known.state = SP_INVITATION_OPENED;
  memcpy (known.device, device, SP_ID_SIZE);
  sp_invitation_registry_known (self->invitations, &known);
  g_assert_true (is_good (label));
  g_assert_cmpstr (sp_device_get_label (sp_device_registry_find_by_id (self->devices, device)), ==,
                   label);
  known.state = SP_INVITATION_USED;
  sp_invitation_registry_known (self->invitations, &known);
  sp_invitation_registry_gone (self->invitations, known.invitation);
  g_assert_true (is_good (label));
  sp_device_set_revoked (sp_device_registry_find_by_id (self->devices, device), 1);
  g_assert_cmpuint (g_hash_table_size (good), ==, 0);
}

static void
test_invitation_that_ends (Fixture *self, gconstpointer data)
{
  SpInvitationKnown known = { .invitation = { 7 }, .name_length = 1, .name = "x" };
  char label[SP_LABEL_LENGTH + 1];

  memcpy (known.user, anna, SP_ID_SIZE);
  sp_invitation_registry_known (self->invitations, &known); /* from before there were labels */
  g_assert_cmpuint (g_hash_table_size (good), ==, 0);
  known.invitation[0] = 8;
  sp_label_make (label);
  memcpy (known.label, label, SP_LABEL_LENGTH);
  sp_invitation_registry_known (self->invitations, &known);
  g_assert_true (is_good (label));
  known.state = SP_INVITATION_REVOKED;
  sp_invitation_registry_known (self->invitations, &known);
  g_assert_cmpuint (g_hash_table_size (good), ==, 0);
}

/* --- names --- */

static void
expect_names (const char *expected)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (gsize i = 0; i < told.names_length; i++)
    g_string_append_c (names, told.names[i] != 0 ? (char) told.names[i] : ' ');
  g_assert_cmpstr (names->str, ==, expected);
}

static void
test_names (Fixture *self, gconstpointer data)
{
  static const char in_certificate[] = "Attic\000192.0.2.1\0*.example.com\0";
  g_autofree SpCertificateKnown *known = g_new0 (SpCertificateKnown, 1);

  sp_door_names_set (self->names, SP_GATE_NAME, "Home.Example.net", "old.example.net");
  expect_names ("home.example.net old.example.net ");
  g_assert_cmpint (told.mode, ==, SP_GATE_NAME);
  g_assert_cmpmem (told.own, told.own_length, "home.example.net", strlen ("home.example.net"));
  known->kind = SP_CERTIFICATE_SERVER;
  known->active = 1;
  known->names_length = sizeof in_certificate - 1;
  memcpy (known->names, in_certificate, sizeof in_certificate - 1);
  sp_certificate_registry_known (self->certificates, known);
  expect_names ("home.example.net old.example.net attic *.example.com ");
  n_told = 0;
  sp_door_names_set (self->names, SP_GATE_NAME, "Home.Example.net", "old.example.net");
  g_assert_cmpuint (n_told, ==, 0); /* nothing new */
  known->active = 0;
  sp_certificate_registry_known (self->certificates, known);
  expect_names ("home.example.net old.example.net ");
}

static void
test_address (Fixture *self, gconstpointer data)
{
  sp_door_names_set (self->names, SP_GATE_OFF, "2001:db8::1", "");
  expect_names ("");
  g_assert_cmpuint (told.own_length, ==, 0);
}

#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/door-names/device", test_device);
  ADD ("/door-names/restart", test_restart);
  ADD ("/door-names/many", test_many);
  ADD ("/door-names/invitation", test_invitation);
  ADD ("/door-names/invitation-that-ends", test_invitation_that_ends);
  ADD ("/door-names/names", test_names);
  ADD ("/door-names/address", test_address);
  return g_test_run ();
}

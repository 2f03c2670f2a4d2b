/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spare-device.h"

#include "platform/fake.h"

#include "base/error.h"

static void
work (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
await_count (guint n)
{
  gint64 until = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (sp_fake_tun_count () != n && g_get_monotonic_time () < until)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (sp_fake_tun_count (), ==, n);
}

static void
test_made_when_expected (void)
{
  g_autoptr (SpSpareDevice) spare = sp_spare_device_new (3600);
  g_autoptr (SpTun) first = NULL;

  work ();
  g_assert_cmpuint (sp_fake_tun_count (), ==, 0);
  g_assert_null (sp_spare_device_take (spare));
  sp_spare_device_expect (spare);
  g_assert_cmpuint (sp_fake_tun_count (), ==, 0); /* nobody waits for it */
  sp_spare_device_expect (spare);
  work ();
  sp_spare_device_expect (spare);
  work ();
  g_assert_cmpuint (sp_fake_tun_count (), ==, 1);
  first = sp_spare_device_take (spare);
  g_assert_nonnull (first);
  g_assert_null (sp_spare_device_take (spare));
  sp_spare_device_expect (spare);
  work ();
  g_assert_cmpuint (sp_fake_tun_count (), ==, 2);
}

/* Somebody who needs one before there was time to make it makes one: theirs was expected, and the
 * next one's is there. */
static void
test_taken_too_early (void)
{
  g_autoptr (SpSpareDevice) spare = sp_spare_device_new (3600);

  sp_spare_device_expect (spare);
  g_assert_null (sp_spare_device_take (spare));
  work ();
  g_assert_cmpuint (sp_fake_tun_count (), ==, 1);
}

static void
test_goes_when_nobody_comes (void)
{
  g_autoptr (SpSpareDevice) spare = sp_spare_device_new (1);

  sp_spare_device_expect (spare);
  work ();
  g_assert_cmpuint (sp_fake_tun_count (), ==, 1);
  await_count (0);
  g_assert_null (sp_spare_device_take (spare));
  sp_spare_device_expect (spare);
  work ();
  g_assert_cmpuint (sp_fake_tun_count (), ==, 1);
}

static void
test_goes_with_its_owner (void)
{
  SpSpareDevice *spare = sp_spare_device_new (3600);

  sp_spare_device_expect (spare);
  work ();
  sp_spare_device_expect (spare);
  sp_spare_device_free (spare);
  g_assert_cmpuint (sp_fake_tun_count (), ==, 0);
  spare = sp_spare_device_new (3600);
  sp_spare_device_expect (spare);
  sp_spare_device_free (spare);
  work ();
  g_assert_cmpuint (sp_fake_tun_count (), ==, 0);
}

static void
test_cannot_be_made (void)
{
  g_autoptr (SpSpareDevice) spare = sp_spare_device_new (3600);

  sp_fake_fail_next (SP_FAKE_TUN, SP_ERROR_NO_TUN);
  sp_spare_device_expect (spare);
  work ();
  g_assert_null (sp_spare_device_take (spare));
  sp_spare_device_expect (spare);
  work ();
  g_assert_cmpuint (sp_fake_tun_count (), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/spare-device/made-when-expected", test_made_when_expected);
  g_test_add_func ("/spare-device/taken-too-early", test_taken_too_early);
  g_test_add_func ("/spare-device/goes-when-nobody-comes", test_goes_when_nobody_comes);
  g_test_add_func ("/spare-device/goes-with-its-owner", test_goes_with_its_owner);
  g_test_add_func ("/spare-device/cannot-be-made", test_cannot_be_made);
  return g_test_run ();
}

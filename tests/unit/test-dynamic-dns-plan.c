/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dynamic-dns-plan.h"

#include <string.h>

#define BEGIN (1000 * SP_DNS_REFRESH)

typedef struct
{
  SpDynamicDnsRecord record;
  guint8 none[SP_ADDRESS_SIZE];
  guint8 first[SP_ADDRESS_SIZE];
  guint8 second[SP_ADDRESS_SIZE];
  guint8 six[SP_ADDRESS_SIZE];
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_assert_true (sp_address_from_text ("81.2.69.160", f->first));
  g_assert_true (sp_address_from_text ("81.2.69.161", f->second));
  g_assert_true (sp_address_from_text ("2a02::1", f->six));
}

static gint64
plan (Fixture *f, const guint8 *ipv4, gint64 now)
{
  return sp_dynamic_dns_plan (&f->record, ipv4, f->none, "settings", now);
}

static void
tell (Fixture *f, SpErrandOutcome outcome, const guint8 *ipv4, gint64 now)
{
  const SpErrandDone done = { .outcome = (guint8) outcome };

  sp_dynamic_dns_note (&f->record, &done, ipv4, f->none, "settings", now);
}

static void
test_address (Fixture *f, gconstpointer data)
{
  g_assert_cmpint (plan (f, f->none, BEGIN), ==, G_MAXINT64);
  g_assert_cmpint (plan (f, f->first, BEGIN), ==, BEGIN);
  tell (f, SP_ERRAND_DONE, f->first, BEGIN);
  g_assert_true (sp_dynamic_dns_is_content (&f->record));
  g_assert_cmpint (plan (f, f->first, BEGIN + 1), ==, BEGIN + SP_DNS_REFRESH);
  g_assert_cmpint (plan (f, f->second, BEGIN + 1), ==, BEGIN + SP_DNS_PAUSE);
  g_assert_cmpint (sp_dynamic_dns_plan (&f->record, f->first, f->six, "settings", BEGIN + 1), ==,
                   BEGIN + SP_DNS_PAUSE);
  g_assert_cmpint (plan (f, f->none, BEGIN + 1), ==, G_MAXINT64);
  /* what was known already is not repeated */
  tell (f, SP_ERRAND_UNCHANGED, f->second, BEGIN + SP_DNS_MINUTE);
  g_assert_cmpint (plan (f, f->second, BEGIN + SP_DNS_MINUTE), ==,
                   BEGIN + SP_DNS_MINUTE + SP_DNS_REFRESH);
}

static void
test_settings (Fixture *f, gconstpointer data)
{
  tell (f, SP_ERRAND_DONE, f->first, BEGIN);
  g_assert_cmpint (sp_dynamic_dns_plan (&f->record, f->first, f->none, "others", BEGIN + 1), ==,
                   BEGIN + 1);
}

static void
test_final (Fixture *f, gconstpointer data)
{
  static const SpErrandOutcome outcomes[] = { SP_ERRAND_BAD_CREDENTIAL, SP_ERRAND_BAD_NAME,
                                              SP_ERRAND_ABUSE, SP_ERRAND_UNPAID,
                                              SP_ERRAND_UNWELCOME };

  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    {
      tell (f, outcomes[i], f->first, BEGIN);
      g_assert_true (sp_dynamic_dns_is_final (&f->record));
      g_assert_cmpint (plan (f, f->first, BEGIN + SP_DNS_REFRESH), ==, G_MAXINT64);
      g_assert_cmpint (plan (f, f->second, BEGIN + SP_DNS_REFRESH), ==, G_MAXINT64);
      /* the owner's word, and a new password, which empties the hash */
      g_assert_cmpint (sp_dynamic_dns_plan (&f->record, f->first, f->none, "others", BEGIN + 1), ==,
                       BEGIN + 1);
      f->record.asked_with[0] = '\0';
      g_assert_cmpint (plan (f, f->first, BEGIN + 1), ==, BEGIN + 1);
    }
}

static void
test_again (Fixture *f, gconstpointer data)
{
  gint64 pause = SP_DNS_AGAIN_FIRST;

  for (guint i = 0; i < 20; i++)
    {
      tell (f, SP_ERRAND_UNREACHABLE, f->first, BEGIN);
      g_assert_cmpint (plan (f, f->first, BEGIN + 1), ==, BEGIN + pause);
      pause = MIN (2 * pause, SP_DNS_AGAIN_MOST);
    }
  g_assert_cmpint (pause, ==, SP_DNS_AGAIN_MOST);
  tell (f, SP_ERRAND_LATER, f->first, BEGIN);
  g_assert_cmpint (plan (f, f->first, BEGIN + 1), ==, BEGIN + SP_DNS_LATER);
  tell (f, SP_ERRAND_DONE, f->first, BEGIN);
  tell (f, SP_ERRAND_SILENT, f->first, BEGIN);
  g_assert_cmpint (plan (f, f->first, BEGIN + 1), ==, BEGIN + SP_DNS_AGAIN_FIRST);
  /* what was told before it failed is still known */
  g_assert_cmpint (f->record.told_at, ==, BEGIN);
}

/* The owner hears of it at once, and a name server that was mended is found by itself. */
static void
test_name_server (Fixture *f, gconstpointer data)
{
  static const SpErrandOutcome outcomes[] = { SP_ERRAND_NO_KEY,    SP_ERRAND_KEY_UNKNOWN,
                                              SP_ERRAND_KEY_WRONG, SP_ERRAND_CLOCK,
                                              SP_ERRAND_NO_ZONE,   SP_ERRAND_REFUSED,
                                              SP_ERRAND_NOT_SIGNED };

  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    {
      f->record.failures = 0;
      tell (f, outcomes[i], f->first, BEGIN);
      g_assert_true (sp_dynamic_dns_needs_owner (&f->record));
      g_assert_cmpint (plan (f, f->first, BEGIN + 1), ==, BEGIN + SP_DNS_AGAIN_FIRST);
    }
  tell (f, SP_ERRAND_SILENT, f->first, BEGIN);
  g_assert_false (sp_dynamic_dns_needs_owner (&f->record));
  tell (f, SP_ERRAND_ABUSE, f->first, BEGIN);
  g_assert_true (sp_dynamic_dns_needs_owner (&f->record));
}

static void
test_clock (Fixture *f, gconstpointer data)
{
  tell (f, SP_ERRAND_SILENT, f->first, BEGIN);
  g_assert_cmpint (plan (f, f->first, BEGIN - SP_DNS_REFRESH), ==, BEGIN - SP_DNS_REFRESH);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/dynamic-dns-plan/address", Fixture, NULL, set_up, test_address, NULL);
  g_test_add ("/dynamic-dns-plan/settings", Fixture, NULL, set_up, test_settings, NULL);
  g_test_add ("/dynamic-dns-plan/final", Fixture, NULL, set_up, test_final, NULL);
  g_test_add ("/dynamic-dns-plan/again", Fixture, NULL, set_up, test_again, NULL);
  g_test_add ("/dynamic-dns-plan/name-server", Fixture, NULL, set_up, test_name_server, NULL);
  g_test_add ("/dynamic-dns-plan/clock", Fixture, NULL, set_up, test_clock, NULL);
  return g_test_run ();
}

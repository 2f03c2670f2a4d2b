/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port-mapping-plan.h"

#include <string.h>

#define BEGIN  (1000000 * (gint64) G_USEC_PER_SEC)
#define MINUTE SP_MAPPING_AGAIN_FIRST

typedef struct
{
  SpMappingRecord record;
  SpMappingWish nothing;
  SpMappingWish home;
  SpMappingWish other_port;
  SpMappingWish other_address;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_assert_true (sp_address_from_text ("192.168.1.1", f->home.router));
  g_assert_true (sp_address_from_text ("192.168.1.20", f->home.own));
  f->home.tcp_port = f->home.udp_port = 443;
  f->other_port = f->other_address = f->home;
  f->other_port.udp_port = 0;
  g_assert_true (sp_address_from_text ("192.168.1.21", f->other_address.own));
}

static void
expect (Fixture *f, const SpMappingWish *wish, gint64 now, SpMappingStep step, gint64 next)
{
  gint64 seen;

  g_assert_cmpint (sp_mapping_plan (&f->record, wish, now, &seen), ==, step);
  if (step == SP_MAPPING_STEP_REST)
    g_assert_cmpint (seen, ==, next);
}

static void
hear_both (Fixture *f, SpMappingOutcome tcp, SpMappingOutcome udp, guint32 seconds, gint64 now)
{
  const SpPortsMapped done = {
    .tcp = (guint8) tcp, .udp = (guint8) udp, .way = SP_MAPPING_UPNP, .seconds = seconds
  };

  sp_mapping_note_asked (&f->record, &f->home, &done, now);
}

static void
hear (Fixture *f, SpMappingOutcome outcome, guint32 seconds, gint64 now)
{
  hear_both (f, outcome, outcome, seconds, now);
}

static void
test_lease (Fixture *f, gconstpointer data)
{
  expect (f, &f->nothing, BEGIN, SP_MAPPING_STEP_REST, G_MAXINT64);
  expect (f, &f->home, BEGIN, SP_MAPPING_STEP_ASK, 0);
  hear (f, SP_MAPPING_DONE, 3600, BEGIN);
  g_assert_true (sp_mapping_is_of (&f->record, &f->home));
  g_assert_true (f->record.holds);
  expect (f, &f->home, BEGIN + 1, SP_MAPPING_STEP_REST, BEGIN + 30 * MINUTE);
  expect (f, &f->home, BEGIN + 30 * MINUTE, SP_MAPPING_STEP_ASK, 0);
  /* a clock that is set back asks anew, and a router of seconds is not asked all the time */
  expect (f, &f->home, BEGIN - 1, SP_MAPPING_STEP_ASK, 0);
  hear (f, SP_MAPPING_DONE, 1, BEGIN);
  expect (f, &f->home, BEGIN + 1, SP_MAPPING_STEP_REST, BEGIN + SP_MAPPING_LEAST);
  /* no longer wanted: it is told so, once */
  expect (f, &f->nothing, BEGIN + 1, SP_MAPPING_STEP_END, 0);
  sp_mapping_note_ended (&f->record);
  g_assert_false (sp_mapping_is_of (&f->record, &f->home));
  expect (f, &f->nothing, BEGIN + 1, SP_MAPPING_STEP_REST, G_MAXINT64);
  expect (f, &f->home, BEGIN + 1, SP_MAPPING_STEP_ASK, 0);
}

static void
test_changes (Fixture *f, gconstpointer data)
{
  hear (f, SP_MAPPING_DONE, 3600, BEGIN);
  expect (f, &f->other_port, BEGIN + 1, SP_MAPPING_STEP_END, 0);
  /* who has another address cannot end what the old one has */
  expect (f, &f->other_address, BEGIN + 1, SP_MAPPING_STEP_ASK, 0);
  sp_mapping_note_ended (&f->record);
  expect (f, &f->other_port, BEGIN + 1, SP_MAPPING_STEP_ASK, 0);
}

static void
test_failures (Fixture *f, gconstpointer data)
{
  gint64 now = BEGIN;

  hear (f, SP_MAPPING_REFUSED, 0, now);
  g_assert_false (f->record.holds);
  expect (f, &f->nothing, now + 1, SP_MAPPING_STEP_REST, G_MAXINT64);
  for (guint minutes = 1; minutes < 60; minutes *= 2)
    {
      expect (f, &f->home, now, SP_MAPPING_STEP_REST, now + minutes * MINUTE);
      hear (f, SP_MAPPING_REFUSED, 0, now);
    }
  for (guint i = 0; i < 100; i++)
    hear (f, SP_MAPPING_NO_ROUTER, 0, now);
  expect (f, &f->home, now, SP_MAPPING_STEP_REST, now + SP_MAPPING_AGAIN_MOST);
  hear (f, SP_MAPPING_DONE, 3600, now);
  hear (f, SP_MAPPING_REFUSED, 0, now);
  expect (f, &f->home, now, SP_MAPPING_STEP_REST, now + MINUTE);
  /* what it forwarded before it may forward still */
  g_assert_true (f->record.holds);
  expect (f, &f->nothing, now, SP_MAPPING_STEP_END, 0);
}

/* What it forwards in part is kept up and ended, and the rest asked for again and again. */
static void
test_parted (Fixture *f, gconstpointer data)
{
  hear_both (f, SP_MAPPING_TAKEN, SP_MAPPING_DONE, 3600, BEGIN);
  g_assert_true (sp_mapping_is_parted (&f->record));
  g_assert_cmpint (sp_mapping_get_outcome (&f->record), ==, SP_MAPPING_TAKEN);
  g_assert_cmpint (f->record.parted_at, ==, BEGIN);
  expect (f, &f->home, BEGIN, SP_MAPPING_STEP_REST, BEGIN + MINUTE);
  expect (f, &f->nothing, BEGIN, SP_MAPPING_STEP_END, 0);
  /* that it is so still is not that it is so since then */
  hear_both (f, SP_MAPPING_REFUSED, SP_MAPPING_DONE, 3600, BEGIN + MINUTE);
  g_assert_cmpint (f->record.parted_at, ==, BEGIN);
  f->record.tried_at = 0; /* as when an owner has it asked now */
  hear_both (f, SP_MAPPING_TAKEN, SP_MAPPING_DONE, 3600, BEGIN + MINUTE);
  g_assert_cmpint (f->record.parted_at, ==, BEGIN);
  for (guint i = 0; i < 10; i++)
    hear_both (f, SP_MAPPING_REFUSED, SP_MAPPING_DONE, 3600, BEGIN + MINUTE);
  expect (f, &f->home, BEGIN + MINUTE, SP_MAPPING_STEP_REST, BEGIN + 31 * MINUTE);
  hear_both (f, SP_MAPPING_DONE, SP_MAPPING_TAKEN, 3600, BEGIN + 2 * MINUTE);
  g_assert_cmpint (f->record.parted_at, ==, BEGIN + 2 * MINUTE);
  g_assert_cmpint (sp_mapping_get_outcome (&f->record), ==, SP_MAPPING_TAKEN);
  hear (f, SP_MAPPING_DONE, 3600, BEGIN);
  g_assert_cmpint (f->record.parted_at, ==, 0);
  g_assert_false (sp_mapping_is_parted (&f->record));
}

/* Who is asked again, or asked to end it, is shown what it was shown before. */
static void
test_nonce (Fixture *f, gconstpointer data)
{
  guint8 nonce[SP_MAPPING_NONCE_SIZE];

  memset (nonce, 7, sizeof nonce);
  memcpy (f->record.nonce, nonce, sizeof nonce);
  hear (f, SP_MAPPING_DONE, 3600, BEGIN);
  g_assert_cmpmem (f->record.nonce, sizeof nonce, nonce, sizeof nonce);
  sp_mapping_note_asked (&f->record, &f->home, NULL, 0);
  sp_mapping_note_ended (&f->record);
  g_assert_cmpmem (f->record.nonce, sizeof nonce, nonce, sizeof nonce);
}

/* Nobody knows what a router did that did not end its answer, or was not waited for. */
static void
test_unknown (Fixture *f, gconstpointer data)
{
  static const SpMappingOutcome unknown[] = { SP_MAPPING_SILENT, SP_MAPPING_NOT_UNDERSTOOD,
                                              SP_MAPPING_FAILED };

  for (guint i = 0; i < G_N_ELEMENTS (unknown); i++)
    {
      sp_mapping_note_ended (&f->record);
      hear (f, unknown[i], 0, BEGIN);
      expect (f, &f->home, BEGIN, SP_MAPPING_STEP_REST, BEGIN + MINUTE);
      expect (f, &f->nothing, BEGIN, SP_MAPPING_STEP_END, 0);
    }
  sp_mapping_note_ended (&f->record);
  sp_mapping_note_asked (&f->record, &f->home, NULL, 0);
  expect (f, &f->nothing, BEGIN, SP_MAPPING_STEP_END, 0);
  expect (f, &f->home, BEGIN, SP_MAPPING_STEP_ASK, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/port-mapping-plan/lease", Fixture, NULL, set_up, test_lease, NULL);
  g_test_add ("/port-mapping-plan/changes", Fixture, NULL, set_up, test_changes, NULL);
  g_test_add ("/port-mapping-plan/failures", Fixture, NULL, set_up, test_failures, NULL);
  g_test_add ("/port-mapping-plan/parted", Fixture, NULL, set_up, test_parted, NULL);
  g_test_add ("/port-mapping-plan/unknown", Fixture, NULL, set_up, test_unknown, NULL);
  g_test_add ("/port-mapping-plan/nonce", Fixture, NULL, set_up, test_nonce, NULL);
  return g_test_run ();
}

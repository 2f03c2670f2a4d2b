/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "courier-client.h"

#include "base/endpoint.h"
#include "base/names.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Main and a courier that somebody has taken over (lying-courier.c). */

#define PAUSE_MAX (7 * 24 * 3600)

typedef struct
{
  SpCourierClient *client;
  char *folder;
  GMainLoop *loop;
  guint n_backs;
  guint n_questions;
  guint32 question; /* the last one */
  SpOrderDone done;
  SpNameLookedUp looked_up;
  SpPortsMapped mapped;
} Fixture;

static void
sign_cb (gpointer user_data, guint32 serial, const SpSignRequest *request)
{
  Fixture *f = user_data;

  f->n_questions++;
  f->question = serial;
}

static void
show_cb (gpointer user_data, guint32 serial, const SpShowValidation *validation)
{
  g_assert_not_reached ();
}

static void
back_cb (gpointer user_data, const SpOrderDone *done)
{
  Fixture *f = user_data;

  f->n_backs++;
  f->done = *done;
  g_main_loop_quit (f->loop);
}

static const SpCourierOrder events = { .sign = sign_cb, .show = show_cb, .back = back_cb };

static void
setup (Fixture *f, gconstpointer data)
{
  g_autofree char *liar = g_test_build_filename (G_TEST_BUILT, "lying-courier", NULL);
  g_autofree char *place = NULL;

  f->folder = g_dir_make_tmp ("courier-XXXXXX", NULL);
  place = g_build_filename (f->folder, SP_ROOM_COURIER, NULL);
  g_assert_cmpint (g_chmod (f->folder, 0755), ==, 0);
  g_assert_cmpint (symlink (liar, place), ==, 0);
  f->client = sp_courier_client_new (f->folder);
  f->loop = g_main_loop_new (NULL, FALSE);
}

static void
teardown (Fixture *f, gconstpointer data)
{
  g_autofree char *place = g_build_filename (f->folder, SP_ROOM_COURIER, NULL);

  sp_courier_client_free (f->client);
  g_main_loop_unref (f->loop);
  g_assert_cmpint (g_unlink (place), ==, 0);
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_free (f->folder);
}

/* Sends one that lies like this, until it is back. */
static void
send_out (Fixture *f, const char *how)
{
  SpRunOrder order = { .directory_length = (guint16) strlen (how) };
  const int files[2] = { memfd_create ("trust", MFD_CLOEXEC), memfd_create ("chain", MFD_CLOEXEC) };
  g_autoptr (GError) error = NULL;

  memcpy (order.directory, how, strlen (how));
  f->n_backs = f->n_questions = 0;
  g_assert_true (sp_courier_client_order (f->client, &order, files, &events, f, &error));
  g_assert_no_error (error);
  g_main_loop_run (f->loop);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    (void) close (files[i]);
  /* What it said besides is heard by nobody. */
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (f->n_backs, ==, 1);
  g_assert_false (sp_courier_client_is_away (f->client));
}

static void
test_lies (Fixture *f, gconstpointer data)
{
  static const char *const lies[] = { "unknown", "other", "garbage", "nothing", "many" };

  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_test_message ("%s", lies[i]);
      send_out (f, lies[i]);
      g_assert_cmpuint (f->done.outcome, ==, SP_ORDER_FAILED);
      g_assert_cmpuint (f->n_questions, <=, SP_ACME_QUESTIONS);
    }
}

/* A pause is never longer than ours. */
static void
test_truth (Fixture *f, gconstpointer data)
{
  send_out (f, "truth");
  g_assert_cmpuint (f->done.outcome, ==, SP_ORDER_CAA);
  g_assert_cmpuint (f->done.seconds, ==, PAUSE_MAX);
  g_assert_cmpuint (f->n_questions, ==, 0);
}

/* Back before its question is answered: the answer goes nowhere. */
static void
test_open_question (Fixture *f, gconstpointer data)
{
  g_autofree SpRequestSigned *signed_one = g_new0 (SpRequestSigned, 1);

  send_out (f, "open");
  g_assert_cmpuint (f->done.outcome, ==, SP_ORDER_CAA);
  g_assert_cmpuint (f->n_questions, ==, 1);
  sp_courier_client_answer_signed (f->client, f->question, signed_one);
  sp_courier_client_answer_shown (f->client, f->question, TRUE);
}

static void
looked_up_cb (gpointer user_data, const SpNameLookedUp *done)
{
  Fixture *f = user_data;

  f->n_backs++;
  f->looked_up = *done;
  g_main_loop_quit (f->loop);
}

static void
look_up (Fixture *f, const char *how)
{
  SpLookUpName order = { .name_length = (guint16) strlen (how) };
  g_autoptr (GError) error = NULL;

  memcpy (order.name, how, strlen (how));
  f->n_backs = 0;
  g_assert_true (sp_courier_client_look_up (f->client, &order, looked_up_cb, f, &error));
  g_assert_no_error (error);
  g_main_loop_run (f->loop);
  g_assert_cmpuint (f->n_backs, ==, 1);
  g_assert_false (sp_courier_client_is_away (f->client));
}

/* There are whole addresses, or none and nothing was found. */
static void
test_names (Fixture *f, gconstpointer data)
{
  static const char *const lies[] = { "unknown", "half", "empty", "both" };

  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_test_message ("%s", lies[i]);
      look_up (f, lies[i]);
      g_assert_cmpuint (f->looked_up.outcome, ==, SP_LOOKUP_FAILED);
      g_assert_cmpuint (f->looked_up.addresses_length, ==, 0);
    }
  look_up (f, "truth");
  g_assert_cmpuint (f->looked_up.outcome, ==, SP_LOOKUP_FOUND);
  g_assert_cmpuint (f->looked_up.addresses_length, ==, 2 * SP_ADDRESS_SIZE);
}

static void
mapped_cb (gpointer user_data, const SpPortsMapped *done)
{
  Fixture *f = user_data;

  f->n_backs++;
  f->mapped = *done;
  g_main_loop_quit (f->loop);
}

static void
map_ports (Fixture *f, const char *own, guint16 udp_port, const char *how)
{
  SpMapPorts order = { .tcp_port = 443, .udp_port = udp_port, .seconds = 3600 };
  g_autoptr (GError) error = NULL;

  g_assert_true (sp_address_from_text (own, order.own));
  memcpy (order.nonce, how, strlen (how));
  f->n_backs = 0;
  g_assert_true (sp_courier_client_map (f->client, &order, mapped_cb, f, &error));
  g_assert_no_error (error);
  g_main_loop_run (f->loop);
  g_assert_cmpuint (f->n_backs, ==, 1);
}

static const struct
{
  const char *how;
  const char *own;
  guint16 udp_port;
  SpMappingOutcome tcp;
  SpMappingOutcome udp;
  gboolean has_address;
} mappings[] = {
  { "truth", "2a02:2f08:77::20", 443, SP_MAPPING_DONE, SP_MAPPING_DONE, TRUE },
  { "elsewhere", "2a02:2f08:77::20", 443, SP_MAPPING_FAILED, SP_MAPPING_FAILED, FALSE },
  { "nowhere", "2a02:2f08:77::20", 443, SP_MAPPING_FAILED, SP_MAPPING_FAILED, FALSE },
  { "unknown", "2a02:2f08:77::20", 443, SP_MAPPING_FAILED, SP_MAPPING_FAILED, FALSE },
  { "refused", "2a02:2f08:77::20", 443, SP_MAPPING_REFUSED, SP_MAPPING_REFUSED, FALSE },
  { "udp alone", "2a02:2f08:77::20", 443, SP_MAPPING_TAKEN, SP_MAPPING_DONE, TRUE },
  { "udp away", "2a02:2f08:77::20", 443, SP_MAPPING_TAKEN, SP_MAPPING_FAILED, FALSE },
  { "elsewhere", "192.168.1.20", 443, SP_MAPPING_DONE, SP_MAPPING_DONE, TRUE }, /* outside */
  { "nowhere", "192.168.1.20", 443, SP_MAPPING_DONE, SP_MAPPING_DONE, FALSE },
  { "unknown", "192.168.1.20", 443, SP_MAPPING_FAILED, SP_MAPPING_FAILED, TRUE },
  { "udp alone", "192.168.1.20", 443, SP_MAPPING_TAKEN, SP_MAPPING_DONE, TRUE },
  { "udp alone", "192.168.1.20", 0, SP_MAPPING_TAKEN, SP_MAPPING_TAKEN, TRUE }, /* not ordered */
};

/* For no longer than was asked, no port that was not, and over IPv6 at this address. */
static void
test_mappings (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (mappings); i++)
    {
      gboolean has_done = mappings[i].tcp == SP_MAPPING_DONE || mappings[i].udp == SP_MAPPING_DONE;

      g_test_message ("%s, %s", mappings[i].own, mappings[i].how);
      map_ports (f, mappings[i].own, mappings[i].udp_port, mappings[i].how);
      g_assert_cmpuint (f->mapped.tcp, ==, mappings[i].tcp);
      g_assert_cmpuint (f->mapped.udp, ==, mappings[i].udp);
      g_assert_cmpuint (f->mapped.way, <=, SP_MAPPING_WAY_LAST);
      g_assert_cmpuint (f->mapped.seconds, ==, has_done ? 3600 : 0);
      g_assert_cmpint (!sp_address_is_unset (f->mapped.address), ==, mappings[i].has_address);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/courier-client/lies", Fixture, NULL, setup, test_lies, teardown);
  g_test_add ("/courier-client/truth", Fixture, NULL, setup, test_truth, teardown);
  g_test_add ("/courier-client/open-question", Fixture, NULL, setup, test_open_question, teardown);
  g_test_add ("/courier-client/names", Fixture, NULL, setup, test_names, teardown);
  g_test_add ("/courier-client/mappings", Fixture, NULL, setup, test_mappings, teardown);
  return g_test_run ();
}

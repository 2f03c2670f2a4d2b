/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "zone-errand.h"

#include "base/secret.h"
#include "zone-update.h"

#include <string.h>

#define NAME_SERVER_PORT 53
#define QUIET_SECONDS    20 /* without a byte */
#define DEADLINE_SECONDS 45 /* main waits for SP_ERRAND_SECONDS */
#define LENGTH_SIZE      2  /* before each message (RFC 1035 4.2.2) */

struct _SpZoneErrand
{
  SpZoneUpdate *update;
  GSocketConnection *connection;
  GCancellable *cancellable;
  guint deadline; /* source id, 0 = none */
  gboolean late;
  GByteArray *question;
  guint8 length[LENGTH_SIZE];
  guint8 answer[SP_ERRAND_ANSWER_MAX];
  SpErrandEnded ended;
  gpointer user_data;
};

static void
tell (SpZoneErrand *errand, SpErrandOutcome outcome, guint16 code)
{
  const SpErrandDone done = { .outcome = (guint8) outcome, .status = code };

  g_clear_handle_id (&errand->deadline, g_source_remove);
  errand->ended (errand->user_data, &done); /* last: it may free the errand */
}

static void
fail (SpZoneErrand *errand, const GError *error)
{
  tell (errand, errand->late ? SP_ERRAND_SILENT : sp_errand_find_outcome (error), 0);
}

/* --- on the way --- */

static gsize
find_answer_size (const SpZoneErrand *errand)
{
  return ((gsize) errand->length[0] << 8) | errand->length[1];
}

static void
read_cb (GObject *stream, GAsyncResult *result, gpointer user_data)
{
  SpZoneErrand *errand = user_data;
  g_autoptr (GError) error = NULL;
  guint16 code = 0;
  SpErrandOutcome outcome;
  gsize size;

  if (!g_input_stream_read_all_finish (G_INPUT_STREAM (stream), result, &size, &error))
    {
      fail (errand, error);
      return;
    }
  outcome = size == find_answer_size (errand)
                ? sp_zone_update_judge (errand->update, errand->answer, size, &code)
                : SP_ERRAND_NOT_UNDERSTOOD;
  tell (errand, outcome, code);
}

static void
length_cb (GObject *stream, GAsyncResult *result, gpointer user_data)
{
  SpZoneErrand *errand = user_data;
  g_autoptr (GError) error = NULL;
  gsize size;

  if (!g_input_stream_read_all_finish (G_INPUT_STREAM (stream), result, &size, &error))
    fail (errand, error);
  else if (size == 0)
    tell (errand, SP_ERRAND_UNREACHABLE, 0);
  else if (size != LENGTH_SIZE || find_answer_size (errand) > sizeof errand->answer)
    tell (errand, SP_ERRAND_NOT_UNDERSTOOD, 0);
  else
    g_input_stream_read_all_async (G_INPUT_STREAM (stream), errand->answer,
                                   find_answer_size (errand), G_PRIORITY_DEFAULT,
                                   errand->cancellable, read_cb, errand);
}

static void
asked_cb (GObject *stream, GAsyncResult *result, gpointer user_data)
{
  SpZoneErrand *errand = user_data;
  g_autoptr (GError) error = NULL;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (stream), result, NULL, &error))
    fail (errand, error);
  else
    g_input_stream_read_all_async (g_io_stream_get_input_stream (G_IO_STREAM (errand->connection)),
                                   errand->length, LENGTH_SIZE, G_PRIORITY_DEFAULT,
                                   errand->cancellable, length_cb, errand);
}

static void
connected_cb (GObject *client, GAsyncResult *result, gpointer user_data)
{
  SpZoneErrand *errand = user_data;
  g_autoptr (GError) error = NULL;

  errand->connection = g_socket_client_connect_finish (G_SOCKET_CLIENT (client), result, &error);
  if (errand->connection == NULL)
    fail (errand, error);
  else
    g_output_stream_write_all_async (
        g_io_stream_get_output_stream (G_IO_STREAM (errand->connection)), errand->question->data,
        errand->question->len, G_PRIORITY_DEFAULT, errand->cancellable, asked_cb, errand);
}

static gboolean
deadline_cb (gpointer user_data)
{
  SpZoneErrand *errand = user_data;

  errand->deadline = 0;
  errand->late = TRUE;
  g_cancellable_cancel (errand->cancellable);
  return G_SOURCE_REMOVE;
}

/* --- the beginning --- */

static void
put_question (SpZoneErrand *errand)
{
  gsize size;
  const guint8 *message = sp_zone_update_get_message (errand->update, &size);
  const guint8 length[LENGTH_SIZE] = { (guint8) (size >> 8), (guint8) size };

  g_byte_array_append (errand->question, length, LENGTH_SIZE);
  g_byte_array_append (errand->question, message, (guint) size);
}

static void
connect_to (SpZoneErrand *errand, GSocketConnectable *place)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();

  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_set_timeout (client, QUIET_SECONDS);
  errand->deadline = g_timeout_add_seconds (DEADLINE_SECONDS, deadline_cb, errand);
  g_socket_client_connect_async (client, place, errand->cancellable, connected_cb, errand);
}

SpZoneErrand *
sp_zone_errand_start (const SpRunErrand *order,
                      char *secret,
                      SpErrandEnded ended,
                      gpointer user_data)
{
  g_autoptr (SpSecretText) taken = secret;
  g_autofree char *server = g_strndup ((const char *) order->url, order->url_length);
  g_autoptr (GSocketConnectable) place = g_network_address_parse (server, NAME_SERVER_PORT, NULL);
  SpZoneErrand *errand = g_new0 (SpZoneErrand, 1);
  SpErrandOutcome outcome;

  errand->ended = ended;
  errand->user_data = user_data;
  errand->cancellable = g_cancellable_new ();
  errand->question = g_byte_array_new ();
  errand->update = sp_zone_update_new (order, taken, &outcome);
  if (errand->update == NULL || place == NULL)
    {
      tell (errand, place == NULL ? SP_ERRAND_FAILED : outcome, 0);
      return errand;
    }
  put_question (errand);
  connect_to (errand, place);
  return errand;
}

void
sp_zone_errand_free (SpZoneErrand *errand)
{
  if (errand == NULL)
    return;
  g_clear_handle_id (&errand->deadline, g_source_remove);
  g_clear_object (&errand->connection);
  g_clear_object (&errand->cancellable);
  g_byte_array_unref (errand->question);
  sp_zone_update_free (errand->update);
  g_free (errand);
}

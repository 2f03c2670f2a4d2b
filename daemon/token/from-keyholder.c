/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "from-keyholder.h"

#include "base/error.h"
#include "base/log.h"
#include "base/secret.h"

#include <string.h>

static guint16
copy_text (const GError *error, guint8 *field)
{
  const char *text = error != NULL ? error->message : "";
  const char *end;

  (void) g_utf8_validate_len (text, MIN (strlen (text), SP_REASON_MAX), &end);
  memcpy (field, text, (gsize) (end - text));
  return (guint16) (end - text);
}

static void
open_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpTokenRoom *room = user_data;
  const SpOpenToken *order = message;
  g_autofree char *uri = g_strndup ((const char *) order->uri, order->uri_length);
  g_autoptr (SpSecretText) pin = g_strndup ((const char *) order->pin, order->pin_length);
  g_autoptr (GError) error = NULL;
  SpTokenOpened answer = { 0 };
  SpTokenState state = SP_TOKEN_FAILED;

  room->token = sp_token_open (uri, pin, &state, &error);
  answer.state = (guint8) state;
  answer.text_length = copy_text (error, answer.text);
  if (room->token != NULL)
    sp_link_enter (room->keyholder, SP_KEYHOLDER_TOKEN_READY);
  sp_link_answer (room->keyholder, SP_MESSAGE_TOKEN_OPENED, serial, &answer, NULL, 0);
}

static void
sign_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpTokenRoom *room = user_data;
  const SpSignBlock *block = message;
  SpBlockSigned answer = { 0 };
  g_autoptr (GError) error = NULL;

  answer.signature_length = sp_token_sign (room->token, block->form, block->digest,
                                           block->digest_length, answer.signature, &error);
  answer.text_length = copy_text (error, answer.text);
  sp_link_answer (room->keyholder, SP_MESSAGE_BLOCK_SIGNED, serial, &answer, NULL, 0);
}

static void
closed_cb (gpointer user_data, const GError *error)
{
  SpTokenRoom *room = user_data;

  if (!g_error_matches (error, SP_ERROR, SP_ERROR_PEER_GONE))
    sp_log (SP_LOG_ERROR, "keyholder", "%s", error->message);
  g_main_loop_quit (room->loop);
}

const SpLinkTable sp_token_from_keyholder = {
  .handlers = {
    [SP_MESSAGE_OPEN_TOKEN] = open_cb,
    [SP_MESSAGE_SIGN_BLOCK] = sign_cb,
  },
  .closed = closed_cb,
};

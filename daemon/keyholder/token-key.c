/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "token-key.h"

#include "base/error.h"
#include "base/io.h"
#include "base/secret.h"

#include <string.h>

#define PAUSE_FIRST_SECONDS 2
#define PAUSE_MOST_SECONDS  60

struct _SpTokenKey
{
  SpKeyholder *keyholder;
  SpSigner *signer; /* has this key */
  char *uri;
  char *pin;
  SpTokenChanged changed;
  gpointer user_data;
  SpTokenState state;
  guint32 room; /* main's number of it; 0: there is none */
  SpLink *link;
  SpSignerTask trial;
  guint32 trial_serial;
  GHashTable *pending; /* serial → Pending */
  GSource *timer;      /* of what is awaited, or of the next try */
  guint pause;         /* seconds before that */
};

typedef struct
{
  SpTokenKey *key;
  SpSignerTask task;
  SpTokenSigned done;
  gpointer user_data;
  GSource *deadline;
} Pending;

static gboolean begin_cb (gpointer user_data);

/* --- timers --- */

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static GSource *
call_later (guint milliseconds, GSourceFunc function, gpointer data)
{
  GSource *source = g_timeout_source_new (milliseconds);

  g_source_set_callback (source, function, data, NULL);
  g_source_attach (source, NULL);
  return source;
}

static void
set_timer (SpTokenKey *key, guint milliseconds, GSourceFunc function)
{
  clear_source (&key->timer);
  key->timer = call_later (milliseconds, function, key);
}

/* --- signatures that are waited for --- */

static void
pending_free (gpointer data)
{
  Pending *pending = data;

  clear_source (&pending->deadline);
  g_free (pending);
}

static void
answer (Pending *pending, const guint8 *signature, guint16 length)
{
  pending->done (pending->user_data, signature, length);
  pending_free (pending);
}

static void
answer_all (SpTokenKey *key)
{
  g_autoptr (GHashTable) pending = g_steal_pointer (&key->pending);
  g_autoptr (GList) all = g_hash_table_get_values (pending);

  key->pending = g_hash_table_new (NULL, NULL);
  for (GList *next = all; next != NULL; next = next->next)
    answer (next->data, NULL, 0);
}

/* --- how it is --- */

static void
drop_room (SpTokenKey *key)
{
  const SpEndToken order = { .room = key->room };

  g_clear_pointer (&key->link, sp_link_free);
  if (key->room == 0)
    return;
  (void) g_hash_table_remove (key->keyholder->token_keys, GUINT_TO_POINTER (key->room));
  key->room = 0;
  sp_link_send (key->keyholder->main, SP_MESSAGE_END_TOKEN, &order, NULL, 0);
}

/* The last thing that is done with a key in a turn: whoever hears of it may free it. */
static void
set_state (SpTokenKey *key, SpTokenState state, const char *text)
{
  gboolean changed = key->state != state;

  key->state = state;
  if (changed && state != SP_TOKEN_READY)
    sp_log (SP_LOG_WARNING, "token", "the server's key in a token: %s", text);
  if (changed && state == SP_TOKEN_READY)
    sp_log (SP_LOG_NOTICE, "token", "the server's key is in a token, which signs");
  if (changed)
    key->changed (key->user_data, key->signer, state, text);
}

static void
fail (SpTokenKey *key, SpTokenState state, const char *text)
{
  G_GNUC_UNUSED g_autoptr (SpSigner) alive = sp_signer_ref (key->signer);

  drop_room (key);
  clear_source (&key->timer);
  answer_all (key);
  if (state != SP_TOKEN_WRONG_PIN)
    set_timer (key, key->pause * 1000, begin_cb);
  key->pause = MIN (2 * key->pause, PAUSE_MOST_SECONDS);
  set_state (key, state, text);
}

static gboolean
silent_cb (gpointer user_data)
{
  fail (user_data, SP_TOKEN_SILENT, "it does not answer");
  return G_SOURCE_REMOVE;
}

static gboolean
overdue_cb (gpointer user_data)
{
  return silent_cb (((Pending *) user_data)->key);
}

static char *
take_text (const guint8 *text, guint16 length)
{
  return g_utf8_make_valid ((const char *) text, length);
}

/* --- the room --- */

/* Each try has a room of its own, so that what was said of an older one is not taken for it. */
static gboolean
begin_cb (gpointer user_data)
{
  SpTokenKey *key = user_data;
  SpKeyholder *keyholder = key->keyholder;
  SpStartToken order = { .room = ++keyholder->token_rooms };

  key->room = order.room;
  (void) g_hash_table_insert (keyholder->token_keys, GUINT_TO_POINTER (key->room), key);
  set_timer (key, SP_TOKEN_OPEN_SECONDS * 1000, silent_cb);
  if (sp_link_ask (keyholder->main, SP_MESSAGE_START_TOKEN, &order, NULL, 0) == 0)
    fail (key, SP_TOKEN_ENDED, "its room cannot be started now");
  return G_SOURCE_REMOVE;
}

void
sp_token_key_refused (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpTokenRefused *refused = message;
  SpTokenKey *key = g_hash_table_lookup (keyholder->token_keys, GUINT_TO_POINTER (refused->room));
  g_autofree char *text = take_text (refused->text, refused->text_length);

  if (key != NULL)
    fail (key, SP_TOKEN_ENDED, text);
}

static void
ask_for_trial (SpTokenKey *key)
{
  SpSignBlock block = { 0 };

  sp_signer_plan_trial (key->signer, &key->trial);
  block.form = key->trial.form;
  block.digest_length = key->trial.length;
  memcpy (block.digest, key->trial.digest, key->trial.length);
  key->trial_serial = sp_link_ask (key->link, SP_MESSAGE_SIGN_BLOCK, &block, NULL, 0);
}

/* The key is there; whether it is the certificate's a signature shows. */
static void
opened_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpTokenKey *key = user_data;
  const SpTokenOpened *opened = message;
  g_autofree char *text = take_text (opened->text, opened->text_length);

  if (opened->state != SP_TOKEN_READY)
    {
      fail (key, (SpTokenState) MIN (opened->state, SP_TOKEN_STATE_LAST), text);
      return;
    }
  sp_link_enter (key->link, SP_KEYHOLDER_TOKEN_READY);
  ask_for_trial (key);
}

static void
judge_trial (SpTokenKey *key, const SpBlockSigned *block)
{
  if (!sp_signer_is_right (key->signer, &key->trial, block->signature, block->signature_length))
    {
      g_autofree char *text = take_text (block->text, block->text_length);

      fail (key, block->signature_length > 0 ? SP_TOKEN_FOREIGN_KEY : SP_TOKEN_FAILED,
            block->signature_length > 0 ? "its key is not that of the certificate" : text);
      return;
    }
  clear_source (&key->timer);
  key->pause = PAUSE_FIRST_SECONDS;
  set_state (key, SP_TOKEN_READY, "");
}

/* What is no signature of the certificate's key goes nowhere: a token that errs could give its key
 * away by it. */
static void
signed_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpTokenKey *key = user_data;
  G_GNUC_UNUSED g_autoptr (SpSigner) alive = sp_signer_ref (key->signer);
  const SpBlockSigned *block = message;
  Pending *pending = g_hash_table_lookup (key->pending, GUINT_TO_POINTER (serial));
  g_autofree char *text = take_text (block->text, block->text_length);
  gboolean right;

  if (serial == key->trial_serial)
    {
      key->trial_serial = 0;
      judge_trial (key, block);
      return;
    }
  if (pending == NULL)
    return;
  (void) g_hash_table_remove (key->pending, GUINT_TO_POINTER (serial));
  right =
      sp_signer_is_right (key->signer, &pending->task, block->signature, block->signature_length);
  answer (pending, block->signature, right ? block->signature_length : 0);
  if (!right && key->link != NULL)
    fail (key, SP_TOKEN_FAILED, text[0] != '\0' ? text : "it signs what is no signature");
}

static void
closed_cb (gpointer user_data, const GError *error)
{
  fail (user_data, SP_TOKEN_ENDED, "its room ended");
}

static const SpLinkTable from_token = {
  .handlers = {
    [SP_MESSAGE_TOKEN_OPENED] = opened_cb,
    [SP_MESSAGE_BLOCK_SIGNED] = signed_cb,
  },
  .closed = closed_cb,
};

void
sp_token_key_started (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpTokenStarted *started = message;
  SpTokenKey *key = g_hash_table_lookup (keyholder->token_keys, GUINT_TO_POINTER (started->room));
  g_autofree SpOpenToken *order = NULL;

  if (key == NULL || key->link != NULL)
    return;
  key->link = sp_link_new (sp_fd_steal (&fds[0]), &sp_wall_keyholder_token,
                           SP_KEYHOLDER_TOKEN_KEYHOLDER, &from_token, key);
  sp_link_enter (key->link, SP_KEYHOLDER_TOKEN_STARTING);
  order = g_new0 (SpOpenToken, 1);
  order->uri_length = sp_text_copy (key->uri, order->uri, sizeof order->uri);
  order->pin_length = sp_text_copy (key->pin, order->pin, sizeof order->pin);
  (void) sp_link_ask (key->link, SP_MESSAGE_OPEN_TOKEN, order, NULL, 0);
  sp_secret_wipe (order, sizeof *order);
}

/* --- for others --- */

void
sp_token_key_new (SpKeyholder *keyholder,
                  SpSigner *signer,
                  const char *uri,
                  const char *pin,
                  SpTokenChanged changed,
                  gpointer user_data)
{
  SpTokenKey *key = g_new0 (SpTokenKey, 1);

  key->keyholder = keyholder;
  key->signer = signer;
  key->uri = g_strdup (uri);
  key->pin = g_strdup (pin);
  key->changed = changed;
  key->user_data = user_data;
  key->state = SP_TOKEN_STARTING;
  key->pending = g_hash_table_new (NULL, NULL);
  key->pause = PAUSE_FIRST_SECONDS;
  set_timer (key, 0, begin_cb);
  sp_signer_take_token (signer, key);
}

void
sp_token_key_free (SpTokenKey *key)
{
  if (key == NULL)
    return;
  drop_room (key);
  clear_source (&key->timer);
  answer_all (key);
  g_hash_table_unref (key->pending);
  g_free (key->uri);
  sp_secret_text_free (key->pin);
  g_free (key);
}

void
sp_token_key_sign (SpTokenKey *key,
                   const SpSignerTask *task,
                   SpTokenSigned done,
                   gpointer user_data)
{
  SpSignBlock block = { .form = task->form, .digest_length = task->length };
  guint32 serial = 0;
  Pending *pending;

  memcpy (block.digest, task->digest, task->length);
  if (key->state == SP_TOKEN_READY)
    serial = sp_link_ask (key->link, SP_MESSAGE_SIGN_BLOCK, &block, NULL, 0);
  if (serial == 0)
    {
      done (user_data, NULL, 0);
      return;
    }
  pending = g_new0 (Pending, 1);
  pending->key = key;
  pending->task = *task;
  pending->done = done;
  pending->user_data = user_data;
  pending->deadline = call_later (SP_TOKEN_SIGN_SECONDS * 1000, overdue_cb, pending);
  (void) g_hash_table_insert (key->pending, GUINT_TO_POINTER (serial), pending);
}

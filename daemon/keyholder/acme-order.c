/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acme-order.h"

#include "acme-request.h"
#include "base/error.h"

#include <string.h>

enum
{
  FIND,
  COUNT,
  ADD,
  N_STATEMENTS
};

static const SpStatementText texts[N_STATEMENTS] = {
  [FIND] = { SP_SOON, "SELECT private_key FROM acme_accounts WHERE directory = ?1" },
  [COUNT] = { SP_SOON, "SELECT count (*) FROM acme_accounts" },
  [ADD] = { SP_DURABLE, "INSERT INTO acme_accounts VALUES (?1, ?2)" },
};

typedef struct
{
  const guint8 *directory;
  gsize length;
} Account;

/* NULL without an error: there is none yet. */
static SpPrivateKey *
load (SpStatement *prepared, const Account *account, GError **error)
{
  g_autoptr (SpStatement) find = prepared;
  const guint8 *bytes;
  gsize size;

  sp_statement_set_bytes (find, 1, account->directory, account->length);
  if (sp_statement_next (find, error) != SP_ROW)
    return NULL;
  bytes = sp_statement_get_bytes (find, 0, &size);
  return sp_private_key_read (bytes, size, error);
}

static gboolean
has_room (SpStatement *prepared, GError **error)
{
  g_autoptr (SpStatement) count = prepared;

  if (sp_statement_next (count, error) != SP_ROW)
    return FALSE;
  if (sp_statement_get_number (count, 0) < SP_ACME_ACCOUNTS_MAX)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "there are %d accounts at authorities already",
               SP_ACME_ACCOUNTS_MAX);
  return FALSE;
}

static SpPrivateKey *
add (SpStatement *statement, const Account *account, GError **error)
{
  g_autoptr (SpPrivateKey) key = sp_private_key_make (error);
  GByteArray *bytes = key != NULL ? sp_private_key_write (key, error) : NULL;
  gboolean added;

  if (bytes == NULL)
    return NULL;
  sp_statement_set_bytes (statement, 1, account->directory, account->length);
  sp_statement_set_bytes (statement, 2, bytes->data, bytes->len);
  added = sp_statement_run (statement, error);
  sp_secret_bytes_free (bytes);
  return added ? g_steal_pointer (&key) : NULL;
}

static SpPrivateKey *
find_or_make (SpDatabase *database, const Account *account, GError **error)
{
  SpStatement *statements[N_STATEMENTS];
  GError *failure = NULL;
  SpPrivateKey *key;

  if (!sp_database_prepare (database, texts, N_STATEMENTS, statements, error))
    return NULL;
  key = load (statements[FIND], account, &failure);
  if (failure != NULL)
    g_propagate_error (error, failure);
  if (key != NULL || failure != NULL || !has_room (statements[COUNT], error))
    return key;
  return add (statements[ADD], account, error);
}

void
sp_acme_order_sign (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpSignAcme *order = message;
  const Account account = { order->directory, order->directory_length };
  const SpStoredRequest *request = sp_request_store_find (keyholder->requests, order->request);
  g_autoptr (GError) error = NULL;
  g_autoptr (SpPrivateKey) key = find_or_make (keyholder->database, &account, &error);
  g_autofree char *text =
      key != NULL
          ? sp_acme_request_compose (order, key, request != NULL ? request->request : NULL, &error)
          : NULL;
  g_autofree SpAcmeSigned *answer = g_new0 (SpAcmeSigned, 1);

  if (text != NULL && strlen (text) > sizeof answer->request)
    g_set_error (&error, SP_ERROR, SP_ERROR_FAILED, "the request is too long");
  else if (text != NULL)
    memcpy (answer->request, text, answer->request_length = (guint16) strlen (text));
  if (error != NULL)
    {
      answer->done = (guint8) sp_done_from_error (error);
      answer->text_length = sp_text_copy (error->message, answer->text, sizeof answer->text);
    }
  sp_link_answer (keyholder->main, SP_MESSAGE_ACME_SIGNED, serial, answer, NULL, 0);
}

void
sp_acme_order_digest (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpDigestAcme *order = message;
  const Account account = { order->directory, order->directory_length };
  g_autoptr (GError) error = NULL;
  g_autoptr (SpPrivateKey) key = find_or_make (keyholder->database, &account, &error);
  SpAcmeDigested answer = { 0 };

  if (key == NULL || !sp_acme_request_digest (key, order->token, order->token_length,
                                              answer.thumbprint, answer.digest, &error))
    {
      answer.done = (guint8) sp_done_from_error (error);
      answer.text_length = sp_text_copy (error->message, answer.text, sizeof answer.text);
    }
  sp_link_answer (keyholder->main, SP_MESSAGE_ACME_DIGESTED, serial, &answer, NULL, 0);
}

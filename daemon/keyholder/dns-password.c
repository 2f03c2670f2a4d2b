/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dns-password.h"

#include "base/error.h"
#include "base/io.h"
#include "base/secret.h"
#include "handed-secret.h"
#include "password-reader.h"

G_STATIC_ASSERT (sizeof (SpDnsPasswordSet) == sizeof (SpUserPut));
G_STATIC_ASSERT (sizeof (SpDnsPasswordLent) == sizeof (SpUserPut));

struct _SpDnsPassword
{
  SpKeyholder *keyholder;
  SpDnsPasswordKind which;
  guint32 serial;
  SpPasswordReader *reader;
};

static const struct
{
  SpStatementText remember;
  SpStatementText forget;
  SpStatementText find;
} statements[] = {
  [SP_DNS_PASSWORD_PROVIDER] = {
      { SP_DURABLE, "INSERT OR REPLACE INTO dns_password VALUES (1, ?1)" },
      { SP_DURABLE, "DELETE FROM dns_password" },
      { SP_SOON, "SELECT password FROM dns_password" },
  },
  [SP_DNS_PASSWORD_KEY] = {
      { SP_DURABLE, "INSERT OR REPLACE INTO dns_key VALUES (1, ?1)" },
      { SP_DURABLE, "DELETE FROM dns_key" },
      { SP_SOON, "SELECT secret FROM dns_key" },
  },
};
G_STATIC_ASSERT (G_N_ELEMENTS (statements) == SP_DNS_PASSWORD_LAST + 1);

void
sp_dns_password_free (SpDnsPassword *password)
{
  if (password == NULL)
    return;
  sp_password_reader_free (password->reader);
  g_free (password);
}

/* RFC 4648 4, whole groups of four.  What decodes it for a signature is the library's. */
static gboolean
is_base64 (const guint8 *text, gsize length)
{
  gsize n_letters = length;

  while (n_letters > 0 && length - n_letters < 2 && text[n_letters - 1] == '=')
    n_letters--;
  for (gsize i = 0; i < n_letters; i++)
    if (!g_ascii_isalnum (text[i]) && text[i] != '+' && text[i] != '/')
      return FALSE;
  return n_letters > 0 && length % 4 == 0;
}

static gboolean
store (SpDatabase *database,
       SpDnsPasswordKind which,
       const guint8 *password,
       gsize length,
       GError **error)
{
  SpStatement *statement;

  if (length > SP_ERRAND_SECRET_MAX)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                   "the password is too long; it has at most %d bytes", SP_ERRAND_SECRET_MAX);
      return FALSE;
    }
  if (which == SP_DNS_PASSWORD_KEY && !is_base64 (password, length))
    {
      g_set_error_literal (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                           "the secret of a key is written in base64, as in c2VjcmV0");
      return FALSE;
    }
  if (!sp_database_prepare (database, &statements[which].remember, 1, &statement, error))
    return FALSE;
  sp_statement_set_bytes (statement, 1, password, length);
  return sp_statement_run (statement, error);
}

static void
tell (SpKeyholder *keyholder, SpDnsPasswordKind which, gboolean on)
{
  const SpDnsPasswordKnown known = { .which = (guint8) which, .on = on ? 1 : 0 };

  sp_link_send (keyholder->main, SP_MESSAGE_DNS_PASSWORD_KNOWN, &known, NULL, 0);
}

static void
read_cb (gpointer user_data, const guint8 *bytes, gsize length, const GError *error)
{
  SpDnsPassword *password = user_data;
  SpKeyholder *keyholder = password->keyholder;
  g_autoptr (GError) failed = NULL;

  if (error == NULL && store (keyholder->database, password->which, bytes, length, &failed))
    tell (keyholder, password->which, TRUE);
  keyholder->dns_password = NULL;
  sp_keyholder_answer_done (keyholder, SP_MESSAGE_DNS_PASSWORD_SET, password->serial,
                            error != NULL ? error : failed);
  sp_dns_password_free (password);
}

static void
forget_now (SpKeyholder *keyholder, guint32 serial, SpDnsPasswordKind which)
{
  g_autoptr (GError) error = NULL;
  SpStatement *statement;

  if (sp_database_prepare (keyholder->database, &statements[which].forget, 1, &statement, &error) &&
      sp_statement_run (statement, &error))
    tell (keyholder, which, FALSE);
  sp_keyholder_answer_done (keyholder, SP_MESSAGE_DNS_PASSWORD_SET, serial, error);
}

void
sp_dns_password_set (SpKeyholder *keyholder,
                     guint32 serial,
                     const SpSetDnsPassword *message,
                     int *fds)
{
  g_autoptr (GError) error = NULL;
  SpDnsPasswordKind which = (SpDnsPasswordKind) MIN (message->which, SP_DNS_PASSWORD_LAST);
  SpDnsPassword *password;

  if (message->on == 0)
    {
      forget_now (keyholder, serial, which);
      return;
    }
  if (keyholder->dns_password != NULL)
    {
      error = g_error_new_literal (SP_ERROR, SP_ERROR_BUSY, "the password is being set already");
      sp_keyholder_answer_done (keyholder, SP_MESSAGE_DNS_PASSWORD_SET, serial, error);
      return;
    }
  password = g_new0 (SpDnsPassword, 1);
  password->keyholder = keyholder;
  password->which = which;
  password->serial = serial;
  password->reader =
      sp_password_reader_new (sp_fd_steal (&fds[0]), SP_PASSWORD_READ_SECONDS, read_cb, password);
  keyholder->dns_password = password;
}

/* NULL without an error: there is none. */
static char *
load (SpDatabase *database, SpDnsPasswordKind which, GError **error)
{
  SpStatement *prepared;
  g_autoptr (SpStatement) query = NULL;
  const guint8 *bytes;
  gsize size;

  if (!sp_database_prepare (database, &statements[which].find, 1, &prepared, error))
    return NULL;
  query = prepared;
  if (sp_statement_next (query, error) != SP_ROW)
    return NULL;
  bytes = sp_statement_get_bytes (query, 0, &size);
  return g_strndup ((const char *) bytes, size);
}

gboolean
sp_dns_password_tell_all (SpKeyholder *keyholder, GError **error)
{
  for (SpDnsPasswordKind which = 0; which <= SP_DNS_PASSWORD_LAST; which++)
    {
      g_autoptr (GError) failed = NULL;
      g_autoptr (SpSecretText) password = load (keyholder->database, which, &failed);

      if (failed != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&failed));
          return FALSE;
        }
      if (password != NULL)
        tell (keyholder, which, TRUE);
    }
  return TRUE;
}

void
sp_dns_password_lend (SpKeyholder *keyholder,
                      guint32 serial,
                      const SpLendDnsPassword *message,
                      int fd)
{
  SpDnsPasswordKind which = (SpDnsPasswordKind) MIN (message->which, SP_DNS_PASSWORD_LAST);
  g_autoptr (GError) error = NULL;
  g_autoptr (SpSecretText) password = load (keyholder->database, which, &error);

  if (password != NULL)
    (void) sp_secret_hand_over (fd, password, &error);
  sp_keyholder_answer_done (keyholder, SP_MESSAGE_DNS_PASSWORD_LENT, serial, error);
}

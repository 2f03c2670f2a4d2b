/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device-order.h"

#include "base/error.h"
#include "base/io.h"
#include "base/secret.h"
#include "device-certificate.h"
#include "keyholder.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <string.h>
#include <unistd.h>

/* Without characters that look alike; a power of two, so that every one is as likely. */
#define ALPHABET        "abcdefghijkmnpqrstuvwxyz23456789"
#define GENERATED_SIZE  20 /* characters of 5 bits: 100 bits */
#define GENERATED_GROUP 5
G_STATIC_ASSERT (sizeof ALPHABET - 1 == 32);

/* One order to make a certificate: what it takes, and what came out. */
typedef struct
{
  SpKeyholder *keyholder;
  const SpIssueDevice *message;
  int file;
  int passphrase_fd;
  char passphrase[SP_PASSPHRASE_MAX + 1];
  char login[SP_LOGIN_MAX + 1];
  char name[SP_DEVICE_NAME_MAX + 1];
  gint64 now; /* seconds */
  gint64 not_after;
  guint8 fingerprint[SP_FINGERPRINT_SIZE];
} Order;

static gboolean
refuse (GError **error, SpError code, const char *text)
{
  g_set_error_literal (error, SP_ERROR, code, text);
  return FALSE;
}

/* --- the passphrase --- */

void
sp_device_order_make_passphrase (char passphrase[SP_PASSPHRASE_MAX + 1])
{
  guint8 random[GENERATED_SIZE];

  sp_random_bytes (random, sizeof random);
  for (guint i = 0; i < GENERATED_SIZE; i++)
    {
      if (i > 0 && i % GENERATED_GROUP == 0)
        *passphrase++ = '-';
      *passphrase++ = ALPHABET[random[i] % (sizeof ALPHABET - 1)];
    }
  *passphrase = '\0';
  sp_secret_wipe (random, sizeof random);
}

/* One line end at its end is not part of it. */
static gboolean
read_passphrase (Order *order, GError **error)
{
  char bytes[SP_PASSPHRASE_MAX + 2];
  ssize_t size = pread (order->passphrase_fd, bytes, sizeof bytes, 0);
  gboolean taken;

  if (size > 0 && bytes[size - 1] == '\n')
    size--;
  taken = size >= SP_PASSPHRASE_MIN && size <= SP_PASSPHRASE_MAX &&
          memchr (bytes, 0, (gsize) size) == NULL && g_utf8_validate (bytes, size, NULL);
  if (taken)
    memcpy (order->passphrase, bytes, (gsize) size);
  sp_secret_wipe (bytes, sizeof bytes);
  if (taken)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
               "a passphrase has %d to %d bytes of text", SP_PASSPHRASE_MIN, SP_PASSPHRASE_MAX);
  return FALSE;
}

static gboolean
write_all (int fd, const void *bytes, gsize size, GError **error)
{
  const char *next = bytes;

  while (size > 0)
    {
      ssize_t written = write (fd, next, size);

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        {
          sp_error_set_errno (error, errno, "writing the file");
          return FALSE;
        }
      next += written;
      size -= (gsize) written;
    }
  return TRUE;
}

static gboolean
settle_passphrase (Order *order, GError **error)
{
  switch (order->message->passphrase)
    {
      case SP_PASSPHRASE_NONE:
        return order->message->format == SP_DEVICE_PEM ||
               refuse (error, SP_ERROR_INVALID_ARGUMENTS, "the file needs a passphrase");
      case SP_PASSPHRASE_GIVEN:
        return read_passphrase (order, error);
      default:
        sp_device_order_make_passphrase (order->passphrase);
        return write_all (order->passphrase_fd, order->passphrase, strlen (order->passphrase),
                          error);
    }
}

/* --- the certificate --- */

static gboolean
check_message (const SpIssueDevice *message, GError **error)
{
  if (message->format > SP_DEVICE_FORMAT_LAST || message->passphrase > SP_PASSPHRASE_LAST)
    return refuse (error, SP_ERROR_INVALID_ARGUMENTS, "there is no such format");
  if (message->days < 1 || message->days > SP_DEVICE_DAYS_MAX)
    return refuse (error, SP_ERROR_INVALID_ARGUMENTS, "a certificate is good for 1 to 3650 days");
  return message->login_length > 0 || refuse (error, SP_ERROR_INVALID_ARGUMENTS, "whose is it?");
}

static gboolean export(Order *order, SpPrivateKey *key, SpCertificate *certificate, GError **error)
{
  const char *passphrase = order->passphrase[0] != '\0' ? order->passphrase : NULL;
  GByteArray *file = sp_device_certificate_export (
      key, certificate, sp_key_store_get_authority_certificate (order->keyholder->keys),
      order->name, (SpDeviceFormat) order->message->format, passphrase, error);
  gboolean written = file != NULL && write_all (order->file, file->data, file->len, error);

  if (file != NULL)
    sp_secret_bytes_free (file);
  return written;
}

static gboolean
take_fingerprint (SpCertificate *certificate, guint8 *ret_fingerprint, GError **error)
{
  g_autoptr (GBytes) bytes = sp_certificate_write (certificate, error);

  return bytes != NULL && sp_device_store_fingerprint (g_bytes_get_data (bytes, NULL),
                                                       g_bytes_get_size (bytes), ret_fingerprint);
}

/* The file is written before anything is acknowledged; who has it without a row has nothing. */
static gboolean
make_and_store (Order *order, GError **error)
{
  const SpIssueDevice *message = order->message;
  SpKeyholder *keyholder = order->keyholder;
  g_autoptr (SpPrivateKey) key = sp_private_key_make (error);
  g_autoptr (SpCertificate) certificate = NULL;
  g_autoptr (SpTransaction) transaction = NULL;

  if (key != NULL)
    certificate = sp_key_store_issue (keyholder->keys, key, order->login, order->name,
                                      message->days, order->now, error);
  if (certificate == NULL || !take_fingerprint (certificate, order->fingerprint, error) ||
      !export(order, key, certificate, error))
    return FALSE;
  order->not_after = (gint64) gnutls_x509_crt_get_expiration_time (certificate);
  transaction = sp_transaction_begin (keyholder->database, SP_DURABLE, error);
  return transaction != NULL &&
         (message->renew != 0 ||
          sp_device_store_add (keyholder->devices, message->device, message->user, error)) &&
         sp_device_store_add_certificate (keyholder->devices, message->device, order->fingerprint,
                                          g_get_real_time (), error) &&
         sp_transaction_commit (&transaction, error);
}

/* A renewal is of a device that is there and may be used. */
static gboolean
check_device (Order *order, GError **error)
{
  SpDeviceEntry device;

  if (order->message->renew == 0)
    return TRUE;
  if (!sp_device_store_find (order->keyholder->devices, order->message->device, &device, error))
    return FALSE;
  return !device.revoked || refuse (error, SP_ERROR_INVALID_ARGUMENTS, "the device was revoked");
}

static void
answer (const Order *order, guint32 serial, const GError *error)
{
  SpDeviceIssued issued = { .done = (guint8) sp_done_from_error (error),
                            .not_after = (guint64) order->not_after * G_USEC_PER_SEC };

  if (error != NULL)
    issued.text_length = sp_text_copy (error->message, issued.text, sizeof issued.text);
  else
    memcpy (issued.fingerprint, order->fingerprint, SP_FINGERPRINT_SIZE);
  sp_link_answer (order->keyholder->main, SP_MESSAGE_DEVICE_ISSUED, serial, &issued, NULL, 0);
}

void
sp_device_order_issue (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  Order order = { .keyholder = user_data,
                  .message = message,
                  .file = fds[0],
                  .passphrase_fd = fds[1],
                  .now = g_get_real_time () / G_USEC_PER_SEC };
  g_autoptr (GError) error = NULL;

  memcpy (order.login, order.message->login, order.message->login_length);
  memcpy (order.name, order.message->name, order.message->name_length);
  if (check_message (message, &error) && check_device (&order, &error) &&
      settle_passphrase (&order, &error))
    (void) make_and_store (&order, &error);
  answer (&order, serial, error);
  sp_secret_wipe (&order, sizeof order);
}

/* --- revoking, removing --- */

/* Revoked first: whatever happens then, nobody signs in with it, and its cookies are no good. */
void
sp_device_order_revoke (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpRevokeDevice *order = message;
  g_autoptr (GError) error = NULL;

  gint64 until = (gint64) MIN (order->blocked_until, (guint64) G_MAXINT64);
  gboolean barred = order->on != 0 || until > g_get_real_time ();

  if (sp_device_store_set_barred (keyholder->devices, order->device, order->on != 0, until,
                                  &error) &&
      barred && order->keep_cookies == 0)
    (void) sp_cookie_registry_forget_device (keyholder->cookies, order->device, &error);
  sp_keyholder_answer_done (keyholder, SP_MESSAGE_DEVICE_REVOKED, serial, error);
}

void
sp_device_order_remove (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpRemoveDevice *removed = message;
  g_autoptr (GError) error = NULL;

  if (sp_device_store_remove (keyholder->devices, removed->device, &error))
    (void) sp_cookie_registry_forget_device (keyholder->cookies, removed->device, &error);
  sp_keyholder_answer_done (keyholder, SP_MESSAGE_DEVICE_REMOVED, serial, error);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "totp.h"

#include "base/error.h"
#include "base/secret.h"

#include <liboath/oath.h>
#include <stdlib.h>
#include <string.h>

#define URI_SIZE 1024 /* more than any: texts of 64 bytes, three characters for each */

gboolean
sp_totp_prepare (GError **error)
{
  int status = oath_init ();

  if (status == OATH_OK)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_NOT_SUPPORTED, "liboath: %s", oath_strerror (status));
  return FALSE;
}

/* RFC 6238, 4.2: an HOTP that counts steps.  liboath's own TOTP takes a time_t, which ends in 2038
 * where it has 32 bits. */
static gboolean
is_code_of_step (const guint8 *secret, gint64 step, const guint8 *code)
{
  char expected[SP_CODE_DIGITS + 1] = "";
  gboolean made =
      oath_hotp_generate ((const char *) secret, SP_TOTP_SECRET_SIZE, (guint64) step,
                          SP_CODE_DIGITS, FALSE, OATH_HOTP_DYNAMIC_TRUNCATION, expected) == OATH_OK;
  gboolean same = sp_secret_equal (expected, code, SP_CODE_DIGITS);

  sp_secret_wipe (expected, sizeof expected);
  return made && same;
}

gboolean
sp_totp_find_step (const guint8 secret[SP_TOTP_SECRET_SIZE],
                   gint64 now,
                   const guint8 *code,
                   gsize length,
                   gint64 *ret_step)
{
  gint64 current = now / SP_TOTP_PERIOD;
  gboolean found = FALSE;

  if (length != SP_CODE_DIGITS || current < SP_TOTP_DRIFT)
    return FALSE;
  for (gint64 step = current - SP_TOTP_DRIFT; step <= current + SP_TOTP_DRIFT; step++)
    if (is_code_of_step (secret, step, code))
      {
        *ret_step = step; /* the last one, if two steps have the same code */
        found = TRUE;
      }
  return found;
}

/* NULL if there is no memory. */
static char *
encode_secret (const guint8 *secret)
{
  char *allocated = NULL;
  gsize length = 0;
  char *text = NULL;

  if (oath_base32_encode ((const char *) secret, SP_TOTP_SECRET_SIZE, &allocated, &length) ==
      OATH_OK)
    {
      text = g_strndup (allocated, length);
      sp_secret_wipe (allocated, length);
      free (allocated);
    }
  return text;
}

char *
sp_totp_make_uri (const guint8 secret[SP_TOTP_SECRET_SIZE], const char *label, const char *issuer)
{
  g_autoptr (SpSecretText) encoded = encode_secret (secret);
  g_autofree char *safe_label = g_uri_escape_string (label, NULL, FALSE);
  g_autofree char *safe_issuer = g_uri_escape_string (issuer, NULL, FALSE);
  char *uri = g_malloc0 (URI_SIZE);

  if (encoded == NULL)
    g_error ("no memory for a text of %d bytes", SP_TOTP_SECRET_SIZE);
  (void) g_snprintf (uri, URI_SIZE,
                     "otpauth://totp/%s:%s?secret=%s&issuer=%s&algorithm=SHA1&digits=%d&period=%d",
                     safe_issuer, safe_label, encoded, safe_issuer, SP_CODE_DIGITS, SP_TOTP_PERIOD);
  return uri;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "token.h"

#include "base/error.h"
#include "base/secret.h"
#include "module.h"

#include <gnutls/abstract.h>
#include <gnutls/pkcs11.h>
#include <string.h>

struct _SpToken
{
  gnutls_privkey_t key;
  char *pin;        /* some keys want it for each signature */
  gboolean refused; /* the PIN was wrong, or must not be tried */
};

static gboolean
succeeded (int code, const char *doing, GError **error)
{
  if (code >= 0)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "%s: %s", doing, gnutls_strerror (code));
  return FALSE;
}

/* Tried once, and never when it is the last time: a token that locks itself is lost. */
static int
give_pin (void *user_data,
          int attempt,
          const char *token_url,
          const char *token_label,
          unsigned flags,
          char *pin,
          size_t size)
{
  SpToken *token = user_data;

  if (attempt > 0 || (flags & (GNUTLS_PIN_WRONG | GNUTLS_PIN_FINAL_TRY)) != 0 ||
      token->pin[0] == '\0' || strlen (token->pin) >= size)
    {
      token->refused = TRUE;
      return -1;
    }
  (void) g_strlcpy (pin, token->pin, size);
  return 0;
}

static gboolean
load (SpToken *token, const char *module, GError **error)
{
  return succeeded (gnutls_pkcs11_init (GNUTLS_PKCS11_FLAG_MANUAL, NULL), "starting", error) &&
         succeeded (gnutls_pkcs11_add_provider (module, NULL), "loading the module", error);
}

static SpTokenState
find_state (const SpToken *token, int code)
{
  switch (code)
    {
      case GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE:
      case GNUTLS_E_PKCS11_REQUESTED_OBJECT_NOT_AVAILBLE:
        return SP_TOKEN_ABSENT;
      case GNUTLS_E_PKCS11_PIN_ERROR:
      case GNUTLS_E_PKCS11_PIN_EXPIRED:
      case GNUTLS_E_PKCS11_PIN_LOCKED:
        return SP_TOKEN_WRONG_PIN;
      default:
        return token->refused ? SP_TOKEN_WRONG_PIN : SP_TOKEN_FAILED;
    }
}

SpToken *
sp_token_open (const char *uri, const char *pin, SpTokenState *ret_state, GError **error)
{
  g_autoptr (SpToken) token = g_new0 (SpToken, 1);
  g_autofree char *module = sp_module_find (uri, error);
  int code;

  token->pin = g_strdup (pin);
  *ret_state = SP_TOKEN_NO_MODULE;
  if (module == NULL || !load (token, module, error))
    return NULL;
  gnutls_pkcs11_set_pin_function (give_pin, token);
  code = gnutls_privkey_init (&token->key);
  if (code >= 0)
    code = gnutls_privkey_import_url (token->key, uri, 0);
  *ret_state = code >= 0 ? SP_TOKEN_READY : find_state (token, code);
  return succeeded (code, "finding the key", error) ? g_steal_pointer (&token) : NULL;
}

void
sp_token_free (SpToken *token)
{
  if (token == NULL)
    return;
  if (token->key != NULL)
    gnutls_privkey_deinit (token->key);
  sp_secret_text_free (token->pin);
  g_free (token);
}

/* --- signing --- */

typedef struct
{
  guint8 form;
  gsize length;
  gnutls_sign_algorithm_t algorithm;
} Form;

static const Form forms[] = {
  { SP_TOKEN_ECDSA, 32, GNUTLS_SIGN_ECDSA_SHA256 },
  { SP_TOKEN_ECDSA, 48, GNUTLS_SIGN_ECDSA_SHA384 },
  { SP_TOKEN_ECDSA, 64, GNUTLS_SIGN_ECDSA_SHA512 },
  { SP_TOKEN_RSA_PKCS1, 32, GNUTLS_SIGN_RSA_SHA256 },
  { SP_TOKEN_RSA_PKCS1, 48, GNUTLS_SIGN_RSA_SHA384 },
  { SP_TOKEN_RSA_PKCS1, 64, GNUTLS_SIGN_RSA_SHA512 },
  { SP_TOKEN_RSA_PSS, 32, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256 },
};

static const Form *
find_form (guint8 form, gsize length, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    if (forms[i].form == form && forms[i].length == length)
      return &forms[i];
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "nothing is signed in that form");
  return NULL;
}

static gboolean
is_of_kind (const SpToken *token, const Form *form, GError **error)
{
  gnutls_pk_algorithm_t wanted = form->form == SP_TOKEN_ECDSA ? GNUTLS_PK_ECDSA : GNUTLS_PK_RSA;

  if (gnutls_privkey_get_pk_algorithm (token->key, NULL) == (int) wanted)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "its key is of another kind");
  return FALSE;
}

guint16
sp_token_sign (SpToken *token,
               guint8 form,
               const guint8 *digest,
               gsize length,
               guint8 *signature,
               GError **error)
{
  const Form *found = find_form (form, length, error);
  gnutls_datum_t data = { (guint8 *) digest, (unsigned) length };
  gnutls_datum_t datum = { NULL, 0 };
  guint16 size = 0;

  if (found == NULL || !is_of_kind (token, found, error))
    return 0;
  if (!succeeded (gnutls_privkey_sign_hash2 (token->key, found->algorithm, 0, &data, &datum),
                  "signing", error))
    return 0;
  if (datum.size > 0 && datum.size <= SP_SIGNATURE_MAX)
    memcpy (signature, datum.data, size = (guint16) datum.size);
  else
    g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "signing: a signature of %u bytes", datum.size);
  gnutls_free (datum.data);
  return size;
}

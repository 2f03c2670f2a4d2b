/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dtls-set-up.h"

#include "base/secret.h"

#include <gnutls/dtls.h>
#include <string.h>

void
sp_dtls_keys_wipe (SpDtlsKeys *keys)
{
  sp_secret_wipe (keys, sizeof *keys);
}

void
sp_dtls_keys_renew (SpDtlsKeys *keys, const guint8 psk[SP_PSK_SIZE])
{
  memcpy (keys->psk[SP_DTLS_KEY_TOLD], keys->psk[SP_DTLS_KEY_EXPORTED], SP_PSK_SIZE);
  memcpy (keys->psk[SP_DTLS_KEY_EXPORTED], psk, SP_PSK_SIZE);
  keys->may_be_stale = TRUE;
  keys->next = SP_DTLS_KEY_EXPORTED;
}

void
sp_dtls_keys_failed (SpDtlsKeys *keys, guint key)
{
  if (keys->may_be_stale && keys->next == key)
    keys->next = key == SP_DTLS_KEY_EXPORTED ? SP_DTLS_KEY_TOLD : SP_DTLS_KEY_EXPORTED;
}

static const struct
{
  gnutls_kx_algorithm_t id;
  const char *name; /* in a priority */
} key_exchanges[] = {
  [SP_DTLS_KX_RSA] = { GNUTLS_KX_RSA, "RSA" },
  [SP_DTLS_KX_ECDHE_RSA] = { GNUTLS_KX_ECDHE_RSA, "ECDHE-RSA" },
};

/* Some of Cisco's clients are reported to end the handshake when the ServerHello has an extended
 * master secret or renegotiation info.  OpenSSL 3 does not mind, and nobody needs them here. */
int
sp_dtls_suite_init_priority (const SpDtlsSuite *suite, gnutls_priority_t *ret_priority)
{
  g_autofree char *priority = g_strdup_printf (
      "NONE:+VERS-%s:+COMP-NULL:+%s:+%s:+%s:+SIGN-ALL:+GROUP-ALL:"
      "%%NO_SESSION_HASH:%%NO_ETM:%%DISABLE_SAFE_RENEGOTIATION",
      sp_dtls_suite_get_era (suite) == SP_DTLS_ERA_0_9 ? "DTLS0.9" : "DTLS1.2", suite->cipher,
      suite->mac != NULL ? suite->mac : "AEAD", key_exchanges[suite->key_exchange].name);

  return gnutls_priority_init (ret_priority, priority, NULL);
}

static gnutls_protocol_t
get_version (const SpDtlsSuite *suite)
{
  return sp_dtls_suite_get_era (suite) == SP_DTLS_ERA_0_9 ? GNUTLS_DTLS0_9 : GNUTLS_DTLS1_2;
}

/* There are no certificate credentials: GnuTLS needs none to resume, and a full handshake, which
 * would be somebody else's idea, cannot even begin. */
static int
prepare_resumption (gnutls_session_t session, const SpEquipment *equipment, const SpDtlsKeys *keys)
{
  const SpDtlsSuite *suite = keys->suite;
  gnutls_datum_t master = { (guint8 *) keys->master, sizeof keys->master };
  gnutls_datum_t id = { (guint8 *) keys->session_id, sizeof keys->session_id };
  gnutls_mac_algorithm_t mac =
      suite->mac != NULL ? gnutls_mac_get_id (suite->mac) : GNUTLS_MAC_AEAD;
  int code = gnutls_priority_set (session, equipment->resumptions[sp_dtls_suite_get_index (suite)]);

  if (code < 0)
    return code;
  return gnutls_session_set_premaster (
      session, GNUTLS_SERVER, get_version (suite), key_exchanges[suite->key_exchange].id,
      gnutls_cipher_get_id (suite->cipher), mac, GNUTLS_COMP_NULL, &master, &id);
}

static int
prepare_psk (gnutls_session_t session, const SpEquipment *equipment, const guint8 *psk)
{
  int code = gnutls_priority_set (session, equipment->dtls_priority);

  gnutls_session_set_ptr (session, (void *) psk);
  return code < 0 ? code : gnutls_credentials_set (session, GNUTLS_CRD_PSK, equipment->psk);
}

/* Where the door verified a cookie, this session begins where that exchange ended. */
static void
continue_from_cookie (gnutls_session_t session, const SpCandidate *message)
{
  static const gnutls_dtls_prestate_st no_exchange = { 0 };
  gnutls_dtls_prestate_st prestate;

  G_STATIC_ASSERT (sizeof prestate == sizeof message->prestate);
  memcpy (&prestate, message->prestate, sizeof prestate);
  if (memcmp (&prestate, &no_exchange, sizeof prestate) != 0)
    gnutls_dtls_prestate_set (session, &prestate);
}

void
sp_dtls_set_up (gnutls_session_t session,
                const SpEquipment *equipment,
                const SpDtlsKeys *keys,
                guint8 ret_psk[SP_PSK_SIZE],
                const SpCandidate *message)
{
  int code;

  memcpy (ret_psk, keys->psk[keys->next], SP_PSK_SIZE);
  code = keys->suite != NULL ? prepare_resumption (session, equipment, keys)
                             : prepare_psk (session, equipment, ret_psk);
  if (code < 0)
    g_error ("a DTLS session cannot be prepared: %s", gnutls_strerror (code));
  continue_from_cookie (session, message);
}

gboolean
sp_dtls_set_up_held (gnutls_session_t session, const SpDtlsKeys *keys)
{
  return keys->suite == NULL || gnutls_session_is_resumed (session) != 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dtls-agreement.h"

#include "codec/mtu.h"

#include <string.h>

static guint32
list_suites (const SpWorker *worker, SpDtlsEra era)
{
  const SpTunnelOffer *offer = &worker->sign_in.offer;

  if (!offer->has_master)
    return 0;
  return offer->dtls_suites & worker->equipment->resumable & sp_dtls_suites_of_era (era);
}

guint8
sp_dtls_agreement_describe (const SpWorker *worker)
{
  return (guint8) ((worker->sign_in.offer.dtls_psk ? SP_TUNNEL_WANTS_DTLS : 0) |
                   (list_suites (worker, SP_DTLS_ERA_1_2) != 0 ? SP_TUNNEL_RESUMES_1_2 : 0) |
                   (list_suites (worker, SP_DTLS_ERA_0_9) != 0 ? SP_TUNNEL_RESUMES_0_9 : 0));
}

static const char *
get_stream_cipher (const SpWorker *worker)
{
  return gnutls_cipher_get_name (gnutls_cipher_get (sp_tls_session_get_gnutls (worker->tls)));
}

static gboolean
make_resumption (const SpWorker *worker, const SpTunnelGranted *grant, SpDtlsKeys *ret)
{
  SpDtlsEra era = grant->dtls_mode == SP_DTLS_MODE_RESUME_0_9 ? SP_DTLS_ERA_0_9 : SP_DTLS_ERA_1_2;

  ret->suite = sp_dtls_suite_choose (list_suites (worker, era), get_stream_cipher (worker));
  memcpy (ret->session_id, grant->app_id, SP_APP_ID_SIZE);
  memcpy (ret->master, worker->sign_in.offer.master, SP_DTLS_MASTER_SIZE);
  return ret->suite != NULL;
}

/* A client on OpenSSL that was connected before has probably kept its first key. */
static gboolean
make_psk (const SpWorker *worker, SpDtlsKeys *ret)
{
  const SpTunnelOffer *offer = &worker->sign_in.offer;

  ret->may_be_stale = offer->has_master;
  memcpy (ret->psk[SP_DTLS_KEY_TOLD], offer->master, SP_PSK_SIZE);
  if (offer->has_master && offer->returns && offer->dtls_psk_last)
    ret->next = SP_DTLS_KEY_TOLD;
  return sp_tls_session_export_psk (worker->tls, ret->psk[SP_DTLS_KEY_EXPORTED]);
}

gboolean
sp_dtls_agreement_make (const SpWorker *worker, const SpTunnelGranted *grant, SpDtlsKeys *ret)
{
  memset (ret, 0, sizeof *ret);
  if (grant->dtls_port == 0)
    return FALSE;
  switch (grant->dtls_mode)
    {
      case SP_DTLS_MODE_PSK:
        return worker->sign_in.offer.dtls_psk && make_psk (worker, ret);
      case SP_DTLS_MODE_RESUME_1_2:
      case SP_DTLS_MODE_RESUME_0_9:
        return make_resumption (worker, grant, ret);
      default:
        return FALSE;
    }
}

/* The cipher of a PSK session is not agreed on yet; both ends prefer the stream's. */
guint32
sp_dtls_agreement_get_overhead (const SpWorker *worker, const SpDtlsKeys *keys)
{
  gnutls_session_t session = sp_tls_session_get_gnutls (worker->tls);

  if (keys->suite != NULL)
    return sp_mtu_overhead (keys->suite->cipher, keys->suite->mac);
  return sp_mtu_overhead (get_stream_cipher (worker),
                          gnutls_mac_get_name (gnutls_mac_get (session)));
}

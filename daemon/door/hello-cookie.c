/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hello-cookie.h"

#include "base/io.h"
#include "base/secret.h"

#include <gnutls/gnutls.h>
#include <string.h>

#define KEY_SIZE GNUTLS_COOKIE_KEY_SIZE

enum
{
  KEY_NEW,
  KEY_OLD,
  KEYS_N
};

struct _SpHelloCookie
{
  guint8 keys[KEYS_N][KEY_SIZE];
  gint64 rotate_at;
};

/* What a cookie is bound to. */
typedef struct
{
  guint8 address[SP_ADDRESS_SIZE];
  guint8 port[2];
  guint8 app_id[SP_APP_ID_SIZE];
} ClientData;

SpHelloCookie *
sp_hello_cookie_new (gint64 now)
{
  SpHelloCookie *cookie = g_new0 (SpHelloCookie, 1);

  sp_random_bytes (cookie->keys, sizeof cookie->keys);
  cookie->rotate_at = now + SP_HELLO_COOKIE_SECONDS * G_USEC_PER_SEC;
  return cookie;
}

void
sp_hello_cookie_free (SpHelloCookie *cookie)
{
  if (cookie == NULL)
    return;
  sp_secret_wipe (cookie, sizeof *cookie);
  g_free (cookie);
}

gint64
sp_hello_cookie_rotate (SpHelloCookie *cookie, gint64 now)
{
  if (now >= cookie->rotate_at)
    {
      memcpy (cookie->keys[KEY_OLD], cookie->keys[KEY_NEW], KEY_SIZE);
      sp_random_bytes (cookie->keys[KEY_NEW], KEY_SIZE);
      cookie->rotate_at = now + SP_HELLO_COOKIE_SECONDS * G_USEC_PER_SEC;
    }
  return cookie->rotate_at;
}

static ClientData
bind_to (const SpEndpoint *peer, const SpDtlsHello *hello)
{
  ClientData data;

  memcpy (data.address, peer->address, sizeof data.address);
  data.port[0] = (guint8) (peer->port >> 8);
  data.port[1] = (guint8) peer->port;
  memcpy (data.app_id, hello->app_id, sizeof data.app_id);
  return data;
}

gboolean
sp_hello_cookie_challenge (SpHelloCookie *cookie,
                           const SpEndpoint *peer,
                           const SpDtlsHello *hello,
                           gnutls_push_func push,
                           gpointer push_data)
{
  gnutls_datum_t key = { cookie->keys[KEY_NEW], KEY_SIZE };
  ClientData data = bind_to (peer, hello);
  gnutls_dtls_prestate_st prestate = { 0 };

  return gnutls_dtls_cookie_send (&key, &data, sizeof data, &prestate, push_data, push) >= 0;
}

gboolean
sp_hello_cookie_verify (SpHelloCookie *cookie,
                        const SpEndpoint *peer,
                        const SpDtlsHello *hello,
                        const guint8 *datagram,
                        gsize size,
                        gnutls_dtls_prestate_st *ret_prestate)
{
  ClientData data = bind_to (peer, hello);

  for (guint i = 0; i < KEYS_N; i++)
    {
      gnutls_datum_t key = { cookie->keys[i], KEY_SIZE };
      memset (ret_prestate, 0, sizeof *ret_prestate);
      if (gnutls_dtls_cookie_verify (&key, &data, sizeof data, (gpointer) datagram, size,
                                     ret_prestate) == GNUTLS_E_SUCCESS)
        return TRUE;
    }
  return FALSE;
}

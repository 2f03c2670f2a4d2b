/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "limit-visit.h"

#include "codec/http-head.h"
#include "codec/login-page.h"
#include "codec/mtu.h"
#include "codec/tunnel-answer.h"
#include "codec/tunnel-request.h"
#include "limit-stream.h"
#include "limit-tunnel.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST_MAX      16384
#define PASSWORD_MAX     128
#define HOME             "192.168.50.0/24" /* of the lab */
#define AEAD_OVERHEAD    37                /* of a record of AES-GCM, its header included */
#define COOKIE_DIGITS    (2 * SP_COOKIE_SIZE)
#define SERVER_KEEPALIVE 32400

typedef struct
{
  const LimitHouse *house;
  LimitStream *stream;
  gsize size;
  char request[REQUEST_MAX + 1]; /* terminated */
} Visit;

char *
limit_visit_make_verifier (const char *password)
{
  g_autofree struct crypt_data *scratch = g_new0 (struct crypt_data, 1);
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];

  if (crypt_gensalt_rn ("$y$", 0, NULL, 0, setting, sizeof setting) == NULL)
    g_error ("no salt");
  return g_strdup (crypt_r (password, setting, scratch));
}

static gboolean
password_is_right (const LimitHouse *house, const char *password)
{
  g_autofree struct crypt_data *scratch = g_new0 (struct crypt_data, 1);
  const char *hash = crypt_r (password, house->verifier, scratch);

  return hash != NULL && strcmp (hash, house->verifier) == 0;
}

/* The next whole request; FALSE when the client is gone. */
static gboolean
read_request (Visit *self, SpHttpHead *ret)
{
  self->size = 0;
  for (;;)
    {
      SpHttpVerdict verdict;
      gssize got = gnutls_record_recv (self->stream->session, self->request + self->size,
                                       REQUEST_MAX - self->size);

      if (got <= 0)
        return FALSE;
      self->size += (gsize) got;
      self->request[self->size] = '\0';
      verdict = sp_http_head_parse (self->request, self->size, ret);
      if (verdict != SP_HTTP_INCOMPLETE && verdict != SP_HTTP_COMPLETE)
        return FALSE;
      if (verdict == SP_HTTP_COMPLETE && self->size >= ret->head_size + ret->content_length)
        return TRUE;
    }
}

static void
answer (Visit *self, const GString *page, const char *cookie)
{
  g_autofree char *words = g_strdup_printf (
      "HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nX-Transcend-Version: 1\r\n"
      "%s%s%sContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s",
      cookie != NULL ? "Set-Cookie: webvpn=" : "", cookie != NULL ? cookie : "",
      cookie != NULL ? "; Secure\r\n" : "", page->len, page->str);

  limit_stream_send (self->stream, words, strlen (words));
  limit_stream_flush (self->stream);
}

/* What stands between <password> and its end; the passwords of labs have nothing to unescape. */
static gboolean
find_password (const char *body, char password[PASSWORD_MAX])
{
  const char *begin = strstr (body, "<password>");
  const char *end = begin != NULL ? strstr (begin, "</password>") : NULL;
  gsize length = end != NULL ? (gsize) (end - begin) - strlen ("<password>") : PASSWORD_MAX;

  if (length >= PASSWORD_MAX)
    return FALSE;
  memcpy (password, begin + strlen ("<password>"), length);
  password[length] = '\0';
  return TRUE;
}

static void
answer_post (Visit *self, const SpHttpHead *head)
{
  g_autoptr (GString) page = g_string_new (NULL);
  char password[PASSWORD_MAX], cookie[COOKIE_DIGITS + 1];

  if (find_password (self->request + head->head_size, password) &&
      password_is_right (self->house, password))
    {
      LimitShared *shared = self->house->shared;
      guint number = __atomic_fetch_add (&shared->n_used, 1, __ATOMIC_RELAXED);

      if (number >= self->house->n_sessions)
        g_error ("only %u sessions", self->house->n_sessions);
      shared->only_receives[number] = strstr (self->request + head->head_size,
                                              "<username>" LIMIT_RECEIVER "</username>") != NULL;
      (void) g_snprintf (cookie, sizeof cookie, "%0*x", COOKIE_DIGITS, number);
      sp_login_page_write_complete (page, SP_LOGIN_DIALECT_CONFIG_AUTH, NULL, NULL);
      answer (self, page, cookie);
      return;
    }
  sp_login_page_write_form (
      page, &(SpLoginForm){ .dialect = SP_LOGIN_DIALECT_CONFIG_AUTH, .asks = SP_LOGIN_ASKS_BOTH });
  answer (self, page, NULL);
}

static guint
get_session (const SpTunnelOffer *offer)
{
  guint32 number;

  memcpy (&number, offer->cookie + SP_COOKIE_SIZE - sizeof number, sizeof number);
  return GUINT32_FROM_BE (number);
}

static void
answer_connect (Visit *self, const SpHttpHead *head)
{
  g_autoptr (GString) words = g_string_new (NULL);
  SpTunnelAnswer told = { .client = SP_CLIENT_OPENCONNECT,
                          .ipv4_prefix = 32,
                          .n_routes = 1,
                          .link_mtu = SP_MTU_DEFAULT,
                          .keepalive = SERVER_KEEPALIVE };
  SpTunnelOffer offer;
  int datagrams = -1;
  guint number;

  sp_tunnel_offer_read (head, &offer);
  number = get_session (&offer);
  if (!offer.has_cookie || number >= self->house->shared->n_used)
    return;
  if (offer.dtls_psk)
    datagrams = limit_tunnel_open_socket (&told.dtls_port);
  sp_address_from_ipv4 (told.ipv4, LIMIT_DEVICE_FIRST + number);
  (void) sp_network_from_text (HOME, &told.routes[0]);
  told.mtu = sp_mtu_data (told.link_mtu, FALSE, offer.dtls_psk ? AEAD_OVERHEAD : 0);
  sp_tunnel_answer_write (&told, words);
  limit_stream_send (self->stream, words->str, words->len);
  limit_stream_flush (self->stream);
  limit_tunnel_run (self->house, number, self->stream, datagrams);
}

static LimitStream *
shake_hands (const LimitHouse *house, int fd)
{
  gnutls_session_t session = NULL;
  LimitStream *stream;
  int code;

  if (gnutls_init (&session, GNUTLS_SERVER | GNUTLS_NO_SIGNAL) != 0 ||
      gnutls_priority_set (session, house->stream_priority) != 0 ||
      gnutls_credentials_set (session, GNUTLS_CRD_CERTIFICATE, house->credentials) != 0)
    g_error ("no TLS session");
  stream = limit_stream_new (session, fd);
  do
    code = gnutls_handshake (session);
  while (code < 0 && !gnutls_error_is_fatal (code));
  if (code == 0)
    {
      limit_stream_flush (stream);
      return stream;
    }
  limit_stream_free (stream);
  return NULL;
}

void
limit_visit_rehearse (const LimitHouse *house, int fd)
{
  LimitStream *stream = shake_hands (house, fd);

  if (stream == NULL)
    g_error ("the rehearsal failed");
  limit_stream_free (stream);
}

/* Nothing is freed: the process ends. */
void
limit_visit_serve (const LimitHouse *house, int fd)
{
  Visit *self = g_new (Visit, 1);
  SpHttpHead head;

  self->house = house;
  self->stream = shake_hands (house, fd);
  while (self->stream != NULL && read_request (self, &head))
    {
      if (head.method == SP_HTTP_CONNECT)
        {
          answer_connect (self, &head);
          return;
        }
      answer_post (self, &head);
    }
}

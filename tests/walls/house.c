/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "house.h"

#include "base/log.h"
#include "base/endpoint.h"
#include "base/error.h"
#include "base/io.h"
#include "base/names.h"
#include "link/channel.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEADER_SIZE 12 /* virtio_net_hdr before each packet in the TUN */
#define PACKET_MAX  4096

#define PATIENCE_SECONDS 10

gboolean
sp_house_enter_namespace (void)
{
  struct ifreq request = { .ifr_name = "lo" };
  sp_autofd int fd = -1;

  if (unshare (CLONE_NEWNET) != 0 && unshare (CLONE_NEWUSER | CLONE_NEWNET) != 0)
    return FALSE;
  fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ioctl (fd, SIOCGIFFLAGS, &request) != 0)
    return FALSE;
  request.ifr_flags |= IFF_UP;
  return ioctl (fd, SIOCSIFFLAGS, &request) == 0;
}

static void
make_certificate (SpHouse *self)
{
  gnutls_x509_privkey_t key;
  gnutls_x509_crt_t certificate;
  guint8 serial = 1;

  g_assert_cmpint (gnutls_x509_privkey_init (&key), ==, 0);
  g_assert_cmpint (gnutls_x509_privkey_generate (
                       key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0),
                   ==, 0);
  g_assert_cmpint (gnutls_x509_crt_init (&certificate), ==, 0);
  gnutls_x509_crt_set_version (certificate, 3);
  gnutls_x509_crt_set_serial (certificate, &serial, sizeof serial);
  gnutls_x509_crt_set_activation_time (certificate, time (NULL) - 60);
  gnutls_x509_crt_set_expiration_time (certificate, time (NULL) + 3600);
  gnutls_x509_crt_set_dn (certificate, "CN=test", NULL);
  gnutls_x509_crt_set_key (certificate, key);
  g_assert_cmpint (gnutls_x509_crt_sign2 (certificate, certificate, key, GNUTLS_DIG_SHA256, 0), ==,
                   0);
  g_assert_cmpint (gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_DER, &self->certificate),
                   ==, 0);
  g_assert_cmpint (gnutls_privkey_init (&self->key), ==, 0);
  g_assert_cmpint (gnutls_privkey_import_x509 (self->key, key, GNUTLS_PRIVKEY_IMPORT_AUTO_RELEASE),
                   ==, 0);
  gnutls_x509_crt_deinit (certificate);
}

static void
start_nursery (SpHouse *self)
{
  const char *program = g_getenv ("SP_NURSERY");
  int pair[2];

  g_assert_nonnull (program);
  g_assert_true (sp_socket_pair (pair, NULL));
  self->nursery = fork ();
  g_assert_cmpint (self->nursery, >=, 0);
  if (self->nursery == 0)
    {
      char *argv[] = { (char *) program, NULL };
      char *environment[] = { NULL };

      (void) dup2 (pair[1], SP_WALL_FD);
      (void) close_range (SP_WALL_FD + 1, ~0u, 0);
      (void) execve (program, argv, environment);
      _exit (127);
    }
  (void) close (pair[1]);
  self->wall = pair[0];
  sp_permit_init (&self->permit, &sp_wall_main_nursery, SP_MAIN_NURSERY_MAIN);
}

static void
equip (SpHouse *self)
{
  SpEquip message = { .chain_length = (guint16) self->certificate.size,
                      .log_level = SP_LOG_NOTICE,
                      .tls13 = 1 };
  g_autoptr (GError) error = NULL;

  if (g_test_verbose ())
    message.log_level = SP_LOG_DEBUG;
  memcpy (message.chain, self->certificate.data, self->certificate.size);
  sp_channel_send (self->wall, &sp_wall_main_nursery, SP_MESSAGE_EQUIP, 0, &message, NULL, 0,
                   &error);
  g_assert_no_error (error);
  sp_permit_enter (&self->permit, SP_MAIN_NURSERY_READY);
}

SpHouse *
sp_house_new (void)
{
  SpHouse *self = g_new0 (SpHouse, 1);

  make_certificate (self);
  start_nursery (self);
  equip (self);
  return self;
}

void
sp_house_free (SpHouse *self)
{
  int status;

  sp_fd_clear (&self->wall);
  if (self->nursery > 0)
    {
      g_assert_cmpint (waitpid (self->nursery, &status, 0), ==, self->nursery);
      g_assert_cmpint (status, ==, 0);
    }
  gnutls_privkey_deinit (self->key);
  gnutls_free (self->certificate.data);
  g_free (self);
}

static void
heard_from_nursery (SpHouseWorker *self, SpEnvelope *envelope)
{
  const SpWorkerForked *forked = (const SpWorkerForked *) envelope->message.bytes;
  const SpWorkerExited *exited = (const SpWorkerExited *) envelope->message.bytes;

  if (envelope->header.type == SP_MESSAGE_WORKER_FORKED && forked->worker == self->number)
    {
      self->pid = (pid_t) forked->pid;
      self->pidfd = sp_fd_steal (&envelope->fds[0]);
    }
  else if (envelope->header.type == SP_MESSAGE_WORKER_EXITED && exited->worker == self->number)
    {
      self->exited = TRUE;
      self->exit_status = (int) exited->status;
    }
}

static void
send_tunnel (SpHouseWorker *self)
{
  int pair[2];

  g_assert_true (sp_socket_pair (pair, NULL));
  self->tun = pair[0];
  if (self->grant.rekey_ssl)
    sp_permit_enter (&self->keyholder_permit, SP_WORKER_KEYHOLDER_RENEWAL);
  sp_permit_enter (&self->main_permit, SP_MAIN_WORKER_WAITING);
  sp_house_say (self, SP_MESSAGE_TUNNEL_GRANTED, &self->grant, pair[1]);
  sp_permit_enter (&self->main_permit, SP_MAIN_WORKER_GRANTED);
  (void) close (pair[1]);
}

static void
answer_reach (SpHouseWorker *self, const SpReachAsked *asked)
{
  const SpReachAnswered answer = { .verdict = self->reach };

  self->reach_asked = *asked;
  sp_house_say (self, SP_MESSAGE_REACH_ANSWERED, &answer, -1);
}

static void
heard_from_worker (SpHouseWorker *self, SpEnvelope *envelope)
{
  const guint8 *message = envelope->message.bytes;
  guint8 type = envelope->header.type;

  self->heard[type]++;
  self->last_heard = type;
  if (type == SP_MESSAGE_TUNNEL_REQUESTED)
    self->requested = *(const SpTunnelRequested *) message;
  else if (type == SP_MESSAGE_ATTACHED)
    self->attached = *(const SpAttached *) message;
  else if (type == SP_MESSAGE_REPORT)
    self->report = *(const SpReport *) message;
  else if (type == SP_MESSAGE_CLIENT_LEFT)
    self->left = *(const SpClientLeft *) message;
  else if (type == SP_MESSAGE_CHANNEL_CURRENT)
    self->current_association = ((const SpChannelCurrent *) message)->association;
  else if (type == SP_MESSAGE_CHANNEL_CLOSED)
    self->closed_association = ((const SpChannelClosed *) message)->association;
  else if (type == SP_MESSAGE_STRAY_PROVEN)
    self->proven_stray = ((const SpStrayProven *) message)->stray;
  else if (type == SP_MESSAGE_MTU_CHANGED)
    self->mtu_changed = ((const SpMtuChanged *) message)->mtu;
  else if (type == SP_MESSAGE_REACH_ASKED)
    answer_reach (self, (const SpReachAsked *) message);
  if (type == SP_MESSAGE_ATTACHED)
    sp_permit_enter (&self->main_permit, SP_MAIN_WORKER_TUNNEL);
  if (type == SP_MESSAGE_TUNNEL_REQUESTED && self->grants)
    send_tunnel (self);
}

static void
answer (SpHouseWorker *self, guint8 type, guint32 serial, gconstpointer message)
{
  g_autoptr (GError) error = NULL;

  sp_channel_send (self->keyholder_wall, &sp_wall_worker_keyholder, type, serial, message, NULL, 0,
                   &error);
  g_assert_no_error (error);
}

static void
fill_signature (SpHouseWorker *self,
                const gnutls_datum_t *signature,
                guint8 *ret,
                guint16 *ret_length)
{
  if (self->refuses_to_sign)
    return;
  memcpy (ret, signature->data, signature->size);
  *ret_length = (guint16) signature->size;
}

static void
sign_verify (SpHouseWorker *self, guint32 serial, const SpSignVerify *question)
{
  static const char context[] = "TLS 1.3, server CertificateVerify";
  gnutls_datum_t content = { (guint8 *) question->content, question->content_length };
  gnutls_datum_t signature;
  SpSignedVerify message = { 0 };

  self->n_verify_signatures++;
  g_assert_true (content.size == 64 + sizeof context + 32 ||
                 content.size == 64 + sizeof context + 48);
  for (guint i = 0; i < 64; i++)
    g_assert_cmpuint (content.data[i], ==, ' ');
  g_assert_cmpmem (content.data + 64, sizeof context, context, sizeof context);
  g_assert_cmpint (gnutls_privkey_sign_data2 (self->house->key, GNUTLS_SIGN_ECDSA_SHA256, 0,
                                              &content, &signature),
                   ==, 0);
  fill_signature (self, &signature, message.signature, &message.signature_length);
  gnutls_free (signature.data);
  answer (self, SP_MESSAGE_SIGNED_VERIFY, serial, &message);
}

/* Both questions have the same shape, both answers likewise. */
G_STATIC_ASSERT (sizeof (SpSignDigest) == sizeof (SpSignRenewal));
G_STATIC_ASSERT (sizeof (SpSignedDigest) == sizeof (SpSignedRenewal));

static void
sign_digest (SpHouseWorker *self, guint8 answer_type, guint32 serial, const SpSignDigest *question)
{
  gboolean sha384 = question->algorithm == SP_DIGEST_SHA384;
  gnutls_datum_t digest = { (guint8 *) question->digest, question->digest_length };
  gnutls_datum_t signature;
  SpSignedDigest message = { 0 };

  if (answer_type == SP_MESSAGE_SIGNED_DIGEST)
    self->n_digest_signatures++;
  else
    self->n_renewal_signatures++;
  g_assert_cmpuint (digest.size, ==, sha384 ? 48 : 64);
  g_assert_cmpint (
      gnutls_privkey_sign_hash2 (self->house->key,
                                 sha384 ? GNUTLS_SIGN_ECDSA_SHA384 : GNUTLS_SIGN_ECDSA_SHA512, 0,
                                 &digest, &signature),
      ==, 0);
  fill_signature (self, &signature, message.signature, &message.signature_length);
  gnutls_free (signature.data);
  answer (self, answer_type, serial, &message);
}

static guint8
choose_verdict (SpHouseWorker *self, gboolean right)
{
  int forced = self->next_verdict;

  self->next_verdict = -1;
  if (forced >= 0)
    return (guint8) forced;
  return right ? SP_LOGIN_ACCEPTED : SP_LOGIN_WRONG;
}

static gboolean
is_text (const guint8 *bytes, gsize size, const char *text)
{
  return size == strlen (text) && memcmp (bytes, text, size) == 0;
}

static void
try_password (SpHouseWorker *self, guint32 serial, const SpTryPassword *question)
{
  gboolean right = is_text (question->login, question->login_length, SP_HOUSE_LOGIN) &&
                   is_text (question->password, question->password_length, SP_HOUSE_PASSWORD);
  SpPasswordVerdict message = { .verdict = choose_verdict (self, right) };

  self->n_tries++;
  if (message.verdict == SP_LOGIN_ACCEPTED)
    memcpy (message.cookie, self->cookie, sizeof message.cookie);
  if (message.verdict == SP_LOGIN_CODE_WANTED)
    memcpy (message.ticket, self->cookie, sizeof message.ticket);
  if (self->prompt != NULL)
    {
      message.prompt_length = (guint16) strlen (self->prompt);
      memcpy (message.prompt, self->prompt, message.prompt_length);
    }
  answer (self, SP_MESSAGE_PASSWORD_VERDICT, serial, &message);
}

static void
try_code (SpHouseWorker *self, guint32 serial, const SpTryCode *question)
{
  gboolean right = is_text (question->code, question->code_length, SP_HOUSE_CODE) &&
                   memcmp (question->ticket, self->cookie, sizeof question->ticket) == 0;
  SpCodeVerdict message = { .verdict = choose_verdict (self, right) };

  self->n_codes++;
  if (message.verdict == SP_LOGIN_WRONG)
    message.verdict = SP_LOGIN_WRONG_CODE;
  memcpy (message.verdict == SP_LOGIN_ACCEPTED ? message.cookie : message.ticket, self->cookie,
          sizeof message.ticket);
  answer (self, SP_MESSAGE_CODE_VERDICT, serial, &message);
}

static void
log_out (SpHouseWorker *self, guint32 serial, const SpLogoutCookie *question)
{
  const SpLogoutDone done = { 0 };

  self->n_logouts += memcmp (question->cookie, self->cookie, sizeof self->cookie) == 0;
  answer (self, SP_MESSAGE_LOGOUT_DONE, serial, &done);
}

static void
redeem_cookie (SpHouseWorker *self, guint32 serial, const SpRedeemCookie *question)
{
  gboolean right = memcmp (question->cookie, self->cookie, sizeof self->cookie) == 0;
  SpCookieVerdict message = { .verdict = choose_verdict (self, right) };

  answer (self, SP_MESSAGE_COOKIE_VERDICT, serial, &message);
}

static void
heard_by_keyholder (SpHouseWorker *self, SpEnvelope *envelope)
{
  gconstpointer message = envelope->message.bytes;
  guint32 serial = envelope->header.serial;

  if (self->never_answers)
    return;
  if (self->keyholder_permit.phase == SP_WORKER_KEYHOLDER_HANDSHAKE)
    sp_permit_enter (&self->keyholder_permit, SP_WORKER_KEYHOLDER_LOGIN);
  if (envelope->header.type == SP_MESSAGE_SIGN_VERIFY)
    sign_verify (self, serial, message);
  else if (envelope->header.type == SP_MESSAGE_SIGN_DIGEST)
    sign_digest (self, SP_MESSAGE_SIGNED_DIGEST, serial, message);
  else if (envelope->header.type == SP_MESSAGE_SIGN_RENEWAL)
    sign_digest (self, SP_MESSAGE_SIGNED_RENEWAL, serial, message);
  else if (envelope->header.type == SP_MESSAGE_TRY_PASSWORD)
    try_password (self, serial, message);
  else if (envelope->header.type == SP_MESSAGE_TRY_CODE)
    try_code (self, serial, message);
  else if (envelope->header.type == SP_MESSAGE_LOGOUT_COOKIE)
    log_out (self, serial, message);
  else
    redeem_cookie (self, serial, message);
}

/* Reads one message; FALSE when there is none.  The end of a wall closes it here, too. */
static gboolean
hear (SpHouseWorker *self,
      int *wall,
      SpPermit *permit,
      void (*handle) (SpHouseWorker *, SpEnvelope *))
{
  SpEnvelope envelope;
  g_autoptr (GError) error = NULL;

  if (*wall < 0)
    return FALSE;
  if (sp_channel_receive (*wall, permit, &envelope, &error))
    {
      handle (self, &envelope);
      sp_envelope_clear (&envelope);
      return TRUE;
    }
  if (g_error_matches (error, SP_ERROR, SP_ERROR_PEER_GONE))
    sp_fd_clear (wall);
  else if (!g_error_matches (error, SP_ERROR, SP_ERROR_AGAIN))
    g_error ("%s", error->message);
  return FALSE;
}

void
sp_house_turn (SpHouseWorker *self, int milliseconds)
{
  struct pollfd ready[] = {
    { .fd = self->house->wall, .events = POLLIN },
    { .fd = self->main_wall, .events = POLLIN },
    { .fd = self->keyholder_wall, .events = POLLIN },
  };

  (void) poll (ready, G_N_ELEMENTS (ready), milliseconds);
  while (hear (self, &self->house->wall, &self->house->permit, heard_from_nursery))
    ;
  while (hear (self, &self->main_wall, &self->main_permit, heard_from_worker))
    ;
  while (hear (self, &self->keyholder_wall, &self->keyholder_permit, heard_by_keyholder))
    ;
}

void
sp_house_await (SpHouseWorker *self, guint8 type, guint times)
{
  gint64 until = g_get_monotonic_time () + PATIENCE_SECONDS * G_USEC_PER_SEC;

  while (self->heard[type] < times)
    {
      if (g_get_monotonic_time () > until)
        g_error ("message %s was not heard", sp_wall_find (&sp_wall_main_worker, type)->name);
      sp_house_turn (self, 20);
    }
}

void
sp_house_await_exit (SpHouseWorker *self)
{
  gint64 until = g_get_monotonic_time () + PATIENCE_SECONDS * G_USEC_PER_SEC;

  while (!self->exited)
    {
      if (g_get_monotonic_time () > until)
        g_error ("the worker does not end");
      sp_house_turn (self, 20);
    }
}

void
sp_house_say (SpHouseWorker *self, guint8 type, gconstpointer message, int fd)
{
  g_autoptr (GError) error = NULL;

  sp_channel_send (self->main_wall, &sp_wall_main_worker, type, 0, message, &fd, fd >= 0, &error);
  g_assert_no_error (error);
}

static void
prepare_grant (SpHouseWorker *self)
{
  static const guint8 route[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 5, 0, 0, 112 };
  SpTunnelGranted *grant = &self->grant;

  sp_random_bytes (grant->session, sizeof grant->session);
  sp_random_bytes (grant->app_id, sizeof grant->app_id);
  g_assert_true (sp_address_from_text ("10.99.0.2", grant->ipv4));
  grant->ipv4_prefix = 24;
  g_assert_true (sp_address_from_text ("fd00:99::2", grant->ipv6));
  grant->ipv6_prefix = 64;
  grant->link_mtu = 1500;
  grant->dtls_port = 443;
  grant->dtls_mode = SP_DTLS_MODE_PSK;
  grant->dpd = 90;
  grant->keepalive = 3600;
  grant->rx_bytes = 1000;
  grant->tx_bytes = 2000;
  memcpy (grant->routes, route, sizeof route);
  grant->routes_length = sizeof route;
}

SpHouseWorker *
sp_house_fork (SpHouse *house)
{
  SpHouseWorker *self = g_new0 (SpHouseWorker, 1);
  SpForkWorker message = { .worker = ++house->last_worker };
  int main_pair[2], keyholder_pair[2];
  g_autoptr (GError) error = NULL;

  self->house = house;
  self->number = message.worker;
  self->pidfd = self->tun = -1;
  self->next_verdict = -1;
  self->grants = TRUE;
  sp_random_bytes (self->cookie, sizeof self->cookie);
  prepare_grant (self);
  g_assert_true (sp_socket_pair (main_pair, NULL) && sp_socket_pair (keyholder_pair, NULL));
  self->main_wall = main_pair[0];
  self->keyholder_wall = keyholder_pair[0];
  sp_permit_init (&self->main_permit, &sp_wall_main_worker, SP_MAIN_WORKER_MAIN);
  sp_permit_init (&self->keyholder_permit, &sp_wall_worker_keyholder,
                  SP_WORKER_KEYHOLDER_KEYHOLDER);
  sp_channel_send (house->wall, &sp_wall_main_nursery, SP_MESSAGE_FORK_WORKER,
                   sp_permit_ask (&house->permit, SP_MESSAGE_FORK_WORKER), &message,
                   (const int[]){ main_pair[1], keyholder_pair[1], STDERR_FILENO }, 3, &error);
  g_assert_no_error (error);
  (void) close (main_pair[1]);
  (void) close (keyholder_pair[1]);
  while (self->pid == 0)
    {
      if (house->wall < 0)
        g_error ("the nursery is gone");
      sp_house_turn (self, 100);
    }
  return self;
}

void
sp_house_worker_free (SpHouseWorker *self)
{
  sp_fd_clear (&self->main_wall);
  sp_fd_clear (&self->keyholder_wall);
  if (self->house->wall >= 0)
    {
      sp_house_await_exit (self);
      g_assert_cmpint (self->exit_status, ==, 0);
    }
  sp_fd_clear (&self->tun);
  sp_fd_clear (&self->pidfd);
  g_free (self);
}

int
sp_house_adopt (SpHouseWorker *self)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (0x7f000001) };
  socklen_t size = sizeof address;
  sp_autofd int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sp_autofd int server = -1;
  SpAdoptClient message = { .peer_port = 1, .local_port = 443, .sign_in = SP_ADOPT_PASSWORDS };
  int client = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (bind (listener, (struct sockaddr *) &address, size), ==, 0);
  g_assert_cmpint (listen (listener, 1), ==, 0);
  g_assert_cmpint (getsockname (listener, (struct sockaddr *) &address, &size), ==, 0);
  g_assert_cmpint (connect (client, (struct sockaddr *) &address, size), ==, 0);
  server = accept4 (listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  g_assert_cmpint (server, >=, 0);
  sp_address_from_ipv4 (message.peer_address, 0x7f000001);
  sp_address_from_ipv4 (message.local_address, 0x7f000001);
  sp_house_say (self, SP_MESSAGE_ADOPT_CLIENT, &message, server);
  sp_permit_enter (&self->main_permit, SP_MAIN_WORKER_CLIENT);
  return client;
}

void
sp_house_put_packet (SpHouseWorker *self, gconstpointer packet, gsize size)
{
  guint8 bytes[HEADER_SIZE + PACKET_MAX] = { 0 };

  g_assert_cmpuint (size, <=, PACKET_MAX);
  memcpy (bytes + HEADER_SIZE, packet, size);
  while (send (self->tun, bytes, HEADER_SIZE + size, 0) < 0)
    {
      g_assert_cmpint (errno, ==, EAGAIN);
      sp_house_turn (self, 1);
    }
}

void
sp_house_expect_packet (SpHouseWorker *self, gconstpointer packet, gsize size)
{
  static const guint8 no_header[HEADER_SIZE];
  guint8 bytes[HEADER_SIZE + PACKET_MAX];
  gssize got;

  while ((got = recv (self->tun, bytes, sizeof bytes, 0)) < 0 && errno == EAGAIN)
    sp_house_turn (self, 5);
  g_assert_cmpint (got, >, HEADER_SIZE);
  g_assert_cmpmem (bytes, HEADER_SIZE, no_header, HEADER_SIZE);
  g_assert_cmpmem (bytes + HEADER_SIZE, got - HEADER_SIZE, packet, size);
}

void
sp_house_expect_left (SpHouseWorker *self, SpLeft how)
{
  sp_house_await (self, SP_MESSAGE_CLIENT_LEFT, 1);
  g_assert_cmpuint (self->left.how, ==, how);
  sp_house_await_exit (self);
  g_assert_cmpuint (self->last_heard, ==, SP_MESSAGE_CLIENT_LEFT);
}

guint32
sp_house_get_drops (const SpHouseWorker *self, SpDrop cause)
{
  guint32 value;

  memcpy (&value, self->report.drops + cause * sizeof value, sizeof value);
  return GUINT32_FROM_LE (value);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker-things.h"

#include "base/endpoint.h"
#include "base/io.h"
#include "link/channel.h"
#include "worker/tls-session.h"

#include <linux/virtio_net.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define KIB 1024

static const gint64 times[] = {
  1000,     100000,   1000000,  2000000,   5000000,   9000000,    10000000,
  20000000, 30000000, 60000000, 100000000, 300000000, 1000000000, G_GINT64_CONSTANT (4000000000),
};

/* --- reading the input --- */

static guint8
take_byte (WorkerPlay *self)
{
  return self->at < self->size ? self->bytes[self->at++] : 0;
}

static const guint8 *
take_piece (WorkerPlay *self, gsize wanted, gsize *ret_size)
{
  const guint8 *piece = self->bytes + self->at;

  *ret_size = MIN (wanted, self->size - self->at);
  self->at += *ret_size;
  return piece;
}

static const guint8 *
take_bytes (WorkerPlay *self, gsize *ret_size)
{
  gsize wanted = take_byte (self);

  wanted |= (gsize) take_byte (self) << 8;
  return take_piece (self, wanted, ret_size);
}

/* Into the field of a message; returns its length. */
static guint16
take_text (WorkerPlay *self, guint8 *field, gsize most)
{
  gsize size;
  const guint8 *text = take_piece (self, take_byte (self), &size);

  size = MIN (size, most);
  memcpy (field, text, size);
  return (guint16) size;
}

/* --- the client --- */

static void
say (WorkerPlay *self, PlayThing thing)
{
  static const MemoryCueKind kinds[] = {
    [PLAY_RECORD] = MEMORY_RECORD,
    [PLAY_END] = MEMORY_END,
    [PLAY_HELLO] = MEMORY_HELLO,
    [PLAY_BROKEN] = MEMORY_BROKEN,
  };
  const guint8 *bytes = NULL;
  gsize size = 0;

  if (thing == PLAY_RECORD)
    bytes = take_bytes (self, &size);
  memory_client_add (&self->client, kinds[thing], bytes, size);
}

static void
update_keys (WorkerPlay *self, PlayThing thing)
{
  self->client.update = take_byte (self) % 2 == 0 ? SP_TLS_UPDATED : SP_TLS_UPDATED_ASKING;
}

static void
read_less (WorkerPlay *self, PlayThing thing)
{
  guint8 most = take_byte (self);

  self->client.reads = most == G_MAXUINT8 ? G_MAXSIZE : (gsize) most * KIB;
}

static void
pass_time (WorkerPlay *self, PlayThing thing)
{
  self->now += times[take_byte (self) % G_N_ELEMENTS (times)];
}

/* --- the keyholder --- */

/* The three verdicts of a sign-in have one shape. */
static void
fill_sign_in (WorkerPlay *self, SpPasswordVerdict *verdict)
{
  memset (verdict->cookie, 'c', sizeof verdict->cookie);
  memset (verdict->ticket, 't', sizeof verdict->ticket);
  verdict->prompt_length = take_text (self, verdict->prompt, sizeof verdict->prompt);
}

/* Names are what people typed; the rest is the server's own. */
static void
fill_claimed (WorkerPlay *self, SpInvitationClaimed *claimed)
{
  static const char passphrase[] = "a b c d e f g h";

  claimed->name_length = take_text (self, claimed->name, sizeof claimed->name);
  claimed->login_length = take_text (self, claimed->login, sizeof claimed->login);
  claimed->url_length = take_text (self, claimed->url, sizeof claimed->url);
  claimed->common_name_length = take_text (self, claimed->common_name, sizeof claimed->common_name);
  claimed->passphrase_length = strlen (passphrase);
  memcpy (claimed->passphrase, passphrase, strlen (passphrase));
}

typedef union
{
  guint8 verdict; /* the first field of each but LOGOUT_DONE */
  SpPasswordVerdict password;
  SpCookieVerdict cookie;
  SpLogoutDone logout;
  SpInvitationSeen seen;
  SpInvitationClaimed claimed;
  SpEnrolmentFetched fetched;
} Verdict;

/* Returns the type of the answer. */
static guint8
fill_verdict (WorkerPlay *self, guint8 question, Verdict *verdict)
{
  switch (question)
    {
      case SP_MESSAGE_TRY_PASSWORD:
        fill_sign_in (self, &verdict->password);
        return SP_MESSAGE_PASSWORD_VERDICT;
      case SP_MESSAGE_TRY_CODE:
        fill_sign_in (self, &verdict->password);
        return SP_MESSAGE_CODE_VERDICT;
      case SP_MESSAGE_TRY_CERTIFICATE:
        fill_sign_in (self, &verdict->password);
        return SP_MESSAGE_CERTIFICATE_VERDICT;
      case SP_MESSAGE_REDEEM_COOKIE:
        return SP_MESSAGE_COOKIE_VERDICT;
      case SP_MESSAGE_LOGOUT_COOKIE:
        return SP_MESSAGE_LOGOUT_DONE;
      case SP_MESSAGE_LOOK_AT_INVITATION:
        verdict->seen.name_length = take_text (self, verdict->seen.name, SP_DEVICE_NAME_MAX);
        verdict->seen.url_length = take_text (self, verdict->seen.url, SP_URL_MAX);
        return SP_MESSAGE_INVITATION_SEEN;
      case SP_MESSAGE_CLAIM_INVITATION:
        fill_claimed (self, &verdict->claimed);
        return SP_MESSAGE_INVITATION_CLAIMED;
      case SP_MESSAGE_FETCH_ENROLMENT:
      default:
        verdict->fetched.url_length = take_text (self, verdict->fetched.url, SP_URL_MAX);
        verdict->fetched.file_length = take_text (self, verdict->fetched.file, SP_DEVICE_FILE_MAX);
        return SP_MESSAGE_ENROLMENT_FETCHED;
    }
}

static PlayQuestion
take_question (WorkerPlay *self, gboolean latest)
{
  guint i = latest ? self->n_questions - 1 : 0;
  PlayQuestion question = self->questions[i];

  self->n_questions--;
  memmove (&self->questions[i], &self->questions[i + 1],
           (self->n_questions - i) * sizeof *self->questions);
  return question;
}

/* As daemon/keyholder/login-attempt.c and from-worker.c do. */
static void
enter_phase (WorkerPlay *self, guint8 question, guint8 verdict)
{
  gboolean is_cookie = question == SP_MESSAGE_REDEEM_COOKIE;
  gboolean is_sign_in = question == SP_MESSAGE_TRY_PASSWORD || question == SP_MESSAGE_TRY_CODE ||
                        question == SP_MESSAGE_TRY_CERTIFICATE;

  if (is_cookie && verdict == SP_LOGIN_ACCEPTED)
    self->judge.accepted = TRUE;
  if ((is_cookie && verdict == SP_LOGIN_ACCEPTED) || (is_sign_in && verdict == SP_LOGIN_DENIED))
    sp_permit_enter (&self->keyholder_permit, SP_WORKER_KEYHOLDER_DONE);
}

static void
answer (WorkerPlay *self, PlayThing thing)
{
  gboolean latest = take_byte (self) & 1;
  guint8 decided = take_byte (self) % (SP_LOGIN_LAST + 1);
  g_autofree Verdict *verdict = g_new0 (Verdict, 1);
  PlayQuestion question;
  guint8 type;

  if (self->n_questions == 0 || self->keyholder_wall < 0)
    return;
  question = take_question (self, latest);
  type = fill_verdict (self, question.type, verdict);
  if (type != SP_MESSAGE_LOGOUT_DONE)
    verdict->verdict = decided;
  enter_phase (self, question.type, decided);
  (void) sp_channel_send (self->keyholder_wall, &sp_wall_worker_keyholder, type, question.serial,
                          verdict, NULL, 0, NULL);
}

static void
die (WorkerPlay *self, PlayThing thing)
{
  sp_fd_clear (&self->keyholder_wall);
}

/* --- main --- */

static gboolean
may_say (const WorkerPlay *self, guint8 type)
{
  const SpMessageRule *rule = sp_wall_find (&sp_wall_main_worker, type);

  return self->main_wall >= 0 && (rule->phases & SP_PHASE (self->main_permit.phase)) != 0;
}

static void
tell (WorkerPlay *self, guint8 type, gconstpointer message, const int *fd)
{
  (void) sp_channel_send (self->main_wall, &sp_wall_main_worker, type, 0, message, fd,
                          fd != NULL ? 1 : 0, NULL);
}

/* The worker gets one end of it, `ours` is the other. */
static void
lend (WorkerPlay *self, guint8 type, gconstpointer message, int *ours)
{
  int pair[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), ==, 0);
  sp_fd_clear (ours);
  *ours = pair[0];
  tell (self, type, message, &pair[1]);
  (void) close (pair[1]);
}

enum
{
  GRANT_IPV4 = 1 << 0,
  GRANT_IPV6 = 1 << 1,
  GRANT_DTLS = 1 << 2,
  GRANT_REKEY_SSL = 1 << 3,
  GRANT_LZ4 = 1 << 4,
  GRANT_LZS = 1 << 5,
  GRANT_ALLOWANCE = 1 << 6,
  GRANT_LISTS = 1 << 7
};

static void
fill_lists (SpTunnelGranted *grant)
{
  static const char domains[] = "example.org home.example.org";
  static const char banner[] = "Hello,\n100 % \"you\" & <me>";

  sp_address_from_ipv4 (grant->dns, 0x0a000001);
  grant->dns_length = SP_ADDRESS_SIZE;
  sp_address_from_ipv4 (grant->routes, 0x0a000000);
  grant->routes[SP_ADDRESS_SIZE] = 104;
  grant->routes[SP_ROUTE_SIZE] = 0xfd;
  grant->routes[SP_ROUTE_SIZE + SP_ADDRESS_SIZE] = 8;
  grant->routes_length = 2 * SP_ROUTE_SIZE;
  memcpy (grant->excluded, grant->routes, SP_ROUTE_SIZE);
  grant->excluded_length = SP_ROUTE_SIZE;
  memcpy (grant->split_dns, domains, strlen (domains));
  grant->split_dns_length = strlen (domains);
  memcpy (grant->domain, domains, strlen ("example.org"));
  grant->domain_length = strlen ("example.org");
  memcpy (grant->banner, banner, strlen (banner));
  grant->banner_length = strlen (banner);
}

static void
fill_grant (WorkerPlay *self, SpTunnelGranted *grant)
{
  static const guint32 mtus[] = { 0, 1500, 1280, 600, 576, 68, 9000, SP_MTU_LINK_MAX };
  guint8 flags = take_byte (self);

  if (flags & GRANT_IPV4)
    sp_address_from_ipv4 (self->judge.ipv4, 0x0a000002);
  if (flags & GRANT_IPV6)
    memcpy (self->judge.ipv6, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02", SP_ADDRESS_SIZE);
  memcpy (grant->ipv4, self->judge.ipv4, SP_ADDRESS_SIZE);
  memcpy (grant->ipv6, self->judge.ipv6, SP_ADDRESS_SIZE);
  grant->ipv4_prefix = 24;
  grant->ipv6_prefix = 64;
  grant->dtls_port = flags & GRANT_DTLS ? 443 : 0;
  grant->rekey_ssl = (flags & GRANT_REKEY_SSL) != 0;
  grant->compression = (guint8) ((flags & GRANT_LZ4 ? SP_TUNNEL_MAY_LZ4 : 0) |
                                 (flags & GRANT_LZS ? SP_TUNNEL_MAY_LZS : 0));
  grant->allowance = flags & GRANT_ALLOWANCE ? 200 : 0;
  if (flags & GRANT_LISTS)
    fill_lists (grant);
  grant->dtls_mode = take_byte (self) % (SP_DTLS_MODE_LAST + 1);
  grant->dpd = take_byte (self);
  grant->keepalive = grant->dpd / 2;
  grant->idle_timeout = (guint32) take_byte (self) * 4;
  grant->session_timeout = (guint32) take_byte (self) * 8;
  grant->rekey = (guint32) take_byte (self) * 8;
  grant->link_mtu = mtus[take_byte (self) % G_N_ELEMENTS (mtus)];
}

static void
grant (WorkerPlay *self, PlayThing thing)
{
  g_autofree SpTunnelGranted *message = g_new0 (SpTunnelGranted, 1);

  if (self->spoke_of_tunnel || !may_say (self, SP_MESSAGE_TUNNEL_GRANTED))
    return;
  fill_grant (self, message);
  self->spoke_of_tunnel = TRUE;
  self->judge.granted = TRUE;
  sp_permit_enter (&self->main_permit, SP_MAIN_WORKER_GRANTED);
  lend (self, SP_MESSAGE_TUNNEL_GRANTED, message, &self->device);
}

static void
refuse (WorkerPlay *self, PlayThing thing)
{
  SpTunnelRefused message = { .status = take_byte (self) % 2 == 0 ? 401 : 503 };

  message.reason_length = take_text (self, message.reason, sizeof message.reason);
  if (self->spoke_of_tunnel || !may_say (self, SP_MESSAGE_TUNNEL_REFUSED))
    return;
  self->spoke_of_tunnel = TRUE;
  sp_permit_enter (&self->main_permit, SP_MAIN_WORKER_ENDING);
  tell (self, SP_MESSAGE_TUNNEL_REFUSED, &message, NULL);
}

static void
pause_tunnel (WorkerPlay *self, PlayThing thing)
{
  const SpPause message = { .on = take_byte (self) };

  if (may_say (self, SP_MESSAGE_PAUSE))
    tell (self, SP_MESSAGE_PAUSE, &message, NULL);
}

static void
allow (WorkerPlay *self, PlayThing thing)
{
  const SpAllowance message = { .bytes = (guint64) take_byte (self) * KIB };

  if (may_say (self, SP_MESSAGE_ALLOWANCE))
    tell (self, SP_MESSAGE_ALLOWANCE, &message, NULL);
}

static void
recall (WorkerPlay *self, PlayThing thing)
{
  const SpRecall message = { 0 };

  if (!may_say (self, SP_MESSAGE_RECALL))
    return;
  sp_permit_enter (&self->main_permit, SP_MAIN_WORKER_ENDING);
  tell (self, SP_MESSAGE_RECALL, &message, NULL);
}

/* Once only. */
static void
stop (WorkerPlay *self, PlayThing thing)
{
  SpStop message = { .how = take_byte (self) % 2 };

  message.text_length = take_text (self, message.text, sizeof message.text);
  if (self->stopped || !may_say (self, SP_MESSAGE_STOP))
    return;
  self->stopped = TRUE;
  sp_permit_enter (&self->main_permit, SP_MAIN_WORKER_ENDING);
  tell (self, SP_MESSAGE_STOP, &message, NULL);
}

static gboolean
may_associate (const WorkerPlay *self, guint8 type)
{
  return self->judge.n_associations < WORKER_ASSOCIATIONS_MAX && may_say (self, type);
}

static void
add_candidate (WorkerPlay *self, PlayThing thing)
{
  g_autofree SpCandidate *message = g_new0 (SpCandidate, 1);
  gsize size;
  const guint8 *bytes = take_bytes (self, &size);

  if (!may_associate (self, SP_MESSAGE_CANDIDATE))
    return;
  message->association = ++self->judge.n_associations;
  message->datagram_length = (guint16) MIN (size, sizeof message->datagram);
  memcpy (message->datagram, bytes, message->datagram_length);
  lend (self, SP_MESSAGE_CANDIDATE, message, &self->datagrams);
}

static void
offer_stray (WorkerPlay *self, PlayThing thing)
{
  g_autofree SpStrayOffered *message = g_new0 (SpStrayOffered, 1);
  gsize size;
  const guint8 *bytes = take_bytes (self, &size);

  message->datagram_length = (guint16) MIN (size, sizeof message->datagram);
  memcpy (message->datagram, bytes, message->datagram_length);
  if (may_say (self, SP_MESSAGE_STRAY_OFFERED))
    tell (self, SP_MESSAGE_STRAY_OFFERED, message, NULL);
}

static void
roam (WorkerPlay *self, PlayThing thing)
{
  SpRoam message = { 0 };

  if (!may_associate (self, SP_MESSAGE_ROAM))
    return;
  message.association = ++self->judge.n_associations;
  lend (self, SP_MESSAGE_ROAM, &message, &self->datagrams);
}

/* Only to who asked, once. */
static void
answer_reach (WorkerPlay *self, PlayThing thing)
{
  const SpReachAnswered message = { .verdict = take_byte (self) };

  if (!self->reach_asked || !may_say (self, SP_MESSAGE_REACH_ANSWERED))
    return;
  self->reach_asked = FALSE;
  tell (self, SP_MESSAGE_REACH_ANSWERED, &message, NULL);
}

/* --- the network --- */

static void
send_packet (WorkerPlay *self, PlayThing thing)
{
  guint8 packet[sizeof (struct virtio_net_hdr_v1) + SP_PACKET_MAX] = { 0 };
  gsize size;
  const guint8 *bytes = take_bytes (self, &size);

  size = MIN (size, SP_PACKET_MAX);
  memcpy (packet + sizeof (struct virtio_net_hdr_v1), bytes, size);
  if (self->device >= 0)
    (void) send (self->device, packet, sizeof (struct virtio_net_hdr_v1) + size, MSG_NOSIGNAL);
}

static void
send_datagram (WorkerPlay *self, PlayThing thing)
{
  gsize size;
  const guint8 *bytes = take_bytes (self, &size);

  if (self->datagrams >= 0)
    (void) send (self->datagrams, bytes, size, MSG_NOSIGNAL);
}

static void (*const happenings[PLAY_THINGS]) (WorkerPlay *self, PlayThing thing) = {
  [PLAY_RECORD] = say,         [PLAY_END] = say,
  [PLAY_HELLO] = say,          [PLAY_BROKEN] = say,
  [PLAY_UPDATE] = update_keys, [PLAY_READS] = read_less,
  [PLAY_TIME] = pass_time,     [PLAY_ANSWER] = answer,
  [PLAY_DEATH] = die,          [PLAY_GRANT] = grant,
  [PLAY_REFUSAL] = refuse,     [PLAY_PAUSE] = pause_tunnel,
  [PLAY_ALLOWANCE] = allow,    [PLAY_RECALL] = recall,
  [PLAY_STOP] = stop,          [PLAY_CANDIDATE] = add_candidate,
  [PLAY_STRAY] = offer_stray,  [PLAY_ROAM] = roam,
  [PLAY_PACKET] = send_packet, [PLAY_DATAGRAM] = send_datagram,
  [PLAY_REACH] = answer_reach,
};

void
worker_things_happen (WorkerPlay *self, PlayThing thing)
{
  happenings[thing](self, thing);
}

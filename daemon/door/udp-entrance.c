/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "udp-entrance.h"

#include "base/io.h"
#include "base/secret.h"
#include "datagram.h"
#include "drain-list.h"
#include "hello-budget.h"
#include "hello-cookie.h"
#include "id-keys.h"
#include "stray-budget.h"

#include <string.h>
#include <sys/socket.h>

#define LISTENERS_MAX (SP_LISTENERS_MAX / 2 + SP_RETIRED_LISTENERS_MAX)
#define TURN_MAX      16 /* batches, about a millisecond: connections and main wait meanwhile */

typedef struct
{
  int fd;
  SpEndpoint local;
} Listener;

struct _SpUdpEntrance
{
  int poller;
  SpToMain *to_main;
  SpTally *tally;
  SpIdMinter *minter;
  SpHelloCookie *cookie;
  SpHelloBudget *budget;
  SpStrayBudget *stray_budget;
  SpDrainList *lingering;
  const SpBanList *bans;
  SpDatagramBatch *batch;
  Listener listeners[LISTENERS_MAX];
  guint n_listeners;
};

G_STATIC_ASSERT (sizeof (gnutls_dtls_prestate_st) == sizeof (((SpHelloVerified *) NULL)->prestate));

SpUdpEntrance *
sp_udp_entrance_new (int poller, SpToMain *to_main, SpTally *tally, gint64 now)
{
  SpUdpEntrance *entrance = g_new0 (SpUdpEntrance, 1);
  guint64 seed[2];

  sp_random_bytes (seed, sizeof seed);
  entrance->poller = poller;
  entrance->to_main = to_main;
  entrance->tally = tally;
  entrance->cookie = sp_hello_cookie_new (now);
  entrance->budget = sp_hello_budget_new (seed);
  entrance->stray_budget = sp_stray_budget_new (seed);
  entrance->lingering = sp_drain_list_new (SP_DRAIN_LIST_MAX);
  entrance->batch = sp_datagram_batch_new ();
  return entrance;
}

void
sp_udp_entrance_recall_keys (SpUdpEntrance *entrance, int fd)
{
  entrance->minter = sp_id_keys_recall (fd);
}

/* A descriptor that lingers is watched as long as it is open here; a copy elsewhere would go on
 * reporting. */
static void
stop_lingering (SpUdpEntrance *entrance, SpDrainEntry *entry)
{
  int fd = entry->fd;

  sp_poller_remove (entrance->poller, fd);
  sp_drain_list_remove (entrance->lingering, entry);
  sp_fd_clear (&fd);
}

void
sp_udp_entrance_free (SpUdpEntrance *entrance)
{
  SpDrainEntry *entry;

  if (entrance == NULL)
    return;
  while ((entry = sp_drain_list_get_oldest (entrance->lingering)) != NULL)
    stop_lingering (entrance, entry);
  for (guint i = 0; i < entrance->n_listeners; i++)
    sp_fd_clear (&entrance->listeners[i].fd);
  sp_id_minter_free (entrance->minter);
  sp_hello_cookie_free (entrance->cookie);
  sp_hello_budget_free (entrance->budget);
  sp_stray_budget_free (entrance->stray_budget);
  sp_drain_list_free (entrance->lingering);
  sp_datagram_batch_free (entrance->batch);
  g_free (entrance);
}

typedef int (*GetName) (int fd, struct sockaddr *name, socklen_t *length);

static gboolean
read_name (GetName get_name, int fd, SpEndpoint *ret)
{
  struct sockaddr_storage name;
  socklen_t length = sizeof name;

  return get_name (fd, (struct sockaddr *) &name, &length) == 0 &&
         sp_endpoint_from_sockaddr ((struct sockaddr *) &name, length, ret);
}

void
sp_udp_entrance_heed_bans (SpUdpEntrance *entrance, const SpBanList *bans)
{
  entrance->bans = bans;
}

gboolean
sp_udp_entrance_listen (SpUdpEntrance *entrance, int fd)
{
  SpWatch watch = { .kind = SP_WATCH_UDP_LISTENER, .index = entrance->n_listeners };
  Listener *listener = &entrance->listeners[entrance->n_listeners];

  if (entrance->n_listeners == LISTENERS_MAX || !read_name (getsockname, fd, &listener->local) ||
      !sp_poller_add (entrance->poller, fd, EPOLLIN, &watch))
    return FALSE;
  listener->fd = fd;
  entrance->n_listeners++;
  return TRUE;
}

void
sp_udp_entrance_linger (SpUdpEntrance *entrance, int fd, guint64 attachment, gint64 now)
{
  SpWatch watch = { .kind = SP_WATCH_LINGERING };
  SpDrainEntry *entry;
  SpEndpoint peer;
  SpEndpoint local;

  if (!read_name (getpeername, fd, &peer) || !read_name (getsockname, fd, &local))
    {
      sp_fd_clear (&fd);
      return;
    }
  entry = sp_drain_list_add (entrance->lingering, fd, now);
  if (entry == NULL)
    {
      stop_lingering (entrance, sp_drain_list_get_oldest (entrance->lingering));
      entry = sp_drain_list_add (entrance->lingering, fd, now);
    }
  entry->attachment = attachment;
  entry->peer = peer;
  entry->local = local;
  watch.index = entry->index;
  watch.generation = entry->generation;
  if (!sp_poller_add (entrance->poller, fd, EPOLLIN, &watch))
    stop_lingering (entrance, entry);
}

void
sp_udp_entrance_mint (SpUdpEntrance *entrance,
                      guint64 attachment,
                      SpHelloMode mode,
                      guint8 ret_id[SP_APP_ID_SIZE])
{
  guint8 nonce[SP_ID_NONCE_SIZE];

  sp_random_bytes (nonce, sizeof nonce);
  sp_id_minter_mint (entrance->minter, attachment, mode, nonce, ret_id);
}

void
sp_udp_entrance_end_attachment (SpUdpEntrance *entrance, guint64 attachment, gint64 now)
{
  sp_hello_budget_end (entrance->budget, attachment, now);
}

static ssize_t
push_reply (gnutls_transport_ptr_t pointer, const void *bytes, size_t size)
{
  return sp_datagram_reply (pointer, bytes, size);
}

static void
challenge (SpUdpEntrance *entrance, SpDatagram *datagram, const SpDtlsHello *hello)
{
  if (sp_hello_cookie_challenge (entrance->cookie, &datagram->peer, hello, push_reply, datagram))
    sp_tally_count (entrance->tally, SP_DOOR_HELLO_CHALLENGED);
}

static SpSending
send_to_main (SpUdpEntrance *entrance,
              guint64 attachment,
              const SpDatagram *datagram,
              const gnutls_dtls_prestate_st *prestate)
{
  SpHelloVerified message = {
    .attachment = attachment,
    .peer_port = datagram->peer.port,
    .local_port = datagram->local.port,
    .datagram_length = (guint16) datagram->size,
  };

  memcpy (message.peer_address, datagram->peer.address, SP_ADDRESS_SIZE);
  memcpy (message.local_address, datagram->local.address, SP_ADDRESS_SIZE);
  memcpy (message.prestate, prestate, sizeof *prestate);
  memcpy (message.datagram, datagram->bytes, datagram->size);
  return sp_to_main_send (entrance->to_main, SP_MESSAGE_HELLO_VERIFIED, &message, -1);
}

/* `prestate`: of the cookie; NULL: there was none to prove the address.  What main does not hear is
 * not booked as told: the sender repeats it. */
static gboolean
forward (SpUdpEntrance *entrance,
         guint64 attachment,
         const SpDatagram *datagram,
         const SpDtlsHello *hello,
         const gnutls_dtls_prestate_st *prestate,
         gint64 now)
{
  static const gnutls_dtls_prestate_st no_exchange = { 0 };
  gboolean proved = prestate != NULL;

  if (!sp_hello_budget_may_forward (entrance->budget, attachment, &datagram->peer, hello, proved,
                                    now) ||
      send_to_main (entrance, attachment, datagram, proved ? prestate : &no_exchange) != SP_SENT)
    {
      sp_tally_count (entrance->tally, SP_DOOR_HELLO_RATE);
      return FALSE;
    }
  sp_hello_budget_forwarded (entrance->budget, attachment, &datagram->peer, hello, now);
  sp_stray_budget_met (entrance->stray_budget, datagram->peer.address, now);
  sp_tally_count (entrance->tally, SP_DOOR_HELLO_VERIFIED);
  return TRUE;
}

/* What a hello with an id of this mode has to look like. */
static const struct
{
  gboolean challenged;
  gboolean resumes; /* the id is the session's, and nothing else */
  gboolean pre_standard;
} modes[] = {
  [SP_HELLO_PSK] = { .challenged = TRUE },
  [SP_HELLO_RESUMED] = { .resumes = TRUE },
  [SP_HELLO_RESUMED_CHALLENGED] = { .challenged = TRUE, .resumes = TRUE },
  [SP_HELLO_RESUMED_0_9] = { .resumes = TRUE, .pre_standard = TRUE },
};

static gboolean
fits_mode (const SpDtlsHello *hello, SpHelloMode mode)
{
  gboolean pre_standard = hello->client_version == SP_DTLS_VERSION_0_9;

  return mode <= SP_HELLO_LAST && pre_standard == modes[mode].pre_standard &&
         !(modes[mode].resumes && hello->from_extension) &&
         (modes[mode].challenged || (!hello->has_cookie && hello->message_sequence == 0));
}

/* A well-formed hello.  The order is the argument: the tag costs one HMAC and needs no memory; only
 * a genuine id, of an attachment that is not over, has a budget; only what is in the budget costs a
 * cookie; only a valid cookie, which proves the address, reaches main, or a hello of a mode that is
 * not challenged.  TRUE if it did.
 */
static gboolean
take_hello (SpUdpEntrance *entrance, SpDatagram *datagram, const SpDtlsHello *hello, gint64 now)
{
  gnutls_dtls_prestate_st prestate;
  guint64 attachment;
  SpHelloMode mode;

  if (!sp_id_minter_verify (entrance->minter, hello->app_id, &attachment, &mode))
    {
      sp_tally_count (entrance->tally, SP_DOOR_HELLO_UNKNOWN);
      return FALSE;
    }
  if (sp_hello_budget_is_over (entrance->budget, attachment))
    {
      sp_tally_count (entrance->tally, SP_DOOR_LINGERED);
      return FALSE;
    }
  if (!fits_mode (hello, mode))
    {
      sp_tally_count (entrance->tally, SP_DOOR_MALFORMED);
      return FALSE;
    }
  if (!sp_hello_budget_spend (entrance->budget, attachment, &datagram->peer, hello->has_cookie,
                              now))
    {
      sp_tally_count (entrance->tally, SP_DOOR_HELLO_RATE);
      return FALSE;
    }
  if (!modes[mode].challenged)
    return forward (entrance, attachment, datagram, hello, NULL, now);
  if (hello->has_cookie && sp_hello_cookie_verify (entrance->cookie, &datagram->peer, hello,
                                                   datagram->bytes, datagram->size, &prestate))
    return forward (entrance, attachment, datagram, hello, &prestate, now);
  challenge (entrance, datagram, hello);
  return FALSE;
}

static SpSending
offer_stray (SpUdpEntrance *entrance, const SpDatagram *datagram)
{
  SpStrayHeard message = {
    .peer_port = datagram->peer.port,
    .local_port = datagram->local.port,
    .datagram_length = (guint16) datagram->size,
  };

  memcpy (message.peer_address, datagram->peer.address, SP_ADDRESS_SIZE);
  memcpy (message.local_address, datagram->local.address, SP_ADDRESS_SIZE);
  memcpy (message.datagram, datagram->bytes, datagram->size);
  return sp_to_main_send (entrance->to_main, SP_MESSAGE_STRAY_HEARD, &message, -1);
}

/* Records of no association that we know.  A client whose address changed sends such; a few of them
 * may go to those who can tell, as bytes.  It sends more, so nothing is kept of any. */
static void
take_stray (SpUdpEntrance *entrance, const SpDatagram *datagram, gint64 now)
{
  sp_tally_count (entrance->tally, SP_DOOR_STRAY);
  if (!sp_dtls_datagram_can_prove (datagram->bytes, datagram->size))
    return;
  if (sp_stray_budget_spend (entrance->stray_budget, datagram->peer.address, now) &&
      offer_stray (entrance, datagram) == SP_SENT)
    sp_tally_count (entrance->tally, SP_DOOR_STRAY_OFFERED);
  else
    sp_tally_count (entrance->tally, SP_DOOR_STRAY_RATE);
}

static SpDtlsHelloVerdict
read_hello (const SpDatagram *datagram, SpDtlsHello *ret)
{
  if (datagram->truncated)
    return SP_DTLS_HELLO_TOO_LONG;
  return sp_dtls_hello_read (datagram->bytes, datagram->size, ret);
}

/* A ban of strangers does not matter here: who has an id is none, and only such get far. */
static gboolean
is_banned (const SpUdpEntrance *entrance, const SpDatagram *datagram)
{
  return entrance->bans != NULL &&
         sp_ban_list_find (entrance->bans, datagram->peer.address) == SP_BAN_EVERYBODY;
}

static void
take_datagram (SpUdpEntrance *entrance, SpDatagram *datagram, gint64 now)
{
  SpDtlsHello hello;

  if (is_banned (entrance, datagram))
    {
      sp_tally_count (entrance->tally, SP_DOOR_BANNED);
      return;
    }
  switch (read_hello (datagram, &hello))
    {
      case SP_DTLS_HELLO_COMPLETE:
        (void) take_hello (entrance, datagram, &hello, now);
        break;
      case SP_DTLS_HELLO_OTHER:
        take_stray (entrance, datagram, now);
        break;
      case SP_DTLS_HELLO_NOT_TILED:
      case SP_DTLS_HELLO_MALFORMED:
      case SP_DTLS_HELLO_TOO_LONG:
      case SP_DTLS_HELLO_FRAGMENT:
      case SP_DTLS_HELLO_NO_RANDOM:
      case SP_DTLS_HELLO_NO_ID:
        sp_tally_count (entrance->tally, SP_DOOR_MALFORMED);
        break;
    }
}

static guint
receive_batch (SpUdpEntrance *entrance, const Listener *listener, gint64 now)
{
  guint n_datagrams =
      sp_datagram_batch_receive (entrance->batch, listener->fd, listener->local.port);
  SpDatagram datagram;

  for (guint i = 0; i < n_datagrams; i++)
    {
      if (!sp_datagram_batch_get (entrance->batch, i, &datagram))
        continue;
      if (sp_address_is_unset (datagram.local.address))
        datagram.local = listener->local;
      take_datagram (entrance, &datagram, now);
    }
  return n_datagrams;
}

void
sp_udp_entrance_receive (SpUdpEntrance *entrance, const SpEvent *event)
{
  const Listener *listener = &entrance->listeners[event->watch.index];

  for (guint i = 0; i < TURN_MAX; i++)
    if (receive_batch (entrance, listener, event->now) < SP_DATAGRAM_BATCH)
      return;
}

/* Its worker may have had the kernel join datagrams.  TRUE if one of them went to main. */
static gboolean
take_late (SpUdpEntrance *entrance,
           const SpDrainEntry *entry,
           const SpDatagram *coalesced,
           gint64 now)
{
  gboolean begins_anew = FALSE;
  SpDatagram datagram;
  SpDtlsHello hello;
  gsize offset = 0;

  while (sp_datagram_split (coalesced, &offset, &datagram))
    {
      datagram.connected = TRUE;
      datagram.peer = entry->peer;
      datagram.local = entry->local;
      if (!is_banned (entrance, &datagram) &&
          read_hello (&datagram, &hello) == SP_DTLS_HELLO_COMPLETE)
        begins_anew |= take_hello (entrance, &datagram, &hello, now);
      else
        sp_tally_count (entrance->tally, SP_DOOR_LINGERED);
    }
  return begins_anew;
}

/* What lands on a lingering socket is late, unless it is a hello: a record there is not offered to
 * anybody, since this association ended.  Answers leave through the same
 * socket, which has the right address and port at both ends.  Once a hello verified, the socket
 * must go at once: main makes another one for the same peer, and of two that match equally well
 * the kernel may choose the old one. */
void
sp_udp_entrance_drain (SpUdpEntrance *entrance, const SpEvent *event)
{
  SpDrainEntry *entry =
      sp_drain_list_find (entrance->lingering, event->watch.index, event->watch.generation);
  guint n_datagrams;
  SpDatagram datagram;
  gboolean begins_anew = FALSE;

  if (entry == NULL)
    return;
  n_datagrams = sp_datagram_batch_receive (entrance->batch, entry->fd, entry->local.port);
  for (guint i = 0; i < n_datagrams; i++)
    {
      (void) sp_datagram_batch_get (entrance->batch, i, &datagram);
      begins_anew |= take_late (entrance, entry, &datagram, event->now);
    }
  if (begins_anew)
    stop_lingering (entrance, entry);
}

gint64
sp_udp_entrance_tick (SpUdpEntrance *entrance, gint64 now)
{
  gint64 due = sp_hello_cookie_rotate (entrance->cookie, now);
  SpDrainEntry *entry;

  while ((entry = sp_drain_list_next_due (entrance->lingering, now)) != NULL)
    stop_lingering (entrance, entry);
  return MIN (due, sp_drain_list_get_due (entrance->lingering));
}

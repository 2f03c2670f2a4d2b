/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tcp-entrance.h"

#include "admission.h"
#include "base/io.h"
#include "base/log.h"
#include "codec/client-hello.h"
#include "codec/proxy-header.h"
#include "half-open.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define LISTENERS_MAX (SP_LISTENERS_MAX / 2)
#define ACCEPT_BATCH  64 /* a bounded turn: datagrams and main wait meanwhile */
#define ACCEPT_PAUSE  (G_USEC_PER_SEC / 10)

/* Edge-triggered: half a hello stays unread in the socket, so a level would report it for ever.
 * Adding a socket reports what is there already, hence nothing falls between peek and add. */
#define HALF_OPEN_EVENTS (EPOLLIN | EPOLLRDHUP | EPOLLET)

typedef enum
{
  LOOK_COMPLETE,
  LOOK_INCOMPLETE,
  LOOK_GARBAGE,
  LOOK_NAMELESS,   /* complete, but its server name does not pass the gate */
  LOOK_UNLABELLED, /* complete, with a label that no device has */
  LOOK_LEFT,       /* closed after some bytes */
  LOOK_PROBED      /* closed without a byte, as load balancers' health checks do */
} Look;

struct _SpTcpEntrance
{
  int poller;
  SpToMain *to_main;
  SpTally *tally;
  SpAdmission *admission;
  const SpBanList *bans;
  SpNameGate *gate;           /* NULL: everybody passes */
  const SpProxyList *proxies; /* NULL: none */
  SpLogThrottle mute_proxies;
  SpHalfOpen *half_open;
  gint64 hello_time; /* microseconds */
  int listeners[LISTENERS_MAX];
  guint n_listeners;
  gint64 paused_until; /* out of descriptors; 0 = listening */
  guint64 dice;
  guint8 peeked[SP_CLIENT_HELLO_MAX];
};

/* An accepted connection that has no slot yet. */
typedef struct
{
  int fd;
  gboolean known;
  SpEndpoint peer;
  SpEndpoint proxy;   /* as in a slot */
  gboolean announces; /* likewise */
} Visitor;

SpTcpEntrance *
sp_tcp_entrance_new (
    int poller, SpToMain *to_main, SpTally *tally, guint half_open_max, guint hello_milliseconds)
{
  SpTcpEntrance *entrance = g_new0 (SpTcpEntrance, 1);
  guint64 seed[2];

  half_open_max = half_open_max != 0 ? half_open_max : SP_HALF_OPEN_DEFAULT;
  hello_milliseconds = hello_milliseconds != 0 ? hello_milliseconds : SP_HELLO_MILLISECONDS_DEFAULT;
  sp_random_bytes (seed, sizeof seed);
  sp_random_bytes (&entrance->dice, sizeof entrance->dice);
  entrance->poller = poller;
  entrance->to_main = to_main;
  entrance->tally = tally;
  entrance->admission = sp_admission_new (seed);
  entrance->half_open =
      sp_half_open_new (CLAMP (half_open_max, SP_HALF_OPEN_MIN, SP_HALF_OPEN_MAX));
  entrance->hello_time = 1000 * (gint64) CLAMP (hello_milliseconds, SP_HELLO_MILLISECONDS_MIN,
                                                SP_HELLO_MILLISECONDS_MAX);
  return entrance;
}

void
sp_tcp_entrance_free (SpTcpEntrance *entrance)
{
  SpSlot *slot;

  if (entrance == NULL)
    return;
  while ((slot = sp_half_open_pick_victim (entrance->half_open, TRUE)) != NULL)
    {
      sp_fd_clear (&slot->fd);
      sp_half_open_remove (entrance->half_open, slot);
    }
  for (guint i = 0; i < entrance->n_listeners; i++)
    sp_fd_clear (&entrance->listeners[i]);
  sp_half_open_free (entrance->half_open);
  sp_admission_free (entrance->admission);
  g_free (entrance);
}

void
sp_tcp_entrance_heed_bans (SpTcpEntrance *entrance, const SpBanList *bans)
{
  entrance->bans = bans;
}

void
sp_tcp_entrance_heed_gate (SpTcpEntrance *entrance, SpNameGate *gate)
{
  entrance->gate = gate;
}

void
sp_tcp_entrance_heed_proxies (SpTcpEntrance *entrance, const SpProxyList *proxies)
{
  entrance->proxies = proxies;
}

gboolean
sp_tcp_entrance_listen (SpTcpEntrance *entrance, int fd)
{
  SpWatch watch = { .kind = SP_WATCH_TCP_LISTENER, .index = entrance->n_listeners };

  if (entrance->n_listeners == LISTENERS_MAX ||
      !sp_poller_add (entrance->poller, fd, EPOLLIN, &watch))
    return FALSE;
  entrance->listeners[entrance->n_listeners++] = fd;
  return TRUE;
}

static void
refuse (SpTcpEntrance *entrance, Visitor *visitor, SpDoorCounter counter, gint64 now)
{
  sp_tally_refuse (entrance->tally, counter, &visitor->peer,
                   sp_admission_get_end (entrance->admission, visitor->peer.address), now);
  /* With a reset, which the listener's connections have been given (platform/listener.h): the
   * kernel keeps nothing of somebody whom we turn away. */
  sp_fd_clear (&visitor->fd);
}

static Visitor
visitor_of (const SpSlot *slot)
{
  return (Visitor){ .fd = slot->fd,
                    .known = slot->known,
                    .peer = slot->peer,
                    .proxy = slot->proxy,
                    .announces = slot->announces };
}

/* Empties a slot; its socket is the caller's again, and watched no more.  One that is closed at
 * once leaves the poller by itself. */
static Visitor
take_out (SpTcpEntrance *entrance, SpSlot *slot, gboolean closes)
{
  Visitor visitor = visitor_of (slot);

  if (slot->state == SP_SLOT_LISTENING && !closes)
    sp_poller_remove (entrance->poller, slot->fd);
  sp_half_open_remove (entrance->half_open, slot);
  return visitor;
}

static void
evict (SpTcpEntrance *entrance, SpSlot *slot, gint64 now)
{
  gboolean crowds = slot->wide_crowd > 1 && !slot->announces;
  Visitor visitor = take_out (entrance, slot, TRUE);

  if (crowds)
    sp_admission_offend (entrance->admission, visitor.peer.address, SP_OFFENCE_CROWDING, now);
  refuse (entrance, &visitor, SP_DOOR_CROWDED, now);
}

/* Uniform, and nobody outside sees enough of it to guess the next; asking the kernel each time
 * would add to the cost of each refusal (splitmix64). */
static guint32
roll (SpTcpEntrance *entrance)
{
  guint64 z = entrance->dice += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  z = (z ^ z >> 30) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return (guint32) ((z ^ z >> 31) >> 32);
}

/* A free slot for this visitor, who displaces somebody else if need be; NULL if he must go. */
static SpSlot *
find_slot (SpTcpEntrance *entrance, const Visitor *visitor, gint64 now)
{
  guint32 chance;
  SpCrowd crowd;
  SpSlot *victim;
  SpSlot *slot;

  if (!visitor->known)
    {
      chance = roll (entrance);
      sp_half_open_get_crowd (entrance->half_open, visitor->peer.address, &crowd);
      if (!sp_admission_may_wait (&crowd, chance))
        return NULL;
    }
  if (!sp_half_open_has_room (entrance->half_open, visitor->known))
    {
      victim = sp_half_open_pick_victim (entrance->half_open, visitor->known);
      if (victim == NULL)
        return NULL;
      evict (entrance, victim, now);
    }
  slot =
      sp_half_open_insert (entrance->half_open, visitor->fd, &visitor->peer, visitor->known, now);
  slot->proxy = visitor->proxy;
  slot->announces = visitor->announces;
  return slot;
}

static void
hold (SpTcpEntrance *entrance, Visitor *visitor, SpSlotState state, gint64 due, gint64 now)
{
  SpSlot *slot = find_slot (entrance, visitor, now);
  SpWatch watch = { .kind = SP_WATCH_HALF_OPEN };

  if (slot == NULL)
    {
      refuse (entrance, visitor, SP_DOOR_CROWDED, now);
      return;
    }
  sp_half_open_set (entrance->half_open, slot, state, due);
  watch.index = slot->index;
  watch.generation = slot->generation;
  if (state == SP_SLOT_LISTENING &&
      !sp_poller_add (entrance->poller, slot->fd, HALF_OPEN_EVENTS, &watch))
    {
      sp_half_open_remove (entrance->half_open, slot);
      refuse (entrance, visitor, SP_DOOR_CROWDED, now);
    }
}

static Look
look_at_name (SpTcpEntrance *entrance, const SpClientHello *hello, gboolean known, gint64 now)
{
  SpGateVerdict verdict = entrance->gate != NULL
                              ? sp_name_gate_judge (entrance->gate, hello, known, now)
                              : SP_GATE_PASSES;

  if (verdict == SP_GATE_PASSES)
    return LOOK_COMPLETE;
  return verdict == SP_GATE_NAMELESS ? LOOK_NAMELESS : LOOK_UNLABELLED;
}

/* What recv() says. */
static ssize_t
peek_bytes (SpTcpEntrance *entrance, int fd)
{
  ssize_t size;

  do
    size = recv (fd, entrance->peeked, sizeof entrance->peeked, MSG_PEEK | MSG_DONTWAIT);
  while (size < 0 && errno == EINTR);
  return size;
}

static Look
peek (SpTcpEntrance *entrance, int fd, gboolean known, gboolean closed, gint64 now)
{
  SpClientHello hello;
  ssize_t size = peek_bytes (entrance, fd);

  if (size < 0 && errno == EAGAIN)
    return closed ? LOOK_PROBED : LOOK_INCOMPLETE;
  if (size <= 0)
    return LOOK_PROBED;
  switch (sp_client_hello_peek (entrance->peeked, (gsize) size, &hello))
    {
      case SP_CLIENT_HELLO_COMPLETE:
        return look_at_name (entrance, &hello, known, now);
      case SP_CLIENT_HELLO_INCOMPLETE:
        return closed ? LOOK_LEFT : LOOK_INCOMPLETE;
      case SP_CLIENT_HELLO_NOT_TLS:
      case SP_CLIENT_HELLO_MALFORMED:
      case SP_CLIENT_HELLO_TOO_LONG:
        return LOOK_GARBAGE;
    }
  return LOOK_GARBAGE;
}

static SpSending
send_forwarded (SpTcpEntrance *entrance, const Visitor *visitor, const SpEndpoint *local)
{
  SpClientForwarded message = { .peer_port = visitor->peer.port,
                                .proxy_port = visitor->proxy.port,
                                .local_port = local->port };

  memcpy (message.peer_address, visitor->peer.address, SP_ADDRESS_SIZE);
  memcpy (message.proxy_address, visitor->proxy.address, SP_ADDRESS_SIZE);
  memcpy (message.local_address, local->address, SP_ADDRESS_SIZE);
  return sp_to_main_send (entrance->to_main, SP_MESSAGE_CLIENT_FORWARDED, &message, visitor->fd);
}

/* The socket must not be watched any more; it is still the caller's. */
static SpSending
send_to_main (SpTcpEntrance *entrance, const Visitor *visitor)
{
  SpClientAdmitted message = { .peer_port = visitor->peer.port };
  struct sockaddr_storage name;
  socklen_t length = sizeof name;
  SpEndpoint local;

  if (getsockname (visitor->fd, (struct sockaddr *) &name, &length) < 0 ||
      !sp_endpoint_from_sockaddr ((struct sockaddr *) &name, length, &local))
    return SP_UNSENDABLE;
  if (visitor->proxy.port != 0)
    return send_forwarded (entrance, visitor, &local);
  memcpy (message.peer_address, visitor->peer.address, SP_ADDRESS_SIZE);
  memcpy (message.local_address, local.address, SP_ADDRESS_SIZE);
  message.local_port = local.port;
  return sp_to_main_send (entrance->to_main, SP_MESSAGE_CLIENT_ADMITTED, &message, visitor->fd);
}

static void
finish (SpTcpEntrance *entrance, Visitor *visitor, SpSending sending, gint64 now)
{
  switch (sending)
    {
      case SP_SENT:
        sp_tally_count (entrance->tally, SP_DOOR_ADMITTED);
        sp_fd_clear (&visitor->fd);
        break;
      case SP_BLOCKED:
        hold (entrance, visitor, SP_SLOT_READY, now + entrance->hello_time, now);
        break;
      case SP_UNSENDABLE:
        refuse (entrance, visitor, SP_DOOR_CROWDED, now);
        break;
    }
}

/* How long it may take for its hello. */
static gint64
get_patience (const SpTcpEntrance *entrance, const Visitor *visitor)
{
  gint64 usual = entrance->hello_time;

  return visitor->known ? usual : sp_siege_get_patience (&entrance->tally->siege, usual);
}

static void
turn_away (
    SpTcpEntrance *entrance, Visitor *visitor, SpOffence offence, SpDoorCounter counter, gint64 now)
{
  sp_admission_offend (entrance->admission, visitor->peer.address, offence, now);
  refuse (entrance, visitor, counter, now);
}

/* What follows from a look at a socket that is not watched. */
static void
react (SpTcpEntrance *entrance, Visitor *visitor, Look look, gint64 now)
{
  switch (look)
    {
      case LOOK_COMPLETE:
        finish (entrance, visitor, send_to_main (entrance, visitor), now);
        break;
      case LOOK_INCOMPLETE:
        hold (entrance, visitor, SP_SLOT_LISTENING, now + get_patience (entrance, visitor), now);
        break;
      case LOOK_GARBAGE:
        turn_away (entrance, visitor, SP_OFFENCE_GARBAGE, SP_DOOR_NOT_TLS, now);
        break;
      case LOOK_NAMELESS:
        turn_away (entrance, visitor, SP_OFFENCE_NAMELESS, SP_DOOR_NAMELESS, now);
        break;
      case LOOK_UNLABELLED:
        turn_away (entrance, visitor, SP_OFFENCE_NAMELESS, SP_DOOR_LABEL, now);
        break;
      case LOOK_LEFT:
        turn_away (entrance, visitor, SP_OFFENCE_SILENT, SP_DOOR_NO_HELLO, now);
        break;
      case LOOK_PROBED:
        refuse (entrance, visitor, SP_DOOR_NO_HELLO, now);
        break;
    }
}

static void
receive_visitor (SpTcpEntrance *entrance, Visitor *visitor, gint64 now)
{
  SpBanWhom banned = entrance->bans != NULL
                         ? sp_ban_list_find (entrance->bans, visitor->peer.address)
                         : SP_BAN_NOBODY;
  SpArrival arrival;

  if (banned == SP_BAN_EVERYBODY)
    {
      refuse (entrance, visitor, SP_DOOR_BANNED, now);
      return;
    }
  sp_admission_arrive (entrance->admission, visitor->peer.address, now, &arrival);
  visitor->known = arrival.known;
  if (banned == SP_BAN_STRANGERS && !arrival.known)
    {
      refuse (entrance, visitor, SP_DOOR_BANNED, now);
      return;
    }
  switch (arrival.verdict)
    {
      case SP_ADMISSION_WELCOME:
        react (entrance, visitor, peek (entrance, visitor->fd, visitor->known, FALSE, now), now);
        break;
      case SP_ADMISSION_DELAYED:
        hold (entrance, visitor, SP_SLOT_DELAYED, now + arrival.delay, now);
        break;
      case SP_ADMISSION_PENALTY:
        refuse (entrance, visitor, SP_DOOR_PENALTY, now);
        break;
      case SP_ADMISSION_RATE:
        refuse (entrance, visitor, SP_DOOR_RATE, now);
        break;
    }
}

static SpProxyHeaderVerdict
peek_header (SpTcpEntrance *entrance, int fd, SpProxyHeader *ret)
{
  ssize_t size = peek_bytes (entrance, fd);

  return sp_proxy_header_peek (entrance->peeked, (gsize) MAX (size, 0), ret);
}

/* A proxy's header, of which the socket is rid then: COMPLETE has the client in visitor->peer. */
static SpProxyHeaderVerdict
take_header (SpTcpEntrance *entrance, Visitor *visitor)
{
  SpProxyHeader header;
  SpProxyHeaderVerdict verdict = peek_header (entrance, visitor->fd, &header);

  if (verdict != SP_PROXY_HEADER_COMPLETE)
    return verdict;
  /* These bytes are there, so they all come at once. */
  if (recv (visitor->fd, entrance->peeked, header.size, MSG_DONTWAIT) != (ssize_t) header.size)
    return SP_PROXY_HEADER_MALFORMED;
  if (header.is_forwarded)
    visitor->peer = header.client;
  return SP_PROXY_HEADER_COMPLETE;
}

/* It is the owner's proxy, and no penalty would make it better. */
static void
complain (SpTcpEntrance *entrance, Visitor *visitor, gint64 now)
{
  char text[SP_ENDPOINT_TEXT_MAX];
  guint suppressed;

  sp_address_to_text (visitor->proxy.address, text);
  if (sp_log_throttle (&entrance->mute_proxies, now, &suppressed))
    sp_log (SP_LOG_WARNING, "proxy",
            "%s is one of the proxies, and does not begin with a PROXY header of version 2 "
            "(%u more before)",
            text, suppressed);
  refuse (entrance, visitor, SP_DOOR_NOT_TLS, now);
}

/* From a proxy: nothing is known of who comes before the header is there, and everything is as for
 * anybody else from there on.  The socket is not watched. */
static void
receive_forwarded (SpTcpEntrance *entrance, Visitor *visitor, gboolean closed, gint64 now)
{
  switch (take_header (entrance, visitor))
    {
      case SP_PROXY_HEADER_COMPLETE:
        visitor->announces = FALSE;
        receive_visitor (entrance, visitor, now);
        break;
      case SP_PROXY_HEADER_INCOMPLETE:
        if (closed)
          refuse (entrance, visitor, SP_DOOR_NO_HELLO, now);
        else
          hold (entrance, visitor, SP_SLOT_LISTENING, now + entrance->hello_time, now);
        break;
      case SP_PROXY_HEADER_ABSENT:
      case SP_PROXY_HEADER_MALFORMED:
        complain (entrance, visitor, now);
        break;
    }
}

static void
welcome (SpTcpEntrance *entrance, Visitor *visitor, gint64 now)
{
  if (entrance->proxies == NULL || !sp_proxy_list_has (entrance->proxies, visitor->peer.address))
    {
      receive_visitor (entrance, visitor, now);
      return;
    }
  visitor->proxy = visitor->peer;
  visitor->announces = TRUE;
  visitor->known = TRUE; /* strangers do not keep the proxy out */
  receive_forwarded (entrance, visitor, FALSE, now);
}

static void
set_listening (SpTcpEntrance *entrance, guint32 events)
{
  for (guint i = 0; i < entrance->n_listeners; i++)
    {
      SpWatch watch = { .kind = SP_WATCH_TCP_LISTENER, .index = i };
      sp_poller_change (entrance->poller, entrance->listeners[i], events, &watch);
    }
}

/* The listener stays readable when there is no descriptor for who waits there; so somebody goes,
 * or we look away for a moment. */
static void
make_room (SpTcpEntrance *entrance, gint64 now)
{
  SpSlot *victim = sp_half_open_pick_victim (entrance->half_open, FALSE);

  if (victim != NULL)
    {
      evict (entrance, victim, now);
      return;
    }
  set_listening (entrance, 0);
  entrance->paused_until = now + ACCEPT_PAUSE;
}

static gboolean
is_shortage (int errno_value)
{
  return errno_value == EMFILE || errno_value == ENFILE || errno_value == ENOBUFS ||
         errno_value == ENOMEM;
}

void
sp_tcp_entrance_accept (SpTcpEntrance *entrance, const SpEvent *event)
{
  int listener = entrance->listeners[event->watch.index];
  struct sockaddr_storage name;

  for (guint i = 0; i < ACCEPT_BATCH && entrance->paused_until == 0; i++)
    {
      Visitor visitor = { 0 };
      socklen_t length = sizeof name;

      visitor.fd =
          accept4 (listener, (struct sockaddr *) &name, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (visitor.fd < 0 && errno == EAGAIN)
        return;
      if (visitor.fd < 0 && is_shortage (errno))
        make_room (entrance, event->now);
      if (visitor.fd < 0)
        continue; /* that connection died before it was accepted */
      if (sp_endpoint_from_sockaddr ((struct sockaddr *) &name, length, &visitor.peer))
        welcome (entrance, &visitor, event->now);
      else
        sp_fd_clear (&visitor.fd);
    }
}

void
sp_tcp_entrance_look (SpTcpEntrance *entrance, const SpEvent *event)
{
  SpSlot *slot =
      sp_half_open_find (entrance->half_open, event->watch.index, event->watch.generation);
  gboolean closed = (event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  SpProxyHeader header;
  Visitor visitor;
  Look look;

  if (slot == NULL || slot->state != SP_SLOT_LISTENING)
    return;
  if (slot->announces)
    {
      /* One that is watched anew is reported at once, for ever. */
      if (!closed && peek_header (entrance, slot->fd, &header) == SP_PROXY_HEADER_INCOMPLETE)
        return;
      visitor = take_out (entrance, slot, FALSE);
      receive_forwarded (entrance, &visitor, closed, event->now);
      return;
    }
  look = peek (entrance, slot->fd, slot->known, closed, event->now);
  if (look == LOOK_INCOMPLETE)
    return;
  visitor = take_out (entrance, slot, look != LOOK_COMPLETE);
  react (entrance, &visitor, look, event->now);
}

void
sp_tcp_entrance_resume (SpTcpEntrance *entrance, gint64 now)
{
  SpSlot *slot;

  while ((slot = sp_half_open_next_ready (entrance->half_open)) != NULL)
    {
      Visitor visitor = visitor_of (slot);
      SpSending sending = send_to_main (entrance, &visitor);

      if (sending == SP_BLOCKED)
        return; /* keeps its place and its deadline */
      sp_half_open_remove (entrance->half_open, slot);
      finish (entrance, &visitor, sending, now);
    }
}

void
sp_tcp_entrance_ended (SpTcpEntrance *entrance,
                       const guint8 *address,
                       SpOutcome outcome,
                       gint64 now)
{
  sp_admission_ended (entrance->admission, address, outcome, now);
}

static void
end_slot (SpTcpEntrance *entrance, SpSlot *slot, gint64 now)
{
  SpSlotState state = slot->state;
  Visitor visitor = take_out (entrance, slot, state == SP_SLOT_LISTENING);

  switch (state)
    {
      case SP_SLOT_DELAYED:
        react (entrance, &visitor, peek (entrance, visitor.fd, visitor.known, FALSE, now), now);
        break;
      case SP_SLOT_LISTENING:
        if (!visitor.announces)
          sp_admission_offend (entrance->admission, visitor.peer.address, SP_OFFENCE_SILENT, now);
        refuse (entrance, &visitor, SP_DOOR_NO_HELLO, now);
        break;
      case SP_SLOT_READY:
        refuse (entrance, &visitor, SP_DOOR_CROWDED, now);
        break;
      case SP_SLOT_FREE:
        break;
    }
}

gint64
sp_tcp_entrance_tick (SpTcpEntrance *entrance, gint64 now)
{
  SpSlot *slot;
  gint64 due;

  while ((slot = sp_half_open_next_due (entrance->half_open, now)) != NULL)
    end_slot (entrance, slot, now);
  if (entrance->paused_until != 0 && now >= entrance->paused_until)
    {
      entrance->paused_until = 0;
      set_listening (entrance, EPOLLIN);
    }
  due = sp_half_open_get_due (entrance->half_open);
  return entrance->paused_until != 0 ? MIN (due, entrance->paused_until) : due;
}

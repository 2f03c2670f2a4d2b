/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tcp-entrance.h"

#include "admission.h"
#include "base/io.h"
#include "codec/client-hello.h"
#include "half-open.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define LISTENERS_MAX 16
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
  LOOK_LEFT,  /* closed after some bytes */
  LOOK_PROBED /* closed without a byte, as load balancers' health checks do */
} Look;

struct _SpTcpEntrance
{
  int poller;
  SpToMain *to_main;
  SpTally *tally;
  SpAdmission *admission;
  const SpBanList *bans;
  SpHalfOpen *half_open;
  gint64 hello_time; /* microseconds */
  int listeners[LISTENERS_MAX];
  guint n_listeners;
  gint64 paused_until; /* out of descriptors; 0 = listening */
  guint8 peeked[SP_CLIENT_HELLO_MAX];
};

/* An accepted connection that has no slot yet. */
typedef struct
{
  int fd;
  gboolean known;
  SpEndpoint peer;
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

/* With a reset, so that the kernel keeps nothing of somebody whom we turn away. */
static void
slam (int *fd)
{
  struct linger linger = { .l_onoff = 1, .l_linger = 0 };

  /* Without it the close is merely polite. */
  (void) setsockopt (*fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  sp_fd_clear (fd);
}

static void
refuse (SpTcpEntrance *entrance, Visitor *visitor, SpDoorCounter counter, gint64 now)
{
  sp_tally_refuse (entrance->tally, counter, &visitor->peer, now);
  slam (&visitor->fd);
}

/* Empties a slot; its socket is the caller's again, and watched no more. */
static Visitor
take_out (SpTcpEntrance *entrance, SpSlot *slot)
{
  Visitor visitor = { .fd = slot->fd, .known = slot->known, .peer = slot->peer };

  if (slot->state == SP_SLOT_LISTENING)
    sp_poller_remove (entrance->poller, slot->fd);
  sp_half_open_remove (entrance->half_open, slot);
  return visitor;
}

static void
evict (SpTcpEntrance *entrance, SpSlot *slot, gint64 now)
{
  gboolean crowds = slot->wide_crowd > 1;
  Visitor visitor = take_out (entrance, slot);

  if (crowds)
    sp_admission_offend (entrance->admission, visitor.peer.address, SP_OFFENCE_CROWDING, now);
  refuse (entrance, &visitor, SP_DOOR_CROWDED, now);
}

/* A free slot for this visitor, who displaces somebody else if need be; NULL if he must go. */
static SpSlot *
find_slot (SpTcpEntrance *entrance, const Visitor *visitor, gint64 now)
{
  guint32 chance;
  SpCrowd crowd;
  SpSlot *victim;

  if (!visitor->known)
    {
      sp_random_bytes (&chance, sizeof chance);
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
  return sp_half_open_insert (entrance->half_open, visitor->fd, &visitor->peer, visitor->known,
                              now);
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
peek (SpTcpEntrance *entrance, int fd, gboolean closed)
{
  SpClientHello hello;
  ssize_t size;

  do
    size = recv (fd, entrance->peeked, sizeof entrance->peeked, MSG_PEEK | MSG_DONTWAIT);
  while (size < 0 && errno == EINTR);
  if (size < 0 && errno == EAGAIN)
    return closed ? LOOK_PROBED : LOOK_INCOMPLETE;
  if (size <= 0)
    return LOOK_PROBED;
  switch (sp_client_hello_peek (entrance->peeked, (gsize) size, &hello))
    {
      case SP_CLIENT_HELLO_COMPLETE:
        return LOOK_COMPLETE;
      case SP_CLIENT_HELLO_INCOMPLETE:
        return closed ? LOOK_LEFT : LOOK_INCOMPLETE;
      case SP_CLIENT_HELLO_NOT_TLS:
      case SP_CLIENT_HELLO_MALFORMED:
      case SP_CLIENT_HELLO_TOO_LONG:
        return LOOK_GARBAGE;
    }
  return LOOK_GARBAGE;
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
        hold (entrance, visitor, SP_SLOT_LISTENING, now + entrance->hello_time, now);
        break;
      case LOOK_GARBAGE:
        sp_admission_offend (entrance->admission, visitor->peer.address, SP_OFFENCE_GARBAGE, now);
        refuse (entrance, visitor, SP_DOOR_NOT_TLS, now);
        break;
      case LOOK_LEFT:
        sp_admission_offend (entrance->admission, visitor->peer.address, SP_OFFENCE_SILENT, now);
        refuse (entrance, visitor, SP_DOOR_NO_HELLO, now);
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
        react (entrance, visitor, peek (entrance, visitor->fd, FALSE), now);
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
        receive_visitor (entrance, &visitor, event->now);
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
  Visitor visitor;
  Look look;

  if (slot == NULL || slot->state != SP_SLOT_LISTENING)
    return;
  look = peek (entrance, slot->fd, closed);
  if (look == LOOK_INCOMPLETE)
    return;
  visitor = take_out (entrance, slot);
  react (entrance, &visitor, look, event->now);
}

void
sp_tcp_entrance_resume (SpTcpEntrance *entrance, gint64 now)
{
  SpSlot *slot;

  while ((slot = sp_half_open_next_ready (entrance->half_open)) != NULL)
    {
      Visitor visitor = { .fd = slot->fd, .known = slot->known, .peer = slot->peer };
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
  Visitor visitor = take_out (entrance, slot);

  switch (state)
    {
      case SP_SLOT_DELAYED:
        react (entrance, &visitor, peek (entrance, visitor.fd, FALSE), now);
        break;
      case SP_SLOT_LISTENING:
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

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "connection-private.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "platform/supervise.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>

#define GOODBYE_MILLISECONDS 2000
/* A worker has little to tell: a report a second, and what happens to its channels. */
#define MESSAGES_A_SECOND 50
#define MESSAGES_AT_ONCE  2000

static void
release_associations (SpConnection *self)
{
  for (guint i = 0; i < SP_ASSOCIATIONS_MAX; i++)
    sp_connection_end_association (self, self->associations[i].number);
}

static gboolean
parting_over_cb (gpointer user_data)
{
  return G_SOURCE_REMOVE;
}

static void
parting_free (gpointer user_data)
{
  G_GNUC_UNUSED sp_autofd int stream = GPOINTER_TO_INT (user_data);
}

/* The client learns why: bytes of its own that nobody has read would make the end of its connection
 * a reset, which can overtake the last words. */
static void
part (SpConnection *self)
{
  if (!self->recalled || self->stream < 0)
    return;
  (void) g_timeout_add_full (G_PRIORITY_LOW, GOODBYE_MILLISECONDS, parting_over_cb,
                             GINT_TO_POINTER (sp_fd_steal (&self->stream)), parting_free);
}

static void
end (SpConnection *self)
{
  release_associations (self);
  part (self);
  self->events->ended (self->user_data, self);
  sp_connection_free (self);
}

static void
exited (gpointer user_data)
{
  SpConnection *self = user_data;

  g_clear_pointer (&self->exit_watch, sp_watch_free);
  end (self);
}

void
sp_connection_kill (SpConnection *self)
{
  g_autoptr (GError) error = NULL;

  self->facts.is_killed = TRUE;
  sp_connection_let_go (self);
  /* Before the fork is reported there is nobody to kill; the closed wall ends the worker. */
  if (self->pidfd < 0)
    g_clear_pointer (&self->link, sp_link_free);
  /* One that ended by itself is reported in a moment. */
  else if (!sp_pidfd_kill (self->pidfd, SIGKILL, &error) &&
           !g_error_matches (error, SP_ERROR, SP_ERROR_PEER_GONE))
    sp_log (SP_LOG_WARNING, "worker", "cannot end %d: %s", (int) self->facts.pid, error->message);
}

static gboolean
goodbye_over_cb (gpointer user_data)
{
  SpConnection *self = user_data;

  self->goodbye_timer = 0;
  sp_connection_kill (self);
  return G_SOURCE_REMOVE;
}

void
sp_connection_expect_end (SpConnection *self)
{
  if (self->goodbye_timer == 0)
    self->goodbye_timer = g_timeout_add (GOODBYE_MILLISECONDS, goodbye_over_cb, self);
}

SpConnection *
sp_connection_new (guint64 worker,
                   int wall_fd,
                   const SpConnectionEvents *events,
                   gpointer user_data)
{
  SpConnection *self = g_new0 (SpConnection, 1);

  self->facts.worker = worker;
  self->facts.left = SP_LEFT_CLOSED;
  self->pidfd = -1;
  self->stream = -1;
  self->events = events;
  self->user_data = user_data;
  for (guint i = 0; i < SP_ASSOCIATIONS_MAX; i++)
    self->associations[i].fd = -1;
  self->link =
      sp_link_new (wall_fd, &sp_wall_main_worker, SP_MAIN_WORKER_MAIN, &sp_from_worker, self);
  sp_link_set_rate_max (self->link, MESSAGES_A_SECOND, MESSAGES_AT_ONCE);
  sp_link_enter (self->link, SP_MAIN_WORKER_IDLE);
  return self;
}

void
sp_connection_free (SpConnection *self)
{
  sp_connection_let_go (self);
  if (self->pidfd >= 0 && self->exit_watch != NULL)
    sp_connection_kill (self);
  g_clear_pointer (&self->exit_watch, sp_watch_free);
  g_clear_handle_id (&self->goodbye_timer, g_source_remove);
  g_clear_pointer (&self->link, sp_link_free);
  for (guint i = 0; i < SP_ASSOCIATIONS_MAX; i++)
    sp_fd_clear (&self->associations[i].fd);
  sp_fd_clear (&self->stream);
  sp_fd_clear (&self->pidfd);
  g_free (self);
}

SpConnectionFacts *
sp_connection_get_facts (SpConnection *self)
{
  return &self->facts;
}

void
sp_connection_log_cookie (SpConnection *self)
{
  char session[2 * SP_ID_SIZE + 1];
  char peer[SP_ENDPOINT_TEXT_MAX];

  sp_hex_encode (self->facts.session, SP_ID_SIZE, session);
  sp_endpoint_to_text (&self->facts.peer, peer);
  sp_log (SP_LOG_DEBUG, "reception", "the cookie of %s came from %s", session, peer);
}

void
sp_connection_forked (SpConnection *self, pid_t pid, int pidfd)
{
  self->facts.pid = pid;
  self->pidfd = pidfd;
  self->exit_watch = sp_watch_new (pidfd, G_IO_IN, G_PRIORITY_DEFAULT, exited, self);
  if (self->link == NULL)
    sp_connection_kill (self);
}

gboolean
sp_connection_is_idle (SpConnection *self)
{
  return self->pidfd >= 0 && self->link != NULL && self->facts.adopted_at == 0;
}

static gboolean
is_in (SpConnection *self, SpMainWorkerPhase phase)
{
  return self->link != NULL && sp_link_get_phase (self->link) == phase;
}

static guint16
fill_in (guint8 *field, gsize size, const char *text)
{
  gsize length = MIN (strlen (text), size);

  memcpy (field, text, length);
  return (guint16) length;
}

void
sp_connection_adopt (SpConnection *self,
                     const SpEndpoint *peer,
                     const SpEndpoint *local,
                     const SpConnectionTexts *texts,
                     const SpValidation *validation,
                     guint8 sign_in,
                     int tcp_fd)
{
  SpAdoptClient message = { .peer_port = peer->port,
                            .local_port = local->port,
                            .sign_in = sign_in };

  g_return_if_fail (sp_connection_is_idle (self));
  self->facts.peer = *peer;
  self->facts.local = *local;
  self->facts.adopted_at = g_get_monotonic_time ();
  memcpy (message.peer_address, peer->address, SP_ADDRESS_SIZE);
  memcpy (message.local_address, local->address, SP_ADDRESS_SIZE);
  message.stranger_answer_length =
      fill_in (message.stranger_answer, sizeof message.stranger_answer, texts->stranger_answer);
  message.login_banner_length =
      fill_in (message.login_banner, sizeof message.login_banner, texts->login_banner);
  message.groups_length = fill_in (message.groups, sizeof message.groups, texts->groups);
  memcpy (message.validation, validation->digest, SP_VALIDATION_SIZE);
  message.validated_name_length =
      fill_in (message.validated_name, sizeof message.validated_name, validation->name);
  self->stream = fcntl (tcp_fd, F_DUPFD_CLOEXEC, 0);
  sp_link_send (self->link, SP_MESSAGE_ADOPT_CLIENT, &message, &tcp_fd, 1);
  sp_link_enter (self->link, SP_MAIN_WORKER_CLIENT);
}

void
sp_connection_grant (SpConnection *self, const SpTunnelGranted *granted, int tun_fd)
{
  if (!is_in (self, SP_MAIN_WORKER_WAITING))
    return;
  sp_link_send (self->link, SP_MESSAGE_TUNNEL_GRANTED, granted, &tun_fd, 1);
  sp_link_enter (self->link, SP_MAIN_WORKER_GRANTED);
}

static guint16
copy_text (guint8 *field, const char *text)
{
  gsize length = MIN (strlen (text), SP_REASON_MAX);

  memcpy (field, text, length);
  return (guint16) length;
}

void
sp_connection_refuse (SpConnection *self, guint16 status, const char *reason)
{
  SpTunnelRefused message = { .status = status };

  if (!is_in (self, SP_MAIN_WORKER_WAITING) && !is_in (self, SP_MAIN_WORKER_CLIENT))
    return;
  message.reason_length = copy_text (message.reason, reason);
  sp_link_send (self->link, SP_MESSAGE_TUNNEL_REFUSED, &message, NULL, 0);
  sp_link_enter (self->link, SP_MAIN_WORKER_ENDING);
  sp_connection_expect_end (self);
}

void
sp_connection_answer_reach (SpConnection *self, SpReachAnswer verdict)
{
  const SpReachAnswered message = { .verdict = (guint8) verdict };

  if (is_in (self, SP_MAIN_WORKER_CLIENT))
    sp_link_send (self->link, SP_MESSAGE_REACH_ANSWERED, &message, NULL, 0);
}

void
sp_connection_recall (SpConnection *self)
{
  SpRecall message = { 0 };

  if (!is_in (self, SP_MAIN_WORKER_TUNNEL) && !is_in (self, SP_MAIN_WORKER_GRANTED))
    return;
  sp_connection_let_go (self);
  self->recalled = TRUE;
  sp_link_send (self->link, SP_MESSAGE_RECALL, &message, NULL, 0);
  sp_link_enter (self->link, SP_MAIN_WORKER_ENDING);
  sp_connection_expect_end (self);
}

void
sp_connection_pause (SpConnection *self, gboolean on)
{
  SpPause message = { .on = on ? 1 : 0 };

  if (on)
    sp_connection_let_go (self); /* what can be undone is not kept */
  if (is_in (self, SP_MAIN_WORKER_TUNNEL))
    sp_link_send (self->link, SP_MESSAGE_PAUSE, &message, NULL, 0);
}

gboolean
sp_connection_allow (SpConnection *self, guint64 allowance)
{
  const SpAllowance message = { .bytes = allowance };

  if (!is_in (self, SP_MAIN_WORKER_TUNNEL))
    return FALSE;
  sp_link_send (self->link, SP_MESSAGE_ALLOWANCE, &message, NULL, 0);
  return TRUE;
}

void
sp_connection_stop (SpConnection *self, guint8 how, const char *text)
{
  SpStop message = { .how = how };

  if (self->link == NULL || self->stopped || self->facts.adopted_at == 0)
    {
      sp_connection_kill (self);
      return;
    }
  self->stopped = TRUE;
  sp_connection_let_go (self);
  message.text_length = copy_text (message.text, text);
  sp_link_send (self->link, SP_MESSAGE_STOP, &message, NULL, 0);
  sp_link_enter (self->link, SP_MAIN_WORKER_ENDING);
  sp_connection_expect_end (self);
}

gboolean
sp_connection_takes_datagrams (SpConnection *self)
{
  return is_in (self, SP_MAIN_WORKER_TUNNEL);
}

SpAssociation *
sp_connection_find_association (SpConnection *self, guint32 number)
{
  for (guint i = 0; i < SP_ASSOCIATIONS_MAX; i++)
    if (self->associations[i].fd >= 0 && self->associations[i].number == number)
      return &self->associations[i];
  return NULL;
}

SpAssociation *
sp_connection_find_peer (SpConnection *self, const SpEndpoint *peer)
{
  for (guint i = 0; i < SP_ASSOCIATIONS_MAX; i++)
    if (self->associations[i].fd >= 0 && sp_endpoint_equal (&self->associations[i].peer, peer))
      return &self->associations[i];
  return NULL;
}

SpAssociation *
sp_connection_add_association (SpConnection *self, const SpEndpoint *peer, int *fd)
{
  SpAssociation *association = self->associations;

  if (sp_connection_find_peer (self, peer) != NULL)
    return NULL;
  while (association < self->associations + SP_ASSOCIATIONS_MAX && association->fd >= 0)
    association++;
  if (association == self->associations + SP_ASSOCIATIONS_MAX)
    return NULL;
  *association = (SpAssociation){ .number = ++self->last_association, .peer = *peer };
  association->fd = sp_fd_steal (fd);
  sp_connection_keep_association (self, association);
  sp_connection_keep_numbers (self);
  return association;
}

gboolean
sp_connection_offer_candidate (SpConnection *self, SpCandidate *candidate, int *fd)
{
  SpEndpoint peer = { .port = candidate->peer_port };
  SpAssociation *association;

  memcpy (peer.address, candidate->peer_address, SP_ADDRESS_SIZE);
  if (!sp_connection_takes_datagrams (self))
    return FALSE;
  association = sp_connection_add_association (self, &peer, fd);
  if (association == NULL)
    return FALSE;
  candidate->association = association->number;
  sp_link_send (self->link, SP_MESSAGE_CANDIDATE, candidate, &association->fd, 1);
  return TRUE;
}

/* One that was only on trial has had no time to be anybody's: it does not linger, since the client
 * may yet be there. */
void
sp_connection_end_association (SpConnection *self, guint32 number)
{
  SpAssociation *association = sp_connection_find_association (self, number);

  if (association == NULL)
    return;
  sp_connection_let_association_go (self, number);
  if (number == self->current_association)
    self->current_association = 0;
  if (!association->on_trial)
    self->events->association_ended (self->user_data, self, &association->fd);
  sp_fd_clear (&association->fd);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "courier-client.h"

#include "base/endpoint.h"
#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/names.h"
#include "codec/update-answer.h"
#include "link/link.h"
#include "platform/supervise.h"

#include <string.h>
#include <sys/wait.h>

#define ORDER_PAUSE_MAX (7 * 24 * 3600)            /* seconds; an authority may ask for no more */
#define TIME_MAX        ((guint64) G_MAXINT64 / 2) /* microseconds since the epoch */

struct _SpCourierClient
{
  char *program;
  SpRoom *room; /* NULL: none is on its way */
  SpLink *link;
  guint deadline; /* source id, 0 = none */
  SpErrandKind kind;
  SpCourierBack back;
  SpMapPorts asked;
  SpCourierMapped mapped;      /* instead of `back` */
  SpCourierLookedUp looked_up; /* likewise */
  const SpCourierOrder *order; /* NULL: it is an errand of another kind */
  SpCourierRenewal told;       /* likewise */
  gpointer user_data;
};

SpCourierClient *
sp_courier_client_new (const char *libexec_folder)
{
  SpCourierClient *self = g_new0 (SpCourierClient, 1);

  self->program = g_build_filename (libexec_folder, SP_ROOM_COURIER, NULL);
  return self;
}

void
sp_courier_client_recall (SpCourierClient *self)
{
  g_clear_handle_id (&self->deadline, g_source_remove);
  g_clear_pointer (&self->room, sp_room_free);
  g_clear_pointer (&self->link, sp_link_free);
}

void
sp_courier_client_free (SpCourierClient *self)
{
  if (self == NULL)
    return;
  sp_courier_client_recall (self);
  g_free (self->program);
  g_free (self);
}

gboolean
sp_courier_client_is_away (SpCourierClient *self)
{
  return self->room != NULL;
}

/* The one place where an errand ends, whichever sign of it comes first. */
static void
finish (SpCourierClient *self, const SpErrandDone *done)
{
  SpCourierBack back = self->back;
  gpointer user_data = self->user_data;

  sp_courier_client_recall (self);
  back (user_data, done);
}

static void
finish_mapping (SpCourierClient *self, const SpPortsMapped *done)
{
  SpCourierMapped mapped = self->mapped;
  gpointer user_data = self->user_data;

  sp_courier_client_recall (self);
  mapped (user_data, done);
}

static void
finish_lookup (SpCourierClient *self, const SpNameLookedUp *done)
{
  SpCourierLookedUp looked_up = self->looked_up;
  gpointer user_data = self->user_data;

  sp_courier_client_recall (self);
  looked_up (user_data, done);
}

static void
finish_order (SpCourierClient *self, const SpOrderDone *done)
{
  const SpCourierOrder *order = self->order;
  gpointer user_data = self->user_data;

  sp_courier_client_recall (self);
  order->back (user_data, done);
}

static void
finish_renewal (SpCourierClient *self, const SpRenewalTold *answer)
{
  SpCourierRenewal told = self->told;
  gpointer user_data = self->user_data;

  sp_courier_client_recall (self);
  told (user_data, answer);
}

static void
finish_without_word (SpCourierClient *self, gboolean is_late)
{
  const SpErrandDone done = { .outcome = is_late ? SP_ERRAND_SILENT : SP_ERRAND_FAILED };
  const guint8 missing = is_late ? SP_MAPPING_SILENT : SP_MAPPING_FAILED;
  const SpPortsMapped mapped = { .tcp = missing, .udp = missing };
  const SpNameLookedUp looked_up = { .outcome = SP_LOOKUP_FAILED };
  const SpOrderDone order_done = { .outcome = is_late ? SP_ORDER_SILENT : SP_ORDER_FAILED };
  const SpRenewalTold told = { .outcome = order_done.outcome };

  if (self->mapped != NULL)
    finish_mapping (self, &mapped);
  else if (self->told != NULL)
    finish_renewal (self, &told);
  else if (self->looked_up != NULL)
    finish_lookup (self, &looked_up);
  else if (self->order != NULL)
    finish_order (self, &order_done);
  else
    finish (self, &done);
}

/* --- what it says --- */

/* Only words that are in the list are handed on: others are not shown to people. */
static void
check_word (SpErrandDone *done)
{
  char word[SP_PROVIDER_WORD_MAX + 1];

  if (sp_update_answer_read (done->word, done->word_length, word) == SP_UPDATE_UNKNOWN)
    done->word_length = 0;
  else
    done->word_length = (guint16) strlen (word);
}

static void
on_errand_done (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpCourierClient *self = user_data;
  SpErrandDone done = *(const SpErrandDone *) message;
  gboolean has_address = self->kind == SP_ERRAND_ASK_ADDRESS && done.outcome == SP_ERRAND_DONE;

  if (done.outcome > SP_ERRAND_OUTCOME_LAST)
    done.outcome = SP_ERRAND_FAILED;
  check_word (&done);
  if (!has_address)
    memset (done.address, 0, sizeof done.address);
  else if (!sp_address_is_global (done.address))
    {
      memset (done.address, 0, sizeof done.address);
      done.outcome = SP_ERRAND_NOT_UNDERSTOOD;
    }
  finish (self, &done);
}

/* What is let in over IPv6 is so at the address that was asked for. */
static gboolean
fits_order (SpCourierClient *self, const SpPortsMapped *done)
{
  return self->asked.seconds == 0 || sp_address_is_ipv4 (self->asked.own) ||
         memcmp (done->address, self->asked.own, SP_ADDRESS_SIZE) == 0;
}

/* Of a port that is let in where nobody asked for it, that is not true either. */
static guint8
check_mapping (SpCourierClient *self, const SpPortsMapped *done, guint8 outcome)
{
  if (outcome > SP_MAPPING_OUTCOME_LAST || (outcome == SP_MAPPING_DONE && !fits_order (self, done)))
    return SP_MAPPING_FAILED;
  return outcome;
}

/* Nothing is believed that was not asked for. */
static void
on_ports_mapped (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpCourierClient *self = user_data;
  SpPortsMapped done = *(const SpPortsMapped *) message;
  gboolean is_ipv4 = sp_address_is_ipv4 (self->asked.own);
  gboolean has_done;

  done.tcp = check_mapping (self, &done, done.tcp);
  done.udp = self->asked.udp_port != 0 ? check_mapping (self, &done, done.udp) : done.tcp;
  has_done = done.tcp == SP_MAPPING_DONE || done.udp == SP_MAPPING_DONE;
  if (done.way > SP_MAPPING_WAY_LAST)
    done.way = SP_MAPPING_ANY;
  if (sp_address_is_ipv4 (done.address) != is_ipv4 || (!is_ipv4 && !has_done))
    memset (done.address, 0, sizeof done.address);
  done.seconds = has_done ? MIN (done.seconds, self->asked.seconds) : 0;
  finish_mapping (self, &done);
}

static void
on_name_looked_up (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpNameLookedUp done = *(const SpNameLookedUp *) message;
  gboolean is_whole = done.addresses_length % SP_ADDRESS_SIZE == 0;

  if (done.outcome > SP_LOOKUP_OUTCOME_LAST || !is_whole ||
      (done.outcome == SP_LOOKUP_FOUND) != (done.addresses_length > 0))
    done = (SpNameLookedUp){ .outcome = SP_LOOKUP_FAILED };
  finish_lookup (user_data, &done);
}

static void
on_sign_request (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpCourierClient *self = user_data;

  self->order->sign (self->user_data, serial, message);
}

static void
on_show_validation (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpCourierClient *self = user_data;

  self->order->show (self->user_data, serial, message);
}

static void
on_order_done (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpOrderDone done = *(const SpOrderDone *) message;

  if (done.outcome > SP_ORDER_OUTCOME_LAST)
    done.outcome = SP_ORDER_FAILED;
  done.seconds = MIN (done.seconds, ORDER_PAUSE_MAX);
  finish_order (user_data, &done);
}

static void
on_renewal_told (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpRenewalTold told = *(const SpRenewalTold *) message;

  if (told.outcome > SP_ORDER_OUTCOME_LAST)
    told.outcome = SP_ORDER_FAILED;
  if (told.outcome == SP_ORDER_DONE && (told.begin >= told.end || told.end > TIME_MAX))
    told.outcome = SP_ORDER_NOT_UNDERSTOOD;
  told.seconds = MIN (told.seconds, ORDER_PAUSE_MAX);
  finish_renewal (user_data, &told);
}

static void
on_closed (gpointer user_data, const GError *error)
{
  if (!g_error_matches (error, SP_ERROR, SP_ERROR_PEER_GONE))
    sp_log (SP_LOG_WARNING, "courier", "%s", error->message);
  finish_without_word (user_data, FALSE);
}

static const SpLinkTable from_courier = {
  .handlers = {
    [SP_MESSAGE_ERRAND_DONE] = on_errand_done,
    [SP_MESSAGE_PORTS_MAPPED] = on_ports_mapped,
    [SP_MESSAGE_NAME_LOOKED_UP] = on_name_looked_up,
    [SP_MESSAGE_SIGN_REQUEST] = on_sign_request,
    [SP_MESSAGE_SHOW_VALIDATION] = on_show_validation,
    [SP_MESSAGE_ORDER_DONE] = on_order_done,
    [SP_MESSAGE_RENEWAL_TOLD] = on_renewal_told,
  },
  .closed = on_closed,
};

/* --- its life --- */

/* Its last words may be unread yet; behind them its wall closes, and that is its end for us. */
static void
exited_cb (gpointer user_data, int wait_status)
{
  if (WIFSIGNALED (wait_status))
    sp_log (SP_LOG_WARNING, "courier", "ended by signal %d", WTERMSIG (wait_status));
  else if (WEXITSTATUS (wait_status) != 0)
    sp_log (SP_LOG_WARNING, "courier", "ended with status %d", WEXITSTATUS (wait_status));
}

static gboolean
deadline_cb (gpointer user_data)
{
  SpCourierClient *self = user_data;

  self->deadline = 0;
  sp_log (SP_LOG_WARNING, "courier", "did not come back in time");
  finish_without_word (self, TRUE);
  return G_SOURCE_REMOVE;
}

/* Starts the room, and gives it so long. */
static gboolean
send_out (SpCourierClient *self, guint8 phase, guint seconds, gpointer user_data, GError **error)
{
  const SpRoomPlan plan = { .program = self->program, .account = SP_ACCOUNT_COURIER };
  int pair[2];

  if (self->room != NULL)
    {
      g_set_error_literal (error, SP_ERROR, SP_ERROR_BUSY, "an errand is under way");
      return FALSE;
    }
  if (!sp_socket_pair (pair, error))
    return FALSE;
  self->room = sp_room_start (&plan, pair[1], exited_cb, self, error);
  if (self->room == NULL)
    {
      sp_fd_clear (&pair[0]);
      return FALSE;
    }
  self->user_data = user_data;
  self->back = NULL;
  self->mapped = NULL;
  self->looked_up = NULL;
  self->order = NULL;
  self->told = NULL;
  self->deadline = g_timeout_add_seconds (seconds, deadline_cb, self);
  self->link =
      sp_link_new (pair[0], &sp_wall_main_courier, SP_MAIN_COURIER_MAIN, &from_courier, self);
  sp_link_enter (self->link, phase);
  return TRUE;
}

gboolean
sp_courier_client_send (SpCourierClient *self,
                        const SpRunErrand *order,
                        int password,
                        SpCourierBack back,
                        gpointer user_data,
                        GError **error)
{
  if (!send_out (self, SP_MAIN_COURIER_ABROAD, SP_ERRAND_SECONDS, user_data, error))
    return FALSE;
  self->kind = (SpErrandKind) order->kind;
  self->back = back;
  (void) sp_link_ask (self->link, SP_MESSAGE_RUN_ERRAND, order, &password, 1);
  return TRUE;
}

gboolean
sp_courier_client_map (SpCourierClient *self,
                       const SpMapPorts *order,
                       SpCourierMapped mapped,
                       gpointer user_data,
                       GError **error)
{
  if (!send_out (self, SP_MAIN_COURIER_ABROAD, SP_ERRAND_SECONDS, user_data, error))
    return FALSE;
  self->asked = *order;
  self->mapped = mapped;
  (void) sp_link_ask (self->link, SP_MESSAGE_MAP_PORTS, order, NULL, 0);
  return TRUE;
}

gboolean
sp_courier_client_look_up (SpCourierClient *self,
                           const SpLookUpName *order,
                           SpCourierLookedUp looked_up,
                           gpointer user_data,
                           GError **error)
{
  if (!send_out (self, SP_MAIN_COURIER_ABROAD, SP_ERRAND_SECONDS, user_data, error))
    return FALSE;
  self->looked_up = looked_up;
  (void) sp_link_ask (self->link, SP_MESSAGE_LOOK_UP_NAME, order, NULL, 0);
  return TRUE;
}

gboolean
sp_courier_client_order (SpCourierClient *self,
                         const SpRunOrder *order,
                         const int files[2],
                         const SpCourierOrder *events,
                         gpointer user_data,
                         GError **error)
{
  if (!send_out (self, SP_MAIN_COURIER_ORDERING, SP_ACME_SECONDS, user_data, error))
    return FALSE;
  self->order = events;
  (void) sp_link_ask (self->link, SP_MESSAGE_RUN_ORDER, order, files, 2);
  return TRUE;
}

gboolean
sp_courier_client_ask_renewal (SpCourierClient *self,
                               const SpAskRenewal *question,
                               int authorities,
                               SpCourierRenewal told,
                               gpointer user_data,
                               GError **error)
{
  if (!send_out (self, SP_MAIN_COURIER_ABROAD, SP_ERRAND_SECONDS, user_data, error))
    return FALSE;
  self->told = told;
  (void) sp_link_ask (self->link, SP_MESSAGE_ASK_RENEWAL, question, &authorities, 1);
  return TRUE;
}

/* It may have said that it is back while its question was being answered. */
void
sp_courier_client_answer_signed (SpCourierClient *self,
                                 guint32 serial,
                                 const SpRequestSigned *answer)
{
  if (self->link != NULL)
    sp_link_answer (self->link, SP_MESSAGE_REQUEST_SIGNED, serial, answer, NULL, 0);
}

void
sp_courier_client_answer_shown (SpCourierClient *self, guint32 serial, gboolean shown)
{
  const SpValidationShown answer = { .shown = shown ? 1 : 0 };

  if (self->link != NULL)
    sp_link_answer (self->link, SP_MESSAGE_VALIDATION_SHOWN, serial, &answer, NULL, 0);
}

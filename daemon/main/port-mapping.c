/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port-mapping.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "courier-client.h"
#include "port-mapping-address.h"
#include "port-mapping-plan.h"
#include "port-mapping-record.h"
#include "reach-judgement.h"
#include "server-private.h"

#include <string.h>

#define TOPIC         "port-mapping"
#define PAUSE_SECONDS 10   /* where a room is missing */
#define BEGIN_SECONDS 10   /* until a server that was on before is on again, or stays off */
#define CLOSE_SECONDS 5    /* that a server that ends waits for a router */
#define LOOK_SECONDS  3600 /* at most, as clocks are set */

struct _SpPortMapping
{
  SpServer *server; /* the owner */
  gboolean is_ipv6;
  SpPortMappingChanged changed;
  SpCourierClient *courier;
  SpMappingRecord record;
  SpMappingWish wish;  /* as of the last look */
  SpMappingWish asked; /* by the courier that is away */
  gboolean ends;       /* it tells the router that it need not */
  guint timer;         /* source id, 0 = none */
  SpPortMappingClosed closed;
  guint close_timer; /* source id, 0 = none */
};

static void look (SpPortMapping *self);

static gboolean
is_wanted (SpPortMapping *self)
{
  return sp_configuration_get (sp_server_get_configuration (self->server))->port_mapping &&
         sp_server_get_state (self->server) == SP_SERVER_ON;
}

/* --- whom to ask --- */

static const SpUplink *
get_uplink (SpPortMapping *self)
{
  return sp_surroundings_get_uplink (sp_server_get_surroundings (self->server));
}

/* This computer's address that the router shall lead to, or NULL. */
static const guint8 *
find_own (SpPortMapping *self, const SpUplink *uplink)
{
  gboolean is_wished = sp_mapping_wish_is_set (&self->wish);

  if (uplink == NULL)
    return NULL;
  return self->is_ipv6
             ? sp_mapping_find_ipv6 (uplink, is_wished ? self->wish.own : self->record.wish.own)
             : sp_mapping_find_ipv4 (uplink);
}

static SpMappingWish
find_wish (SpPortMapping *self)
{
  const SpSettings *settings = sp_server_get_settings (self->server);
  const SpUplink *uplink = get_uplink (self);
  const guint8 *own = find_own (self, uplink);
  SpMappingWish wish = { 0 };

  if (!is_wanted (self) || own == NULL ||
      (!self->is_ipv6 && sp_reach_get_kind (own) != SP_ADDRESS_PRIVATE))
    return wish;
  memcpy (wish.router, self->is_ipv6 ? uplink->router6 : uplink->router, SP_ADDRESS_SIZE);
  memcpy (wish.own, own, SP_ADDRESS_SIZE);
  wish.tcp_port = (guint16) settings->port;
  wish.udp_port = (guint16) settings->udp_port;
  return wish;
}

/* --- asking --- */

static void
finish_closing (SpPortMapping *self)
{
  SpPortMappingClosed closed = g_steal_pointer (&self->closed);

  g_clear_handle_id (&self->close_timer, g_source_remove);
  if (closed != NULL)
    closed (self->server);
}

static gboolean
timer_cb (gpointer user_data)
{
  SpPortMapping *self = user_data;

  self->timer = 0;
  look (self);
  return G_SOURCE_REMOVE;
}

static void
look_in (SpPortMapping *self, gint64 pause)
{
  guint seconds = (guint) MIN (pause / G_USEC_PER_SEC + 1, LOOK_SECONDS);

  self->timer = g_timeout_add_seconds (seconds, timer_cb, self);
}

/* Not every router has a firewall for IPv6, and many that have cannot be asked. */
static void
log_failure (SpPortMapping *self, const char *router)
{
  SpMappingOutcome outcome = sp_mapping_get_outcome (&self->record);
  gboolean is_usual = self->is_ipv6 && outcome == SP_MAPPING_NO_ROUTER;

  sp_log (is_usual ? SP_LOG_DEBUG : SP_LOG_WARNING, TOPIC, "the router at %s %s: %s", router,
          self->is_ipv6 ? "lets nobody in over IPv6" : "forwards nothing",
          sp_mapping_reason (outcome));
}

/* One port alone. */
static void
log_parted (SpPortMapping *self, const char *router)
{
  gboolean has_tcp = self->record.tcp == SP_MAPPING_DONE;

  sp_log (SP_LOG_WARNING, TOPIC, "the router at %s %s %s alone, and not %s: %s", router,
          self->is_ipv6 ? "lets in over IPv6" : "forwards", has_tcp ? "TCP" : "UDP",
          has_tcp ? "UDP" : "TCP, without which nobody connects",
          sp_mapping_reason (sp_mapping_get_outcome (&self->record)));
}

static void
log_asked (SpPortMapping *self, gboolean was_done)
{
  const SpMappingRecord *record = &self->record;
  char router[SP_ENDPOINT_TEXT_MAX];

  sp_address_to_text (record->wish.router, router);
  if (sp_mapping_is_parted (record))
    log_parted (self, router);
  else if (sp_mapping_get_outcome (record) != SP_MAPPING_DONE)
    log_failure (self, router);
  else if (!was_done)
    sp_log (SP_LOG_NOTICE, TOPIC, "the router at %s %s TCP %u and UDP %u (%s)", router,
            self->is_ipv6 ? "lets in over IPv6" : "forwards", record->wish.tcp_port,
            record->wish.udp_port, sp_mapping_way_to_string ((SpMappingWay) record->way));
}

/* Why it may still forward what it did, if anything; what somebody else has it need not end. */
static SpMappingOutcome
find_left (const SpMappingRecord *record, const SpPortsMapped *done)
{
  if (record->tcp == SP_MAPPING_DONE && done->tcp != SP_MAPPING_DONE)
    return (SpMappingOutcome) done->tcp;
  return record->udp == SP_MAPPING_DONE ? (SpMappingOutcome) done->udp : SP_MAPPING_DONE;
}

static void
mapped_cb (gpointer user_data, const SpPortsMapped *done)
{
  SpPortMapping *self = user_data;
  gboolean was_done = sp_mapping_is_of (&self->record, &self->asked) &&
                      sp_mapping_get_outcome (&self->record) == SP_MAPPING_DONE;

  SpMappingOutcome left = find_left (&self->record, done);

  if (self->ends)
    {
      sp_mapping_note_ended (&self->record);
      sp_log (SP_LOG_NOTICE, TOPIC, "the router was told to %s any more%s%s",
              self->is_ipv6 ? "let nobody in over IPv6" : "forward nothing",
              left != SP_MAPPING_DONE ? ": " : "", sp_mapping_reason (left));
    }
  else
    {
      sp_mapping_note_asked (&self->record, &self->asked, done, g_get_real_time ());
      log_asked (self, was_done);
    }
  sp_mapping_record_store (&self->record, sp_server_get_store (self->server), self->is_ipv6);
  look (self);
}

/* Who is asked again, or to end it, has to be shown the same (RFC 6887 11.2). */
static void
ensure_nonce (guint8 *nonce)
{
  static const guint8 none[SP_MAPPING_NONCE_SIZE] = { 0 };

  if (memcmp (nonce, none, sizeof none) == 0)
    sp_random_bytes (nonce, SP_MAPPING_NONCE_SIZE);
}

/* Who dies before the answer comes leaves to the next one that the router may have done it. */
static void
remember_wish (SpPortMapping *self, const SpMappingWish *wish)
{
  SpMappingRecord record = self->record;

  sp_mapping_note_asked (&record, wish, NULL, 0);
  record.way = self->record.holds ? self->record.way : SP_MAPPING_ANY;
  sp_mapping_record_store (&record, sp_server_get_store (self->server), self->is_ipv6);
}

/* A link-local router is one of an interface (RFC 4007), which is asked for as it is now. */
static void
send_courier (SpPortMapping *self, const SpMappingWish *wish, gboolean ends)
{
  const SpUplink *uplink = get_uplink (self);
  SpMapPorts order = { .interface = self->is_ipv6 && uplink != NULL ? uplink->default_ipv6 : 0,
                       .tcp_port = wish->tcp_port,
                       .udp_port = wish->udp_port,
                       .seconds = ends ? 0 : SP_MAPPING_SECONDS };
  g_autoptr (GError) error = NULL;

  memcpy (order.router, wish->router, SP_ADDRESS_SIZE);
  memcpy (order.own, wish->own, SP_ADDRESS_SIZE);
  ensure_nonce (self->record.nonce);
  memcpy (order.nonce, self->record.nonce, SP_MAPPING_NONCE_SIZE);
  if (self->record.holds)
    order.way = self->record.way;
  self->asked = *wish;
  self->ends = ends;
  if (!ends)
    remember_wish (self, wish);
  if (sp_courier_client_map (self->courier, &order, mapped_cb, self, &error))
    return;
  sp_log (SP_LOG_ERROR, TOPIC, "no courier can be sent: %s", error->message);
  look_in (self, PAUSE_SECONDS * (gint64) G_USEC_PER_SEC);
}

/* What a courier asks for that is called back may have been done. */
static void
recall (SpPortMapping *self)
{
  if (!sp_courier_client_is_away (self->courier))
    return;
  sp_courier_client_recall (self->courier);
  if (!self->ends)
    sp_mapping_note_asked (&self->record, &self->asked, NULL, 0);
}

/* --- when --- */

static void
take_step (SpPortMapping *self)
{
  gint64 now = g_get_real_time ();
  gint64 next;

  switch (sp_mapping_plan (&self->record, &self->wish, now, &next))
    {
      case SP_MAPPING_STEP_ASK:
        send_courier (self, &self->wish, FALSE);
        break;
      case SP_MAPPING_STEP_END:
        send_courier (self, &self->record.wish, TRUE);
        break;
      case SP_MAPPING_STEP_REST:
        if (next != G_MAXINT64)
          look_in (self, next - now);
        break;
    }
}

static void
look (SpPortMapping *self)
{
  if (sp_server_get_state (self->server) == SP_SERVER_STARTING)
    return; /* what is held may be wanted in a moment */
  g_clear_handle_id (&self->timer, g_source_remove);
  self->wish = find_wish (self);
  if (!self->ends && memcmp (&self->asked, &self->wish, sizeof self->wish) != 0)
    recall (self);
  if (!sp_courier_client_is_away (self->courier))
    take_step (self);
  if (!sp_courier_client_is_away (self->courier))
    finish_closing (self);
  self->changed (self->server);
}

void
sp_port_mapping_look (SpPortMapping *self)
{
  look (self);
}

gboolean
sp_port_mapping_renew (SpPortMapping *self, GError **error)
{
  if (!sp_mapping_wish_is_set (&self->wish))
    {
      g_set_error_literal (error, SP_ERROR, SP_ERROR_NOT_SUPPORTED,
                           is_wanted (self) ? "there is no router that could be asked"
                                            : "port mapping is off; set port-mapping to yes, and "
                                              "start the server");
      return FALSE;
    }
  self->record.tried_at = 0;
  self->record.way = SP_MAPPING_ANY; /* it may be set up otherwise by now, or be another one */
  look (self);
  return TRUE;
}

static gboolean
close_timer_cb (gpointer user_data)
{
  SpPortMapping *self = user_data;

  self->close_timer = 0;
  sp_log (SP_LOG_WARNING, TOPIC, "the router does not hear that it need not forward any more");
  finish_closing (self);
  return G_SOURCE_REMOVE;
}

void
sp_port_mapping_close (SpPortMapping *self, SpPortMappingClosed closed)
{
  self->closed = closed;
  self->close_timer = g_timeout_add_seconds (CLOSE_SECONDS, close_timer_cb, self);
  if (!sp_courier_client_is_away (self->courier))
    finish_closing (self);
}

/* --- what became of it --- */

/* Of what the router said of a port. */
static SpPortMappingState
find_state (SpPortMapping *self, guint8 outcome)
{
  static const SpPortMappingState states[] = {
    [SP_MAPPING_DONE] = SP_PORT_MAPPING_MAPPED,
    [SP_MAPPING_REFUSED] = SP_PORT_MAPPING_REFUSED,
    [SP_MAPPING_TAKEN] = SP_PORT_MAPPING_TAKEN,
    [SP_MAPPING_NO_ROUTER] = SP_PORT_MAPPING_NO_ROUTER,
    [SP_MAPPING_NOT_UNDERSTOOD] = SP_PORT_MAPPING_FAILED,
    [SP_MAPPING_SILENT] = SP_PORT_MAPPING_FAILED,
    [SP_MAPPING_FAILED] = SP_PORT_MAPPING_FAILED,
  };
  const guint8 *own = find_own (self, get_uplink (self));

  G_STATIC_ASSERT (G_N_ELEMENTS (states) == SP_MAPPING_OUTCOME_LAST + 1);
  if (!is_wanted (self))
    return SP_PORT_MAPPING_OFF;
  if (!self->is_ipv6 && own != NULL && sp_reach_get_kind (own) == SP_ADDRESS_PUBLIC)
    return SP_PORT_MAPPING_NOT_NEEDED;
  if (!sp_mapping_wish_is_set (&self->wish))
    return SP_PORT_MAPPING_WAITING;
  if (!sp_mapping_is_of (&self->record, &self->wish) ||
      (self->ends && sp_courier_client_is_away (self->courier)))
    return SP_PORT_MAPPING_ASKING;
  return states[outcome];
}

void
sp_port_mapping_get_status (SpPortMapping *self, SpPortMappingStatus *ret)
{
  const SpMappingRecord *record = &self->record;

  *ret = (SpPortMappingStatus){ .state = find_state (self, record->tcp),
                                .udp_state = find_state (self, record->udp),
                                .way = "",
                                .reason = "",
                                .advice = "" };
  if (ret->state < SP_PORT_MAPPING_MAPPED)
    return;
  ret->way = sp_mapping_way_to_string ((SpMappingWay) record->way);
  memcpy (ret->address, record->address, SP_ADDRESS_SIZE);
  ret->asked_at = record->tried_at;

  ret->is_denied = ret->state == SP_PORT_MAPPING_REFUSED || ret->state == SP_PORT_MAPPING_TAKEN;
  ret->reason = sp_mapping_reason (sp_mapping_get_outcome (record));
  ret->advice = sp_mapping_advice (sp_mapping_get_outcome (record), self->is_ipv6);
  ret->parted_at = record->parted_at;
  ret->tcp_port = ret->state == SP_PORT_MAPPING_MAPPED ? record->wish.tcp_port : 0;
  ret->udp_port = ret->udp_state == SP_PORT_MAPPING_MAPPED ? record->wish.udp_port : 0;
  if (ret->tcp_port != 0 || ret->udp_port != 0)
    ret->until = record->tried_at + record->seconds * (gint64) G_USEC_PER_SEC;
}

/* --- life --- */

SpPortMapping *
sp_port_mapping_new (SpServer *server,
                     gboolean ipv6,
                     const char *libexec_folder,
                     SpPortMappingChanged changed)
{
  SpPortMapping *self = g_new0 (SpPortMapping, 1);

  self->server = server;
  self->is_ipv6 = ipv6;
  self->changed = changed;
  self->courier = sp_courier_client_new (libexec_folder);
  sp_mapping_record_load (&self->record, sp_server_get_store (server), ipv6);
  look_in (self, BEGIN_SECONDS * (gint64) G_USEC_PER_SEC);
  return self;
}

void
sp_port_mapping_free (SpPortMapping *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_handle_id (&self->close_timer, g_source_remove);
  sp_courier_client_free (self->courier);
  g_free (self);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dynamic-dns.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "codec/update-answer.h"
#include "codec/update-url.h"
#include "courier-client.h"
#include "dynamic-dns-plan.h"
#include "dynamic-dns-record.h"
#include "keyholder-dns.h"
#include "secret-file.h"
#include "port-mapping.h"
#include "server-private.h"
#include "zone-order.h"

#include <string.h>

#define FAILURES_TOLD 3  /* in a row, where asking again may help */
#define PAUSE_SECONDS 10 /* where a room is missing */

struct _SpDynamicDns
{
  SpServer *server; /* the owner */
  SpDynamicDnsChanged changed;
  SpCourierClient *courier;
  GCancellable *lending; /* the password is being asked for; NULL: it is not */
  SpDynamicDnsRecord record;
  guint timer; /* source id, 0 = none */
  /* what others say that our address is */
  guint8 seen_ipv4[SP_ADDRESS_SIZE];
  guint8 seen_ipv6[SP_ADDRESS_SIZE];
  gint64 seen_at; /* when it was asked last, monotonic; 0: never */
  guint seen_failures;
  /* what is being told */
  guint8 ipv4[SP_ADDRESS_SIZE];
  guint8 ipv6[SP_ADDRESS_SIZE];
  char asks_with[SP_DNS_HASH_SIZE];
};

static void look (SpDynamicDns *self);

static const SpSettings *
get_settings (SpDynamicDns *self)
{
  return sp_configuration_get (sp_server_get_configuration (self->server));
}

static gboolean
is_wanted (SpDynamicDns *self)
{
  return get_settings (self)->dynamic_dns_mode != SP_WORD_OFF &&
         sp_server_get_state (self->server) == SP_SERVER_ON;
}

static gboolean
is_busy (SpDynamicDns *self)
{
  return self->lending != NULL || sp_courier_client_is_away (self->courier);
}

static void
recall (SpDynamicDns *self)
{
  if (self->lending != NULL)
    g_cancellable_cancel (self->lending);
  g_clear_object (&self->lending);
  sp_courier_client_recall (self->courier);
}

/* --- our addresses --- */

/* One that is told already goes before others, so that a computer with several stays where it is.
 */
static void
find_own (SpDynamicDns *self, guint index, gboolean is_ipv4, const guint8 *told, guint8 *ret)
{
  const SpUplink *uplink = sp_surroundings_get_uplink (sp_server_get_surroundings (self->server));

  for (guint i = 0; uplink != NULL && index != 0 && i < uplink->addresses->len; i++)
    {
      const SpUplinkAddress *own = &g_array_index (uplink->addresses, SpUplinkAddress, i);

      if (own->interface_index != index || sp_address_is_ipv4 (own->address) != is_ipv4 ||
          own->is_passing || !sp_address_is_global (own->address))
        continue;
      if (sp_address_is_unset (ret) || memcmp (own->address, told, SP_ADDRESS_SIZE) == 0)
        memcpy (ret, own->address, SP_ADDRESS_SIZE);
    }
}

/* Behind a router that forwards to us, its address outside is ours. */
static void
find_routers (SpDynamicDns *self, guint8 *ipv4)
{
  SpPortMappingStatus mapping;

  sp_server_get_port_mapping (self->server, &mapping);
  if (mapping.state == SP_PORT_MAPPING_MAPPED && sp_address_is_ipv4 (mapping.address) &&
      sp_address_is_global (mapping.address))
    memcpy (ipv4, mapping.address, SP_ADDRESS_SIZE);
}

/* Where a router's firewall lets people in to an address of ours, that goes before others, too. */
static const guint8 *
find_open (SpDynamicDns *self, SpPortMappingStatus *pinholes)
{
  sp_server_get_pinholes (self->server, pinholes);
  return pinholes->state == SP_PORT_MAPPING_MAPPED ? pinholes->address : self->record.ipv6;
}

/* FALSE: somebody else has to say which it is. */
static gboolean
find_addresses (SpDynamicDns *self, guint8 *ipv4, guint8 *ipv6)
{
  const SpSettings *settings = get_settings (self);
  const SpUplink *uplink = sp_surroundings_get_uplink (sp_server_get_surroundings (self->server));
  gboolean wants_both = settings->dynamic_dns_mode == SP_WORD_RFC2136 ||
                        strstr (settings->dynamic_dns_url, "{ip6}") != NULL;
  SpPortMappingStatus pinholes;
  gboolean has_own;

  memset (ipv4, 0, SP_ADDRESS_SIZE);
  memset (ipv6, 0, SP_ADDRESS_SIZE);
  if (uplink != NULL)
    {
      find_own (self, uplink->default_ipv4, TRUE, self->record.ipv4, ipv4);
      find_own (self, uplink->default_ipv6, FALSE, find_open (self, &pinholes), ipv6);
    }
  if (sp_address_is_unset (ipv4))
    find_routers (self, ipv4);
  has_own = !sp_address_is_unset (ipv4);
  if (!has_own)
    memcpy (ipv4, self->seen_ipv4, SP_ADDRESS_SIZE);
  if (sp_address_is_unset (ipv6))
    memcpy (ipv6, self->seen_ipv6, SP_ADDRESS_SIZE);
  if (!wants_both && !sp_address_is_unset (ipv4))
    memset (ipv6, 0, SP_ADDRESS_SIZE);
  return has_own || settings->address_check_url[0] == '\0';
}

/* --- asking for them --- */

static gboolean
timer_cb (gpointer user_data)
{
  SpDynamicDns *self = user_data;

  self->timer = 0;
  look (self);
  return G_SOURCE_REMOVE;
}

static void
look_in (SpDynamicDns *self, guint seconds)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add_seconds (seconds, timer_cb, self);
}

static void
fill_text (guint8 *field, guint16 *length, gsize most, const char *text)
{
  *length = (guint16) MIN (strlen (text), most);
  memcpy (field, text, *length);
}

static void
address_seen (gpointer user_data, const SpErrandDone *done)
{
  SpDynamicDns *self = user_data;
  gboolean seen = done->outcome == SP_ERRAND_DONE;

  memset (self->seen_ipv4, 0, SP_ADDRESS_SIZE);
  memset (self->seen_ipv6, 0, SP_ADDRESS_SIZE);
  if (seen)
    memcpy (sp_address_is_ipv4 (done->address) ? self->seen_ipv4 : self->seen_ipv6, done->address,
            SP_ADDRESS_SIZE);
  self->seen_failures = seen ? 0 : self->seen_failures + 1;
  if (self->seen_failures == 1)
    sp_log (SP_LOG_NOTICE, "dynamic-dns", "the public address is not known: %s",
            sp_dynamic_dns_reason ((SpErrandOutcome) done->outcome));
  look (self);
}

static gboolean
send_courier (SpDynamicDns *self, const SpRunErrand *order, int file, SpCourierBack back)
{
  g_autoptr (GError) error = NULL;

  if (sp_courier_client_send (self->courier, order, file, back, self, &error))
    return TRUE;
  sp_log (SP_LOG_ERROR, "dynamic-dns", "no courier can be sent: %s", error->message);
  return FALSE;
}

static void
ask_address (SpDynamicDns *self)
{
  SpRunErrand order = { .kind = SP_ERRAND_ASK_ADDRESS };
  g_autoptr (GError) error = NULL;
  sp_autofd int nothing = sp_secret_file_new (&error);

  self->seen_at = g_get_monotonic_time ();
  fill_text (order.url, &order.url_length, sizeof order.url,
             get_settings (self)->address_check_url);
  if (nothing < 0)
    sp_log (SP_LOG_ERROR, "dynamic-dns", "%s", error->message);
  if (nothing < 0 || !send_courier (self, &order, nothing, address_seen))
    look_in (self, PAUSE_SECONDS);
}

/* --- telling it --- */

static void
address_told (gpointer user_data, const SpErrandDone *done)
{
  SpDynamicDns *self = user_data;
  char ipv4[SP_ENDPOINT_TEXT_MAX];

  sp_dynamic_dns_note (&self->record, done, self->ipv4, self->ipv6, self->asks_with,
                       g_get_real_time ());
  sp_dynamic_dns_record_store (&self->record, sp_server_get_store (self->server));
  sp_address_to_text (sp_address_is_unset (self->ipv4) ? self->ipv6 : self->ipv4, ipv4);
  if (sp_dynamic_dns_is_content (&self->record))
    sp_log (SP_LOG_NOTICE, "dynamic-dns", "the name leads to %s", ipv4);
  else
    sp_log (SP_LOG_WARNING, "dynamic-dns", "telling %s failed: %s (status %u)", ipv4,
            sp_dynamic_dns_reason ((SpErrandOutcome) done->outcome), done->status);
  look (self);
}

static void
fill_order_to_provider (const SpSettings *settings, SpRunErrand *order)
{
  gboolean by_url = settings->dynamic_dns_mode == SP_WORD_URL;
  g_autofree char *url = by_url ? g_strdup (settings->dynamic_dns_url)
                                : sp_update_url_for_dyndns2 (settings->dynamic_dns_url);

  order->kind = by_url ? SP_ERRAND_UPDATE : SP_ERRAND_DYNDNS2;
  fill_text (order->url, &order->url_length, sizeof order->url, url);
  fill_text (order->name, &order->name_length, sizeof order->name,
             sp_dynamic_dns_find_name (settings));
  fill_text (order->user, &order->user_length, sizeof order->user, settings->dynamic_dns_user);
}

static void
fill_order (SpDynamicDns *self, SpRunErrand *order)
{
  const SpSettings *settings = get_settings (self);

  memcpy (order->ipv4, self->ipv4, SP_ADDRESS_SIZE);
  memcpy (order->ipv6, self->ipv6, SP_ADDRESS_SIZE);
  if (settings->dynamic_dns_mode == SP_WORD_RFC2136)
    sp_zone_order_fill (order, settings, SP_ERRAND_ZONE_ADDRESS,
                        sp_dynamic_dns_find_name (settings));
  else
    fill_order_to_provider (settings, order);
}

typedef struct
{
  SpDynamicDns *self;
  int file;
} Loan;

static void
loan_free (gpointer data)
{
  Loan *loan = data;

  sp_fd_clear (&loan->file);
  g_free (loan);
}

static void
lent_cb (GObject *server, GAsyncResult *result, gpointer nothing)
{
  Loan *loan = g_task_get_task_data (G_TASK (result));
  SpDynamicDns *self = loan->self;
  SpRunErrand order = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean lent = g_task_propagate_boolean (G_TASK (result), &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* it was recalled, and may be gone */
  g_clear_object (&self->lending);
  if (!lent)
    {
      sp_log (SP_LOG_WARNING, "dynamic-dns", "the password: %s", error->message);
      look_in (self, PAUSE_SECONDS);
      return;
    }
  fill_order (self, &order);
  if (!send_courier (self, &order, loan->file, address_told))
    look_in (self, PAUSE_SECONDS);
}

/* The keyholder writes the password into a file that a courier gets. */
static void
begin_to_tell (SpDynamicDns *self)
{
  g_autoptr (GError) error = NULL;
  int file = sp_secret_file_new (&error);
  g_autoptr (GTask) task = NULL;
  Loan *loan;

  if (file < 0)
    {
      sp_log (SP_LOG_ERROR, "dynamic-dns", "%s", error->message);
      look_in (self, PAUSE_SECONDS);
      return;
    }
  loan = g_new0 (Loan, 1);
  loan->self = self;
  loan->file = file;
  self->lending = g_cancellable_new ();
  task = g_task_new (self->server, self->lending, lent_cb, NULL);
  g_task_set_task_data (task, loan, loan_free);
  sp_keyholder_client_lend_dns_password (self->server->keyholder,
                                         get_settings (self)->dynamic_dns_mode == SP_WORD_RFC2136
                                             ? SP_DNS_PASSWORD_KEY
                                             : SP_DNS_PASSWORD_PROVIDER,
                                         file, task);
}

/* --- when --- */

static gint64
find_check_pause (SpDynamicDns *self)
{
  gint64 since = g_get_monotonic_time () - self->seen_at;

  return self->seen_at == 0 ? 0 : SP_DNS_CHECK_INTERVAL - since;
}

static void
look_later (SpDynamicDns *self, gint64 pause)
{
  look_in (self, (guint) (MIN (pause, SP_DNS_CHECK_INTERVAL) / G_USEC_PER_SEC) + 1);
}

static void
look (SpDynamicDns *self)
{
  gint64 now = g_get_real_time ();
  gint64 check_pause = G_MAXINT64;
  gint64 next;

  g_clear_handle_id (&self->timer, g_source_remove);
  if (!is_wanted (self))
    recall (self);
  else if (!is_busy (self))
    {
      if (!find_addresses (self, self->ipv4, self->ipv6))
        check_pause = find_check_pause (self);
      sp_dynamic_dns_hash (get_settings (self), self->asks_with);
      next = sp_dynamic_dns_plan (&self->record, self->ipv4, self->ipv6, self->asks_with, now);
      if (check_pause <= 0)
        ask_address (self);
      else if (next <= now)
        begin_to_tell (self);
      if (!is_busy (self) && self->timer == 0)
        look_later (self, MIN (check_pause, next - now));
    }
  self->changed (self->server);
}

void
sp_dynamic_dns_look (SpDynamicDns *self)
{
  char asks_with[SP_DNS_HASH_SIZE];

  sp_dynamic_dns_hash (get_settings (self), asks_with);
  if (strcmp (asks_with, self->asks_with) != 0)
    recall (self); /* it would tell what was meant before */
  look (self);
}

void
sp_dynamic_dns_look_around (SpDynamicDns *self)
{
  if (g_get_monotonic_time () - self->seen_at > SP_DNS_MINUTE)
    self->seen_at = 0;
  look (self);
}

gboolean
sp_dynamic_dns_update (SpDynamicDns *self, GError **error)
{
  self->record.asked_with[0] = '\0';
  sp_dynamic_dns_record_store (&self->record, sp_server_get_store (self->server));
  if (!is_wanted (self))
    {
      g_set_error_literal (error, SP_ERROR, SP_ERROR_NOT_SUPPORTED,
                           get_settings (self)->dynamic_dns_mode == SP_WORD_OFF
                               ? "dynamic DNS is off; set dynamic-dns-mode"
                               : "the server is not on");
      return FALSE;
    }
  recall (self);
  self->seen_at = 0;
  look (self);
  return TRUE;
}

/* --- what became of it --- */

static SpDynamicDnsState
find_state (SpDynamicDns *self, gboolean lacks_address)
{
  if (!is_wanted (self))
    return SP_DYNAMIC_DNS_OFF;
  if (is_busy (self) && !sp_dynamic_dns_is_final (&self->record))
    return SP_DYNAMIC_DNS_ASKING;
  if (lacks_address || sp_dynamic_dns_needs_owner (&self->record) ||
      self->record.failures >= FAILURES_TOLD)
    return SP_DYNAMIC_DNS_FAILED;
  return sp_dynamic_dns_is_content (&self->record) ? SP_DYNAMIC_DNS_CURRENT
                                                   : SP_DYNAMIC_DNS_WAITING;
}

static gboolean
lacks_address (SpDynamicDns *self)
{
  gboolean nobody_to_ask = get_settings (self)->address_check_url[0] == '\0';

  return sp_address_is_unset (self->ipv4) && sp_address_is_unset (self->ipv6) &&
         (nobody_to_ask || self->seen_failures >= FAILURES_TOLD);
}

static void
write_address (const guint8 *address, char text[SP_ENDPOINT_TEXT_MAX])
{
  if (!sp_address_is_unset (address))
    sp_address_to_text (address, text);
}

void
sp_dynamic_dns_get_status (SpDynamicDns *self, SpDynamicDnsStatus *ret)
{
  gboolean lacking = lacks_address (self);

  memset (ret, 0, sizeof *ret);
  ret->state = find_state (self, lacking);
  ret->told_at = self->record.told_at;
  ret->reason = ret->advice = "";
  write_address (self->record.ipv4, ret->ipv4);
  write_address (self->record.ipv6, ret->ipv6);
  memcpy (ret->word, self->record.word, sizeof ret->word);
  ret->has_password =
      sp_keyholder_client_has_dns_password (self->server->keyholder, SP_DNS_PASSWORD_PROVIDER);
  ret->has_key =
      sp_keyholder_client_has_dns_password (self->server->keyholder, SP_DNS_PASSWORD_KEY);
  if (ret->state == SP_DYNAMIC_DNS_OFF)
    return;
  memcpy (ret->seen, self->seen_ipv4, SP_ADDRESS_SIZE);
  if (self->seen_at != 0)
    ret->seen_at = g_get_real_time () - g_get_monotonic_time () + self->seen_at;

  if (lacking)
    {
      ret->reason = SP_DNS_NO_ADDRESS;
      ret->advice = SP_DNS_NO_ADDRESS_ADVICE;
    }
  else if (self->record.tried_at != 0)
    {
      ret->reason = sp_dynamic_dns_reason ((SpErrandOutcome) self->record.outcome);
      ret->advice = sp_dynamic_dns_advice ((SpErrandOutcome) self->record.outcome,
                                           get_settings (self)->dynamic_dns_mode);
    }
}

/* --- life --- */

SpDynamicDns *
sp_dynamic_dns_new (SpServer *server, const char *libexec_folder, SpDynamicDnsChanged changed)
{
  SpDynamicDns *self = g_new0 (SpDynamicDns, 1);

  self->server = server;
  self->changed = changed;
  self->courier = sp_courier_client_new (libexec_folder);
  sp_dynamic_dns_record_load (&self->record, sp_server_get_store (server));
  return self;
}

void
sp_dynamic_dns_free (SpDynamicDns *self)
{
  if (self == NULL)
    return;
  recall (self);
  g_clear_handle_id (&self->timer, g_source_remove);
  sp_courier_client_free (self->courier);
  g_free (self);
}

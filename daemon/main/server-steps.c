/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-listeners.h"
#include "server-private.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"

#include <string.h>

#define GLOBAL_ID_NAME "ipv6-global-id"

/* RFC 4193 3.2: made once, then kept, so that addresses stay. */
void
sp_server_tell_texts (SpServer *self)
{
  g_autofree char *groups =
      sp_group_registry_describe (self->groups, self->settings->default_group);
  const SpConnectionTexts texts = { .stranger_answer = self->settings->stranger_answer,
                                    .login_banner = self->settings->login_banner,
                                    .groups = groups };

  sp_reception_set_texts (self->reception, &texts);
}

static gboolean
recall_global_id (SpServer *self, guint8 *global_id, GError **error)
{
  GError *failure = NULL;
  g_autoptr (GBytes) stored = sp_store_get_value (self->store, GLOBAL_ID_NAME, &failure);
  g_autoptr (GBytes) fresh = NULL;

  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  if (stored != NULL && g_bytes_get_size (stored) == SP_GLOBAL_ID_SIZE)
    {
      memcpy (global_id, g_bytes_get_data (stored, NULL), SP_GLOBAL_ID_SIZE);
      return TRUE;
    }
  sp_random_bytes (global_id, SP_GLOBAL_ID_SIZE);
  fresh = g_bytes_new (global_id, SP_GLOBAL_ID_SIZE);
  return sp_store_set_value (self->store, GLOBAL_ID_NAME, fresh, error);
}

static SpIpv6Mode
get_ipv6_mode (const SpSettings *settings)
{
  static const struct
  {
    SpSettingWord word;
    SpIpv6Mode mode;
  } modes[] = {
    { SP_WORD_ROUTED, SP_IPV6_ROUTED },
    { SP_WORD_REFUSED, SP_IPV6_REFUSED },
    { SP_WORD_OFF, SP_IPV6_OFF },
  };

  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    if (settings->ipv6 == modes[i].word)
      return modes[i].mode;
  return SP_IPV6_NAT;
}

static gboolean
start_network (SpServer *self, GError **error)
{
  const SpSettings *settings = self->settings;
  SpNetworkSettings wishes = {
    .ipv4_range = settings->ipv4_range.n > 0 ? &settings->ipv4_range.items[0] : NULL,
    .ipv6_range = settings->ipv6_range.n > 0 ? &settings->ipv6_range.items[0] : NULL,
    .ipv6_mode = get_ipv6_mode (settings),
    .masquerade = settings->masquerade,
    .datagram_ports = { (guint16) settings->udp_port },
    .manager = sp_surroundings_get_manager (self->surroundings),
  };

  for (guint i = 0; settings->udp_port != 0 && i < settings->also_listen.n; i++)
    wishes.datagram_ports[1 + i] = settings->also_listen.items[i].port;
  if (!recall_global_id (self, wishes.global_id, error))
    return FALSE;
  if (!sp_server_adopt_network (self, &wishes))
    self->network = sp_network_setup_start (&wishes, self->state_folder, error);
  return self->network != NULL;
}

static void
stop_network (SpServer *self)
{
  g_clear_pointer (&self->network, sp_network_setup_stop);
}

static gboolean
open_listeners (SpServer *self, GError **error)
{
  if (self->adopts && !sp_server_adopt_listeners (self))
    {
      stop_network (self);
      if (!start_network (self, error))
        return FALSE;
    }
  return self->adopts || sp_server_open_listeners (self, error);
}

static void
close_listeners (SpServer *self)
{
  sp_holding_let_all_go (self->holding);
  sp_server_close_listeners (self);
}

static gboolean
open_sessions (SpServer *self, GError **error)
{
  sp_session_registry_open (self->sessions, self->network, self->settings,
                            self->listeners->listeners, self->listeners->n_listeners);
  return !self->adopts || sp_server_adopt_sessions (self, error);
}

static void
close_sessions (SpServer *self)
{
  sp_session_registry_close (self->sessions);
}

static SpNurseryWishes
wish_workers (SpServer *self)
{
  const SpPrepared *certificate = sp_keyholder_client_get_certificate (self->keyholder);

  return (SpNurseryWishes){ .log_level = sp_settings_get_log_level (self->settings),
                            .tls13 = self->settings->tls == SP_WORD_TLS_1_3,
                            .authority = certificate->authority,
                            .authority_size = certificate->authority_length };
}

static gboolean
open_reception (SpServer *self, GError **error)
{
  const SpNurseryWishes wishes = wish_workers (self);

  sp_server_tell_texts (self);
  sp_server_tell_sign_in (self);
  return sp_reception_start (self->reception, self->settings->unknown_clients, &wishes, error);
}

/* The clients themselves were sent away before the steps are undone. */
static void
close_reception (SpServer *self)
{
  sp_reception_stop (self->reception, SP_STOP_DROP, "", NULL, NULL);
}

static SpDoorLimits
limit_door (SpServer *self)
{
  return (SpDoorLimits){ .half_open_max = self->settings->half_open_connections,
                         .hello_milliseconds = self->settings->hello_timeout * 1000 };
}

static gboolean
open_door (SpServer *self, GError **error)
{
  const SpDoorLimits limits = limit_door (self);

  return sp_door_client_start (self->door, &limits, self->listeners->listeners,
                               self->listeners->n_listeners, error);
}

static void
close_door (SpServer *self)
{
  sp_door_client_stop (self->door);
}

void
sp_server_adjust (SpServer *self)
{
  const SpNurseryWishes wishes = wish_workers (self);
  const SpDoorLimits limits = limit_door (self);
  g_autoptr (GError) error = NULL;

  sp_reception_set_wishes (self->reception, &wishes);
  sp_door_client_set_limits (self->door, &limits);
  if (!sp_network_setup_set_masquerade (self->network, self->settings->masquerade, &error))
    sp_log (SP_LOG_ERROR, "server", "[network] masquerade: %s", error->message);
}

/* In this order, and undone backwards. */
static const struct
{
  const char *name;
  gboolean (*begin) (SpServer *self, GError **error);
  void (*undo) (SpServer *self);
} steps[] = {
  { "setting up the network", start_network, stop_network },
  { "claiming the port", open_listeners, close_listeners },
  { "preparing sessions", open_sessions, close_sessions },
  { "starting workers", open_reception, close_reception },
  { "opening the door", open_door, close_door },
};

void
sp_server_undo_steps (SpServer *self)
{
  while (self->steps_done > 0)
    steps[--self->steps_done].undo (self);
}

gboolean
sp_server_do_steps (SpServer *self, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      if (!steps[i].begin (self, error))
        {
          g_prefix_error (error, "%s: ", steps[i].name);
          sp_server_undo_steps (self);
          return FALSE;
        }
      self->steps_done++;
    }
  return TRUE;
}

static void
add_name (GByteArray *names, const char *name)
{
  gsize size = strlen (name) + 1;

  if (size > 1 && names->len + size <= SP_CERTIFICATE_NAMES_MAX)
    g_byte_array_append (names, (const guint8 *) name, (guint) size);
}

/* Devices that have labels call the server by names of their own. */
static void
add_wildcard (GByteArray *names, const SpSettings *settings)
{
  g_autofree char *wildcard = g_strconcat ("*.", settings->name, NULL);

  if (settings->name_gate == SP_WORD_LABEL) /* then it is no address */
    add_name (names, wildcard);
}

GBytes *
sp_server_collect_names (SpServer *self)
{
  GByteArray *names = g_byte_array_new ();
  g_autoptr (SpUplink) uplink = NULL;
  char text[SP_ENDPOINT_TEXT_MAX];

  add_name (names, self->settings->name);
  add_wildcard (names, self->settings);
  add_name (names, g_get_host_name ());
  uplink = sp_uplink_read (NULL, NULL);
  for (guint i = 0; uplink != NULL && i < uplink->addresses->len; i++)
    {
      const SpUplinkAddress *own = &g_array_index (uplink->addresses, SpUplinkAddress, i);

      if (own->is_passing)
        continue;
      sp_address_to_text (own->address, text);
      add_name (names, text);
    }
  return g_byte_array_free_to_bytes (names);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-listeners.h"
#include "server-private.h"
#include "server-ranges.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"

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
open_listeners (SpServer *self, GError **error)
{
  if (self->adopts && !sp_server_adopt_listeners (self))
    {
      sp_server_stop_network (self);
      if (!sp_server_start_network (self, error))
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
  { "setting up the network", sp_server_start_network, sp_server_stop_network },
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

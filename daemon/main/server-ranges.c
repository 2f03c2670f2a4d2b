/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-ranges.h"

#include "base/io.h"
#include "base/log.h"
#include "network-ranges.h"
#include "server-private.h"

#include <string.h>

/* Where clients' addresses are from, which follows the settings while the server is on: what others
 * need is made ready before anything is written, and new sessions get theirs there.  Who has one of
 * before keeps it, also when coming back, until the session is over. */

#define GLOBAL_ID_NAME "ipv6-global-id"
#define LOOK_SECONDS   10 /* whether somebody needs a range of before */

/* RFC 4193 3.2: made once, then kept, so that addresses stay. */
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

/* Lends what the settings have. */
static gboolean
wish_network (SpServer *self, const SpSettings *settings, SpNetworkSettings *ret, GError **error)
{
  *ret = (SpNetworkSettings){
    .ipv4_range = settings->ipv4_range.n > 0 ? &settings->ipv4_range.items[0] : NULL,
    .ipv6_range = settings->ipv6_range.n > 0 ? &settings->ipv6_range.items[0] : NULL,
    .ipv6_mode = get_ipv6_mode (settings),
    .masquerade = settings->masquerade,
    .datagram_ports = { (guint16) settings->udp_port },
    .manager = sp_surroundings_get_manager (self->surroundings),
  };
  for (guint i = 0; settings->udp_port != 0 && i < settings->also_listen.n; i++)
    ret->datagram_ports[1 + i] = settings->also_listen.items[i].port;
  return recall_global_id (self, ret->global_id, error);
}

static gboolean
look_cb (gpointer server)
{
  SpServer *self = server;

  self->range_timer = 0;
  sp_server_look_at_ranges (self);
  return G_SOURCE_REMOVE;
}

static void
look_later (SpServer *self)
{
  if (self->range_timer == 0)
    self->range_timer = g_timeout_add_seconds (LOOK_SECONDS, look_cb, self);
}

void
sp_server_look_at_ranges (SpServer *self)
{
  if (sp_network_setup_thin_out (self->network))
    look_later (self);
}

/* Sessions that are away come to be known little by little after an earlier main's death: until
 * then nobody seems to need what they have. */
gboolean
sp_server_start_network (SpServer *self, GError **error)
{
  SpNetworkSettings wishes;

  if (!wish_network (self, self->settings, &wishes, error))
    return FALSE;
  if (sp_server_adopt_network (self, &wishes))
    look_later (self);
  else
    self->network = sp_network_setup_start (&wishes, self->state_folder, error);
  return self->network != NULL;
}

void
sp_server_stop_network (SpServer *self)
{
  g_clear_handle_id (&self->range_timer, g_source_remove);
  g_clear_pointer (&self->network, sp_network_setup_stop);
}

/* --- others while it is on --- */

gboolean
sp_server_judge_ranges (SpServer *self, SpSettings *fresh, gboolean check_only, GError **error)
{
  SpNetworkSettings wishes;

  return wish_network (self, fresh, &wishes, error) &&
         sp_network_setup_claim_ranges (self->network, &wishes, check_only, error);
}

void
sp_server_take_ranges (SpServer *self)
{
  SpNetworkSettings wishes;
  g_autoptr (GError) error = NULL;

  if (!wish_network (self, self->settings, &wishes, &error) ||
      !sp_network_setup_take_ranges (self->network, &wishes, &error))
    sp_log (SP_LOG_ERROR, "server", "addresses of clients: %s", error->message);
  sp_server_look_at_ranges (self);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session.h"

#include "base/io.h"

#include <string.h>

struct _SpSession
{
  GObject parent;
  char path_element[2 * SP_ID_SIZE + 1];
  SpUser *user;
  SpDevice *device;
  SpGroup *group;
  SpSessionState state;
  SpSessionEstate estate;
  char *remote_address;
  char **addresses;
  char **routes;
  char **excluded_routes;
  char **name_servers;
  const char *transport;
  char *cipher;
  char *client_name;
  char *user_agent;
  gint64 connected_at;
  guint mtu;
  guint64 rx_packets;
  guint64 tx_packets;
  guint round_trip;
  guint roams;
};

G_DEFINE_TYPE (SpSession, sp_session, G_TYPE_OBJECT)

enum
{
  PROP_USER = 1,
  PROP_LOGIN,
  PROP_GROUP,
  PROP_REMOTE_ADDRESS,
  PROP_ADDRESSES,
  PROP_ROUTES,
  PROP_EXCLUDED_ROUTES,
  PROP_NAME_SERVERS,
  PROP_TRANSPORT,
  PROP_CIPHER,
  PROP_CLIENT_NAME,
  PROP_USER_AGENT,
  PROP_CONNECTED_AT,
  PROP_MTU,
  PROP_STATE,
  PROP_RX_BYTES,
  PROP_TX_BYTES,
  PROP_RX_PACKETS,
  PROP_TX_PACKETS,
  PROP_ROUND_TRIP,
  PROP_ROAMS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS]; /* nocheck: set once by class_init */

static const char *const state_names[] = { "reconnecting", "connected", "disconnecting" };

const char *
sp_session_state_to_string (SpSessionState state)
{
  return state_names[state];
}

static void
get_text (SpSession *self, guint property, GValue *value)
{
  const char *const texts[N_PROPS] = {
    [PROP_LOGIN] = sp_user_get_login (self->user),
    [PROP_GROUP] = self->group != NULL ? sp_group_get_name (self->group) : NULL,
    [PROP_REMOTE_ADDRESS] = self->remote_address,
    [PROP_TRANSPORT] = self->transport,
    [PROP_CIPHER] = self->cipher,
    [PROP_CLIENT_NAME] = self->client_name,
    [PROP_USER_AGENT] = self->user_agent,
    [PROP_STATE] = state_names[self->state],
  };

  g_value_set_string (value, texts[property] != NULL ? texts[property] : "");
}

static void
get_texts (SpSession *self, guint property, GValue *value)
{
  char *const *const lists[N_PROPS] = {
    [PROP_ADDRESSES] = self->addresses,
    [PROP_ROUTES] = self->routes,
    [PROP_EXCLUDED_ROUTES] = self->excluded_routes,
    [PROP_NAME_SERVERS] = self->name_servers,
  };
  static const char *const none[] = { NULL };

  g_value_set_boxed (value, lists[property] != NULL ? (gconstpointer) lists[property] : none);
}

static void
get_number (SpSession *self, guint property, GValue *value)
{
  const guint64 numbers[N_PROPS] = {
    [PROP_RX_BYTES] = self->estate.record.rx_bytes,
    [PROP_TX_BYTES] = self->estate.record.tx_bytes,
    [PROP_RX_PACKETS] = self->rx_packets,
    [PROP_TX_PACKETS] = self->tx_packets,
    [PROP_MTU] = self->mtu,
    [PROP_ROUND_TRIP] = self->round_trip,
    [PROP_ROAMS] = self->roams,
  };

  if (G_VALUE_HOLDS_UINT (value))
    g_value_set_uint (value, (guint) numbers[property]);
  else
    g_value_set_uint64 (value, numbers[property]);
}

static void
sp_session_get_property (GObject *object, guint property, GValue *value, GParamSpec *spec)
{
  SpSession *self = SP_SESSION (object);

  if (property == PROP_USER)
    g_value_set_object (value, self->user);
  else if (G_VALUE_HOLDS (value, G_TYPE_STRV))
    get_texts (self, property, value);
  else if (property == PROP_CONNECTED_AT)
    g_value_set_int64 (value, self->connected_at);
  else if (G_VALUE_HOLDS_STRING (value))
    get_text (self, property, value);
  else
    get_number (self, property, value);
}

static void
sp_session_finalize (GObject *object)
{
  SpSession *self = SP_SESSION (object);

  g_clear_object (&self->user);
  g_clear_object (&self->device);
  g_clear_object (&self->group);
  g_free (self->remote_address);
  g_strfreev (self->addresses);
  g_strfreev (self->routes);
  g_strfreev (self->excluded_routes);
  g_strfreev (self->name_servers);
  g_free (self->cipher);
  g_free (self->client_name);
  g_free (self->user_agent);
  g_free (self->estate.undo_token);
  g_free (self->estate.reason);
  g_clear_pointer (&self->estate.settings, sp_settings_unref);
  g_free (self->estate.early_hello);
  G_OBJECT_CLASS (sp_session_parent_class)->finalize (object);
}

static void
install_texts (GParamFlags flags)
{
  static const struct
  {
    guint property;
    const char *name;
  } texts[] = {
    { PROP_LOGIN, "login" },
    { PROP_GROUP, "group" },
    { PROP_REMOTE_ADDRESS, "remote-address" },
    { PROP_TRANSPORT, "transport" },
    { PROP_CIPHER, "cipher" },
    { PROP_CLIENT_NAME, "client-name" },
    { PROP_USER_AGENT, "user-agent" },
    { PROP_STATE, "state" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    properties[texts[i].property] = g_param_spec_string (texts[i].name, NULL, NULL, NULL, flags);
}

static void
install_numbers (GParamFlags flags)
{
  static const struct
  {
    guint property;
    const char *name;
  } numbers[] = {
    { PROP_RX_BYTES, "rx-bytes" },
    { PROP_TX_BYTES, "tx-bytes" },
    { PROP_RX_PACKETS, "rx-packets" },
    { PROP_TX_PACKETS, "tx-packets" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    properties[numbers[i].property] =
        g_param_spec_uint64 (numbers[i].name, NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_MTU] = g_param_spec_uint ("mtu", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_ROUND_TRIP] =
      g_param_spec_uint ("round-trip", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_ROAMS] = g_param_spec_uint ("roams", NULL, NULL, 0, G_MAXUINT, 0, flags);
}

static void
install_lists (GParamFlags flags)
{
  static const struct
  {
    guint property;
    const char *name;
  } lists[] = {
    { PROP_ADDRESSES, "addresses" },
    { PROP_ROUTES, "routes" },
    { PROP_EXCLUDED_ROUTES, "excluded-routes" },
    { PROP_NAME_SERVERS, "name-servers" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    properties[lists[i].property] =
        g_param_spec_boxed (lists[i].name, NULL, NULL, G_TYPE_STRV, flags);
}

static void
sp_session_class_init (SpSessionClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = sp_session_get_property;
  object_class->finalize = sp_session_finalize;
  install_texts (flags);
  install_numbers (flags);
  properties[PROP_USER] = g_param_spec_object ("user", NULL, NULL, SP_TYPE_USER, flags);
  install_lists (flags);
  properties[PROP_CONNECTED_AT] =
      g_param_spec_int64 ("connected-at", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
sp_session_init (SpSession *self)
{
  self->transport = "";
  self->addresses = g_new0 (char *, 1);
}

SpSession *
sp_session_new (const guint8 *id, SpUser *user)
{
  SpSession *self = g_object_new (SP_TYPE_SESSION, NULL);

  memcpy (self->estate.record.id, id, SP_ID_SIZE);
  memcpy (self->estate.record.user, sp_user_get_id (user), SP_ID_SIZE);
  sp_hex_encode (id, SP_ID_SIZE, self->path_element);
  self->user = g_object_ref (user);
  self->state = SP_SESSION_RECONNECTING;
  return self;
}

const guint8 *
sp_session_get_id (SpSession *self)
{
  return self->estate.record.id;
}

const char *
sp_session_get_path_element (SpSession *self)
{
  return self->path_element;
}

SpUser *
sp_session_get_user (SpSession *self)
{
  return self->user;
}

SpDevice *
sp_session_get_device (SpSession *self)
{
  return self->device;
}

void
sp_session_set_device (SpSession *self, SpDevice *device)
{
  (void) g_set_object (&self->device, device);
}

SpGroup *
sp_session_get_group (SpSession *self)
{
  return self->group;
}

void
sp_session_set_group (SpSession *self, SpGroup *group)
{
  if (g_set_object (&self->group, group))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_GROUP]);
}

void
sp_session_get_wishes (SpSession *self, const SpSettings *settings, SpTunnelWishes *ret)
{
  ret->settings = settings;
  ret->user = &sp_user_get_record (self->user)->values;
  ret->group = self->group != NULL ? &sp_group_get_record (self->group)->values : NULL;
}

SpSessionState
sp_session_get_state (SpSession *self)
{
  return self->state;
}

gboolean
sp_session_is_announced (SpSession *self)
{
  return self->estate.announced;
}

SpSessionEstate *
sp_session_get_estate (SpSession *self)
{
  return &self->estate;
}

static void
notify (SpSession *self, guint property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
set_transport (SpSession *self, const char *transport)
{
  if (strcmp (self->transport, transport) == 0)
    return;
  self->transport = transport;
  notify (self, PROP_TRANSPORT);
}

void
sp_session_set_state (SpSession *self, SpSessionState state)
{
  if (self->state == state)
    return;
  self->state = state;
  if (state == SP_SESSION_RECONNECTING)
    set_transport (self, "");
  notify (self, PROP_STATE);
}

void
sp_session_set_lease (SpSession *self, const SpLease *lease)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  char text[SP_ENDPOINT_TEXT_MAX];

  memcpy (self->estate.record.ipv4, lease->ipv4, SP_ADDRESS_SIZE);
  memcpy (self->estate.record.ipv6, lease->ipv6, SP_ADDRESS_SIZE);
  self->estate.has_lease = TRUE;
  if (!sp_address_is_unset (lease->ipv4))
    {
      sp_address_to_text (lease->ipv4, text);
      g_strv_builder_add (builder, text);
    }
  if (!sp_address_is_unset (lease->ipv6))
    {
      sp_address_to_text (lease->ipv6, text);
      g_strv_builder_add (builder, text);
    }
  g_strfreev (self->addresses);
  self->addresses = g_strv_builder_end (builder);
  notify (self, PROP_ADDRESSES);
}

static void
set_text (SpSession *self, char **field, guint property, char *taken)
{
  if (g_strcmp0 (*field, taken) == 0)
    {
      g_free (taken);
      return;
    }
  g_free (*field);
  *field = taken;
  notify (self, property);
}

guint
sp_session_get_seconds_left (SpSession *self, guint timeout)
{
  gint64 whole = (gint64) timeout * G_USEC_PER_SEC;
  gint64 left = self->estate.record.created + whole - g_get_real_time ();

  if (timeout == 0)
    return G_MAXUINT;
  if (self->estate.record.created == 0 || left > whole) /* or the clock was put back */
    return timeout;
  return left <= 0 ? 0 : (guint) ((left + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
}

/* What clients call themselves is shown to people: valid UTF-8, nothing else is promised. */
static char *
readable (const guint8 *bytes, gsize length)
{
  return g_utf8_make_valid ((const char *) bytes, length);
}

void
sp_session_set_client (SpSession *self, SpConnection *connection)
{
  const SpConnectionFacts *facts = sp_connection_get_facts (connection);
  const SpTunnelRequested *request = &facts->request;
  char peer[SP_ENDPOINT_TEXT_MAX];

  sp_endpoint_to_text (&facts->peer, peer);
  g_object_freeze_notify (G_OBJECT (self));
  set_text (self, &self->remote_address, PROP_REMOTE_ADDRESS, g_strdup (peer));
  set_text (self, &self->client_name, PROP_CLIENT_NAME,
            readable (request->hostname, request->hostname_length));
  set_text (self, &self->user_agent, PROP_USER_AGENT,
            readable (request->user_agent, request->user_agent_length));
  set_text (self, &self->cipher, PROP_CIPHER,
            readable (request->tls_cipher, request->tls_cipher_length));
  set_transport (self, "tls");
  if (self->connected_at == 0)
    {
      self->connected_at = g_get_real_time ();
      notify (self, PROP_CONNECTED_AT);
    }
  g_object_thaw_notify (G_OBJECT (self));
}

void
sp_session_set_mtu (SpSession *self, guint32 mtu)
{
  if (self->mtu == mtu)
    return;
  self->mtu = mtu;
  notify (self, PROP_MTU);
}

static char **
write_routes (const guint8 *routes, gsize length)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  char text[SP_ENDPOINT_TEXT_MAX];

  for (gsize i = 0; i + SP_ROUTE_SIZE <= length; i += SP_ROUTE_SIZE)
    {
      SpNetwork network = { .length = routes[i + SP_ADDRESS_SIZE] };

      memcpy (network.address, routes + i, SP_ADDRESS_SIZE);
      sp_network_to_text (&network, text);
      g_strv_builder_add (builder, text);
    }
  return g_strv_builder_end (builder);
}

static char **
write_addresses (const guint8 *addresses, gsize length)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  char text[SP_ENDPOINT_TEXT_MAX];

  for (gsize i = 0; i + SP_ADDRESS_SIZE <= length; i += SP_ADDRESS_SIZE)
    {
      sp_address_to_text (addresses + i, text);
      g_strv_builder_add (builder, text);
    }
  return g_strv_builder_end (builder);
}

/* Takes the list. */
static void
set_list (SpSession *self, char ***field, guint property, char **taken)
{
  if (*field != NULL && g_strv_equal ((const char *const *) *field, (const char *const *) taken))
    {
      g_strfreev (taken);
      return;
    }
  g_strfreev (*field);
  *field = taken;
  notify (self, property);
}

void
sp_session_set_grant (SpSession *self, const SpTunnelGranted *granted)
{
  static const char *const all[] = { "all", NULL };

  set_list (self, &self->routes, PROP_ROUTES,
            granted->routes_length == 0 ? g_strdupv ((char **) all)
                                        : write_routes (granted->routes, granted->routes_length));
  set_list (self, &self->excluded_routes, PROP_EXCLUDED_ROUTES,
            write_routes (granted->excluded, granted->excluded_length));
  set_list (self, &self->name_servers, PROP_NAME_SERVERS,
            write_addresses (granted->dns, granted->dns_length));
}

static void
set_number (SpSession *self, guint64 *field, guint property, guint64 value)
{
  if (*field == value)
    return;
  *field = value;
  notify (self, property);
}

void
sp_session_add_sent (SpSession *self, guint64 bytes)
{
  SpSessionRecord *record = &self->estate.record;

  set_number (self, &record->tx_bytes, PROP_TX_BYTES, record->tx_bytes + bytes);
}

void
sp_session_set_report (SpSession *self, const SpReport *report)
{
  SpSessionRecord *record = &self->estate.record;

  g_object_freeze_notify (G_OBJECT (self));
  set_number (self, &record->rx_bytes, PROP_RX_BYTES, report->rx_bytes);
  set_number (self, &record->tx_bytes, PROP_TX_BYTES, report->tx_bytes);
  set_number (self, &self->rx_packets, PROP_RX_PACKETS, report->rx_packets);
  set_number (self, &self->tx_packets, PROP_TX_PACKETS, report->tx_packets);
  if (self->round_trip != report->round_trip)
    {
      self->round_trip = report->round_trip;
      notify (self, PROP_ROUND_TRIP);
    }
  set_transport (self, report->transport == SP_TRANSPORT_DTLS ? "dtls" : "tls");
  if (report->cipher_length > 0)
    set_text (self, &self->cipher, PROP_CIPHER, readable (report->cipher, report->cipher_length));
  g_object_thaw_notify (G_OBJECT (self));
}

static guint16
fill_in (guint8 *field, gsize size, const char *text)
{
  gsize length = text != NULL ? MIN (strlen (text), size) : 0;

  memcpy (field, text != NULL ? text : "", length);
  return (guint16) length;
}

void
sp_session_describe (SpSession *self, SpKeepSession *ret)
{
  ret->mtu = self->mtu;
  ret->transport = strcmp (self->transport, "dtls") == 0 ? SP_TRANSPORT_DTLS : SP_TRANSPORT_TLS;
  ret->connected_at = (guint64) self->connected_at;
  ret->roams = self->roams;
  ret->cipher_length = fill_in (ret->cipher, sizeof ret->cipher, self->cipher);
  ret->remote_length = fill_in (ret->remote, sizeof ret->remote, self->remote_address);
}

void
sp_session_resume (SpSession *self, const SpSessionKept *said)
{
  g_object_freeze_notify (G_OBJECT (self));
  sp_session_set_mtu (self, said->mtu);
  set_transport (self, said->transport == SP_TRANSPORT_DTLS ? "dtls" : "tls");
  self->connected_at = (gint64) said->connected_at;
  notify (self, PROP_CONNECTED_AT);
  self->roams = said->roams;
  notify (self, PROP_ROAMS);
  set_text (self, &self->cipher, PROP_CIPHER, readable (said->cipher, said->cipher_length));
  set_text (self, &self->remote_address, PROP_REMOTE_ADDRESS,
            readable (said->remote, said->remote_length));
  sp_session_set_state (self, SP_SESSION_CONNECTED);
  g_object_thaw_notify (G_OBJECT (self));
}

void
sp_session_count_roam (SpSession *self)
{
  self->roams++;
  notify (self, PROP_ROAMS);
}

gboolean
sp_session_get_remote_address (SpSession *self, guint8 *ret_address)
{
  g_autofree char *seen = NULL;
  g_autofree char *bare = NULL;

  g_object_get (self, "remote-address", &seen, NULL);
  if (seen == NULL || strrchr (seen, ':') == NULL)
    return FALSE;
  bare = seen[0] == '[' ? g_strndup (seen + 1, strcspn (seen + 1, "]"))
                        : g_strndup (seen, (gsize) (strrchr (seen, ':') - seen));
  return sp_address_from_text (bare, ret_address);
}

SpLogAbout
sp_session_about (SpSession *self)
{
  return (SpLogAbout){ sp_session_get_path_element (self),
                       sp_user_get_path_element (sp_session_get_user (self)) };
}

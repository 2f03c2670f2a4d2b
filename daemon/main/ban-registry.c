/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ban-registry.h"

#include "base/error.h"
#include "base/hex.h"
#include "base/io.h"
#include "base/log.h"

#include <string.h>

#define AUTOMATIC_MAX   (SP_BANS_MAX / 2)
#define FAILURES_MAX    1024 /* addresses whose wrong passwords are counted */
#define SHORTEST_IPV4   (SP_IPV4_MAPPED_BITS + 8)
#define SHORTEST_IPV6   16
#define ONE_IPV6        64 /* bits of a network that is one household's */
#define LOOK_AGAIN_SOON 60 /* seconds, at most, to the next look for bans that are over */

struct _SpBan
{
  GObject parent;
  SpBanRecord record;
  char path_element[2 * SP_ID_SIZE + 1];
};

G_DEFINE_FINAL_TYPE (SpBan, sp_ban, G_TYPE_OBJECT)

/* Wrong passwords from one place. */
typedef struct
{
  SpNetwork network;
  guint n;
  gint64 last;
} Failures;

struct _SpBanRegistry
{
  GObject parent;
  SpStore *store;
  SpDoorClient *door;
  GPtrArray *bans;  /* of SpBan, in the order in which they were made */
  GArray *failures; /* of Failures */
  guint timer;
};

G_DEFINE_FINAL_TYPE (SpBanRegistry, sp_ban_registry, G_TYPE_OBJECT)

enum
{
  ADDED,
  REMOVED,
  N_SIGNALS
};
static guint signals[N_SIGNALS]; /* nocheck: set once by class_init */

/* --- one ban --- */

static void
sp_ban_finalize (GObject *object)
{
  g_free (SP_BAN (object)->record.reason);
  G_OBJECT_CLASS (sp_ban_parent_class)->finalize (object);
}

static void
sp_ban_class_init (SpBanClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sp_ban_finalize;
}

static void
sp_ban_init (SpBan *self)
{
}

static SpBan *
ban_new (const SpBanRecord *record)
{
  SpBan *self = g_object_new (SP_TYPE_BAN, NULL);

  self->record = *record;
  self->record.reason = g_strdup (record->reason);
  sp_hex_encode (record->id, SP_ID_SIZE, self->path_element);
  return self;
}

const SpBanRecord *
sp_ban_get_record (SpBan *self)
{
  return &self->record;
}

const char *
sp_ban_get_path_element (SpBan *self)
{
  return self->path_element;
}

char *
sp_ban_describe_network (SpBan *self)
{
  char text[SP_ENDPOINT_TEXT_MAX];

  if (self->record.network.length == 8 * SP_ADDRESS_SIZE)
    sp_address_to_text (self->record.network.address, text);
  else
    sp_network_to_text (&self->record.network, text);
  return g_strdup (text);
}

gboolean
sp_ban_read_network (const char *text, SpNetwork *ret, GError **error)
{
  gboolean is_ipv4;

  if (sp_address_from_text (text, ret->address))
    ret->length = 8 * SP_ADDRESS_SIZE;
  else if (!sp_network_from_text (text, ret))
    {
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                   "write an address such as 192.0.2.1 or 2001:db8::1, or a network such as "
                   "192.0.2.0/24, with zeros behind its prefix");
      return FALSE;
    }
  is_ipv4 = sp_network_is_ipv4 (ret);
  if (ret->length >= (is_ipv4 ? SHORTEST_IPV4 : SHORTEST_IPV6) &&
      !sp_address_is_unset (ret->address))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
               "too many would be kept out; write a network of at least /8, or /16 of IPv6");
  return FALSE;
}

/* --- all of them --- */

static void
sp_ban_registry_finalize (GObject *object)
{
  SpBanRegistry *self = SP_BAN_REGISTRY (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  g_ptr_array_unref (self->bans);
  g_array_unref (self->failures);
  G_OBJECT_CLASS (sp_ban_registry_parent_class)->finalize (object);
}

static void
sp_ban_registry_class_init (SpBanRegistryClass *class)
{
  GType type = G_OBJECT_CLASS_TYPE (class);

  G_OBJECT_CLASS (class)->finalize = sp_ban_registry_finalize;
  signals[ADDED] = g_signal_new ("added", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                 1, SP_TYPE_BAN);
  signals[REMOVED] = g_signal_new ("removed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, SP_TYPE_BAN);
}

static void
sp_ban_registry_init (SpBanRegistry *self)
{
  self->bans = g_ptr_array_new_with_free_func (g_object_unref);
  self->failures = g_array_new (FALSE, FALSE, sizeof (Failures));
}

static SpBanWhom
whom_of (SpBan *ban)
{
  return ban->record.by_owner ? SP_BAN_EVERYBODY : SP_BAN_STRANGERS;
}

static gboolean
drop (SpBanRegistry *self, SpBan *ban, GError **error)
{
  g_autoptr (SpBan) kept = g_object_ref (ban);

  if (!sp_store_remove_ban (self->store, ban->record.id, error))
    return FALSE;
  (void) g_ptr_array_remove (self->bans, ban);
  sp_door_client_set_ban (self->door, &ban->record.network, SP_BAN_NOBODY);
  g_signal_emit (self, signals[REMOVED], 0, kept);
  return TRUE;
}

static void watch (SpBanRegistry *self);

static gboolean
over_cb (gpointer data)
{
  SpBanRegistry *self = data;
  gint64 now = g_get_real_time ();

  self->timer = 0;
  for (guint i = self->bans->len; i > 0; i--)
    {
      SpBan *ban = self->bans->pdata[i - 1];
      g_autoptr (GError) error = NULL;

      if (ban->record.until != 0 && ban->record.until <= now && !drop (self, ban, &error))
        sp_log (SP_LOG_WARNING, "bans", "one that is over stays: %s", error->message);
    }
  watch (self);
  return G_SOURCE_REMOVE;
}

/* The clock may be set meanwhile: so it looks now and then. */
static void
watch (SpBanRegistry *self)
{
  gint64 now = g_get_real_time ();
  gint64 next = G_MAXINT64;

  g_clear_handle_id (&self->timer, g_source_remove);
  for (guint i = 0; i < self->bans->len; i++)
    {
      const SpBanRecord *record = sp_ban_get_record (self->bans->pdata[i]);

      if (record->until != 0)
        next = MIN (next, record->until);
    }
  if (next == G_MAXINT64)
    return;
  next = CLAMP ((next - now) / 1000 + 1, 1, LOOK_AGAIN_SOON * 1000);
  self->timer = g_timeout_add ((guint) next, over_cb, self);
}

SpBanRegistry *
sp_ban_registry_new (SpStore *store, SpDoorClient *door, GError **error)
{
  g_autoptr (SpBanRegistry) self = g_object_new (SP_TYPE_BAN_REGISTRY, NULL);
  g_autoptr (GPtrArray) records = sp_store_list_bans (store, error);

  if (records == NULL)
    return NULL;
  self->store = store;
  self->door = door;
  for (guint i = 0; i < records->len && i < SP_BANS_MAX; i++)
    g_ptr_array_add (self->bans, ban_new (records->pdata[i]));
  watch (self);
  return g_steal_pointer (&self);
}

guint
sp_ban_registry_get_n (SpBanRegistry *self)
{
  return self->bans->len;
}

gboolean
sp_ban_registry_has (SpBanRegistry *self, const SpNetwork *network)
{
  for (guint i = 0; i < self->bans->len; i++)
    {
      const SpNetwork *banned = &sp_ban_registry_get (self, i)->record.network;

      if (banned->length <= network->length && sp_network_contains (banned, network->address))
        return TRUE;
    }
  return FALSE;
}

SpBan *
sp_ban_registry_get (SpBanRegistry *self, guint position)
{
  return self->bans->pdata[position];
}

static SpBan *
find (SpBanRegistry *self, const SpNetwork *network)
{
  for (guint i = 0; i < self->bans->len; i++)
    {
      SpBan *ban = self->bans->pdata[i];

      if (ban->record.network.length == network->length &&
          memcmp (ban->record.network.address, network->address, SP_ADDRESS_SIZE) == 0)
        return ban;
    }
  return NULL;
}

/* The oldest automatic one, if there are enough of them; or NULL. */
static SpBan *
find_surplus (SpBanRegistry *self)
{
  SpBan *oldest = NULL;
  guint n_automatic = 0;

  for (guint i = self->bans->len; i > 0; i--)
    if (!sp_ban_get_record (self->bans->pdata[i - 1])->by_owner)
      {
        oldest = self->bans->pdata[i - 1];
        n_automatic++;
      }
  return n_automatic >= AUTOMATIC_MAX ? oldest : NULL;
}

static gboolean
make_room (SpBanRegistry *self, const SpNetwork *network, gboolean by_owner, GError **error)
{
  SpBan *same = find (self, network);
  SpBan *surplus = by_owner ? NULL : find_surplus (self);

  if (same != NULL)
    return drop (self, same, error);
  if (surplus != NULL)
    return drop (self, surplus, error);
  if (self->bans->len < SP_BANS_MAX)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_BUSY, "there are %u bans already; lift one first",
               self->bans->len);
  return FALSE;
}

SpBan *
sp_ban_registry_add (SpBanRegistry *self,
                     const SpNetwork *network,
                     const char *reason,
                     gint64 until,
                     gboolean by_owner,
                     GError **error)
{
  SpBanRecord record = { .network = *network,
                         .reason = (char *) reason,
                         .created = g_get_real_time (),
                         .until = until,
                         .by_owner = by_owner };
  SpBan *ban;

  sp_random_bytes (record.id, SP_ID_SIZE);
  if (!make_room (self, network, by_owner, error) ||
      !sp_store_put_ban (self->store, &record, error))
    return NULL;
  ban = ban_new (&record);
  g_ptr_array_add (self->bans, ban);
  sp_door_client_set_ban (self->door, network, whom_of (ban));
  watch (self);
  g_signal_emit (self, signals[ADDED], 0, ban);
  return ban;
}

gboolean
sp_ban_registry_lift (SpBanRegistry *self, SpBan *ban, GError **error)
{
  return drop (self, ban, error);
}

void
sp_ban_registry_tell_door (SpBanRegistry *self)
{
  for (guint i = 0; i < self->bans->len; i++)
    sp_door_client_set_ban (self->door, &sp_ban_get_record (self->bans->pdata[i])->network,
                            whom_of (self->bans->pdata[i]));
}

/* --- wrong passwords --- */

/* What one household has. */
static void
read_place (const guint8 *address, SpNetwork *ret)
{
  memcpy (ret->address, address, SP_ADDRESS_SIZE);
  ret->length = 8 * SP_ADDRESS_SIZE;
  if (sp_address_is_ipv4 (address))
    return;
  ret->length = ONE_IPV6;
  memset (ret->address + ONE_IPV6 / 8, 0, SP_ADDRESS_SIZE - ONE_IPV6 / 8);
}

/* The place's index, or that of who takes part longest ago, or a new one. */
static Failures *
claim (SpBanRegistry *self, const SpNetwork *place)
{
  guint oldest = 0;

  for (guint i = 0; i < self->failures->len; i++)
    {
      Failures *failures = &g_array_index (self->failures, Failures, i);

      if (memcmp (failures->network.address, place->address, SP_ADDRESS_SIZE) == 0)
        return failures;
      if (failures->last < g_array_index (self->failures, Failures, oldest).last)
        oldest = i;
    }
  if (self->failures->len < FAILURES_MAX)
    {
      oldest = self->failures->len;
      g_array_set_size (self->failures, oldest + 1);
    }
  g_array_index (self->failures, Failures, oldest) = (Failures){ .network = *place };
  return &g_array_index (self->failures, Failures, oldest);
}

gboolean
sp_ban_registry_count_failure (
    SpBanRegistry *self, const guint8 *address, guint most, gint64 now, SpNetwork *ret)
{
  Failures *failures;

  read_place (address, ret);
  failures = claim (self, ret);
  if (now - failures->last > SP_BAN_FAILURES_SECONDS * G_USEC_PER_SEC)
    failures->n = 0;
  failures->last = now;
  failures->n++;
  if (failures->n < most)
    return FALSE;
  failures->n = 0;
  return TRUE;
}

void
sp_ban_registry_forgive (SpBanRegistry *self, const guint8 *address)
{
  SpNetwork place;

  read_place (address, &place);
  for (guint i = 0; i < self->failures->len; i++)
    if (memcmp (g_array_index (self->failures, Failures, i).network.address, place.address,
                SP_ADDRESS_SIZE) == 0)
      {
        (void) g_array_remove_index_fast (self->failures, i);
        return;
      }
}

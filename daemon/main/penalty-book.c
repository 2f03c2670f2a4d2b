/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "penalty-book.h"

#include <string.h>

struct _SpPenaltyBook
{
  GObject parent;
  SpPenalty penalties[SP_REFUSED_NETWORKS_MAX]; /* at the places that the door gives them */
  SpAttack attack;
  gboolean is_under_attack;
};

G_DEFINE_FINAL_TYPE (SpPenaltyBook, sp_penalty_book, G_TYPE_OBJECT)

static void
sp_penalty_book_class_init (SpPenaltyBookClass *class)
{
  static const char *const signals[] = { "changed", "attack-began", "attack-goes-on",
                                         "attack-ended" };

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    (void) g_signal_new (signals[i], G_OBJECT_CLASS_TYPE (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                         NULL, G_TYPE_NONE, 0);
}

static void
sp_penalty_book_init (SpPenaltyBook *self)
{
}

SpPenaltyBook *
sp_penalty_book_new (void)
{
  return g_object_new (SP_TYPE_PENALTY_BOOK, NULL);
}

/* --- what the door says --- */

/* A moment of the monotonic clock as one of the day's.  No door makes it a later one than `latest`,
 * counted from now. */
static gint64
to_real (guint64 moment, gint64 latest, gint64 now, gint64 real_now)
{
  gint64 known = (gint64) MIN (moment, (guint64) MAX (now + latest, 0));

  return known == 0 ? 0 : MAX (real_now + (known - now), 1);
}

/* The door's: at most what a penalty lasts, and some time on the way. */
#define UNTIL_MOST (600 * (gint64) G_USEC_PER_SEC)

void
sp_penalty_book_note_network (SpPenaltyBook *self,
                              const SpNetworkRefused *message,
                              gint64 now,
                              gint64 real_now)
{
  SpPenalty *penalty;

  if (message->place >= SP_REFUSED_NETWORKS_MAX || message->length > 8 * SP_ADDRESS_SIZE)
    return;
  penalty = &self->penalties[message->place];
  memcpy (penalty->network.address, message->address, SP_ADDRESS_SIZE);
  penalty->network.length = message->length;
  penalty->since = to_real (message->since, 0, now, real_now);
  penalty->last = to_real (message->last, 0, now, real_now);
  penalty->until = to_real (message->until, UNTIL_MOST, now, real_now);
  penalty->refused = 0;
  for (guint i = 0; i < SP_DOOR_COUNTERS_N; i++)
    {
      guint64 count;

      memcpy (&count, message->counts + i * sizeof count, sizeof count);
      penalty->counts[i] =
          sp_penalty_cause_word ((SpDoorCounter) i) != NULL ? GUINT64_FROM_LE (count) : 0;
      penalty->refused += penalty->counts[i];
    }
  g_signal_emit_by_name (self, "changed");
}

static void
end_attack (SpPenaltyBook *self)
{
  if (!self->is_under_attack)
    return;
  self->is_under_attack = FALSE;
  g_signal_emit_by_name (self, "attack-ended");
  g_signal_emit_by_name (self, "changed");
}

void
sp_penalty_book_note_attack (SpPenaltyBook *self,
                             const SpUnderAttack *message,
                             gint64 now,
                             gint64 real_now)
{
  gboolean begins = !self->is_under_attack;

  if (!message->on)
    {
      end_attack (self);
      return;
    }
  /* The clocks run apart: what it began with stays. */
  if (begins)
    self->attack.since = to_real (message->since, 0, now, real_now);
  self->attack.connections = message->connections;
  self->attack.datagrams = message->datagrams;
  self->attack.networks = message->networks;
  self->is_under_attack = TRUE;
  g_signal_emit_by_name (self, begins ? "attack-began" : "attack-goes-on");
}

void
sp_penalty_book_clear (SpPenaltyBook *self)
{
  end_attack (self);
  memset (self->penalties, 0, sizeof self->penalties);
  g_signal_emit_by_name (self, "changed");
}

/* --- what is asked --- */

static int
compare (gconstpointer left, gconstpointer right)
{
  const SpPenalty *one = left;
  const SpPenalty *other = right;

  if (one->refused != other->refused)
    return one->refused > other->refused ? -1 : 1;
  return memcmp (one->network.address, other->network.address, SP_ADDRESS_SIZE);
}

GArray *
sp_penalty_book_list (SpPenaltyBook *self, gint64 real_now)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (SpPenalty));

  for (guint i = 0; i < SP_REFUSED_NETWORKS_MAX; i++)
    if (self->penalties[i].refused > 0 &&
        real_now - self->penalties[i].last < SP_REFUSED_NETWORK_KEPT)
      g_array_append_val (list, self->penalties[i]);
  g_array_sort (list, compare);
  return list;
}

const SpAttack *
sp_penalty_book_get_attack (SpPenaltyBook *self)
{
  return self->is_under_attack ? &self->attack : NULL;
}

const SpAttack *
sp_penalty_book_get_last_attack (SpPenaltyBook *self)
{
  return &self->attack;
}

gboolean
sp_penalty_book_find_culprit (SpPenaltyBook *self, gint64 real_now, SpPenalty *ret)
{
  g_autoptr (GArray) list = sp_penalty_book_list (self, real_now);

  if (list->len == 0)
    return FALSE;
  *ret = g_array_index (list, SpPenalty, 0);
  return ret->refused > self->attack.connections / 2;
}

/* --- words --- */

const char *
sp_penalty_cause_word (SpDoorCounter cause)
{
  static const char *const words[SP_DOOR_COUNTERS_N] = {
    [SP_DOOR_NO_HELLO] = "no-hello", [SP_DOOR_NOT_TLS] = "not-tls", [SP_DOOR_PENALTY] = "penalty",
    [SP_DOOR_RATE] = "rate",         [SP_DOOR_CROWDED] = "crowded", [SP_DOOR_NAMELESS] = "name",
    [SP_DOOR_LABEL] = "label",
  };

  return words[cause];
}

/* "41 000": groups of three. */
static char *
write_count (guint64 count)
{
  g_autofree char *digits = g_strdup_printf ("%" G_GUINT64_FORMAT, count);
  gsize length = strlen (digits);
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < length; i++)
    {
      if (i > 0 && (length - i) % 3 == 0)
        g_string_append_c (text, ' ');
      g_string_append_c (text, digits[i]);
    }
  return g_string_free (text, FALSE);
}

char *
sp_penalty_write_moment (gint64 moment, gint64 real_now)
{
  g_autoptr (GDateTime) then = g_date_time_new_from_unix_local (moment / G_USEC_PER_SEC);
  g_autoptr (GDateTime) today = g_date_time_new_from_unix_local (real_now / G_USEC_PER_SEC);
  gboolean same_day = then != NULL && today != NULL &&
                      g_date_time_get_year (then) == g_date_time_get_year (today) &&
                      g_date_time_get_day_of_year (then) == g_date_time_get_day_of_year (today);

  return then != NULL ? g_date_time_format (then, same_day ? "%H:%M" : "%Y-%m-%d %H:%M")
                      : g_strdup ("");
}

void
sp_penalty_network_to_text (const SpNetwork *network, char *text)
{
  if (network->length == 8 * SP_ADDRESS_SIZE)
    sp_address_to_text (network->address, text);
  else
    sp_network_to_text (network, text);
}

char *
sp_penalty_describe (const SpPenalty *penalty, gint64 real_now)
{
  g_autofree char *count = write_count (penalty->refused);
  g_autofree char *since = sp_penalty_write_moment (penalty->since, real_now);
  char network[SP_ENDPOINT_TEXT_MAX];

  sp_penalty_network_to_text (&penalty->network, network);
  return g_strdup_printf ("refused %s connection%s from %s since %s", count,
                          penalty->refused == 1 ? "" : "s", network, since);
}

char *
sp_attack_describe (const SpAttack *attack)
{
  g_autofree char *connections = write_count (attack->connections);
  g_autofree char *datagrams = write_count (attack->datagrams);
  g_autofree char *networks = write_count (attack->networks);
  GString *text = g_string_new ("refused ");

  if (attack->connections > 0)
    g_string_append_printf (text, "%s connections from %s%s network%s", connections,
                            attack->networks > 10 ? "about " : "", networks,
                            attack->networks == 1 ? "" : "s");
  if (attack->connections > 0 && attack->datagrams > 0)
    g_string_append (text, " and ");
  if (attack->datagrams > 0)
    g_string_append_printf (text, "%s datagrams", datagrams);
  return g_string_free (text, FALSE);
}

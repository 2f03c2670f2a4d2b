/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/forwarding.h"

#include "platform/fake.h"

#include <string.h>

#define ALL "all"

/* nocheck: the one world of a test; see platform/fake.h */
static GHashTable *values; /* "knob/interface" → value */

static GHashTable *
get_values (void)
{
  if (values == NULL)
    values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return values;
}

void
sp_fake_forwarding_reset (void)
{
  g_clear_pointer (&values, g_hash_table_unref);
}

void
sp_fake_forwarding_set (SpForwardingKnob knob, const char *interface, gint value)
{
  g_hash_table_insert (get_values (), g_strdup_printf ("%d/%s", (int) knob, interface),
                       GINT_TO_POINTER (value));
}

gint
sp_fake_forwarding_get (SpForwardingKnob knob, const char *interface)
{
  g_autofree char *key = g_strdup_printf ("%d/%s", (int) knob, interface);

  return GPOINTER_TO_INT (g_hash_table_lookup (get_values (), key));
}

gboolean
sp_forwarding_has_ipv6 (void)
{
  return TRUE;
}

static void
plan_change (GArray *changes, SpForwardingKnob knob, const char *interface)
{
  SpForwardingChange change = { .knob = knob, .before = 0, .after = 1 };

  if (sp_fake_forwarding_get (knob, interface) != 0)
    return;
  g_strlcpy (change.interface, interface, sizeof change.interface);
  g_array_append_val (changes, change);
}

GArray *
sp_forwarding_plan (
    const char *const *interfaces, guint n_interfaces, gboolean ipv4, gboolean ipv6, GError **error)
{
  GArray *changes;

  if (sp_fake_fails (SP_FAKE_FORWARDING, error))
    return NULL;
  changes = g_array_new (FALSE, TRUE, sizeof (SpForwardingChange));
  for (guint i = 0; ipv4 && i < n_interfaces; i++)
    plan_change (changes, SP_FORWARDING_IPV4, interfaces[i]);
  if (ipv6)
    plan_change (changes, SP_FORWARDING_IPV6, ALL);
  return changes;
}

gboolean
sp_forwarding_apply (const GArray *changes, GError **error)
{
  if (sp_fake_fails (SP_FAKE_FORWARDING, error))
    return FALSE;
  for (guint i = 0; i < changes->len; i++)
    {
      const SpForwardingChange *change = &g_array_index (changes, SpForwardingChange, i);
      sp_fake_forwarding_set (change->knob, change->interface, change->after);
    }
  return TRUE;
}

gboolean
sp_forwarding_restore (const GArray *changes, GError **error)
{
  if (sp_fake_fails (SP_FAKE_FORWARDING, error))
    return FALSE;
  for (guint i = changes->len; i-- > 0;)
    {
      const SpForwardingChange *change = &g_array_index (changes, SpForwardingChange, i);
      sp_fake_forwarding_set (change->knob, change->interface, change->before);
    }
  return TRUE;
}

gboolean
sp_forwarding_change_is_sane (const SpForwardingChange *change)
{
  return change->knob <= SP_FORWARDING_LAST && change->interface[0] != '\0';
}

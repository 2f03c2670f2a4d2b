/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/own-address.h"

#include "platform/fake.h"

/* nocheck: the one world of a test; see platform/fake.h */
static GHashTable *addresses; /* text, as a set */

static GHashTable *
get_addresses (void)
{
  if (addresses == NULL)
    addresses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return addresses;
}

void
sp_fake_own_address_reset (void)
{
  g_clear_pointer (&addresses, g_hash_table_unref);
}

guint
sp_fake_own_address_count (void)
{
  return g_hash_table_size (get_addresses ());
}

gboolean
sp_own_address_add (const guint8 *address, GError **error)
{
  char text[SP_ENDPOINT_TEXT_MAX];

  if (sp_fake_fails (SP_FAKE_OWN_ADDRESS, error))
    return FALSE;
  sp_address_to_text (address, text);
  g_hash_table_add (get_addresses (), g_strdup (text));
  return TRUE;
}

gboolean
sp_own_address_remove (const guint8 *address, GError **error)
{
  char text[SP_ENDPOINT_TEXT_MAX];

  if (sp_fake_fails (SP_FAKE_OWN_ADDRESS, error))
    return FALSE;
  sp_address_to_text (address, text);
  (void) g_hash_table_remove (get_addresses (), text);
  return TRUE;
}

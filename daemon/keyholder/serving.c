/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "serving.h"

#include <string.h>

struct _SpServing
{
  GHashTable *signers; /* pin (GBytes) → SpSigner */
  GBytes *chain;
  guint8 pin[SP_PIN_SIZE];
};

SpServing *
sp_serving_new (void)
{
  SpServing *serving = g_new0 (SpServing, 1);

  serving->signers =
      g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref,
                             (GDestroyNotify) sp_signer_unref);
  return serving;
}

void
sp_serving_free (SpServing *serving)
{
  if (serving == NULL)
    return;
  g_hash_table_unref (serving->signers);
  g_clear_pointer (&serving->chain, g_bytes_unref);
  g_free (serving);
}

static GBytes *
name_key (const guint8 *pin)
{
  return g_bytes_new (pin, SP_PIN_SIZE);
}

static gboolean
is_other_token (gpointer name, gpointer signer, gpointer pin)
{
  return sp_signer_get_token (signer) != NULL && !g_bytes_equal (name, pin);
}

static void
show (SpServing *serving, GBytes *chain, const guint8 *pin)
{
  g_autoptr (GBytes) name = name_key (pin);

  (void) g_hash_table_foreach_remove (serving->signers, is_other_token, name);
  g_bytes_ref (chain);
  g_clear_pointer (&serving->chain, g_bytes_unref);
  serving->chain = chain;
  memcpy (serving->pin, pin, SP_PIN_SIZE);
}

gboolean
sp_serving_change (
    SpServing *serving, SpPrivateKey *key, GBytes *chain, const guint8 *pin, GError **error)
{
  g_autoptr (GBytes) name = name_key (pin);
  SpSigner *signer = NULL;

  if (!g_hash_table_contains (serving->signers, name))
    {
      signer = sp_signer_new (key, error);
      if (signer == NULL)
        return FALSE;
      g_hash_table_insert (serving->signers, g_bytes_ref (name), signer);
    }
  show (serving, chain, pin);
  return TRUE;
}

void
sp_serving_change_signer (SpServing *serving, SpSigner *signer, GBytes *chain, const guint8 *pin)
{
  (void) g_hash_table_replace (serving->signers, name_key (pin), signer);
  show (serving, chain, pin);
}

gboolean
sp_serving_is_shown (SpServing *serving, const SpSigner *signer)
{
  g_autoptr (GBytes) name = name_key (serving->pin);

  return g_hash_table_lookup (serving->signers, name) == signer;
}

GBytes *
sp_serving_get_chain (SpServing *serving)
{
  return serving->chain;
}

const guint8 *
sp_serving_get_pin (SpServing *serving)
{
  return serving->pin;
}

SpSigner *
sp_serving_find_signer (SpServing *serving, const guint8 *pin)
{
  g_autoptr (GBytes) name = name_key (pin);
  SpSigner *signer = g_hash_table_lookup (serving->signers, name);

  return signer != NULL ? sp_signer_ref (signer) : NULL;
}

void
sp_serving_forget (SpServing *serving, const guint8 *pin)
{
  g_autoptr (GBytes) name = name_key (pin);

  if (memcmp (pin, serving->pin, SP_PIN_SIZE) != 0)
    (void) g_hash_table_remove (serving->signers, name);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/shaper.h"

#include "platform/fake.h"

struct _SpShaper
{
  SpRates rates;
  GArray *devices; /* guint */
};

/* nocheck: the one world of a test; see platform/fake.h */
static GPtrArray *shapers;

static GPtrArray *
get_shapers (void)
{
  if (shapers == NULL)
    shapers = g_ptr_array_new ();
  return shapers;
}

void
sp_fake_shaper_reset (void)
{
  g_clear_pointer (&shapers, g_ptr_array_unref);
}

guint
sp_fake_shaper_count (void)
{
  return get_shapers ()->len;
}

const SpRates *
sp_fake_shaper_find (guint device)
{
  for (guint i = 0; i < get_shapers ()->len; i++)
    {
      const SpShaper *shaper = shapers->pdata[i];
      for (guint j = 0; j < shaper->devices->len; j++)
        if (g_array_index (shaper->devices, guint, j) == device)
          return &shaper->rates;
    }
  return NULL;
}

SpShaper *
sp_shaper_open (const SpRates *rates, GError **error)
{
  SpShaper *shaper;

  if (sp_fake_fails (SP_FAKE_SHAPER, error))
    return NULL;
  shaper = g_new0 (SpShaper, 1);
  shaper->rates = *rates;
  shaper->devices = g_array_new (FALSE, FALSE, sizeof (guint));
  g_ptr_array_add (get_shapers (), shaper);
  return shaper;
}

gboolean
sp_shaper_change (SpShaper *shaper, const SpRates *rates, GError **error)
{
  if (sp_fake_fails (SP_FAKE_SHAPER, error))
    return FALSE;
  shaper->rates = *rates;
  return TRUE;
}

gboolean
sp_shaper_attach (SpShaper *shaper, guint device, GError **error)
{
  if (sp_fake_fails (SP_FAKE_SHAPER, error))
    return FALSE;
  g_array_append_val (shaper->devices, device);
  return TRUE;
}

void
sp_shaper_detach (SpShaper *shaper, guint device)
{
  for (guint i = 0; i < shaper->devices->len; i++)
    if (g_array_index (shaper->devices, guint, i) == device)
      {
        g_array_remove_index_fast (shaper->devices, i);
        return;
      }
}

guint
sp_shaper_count (SpShaper *shaper)
{
  return shaper->devices->len;
}

void
sp_shaper_close (SpShaper *shaper)
{
  if (shaper == NULL)
    return;
  g_ptr_array_remove (get_shapers (), shaper);
  g_array_unref (shaper->devices);
  g_free (shaper);
}

void
sp_shaper_close_wait (void)
{
}

GArray *
sp_shaper_find_left (GError **error)
{
  return sp_fake_fails (SP_FAKE_SHAPER, error) ? NULL : g_array_new (FALSE, FALSE, sizeof (guint));
}

void
sp_shaper_free_device (guint device)
{
}

void
sp_shaper_remove_left (const GArray *left)
{
}

gboolean
sp_shaper_clear (GError **error)
{
  return !sp_fake_fails (SP_FAKE_SHAPER, error);
}

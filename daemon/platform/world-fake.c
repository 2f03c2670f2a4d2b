/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/fake.h"

/* nocheck: the one world of a test; see platform/fake.h */
static struct
{
  gboolean armed[SP_FAKE_LAST + 1];
  SpError codes[SP_FAKE_LAST + 1];
} failures;

void
sp_fake_reset (void)
{
  for (guint i = 0; i <= SP_FAKE_LAST; i++)
    failures.armed[i] = FALSE;
  sp_fake_tun_reset ();
  sp_fake_firewall_reset ();
  sp_fake_forwarding_reset ();
  sp_fake_own_address_reset ();
  sp_fake_shaper_reset ();
  sp_fake_uplink_reset ();
}

void
sp_fake_fail_next (SpFakePart part, SpError code)
{
  failures.armed[part] = TRUE;
  failures.codes[part] = code;
}

gboolean
sp_fake_fails (SpFakePart part, GError **error)
{
  if (!failures.armed[part])
    return FALSE;
  failures.armed[part] = FALSE;
  g_set_error (error, SP_ERROR, (gint) failures.codes[part], "The test wants this to fail");
  return TRUE;
}

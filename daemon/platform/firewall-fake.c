/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/firewall.h"

#include "platform/fake.h"

struct _SpFirewall
{
  gboolean unused;
};

/* nocheck: the one world of a test; see platform/fake.h */
static struct
{
  gboolean installed;
  SpFirewallPlan plan;
  GHashTable *sessions; /* device → SpFirewallSession */
} world;

static GHashTable *
get_sessions (void)
{
  if (world.sessions == NULL)
    world.sessions = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                            (GDestroyNotify) sp_firewall_session_free);
  return world.sessions;
}

void
sp_fake_firewall_reset (void)
{
  world.installed = FALSE;
  g_clear_pointer (&world.sessions, g_hash_table_unref);
}

gboolean
sp_fake_firewall_is_installed (void)
{
  return world.installed;
}

const SpFirewallPlan *
sp_fake_firewall_get_plan (void)
{
  return &world.plan;
}

const SpFirewallSession *
sp_fake_firewall_find (const char *device)
{
  return g_hash_table_lookup (get_sessions (), device);
}

SpFirewall *
sp_firewall_new (void)
{
  return g_new0 (SpFirewall, 1);
}

void
sp_firewall_free (SpFirewall *firewall)
{
  g_free (firewall);
}

gboolean
sp_firewall_install (SpFirewall *firewall, const SpFirewallPlan *plan, GError **error)
{
  if (sp_fake_fails (SP_FAKE_FIREWALL, error))
    return FALSE;
  world.installed = TRUE;
  world.plan = *plan;
  world.plan.home_networks = NULL;
  world.plan.n_home_networks = 0;
  return TRUE;
}

gboolean
sp_firewall_add_session (SpFirewall *firewall, const SpFirewallSession *session, GError **error)
{
  SpFirewallSession *copy;

  if (sp_fake_fails (SP_FAKE_FIREWALL, error))
    return FALSE;
  if (sp_fake_firewall_find (session->device) != NULL)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_EXISTS, "%s is there already", session->device);
      return FALSE;
    }
  copy = sp_firewall_session_copy (session);
  return g_hash_table_insert (get_sessions (), (gpointer) copy->device, copy);
}

gboolean
sp_firewall_change_session (SpFirewall *firewall, const SpFirewallSession *session, GError **error)
{
  SpFirewallSession *copy;

  if (sp_fake_fails (SP_FAKE_FIREWALL, error))
    return FALSE;
  if (sp_fake_firewall_find (session->device) == NULL)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "%s is not there", session->device);
      return FALSE;
    }
  copy = sp_firewall_session_copy (session);
  (void) g_hash_table_replace (get_sessions (), (gpointer) copy->device, copy);
  return TRUE;
}

gboolean
sp_firewall_remove_session (SpFirewall *firewall, const char *device, GError **error)
{
  if (g_hash_table_remove (get_sessions (), device))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "%s is not there", device);
  return FALSE;
}

gboolean
sp_firewall_remove (SpFirewall *firewall, GError **error)
{
  if (sp_fake_fails (SP_FAKE_FIREWALL, error))
    return FALSE;
  sp_fake_firewall_reset ();
  return TRUE;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dynamic-dns-wording.h"

#include "wording.h"

#include <glib/gi18n.h>

/* Why the address was not taken, and what mends that. */
static const struct
{
  const char *reason;
  const char *text;
  gboolean change; /* of what is written in the window */
} reasons[] = {
  { "credential", N_ ("The provider does not take the account and its password. Write them again."),
    TRUE },
  { "name", N_ ("The provider does not have this name in the account. Write one that it has."),
    TRUE },
  { "abuse",
    N_ ("The provider has blocked the name, since it was told too often. Ask it to let the name "
        "go, then try again."),
    FALSE },
  { "unpaid",
    N_ ("The provider does this for other kinds of accounts only. Change the account there, then "
        "try again."),
    FALSE },
  { "unwelcome",
    N_ ("The provider refuses the way it is asked. Write the address that it documents."), TRUE },
  { "later", N_ ("Who keeps the name is in trouble. It is told again by itself."), FALSE },
  { "status", N_ ("What answers there reports an error. See whether the address is right."), TRUE },
  { "redirected",
    N_ ("The provider has moved. Write the address that it documents for updates now."), TRUE },
  { "not-understood", N_ ("What answers there keeps no names. See whether the address is right."),
    TRUE },
  { "not-trusted",
    N_ ("The provider cannot prove who it is. See whether its address is right, and nobody is in "
        "between."),
    TRUE },
  { "unreachable",
    N_ ("Who keeps the name cannot be reached. See whether this computer reaches the internet."),
    FALSE },
  { "silent", N_ ("Who keeps the name does not answer. It is told again by itself."), FALSE },
  { "failed", N_ ("The address could not be told. The server’s log says why."), FALSE },
  { "no-key", N_ ("There is no secret to sign with. Write that of the key."), TRUE },
  { "key-unknown",
    N_ ("The name server does not know the key. Write its name and algorithm as they are there."),
    TRUE },
  { "key-wrong",
    N_ ("The secret of the key is another at the name server. Write the one that it has."), TRUE },
  { "clock",
    N_ ("The clocks of this computer and of the name server differ. Set the one that is wrong, "
        "then try again."),
    FALSE },
  { "no-zone",
    N_ ("The name server does not keep this zone, or not this name. See whether both are right."),
    TRUE },
  { "refused",
    N_ ("The name server does not let this key change the name. Allow it there, then try again."),
    FALSE },
  { "not-signed",
    N_ ("The answer is not signed with the key, so nobody knows who gave it. See whether the name "
        "server is right."),
    TRUE },
  { "no-address",
    N_ ("Nobody says which address this network has. Write where it can be asked for."), TRUE },
};

/* Lent; empty: the service does not say. */
static const char *
get_text (GVariant *dns, const char *key)
{
  const char *text = "";

  if (dns != NULL)
    (void) g_variant_lookup (dns, key, "&s", &text);
  return text;
}

static gboolean
is_in (GVariant *dns, const char *state)
{
  return g_str_equal (get_text (dns, "State"), state);
}

const char *
sp_dynamic_dns_describe_reason (const char *reason)
{
  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (g_str_equal (reasons[i].reason, reason))
      return _ (reasons[i].text);
  return NULL;
}

/* A reason that is not known here is told in the service's own words. */
static char *
describe_failure (GVariant *dns)
{
  const char *known = sp_dynamic_dns_describe_reason (get_text (dns, "Reason"));

  return g_strdup (known != NULL ? known : get_text (dns, "Text"));
}

static char *
describe_update (GVariant *dns, const char *name)
{
  const char *ipv4 = get_text (dns, "Ipv4");
  const char *ipv6 = get_text (dns, "Ipv6");
  const char *between = ipv4[0] != '\0' && ipv6[0] != '\0' ? ", " : "";
  guint64 at = 0;
  g_autofree char *when = NULL;
  g_autofree char *way = NULL;

  (void) g_variant_lookup (dns, "ToldAt", "t", &at);
  when = sp_wording_moment (at);
  way = g_strconcat (name, name[0] != '\0' ? " → " : "", ipv4, between, ipv6, NULL);
  /* Translators: a moment; a name and its addresses. */
  return g_strdup_printf (_ ("Updated %s: %s"), when, way);
}

SpStanding
sp_dynamic_dns_describe (GVariant *dns, const char *name, const char **ret_title, char **ret_text)
{
  if (is_in (dns, "current"))
    {
      *ret_title = _ ("The Name Leads Here");
      *ret_text = describe_update (dns, name);
      return SP_STANDING_GOOD;
    }
  if (is_in (dns, "asking"))
    {
      *ret_title = _ ("Telling the Address…");
      *ret_text = g_strdup (name);
      return SP_STANDING_BUSY;
    }
  if (is_in (dns, "failed") || (is_in (dns, "waiting") && get_text (dns, "Reason")[0] != '\0'))
    {
      *ret_title = _ ("The Address Was Not Taken");
      *ret_text = describe_failure (dns);
      return SP_STANDING_BAD;
    }
  if (is_in (dns, "waiting"))
    {
      *ret_title = _ ("Waiting for the Address…");
      *ret_text = g_strdup (_ ("It is told as soon as it is known."));
      return SP_STANDING_BUSY;
    }
  *ret_title = _ ("The Server Is Off");
  *ret_text = g_strdup (_ ("The address is told when it is turned on."));
  return SP_STANDING_IDLE;
}

gboolean
sp_dynamic_dns_needs_change (GVariant *dns)
{
  const char *reason = get_text (dns, "Reason");

  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (g_str_equal (reasons[i].reason, reason))
      return reasons[i].change;
  return FALSE;
}

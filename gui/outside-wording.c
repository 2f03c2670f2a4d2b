/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "outside-wording.h"

#include "wording.h"

#include <glib/gi18n.h>

#define NO_ONE        N_ ("Not Reached from Outside")
#define OPEN_YOURSELF N_ ("Open This Port Yourself")

static const struct
{
  const char *verdict;
  SpOutsideLook look;
  const char *title;
  const char *text; /* NULL: when it was reached last */
} verdicts[] = {
  { "not-tested", SP_OUTSIDE_UNKNOWN, N_ ("Not Tested from Outside"),
    N_ ("A phone whose Wi-Fi is off shows whether people can reach this") },
  { "reached", SP_OUTSIDE_GOOD, N_ ("Reached from Outside"), NULL },
  { "tcp-only", SP_OUTSIDE_BAD, N_ ("Reached from Outside, but Slowly"),
    N_ ("Nothing comes in over UDP. Let the router forward the port for UDP, too") },
  { "udp-only", SP_OUTSIDE_BAD, NO_ONE,
    N_ ("Nobody can connect: every connection begins with TCP, and the router lets only UDP in. "
        "Allow the port for TCP in its settings, or use another port") },
  { "waiting", SP_OUTSIDE_UNKNOWN, N_ ("Waiting for the Phone…"),
    N_ ("Nobody has opened the link yet") },
  { "from-home", SP_OUTSIDE_UNKNOWN, N_ ("Opened in the Home Network"),
    N_ ("That proves nothing. Switch Wi-Fi off on the phone and scan again") },
  { "router-closed", SP_OUTSIDE_BAD, NO_ONE,
    N_ ("The router has to forward the port to this computer. If it does, there is a second "
        "router, or the provider shares one address between customers") },
  { "port-closed", SP_OUTSIDE_BAD, NO_ONE,
    N_ ("Something before this computer does not let the port through, though its address is "
        "public") },
  { "shared-address", SP_OUTSIDE_BAD, NO_ONE,
    N_ ("Your provider shares one internet address between customers, so nobody can call in. Ask "
        "it for a public IPv4 address, or for IPv6") },
  { "translated-address", SP_OUTSIDE_BAD, NO_ONE,
    N_ ("Others see this network under another address than the router’s: the provider shares one "
        "between customers, or the way out leads through a VPN. Ask the provider for a public IPv4 "
        "address") },
  { "name-unknown", SP_OUTSIDE_BAD, N_ ("Nobody Finds the Name"),
    N_ ("Name servers have no address for it. Enter the address of this network where the name is "
        "managed") },
  { "name-private", SP_OUTSIDE_BAD, N_ ("The Name Leads to an Address at Home"),
    N_ ("Nobody outside reaches it. Enter the address that the router has outside where the name "
        "is managed. If only name servers at home say so, a test from outside shows it") },
  { "name-elsewhere", SP_OUTSIDE_BAD, N_ ("The Name Leads Elsewhere"),
    N_ ("It leads to another address than this network has now. Enter that where the name is "
        "managed") },
  { "ipv6-elsewhere", SP_OUTSIDE_BAD, N_ ("Over IPv6 the Name Leads Elsewhere"),
    N_ ("Devices with IPv6 wait or find nobody. Take that address (AAAA) away where the name is "
        "managed") },
  { "second-router", SP_OUTSIDE_BAD, NO_ONE,
    N_ ("There is a second router before yours. Let that one forward the port to yours, or pass "
        "everything on") },
  { "ipv6-only", SP_OUTSIDE_BAD, N_ ("Reached over IPv6 Only"),
    N_ ("Not every network has it. Ask your provider for a public IPv4 address") },
  { "ipv6-closed", SP_OUTSIDE_BAD, NO_ONE,
    N_ ("Only IPv6 leads here, and over that the router lets nobody in. Allow PCP in its settings, "
        "or "
        "open the port there") },
  { "firewall-closed", SP_OUTSIDE_BAD, NO_ONE, N_ ("This computer’s firewall is closed") },
  { "no-network", SP_OUTSIDE_BAD, NO_ONE, N_ ("This computer is not connected to the internet") },
};

/* Where the router forwards one port alone, by its own word: "Reason" says why not the other. */
static const struct
{
  const char *verdict;
  const char *reason;
  const char *title;
  const char *text;
} parts[] = {
  { "udp-only", "taken", NO_ONE,
    N_ ("Nobody can connect: every connection begins with TCP, and at the router another device "
        "has the port for that. Use another port") },
  { "tcp-only", "taken", N_ ("Slow from Outside"),
    N_ ("At the router another device has the port for UDP. Use another port") },
  { "tcp-only", "refused", N_ ("Slow from Outside"),
    N_ ("Nothing comes in over UDP. Let the router forward the port for UDP, too") },
};

/* The row of that table, or its size. */
static guint
find_part (GVariant *facts)
{
  const char *verdict = "";
  const char *reason = "";
  guint i = 0;

  (void) g_variant_lookup (facts, "Verdict", "&s", &verdict);
  (void) g_variant_lookup (facts, "Reason", "&s", &reason);
  while (i < G_N_ELEMENTS (parts) &&
         (!g_str_equal (parts[i].verdict, verdict) || !g_str_equal (parts[i].reason, reason)))
    i++;
  return i;
}

const char *
sp_outside_describe_part (GVariant *facts)
{
  guint i = find_part (facts);

  return i < G_N_ELEMENTS (parts) ? _ (parts[i].text) : NULL;
}

SpOutsideLook
sp_outside_describe (GVariant *reachability, const char **ret_title, const char **ret_text)
{
  const char *verdict = "";
  guint part = reachability != NULL ? find_part (reachability) : G_N_ELEMENTS (parts);
  guint i = 0;

  if (reachability != NULL)
    (void) g_variant_lookup (reachability, "Verdict", "&s", &verdict);
  while (i < G_N_ELEMENTS (verdicts) && !g_str_equal (verdicts[i].verdict, verdict))
    i++;
  if (i == G_N_ELEMENTS (verdicts))
    i = 0;
  *ret_title = _ (verdicts[i].title);
  *ret_text = verdicts[i].text != NULL ? _ (verdicts[i].text) : NULL;
  if (part < G_N_ELEMENTS (parts))
    {
      *ret_title = _ (parts[part].title);
      *ret_text = _ (parts[part].text);
    }
  return verdicts[i].look;
}

char *
sp_outside_describe_name (GVariant *reachability)
{
  const char *name = "";
  const char *address = NULL;

  (void) g_variant_lookup (reachability, "Name", "&s", &name);
  (void) g_variant_lookup (reachability, "NameLeadsTo", "&s", &address);
  return address != NULL ? g_strdup_printf ("%s → %s", name, address) : g_strdup (name);
}

/* Of the property PortMapping. */
static const struct
{
  const char *state;
  const char *title;
  const char *text;
} mappings[] = {
  { "waiting", OPEN_YOURSELF, N_ ("There is no router that could be asked for it now") },
  { "not-needed", N_ ("No Router Is in the Way"),
    N_ ("This computer has a public address itself") },
  { "asking", N_ ("Asking the Router…"), N_ ("It is asked to forward the port to this computer") },
  { "mapped", N_ ("The Router Forwards the Port"), N_ ("It was asked to, while this is on") },
  { "refused", OPEN_YOURSELF,
    N_ ("The router was asked for it and refuses. Allow UPnP or NAT-PMP in its settings, or set it "
        "up there") },
  { "taken", OPEN_YOURSELF,
    N_ ("The router forwards it to another computer already. End that in its settings, or choose "
        "another port") },
  { "no-router", OPEN_YOURSELF,
    N_ ("The router was asked for it and does not answer. Allow UPnP or NAT-PMP in its settings, "
        "or set it up there") },
  { "failed", OPEN_YOURSELF,
    N_ ("The router was asked for it, and what it answers makes no sense. Set it up there") },
};

/* And of what it has in "Ipv6", where silence says nothing. */
static const struct
{
  const char *state;
  const char *text;
} pinholes[] = {
  { "mapped", N_ ("Over IPv6 the router lets devices in, too") },
  { "refused",
    N_ ("Over IPv6 the router lets nobody in. Allow PCP in its settings, or open the port "
        "there") },
  { "taken", N_ ("Over IPv6 the router lets nobody in here. Open the port in its settings") },
};

static const char *
describe_pinholes (GVariant *mapping)
{
  g_autoptr (GVariant) ipv6 = g_variant_lookup_value (mapping, "Ipv6", G_VARIANT_TYPE_VARDICT);
  const char *state = "off";

  if (ipv6 != NULL)
    (void) g_variant_lookup (ipv6, "State", "&s", &state);
  for (guint i = 0; i < G_N_ELEMENTS (pinholes); i++)
    if (g_str_equal (pinholes[i].state, state))
      return _ (pinholes[i].text);
  return NULL;
}

char *
sp_outside_describe_mapping (GVariant *mapping, const char **ret_title)
{
  const char *text =
      _ ("So that devices reach it from outside, your router has to forward the port "
         "to this computer.");
  const char *ipv6 = mapping != NULL ? describe_pinholes (mapping) : NULL;
  const char *state = "off";

  if (mapping != NULL)
    (void) g_variant_lookup (mapping, "State", "&s", &state);
  *ret_title = _ (OPEN_YOURSELF);
  for (guint i = 0; i < G_N_ELEMENTS (mappings); i++)
    if (g_str_equal (mappings[i].state, state))
      {
        *ret_title = _ (mappings[i].title);
        text = _ (mappings[i].text);
      }
  return ipv6 != NULL ? g_strdup_printf ("%s\n%s", text, ipv6) : g_strdup (text);
}

const char *
sp_outside_describe_refusal (const char *reason)
{
  /* Reasons that are no states. */
  const char *state = g_str_equal (reason, "silent")           ? "no-router"
                      : g_str_equal (reason, "not-understood") ? "failed"
                                                               : reason;

  for (guint i = 0; i < G_N_ELEMENTS (mappings); i++)
    if (g_str_equal (mappings[i].state, state))
      return _ (mappings[i].text);
  return NULL;
}

char *
sp_outside_describe_opening (GVariant *reachability)
{
  const char *from;
  guint64 at;
  g_autofree char *when = NULL;

  if (reachability == NULL || !g_variant_lookup (reachability, "OpenedFrom", "&s", &from) ||
      !g_variant_lookup (reachability, "OpenedAt", "t", &at))
    return NULL;
  when = sp_wording_moment (at);
  /* Translators: a moment, and the address of a computer. */
  return g_strdup_printf (_ ("%s from %s"), when, from);
}

char *
sp_outside_describe_proof (GVariant *reachability)
{
  guint64 proven = 0;
  guint64 seen = 0;

  if (reachability == NULL)
    return NULL;
  (void) g_variant_lookup (reachability, "ProvenAt", "t", &proven);
  (void) g_variant_lookup (reachability, "TcpAt", "t", &seen);
  return MAX (proven, seen) != 0 ? sp_wording_moment (MAX (proven, seen)) : NULL;
}

const char *
sp_outside_get_test (GVariant *reachability)
{
  const char *test = "none";

  if (reachability != NULL)
    (void) g_variant_lookup (reachability, "Test", "&s", &test);
  return test;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authority-wording.h"

#include "wording.h"

#include <glib/gi18n.h>

/* As the service names them, in their order. */
static const struct
{
  const char *step;
  const char *text;
} steps[SP_AUTHORITY_N_STEPS] = {
  { "asking", N_ ("Asking the authority") },
  { "proving", N_ ("Proving that the name leads here") },
  { "certifying", N_ ("Getting the certificate signed") },
};

/* Why the last order failed, and what mends it. */
static const struct
{
  const char *reason;
  const char *text;
  SpAuthorityFix fix;
} reasons[] = {
  { "terms", N_ ("The authority has terms of service, and gives nothing to who does not agree."),
    SP_AUTHORITY_CHANGE },
  { "external-account",
    N_ ("The authority serves only those who have an account there already. Take another one."),
    SP_AUTHORITY_CHANGE },
  { "account", N_ ("The authority does not take the contact. Write an address of mail, or none."),
    SP_AUTHORITY_CHANGE },
  { "name",
    N_ ("The authority refuses these names. Take names that everybody in the internet can use."),
    SP_AUTHORITY_CHANGE },
  { "no-way",
    N_ ("The authority proves names in ways that this server does not know. Take another one."),
    SP_AUTHORITY_CHANGE },
  { "caa",
    N_ ("The name allows other authorities only. Change its CAA record where you keep the name."),
    SP_AUTHORITY_AGAIN },
  { "name-unknown",
    N_ ("The authority does not find the name. See where you keep it whether it leads here."),
    SP_AUTHORITY_AGAIN },
  { "not-reached",
    N_ ("The authority does not reach port 443. Let the router forward it to this computer."),
    SP_AUTHORITY_AGAIN },
  { "wrong-answer",
    N_ ("The name leads to another computer or program. See where it leads, and the router’s port "
        "443, too."),
    SP_AUTHORITY_AGAIN },
  { "too-often", N_ ("The authority was asked too often. Wait until it is asked again by itself."),
    SP_AUTHORITY_NO_FIX },
  { "problem", N_ ("The authority refuses. The server’s log says why."), SP_AUTHORITY_AGAIN },
  { "status", N_ ("The authority answers with an error. See whether its address is right."),
    SP_AUTHORITY_CHANGE },
  { "not-understood", N_ ("What answers is no authority. See whether its address is right."),
    SP_AUTHORITY_CHANGE },
  { "not-trusted",
    N_ ("The authority cannot prove who it is. See whether its address and root are right."),
    SP_AUTHORITY_CHANGE },
  { "unreachable",
    N_ ("The authority cannot be reached. See whether this computer reaches the internet."),
    SP_AUTHORITY_AGAIN },
  { "silent", N_ ("The authority does not answer in time."), SP_AUTHORITY_AGAIN },
  { "not-shown",
    N_ ("This computer could not show the authority that the name leads here. The server’s log "
        "says "
        "why."),
    SP_AUTHORITY_AGAIN },
  { "port-in-use",
    N_ ("The authority would look at port 80, and another program of this computer has it. End "
        "that "
        "one, or let the router forward port 443."),
    SP_AUTHORITY_AGAIN },
  { "hook-unfit",
    N_ ("The program that writes the DNS record is not run. It has to belong to root, and nobody "
        "else may change it. The server’s log says what is wrong."),
    SP_AUTHORITY_AGAIN },
  { "hook-late",
    N_ ("The program that writes the DNS record did not end within a minute. See what it waits "
        "for."),
    SP_AUTHORITY_AGAIN },
  { "hook-failed",
    N_ ("The program that writes the DNS record failed. The server’s log has what it said."),
    SP_AUTHORITY_AGAIN },
  { "failed", N_ ("The certificate could not be ordered. The server’s log says why."),
    SP_AUTHORITY_AGAIN },
};

/* Lent; empty: the service does not say. */
static const char *
get_text (GVariant *acme, const char *key)
{
  const char *text = "";

  if (acme != NULL)
    (void) g_variant_lookup (acme, key, "&s", &text);
  return text;
}

static gboolean
is_in (GVariant *acme, const char *state)
{
  return g_str_equal (get_text (acme, "State"), state);
}

static guint64
get_next (GVariant *acme)
{
  guint64 at = 0;

  if (acme != NULL)
    (void) g_variant_lookup (acme, "NextAt", "t", &at);
  return at;
}

const char *
sp_authority_describe_reason (const char *reason)
{
  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (g_str_equal (reasons[i].reason, reason))
      return _ (reasons[i].text);
  return NULL;
}

/* A reason that is not known here is told in the service's own words. */
static char *
describe_failure (GVariant *acme)
{
  const char *known = sp_authority_describe_reason (get_text (acme, "Reason"));
  const char *text = known != NULL ? known : get_text (acme, "Text");
  guint64 next = get_next (acme);
  g_autofree char *when = next != 0 ? sp_wording_moment (next) : NULL;

  if (when == NULL)
    return g_strdup (text);
  /* Translators: a sentence about what went wrong; a moment, as "Tomorrow 18:00". */
  return g_strdup_printf (_ ("%s Asked again: %s"), text, when);
}

static char *
describe_renewal (GVariant *acme)
{
  guint64 next = get_next (acme);
  g_autoptr (GDateTime) then = g_date_time_new_from_unix_local ((gint64) (next / G_USEC_PER_SEC));
  g_autofree char *day = next != 0 && then != NULL ? g_date_time_format (then, "%x") : NULL;

  /* Translators: a day. */
  return day != NULL ? g_strdup_printf (_ ("Renewed by itself: %s"), day) : g_strdup ("");
}

SpStanding
sp_authority_describe (GVariant *acme, const char **ret_title, char **ret_text)
{
  if (is_in (acme, "current"))
    {
      *ret_title = _ ("The Certificate Is There");
      *ret_text = describe_renewal (acme);
      return SP_STANDING_GOOD;
    }
  if (get_text (acme, "Reason")[0] != '\0' && !is_in (acme, "ordering"))
    {
      *ret_title = get_text (acme, "Certificate")[0] != '\0' ? _ ("Not Renewed")
                                                             : _ ("There Is No Certificate Yet");
      *ret_text = describe_failure (acme);
      return SP_STANDING_BAD;
    }
  if (is_in (acme, "ordering") || is_in (acme, "waiting"))
    {
      *ret_title = _ ("Getting the Certificate…");
      *ret_text = g_strdup (sp_authority_get_step_text (sp_authority_get_step (acme)));
      return SP_STANDING_BUSY;
    }
  *ret_title = _ ("The Server Is Off");
  *ret_text = g_strdup (_ ("It asks the authority when it is turned on."));
  return SP_STANDING_IDLE;
}

SpAuthorityFix
sp_authority_get_fix (GVariant *acme)
{
  const char *reason = get_text (acme, "Reason");

  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (g_str_equal (reasons[i].reason, reason))
      return reasons[i].fix;
  return SP_AUTHORITY_AGAIN;
}

guint
sp_authority_get_step (GVariant *acme)
{
  const char *step = get_text (acme, "Step");

  if (is_in (acme, "current"))
    return SP_AUTHORITY_N_STEPS;
  for (guint i = 0; i < SP_AUTHORITY_N_STEPS; i++)
    if (g_str_equal (steps[i].step, step))
      return i;
  return 0;
}

const char *
sp_authority_get_step_text (guint step)
{
  return step < SP_AUTHORITY_N_STEPS ? _ (steps[step].text) : "";
}

char *
sp_authority_describe_name (const char *directory)
{
  g_autoptr (GUri) uri = NULL;

  if (g_strcmp0 (directory, SP_AUTHORITY_PROPOSED) == 0)
    return g_strdup ("Let’s Encrypt");
  uri = g_uri_parse (directory, G_URI_FLAGS_NONE, NULL);
  return g_strdup (uri != NULL && g_uri_get_host (uri) != NULL ? g_uri_get_host (uri) : directory);
}

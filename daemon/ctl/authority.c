/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authority.h"

#include "client.h"
#include "json.h"
#include "text.h"

/* A certificate from an authority that speaks ACME. */

/* The words of the states; a state that is not here is shown as it is. */
static const struct
{
  const char *state;
  const char *words;
} states[] = {
  { "off", "off" },           { "waiting", "waiting until it can be ordered" },
  { "ordering", "ordering" }, { "current", "certified" },
  { "failed", "failed" },
};

static char *
find_text (GVariant *facts, const char *key)
{
  const char *text = "";

  (void) g_variant_lookup (facts, key, "&s", &text);
  return sp_text_printable (text);
}

static void
print_fact (GVariant *facts, const char *title, const char *key)
{
  g_autofree char *text = find_text (facts, key);

  if (text[0] != '\0')
    g_print ("%s%s\n", title, text);
}

static void
print_facts (GVariant *facts)
{
  g_autofree char *state = find_text (facts, "State");
  g_autofree char *next = NULL;
  const char *words = state;
  guint64 next_at = 0;

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_str_equal (states[i].state, state))
      words = states[i].words;
  (void) g_variant_lookup (facts, "NextAt", "t", &next_at);
  next = sp_text_time (next_at);
  g_print ("State:       %s\n", words);
  print_fact (facts, "Step:        ", "Step");
  print_fact (facts, "Certificate: ", "Certificate");
  if (next_at != 0)
    g_print ("Next order:  %s\n", next);
  print_fact (facts, "Advice:      ", "Text");
}

static void
print_data (GVariant *facts)
{
  static const char *const texts[][2] = {
    { "state", "State" },   { "step", "Step" }, { "certificate", "Certificate" },
    { "reason", "Reason" }, { "text", "Text" },
  };
  guint64 next_at = 0;
  SpJson json;

  sp_json_init (&json);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *text = find_text (facts, texts[i][1]);

      sp_json_text (&json, texts[i][0], text);
    }
  (void) g_variant_lookup (facts, "NextAt", "t", &next_at);
  sp_json_time (&json, "next-at", next_at);
  sp_json_print (&json);
}

SpExitStatus
sp_ctl_authority_show (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autoptr (SpClient) client = NULL;
  GVariant *facts;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL)
    return SP_EXIT_FAILED;
  facts = sp_bus_server_get_acme (client->server);
  if (facts == NULL)
    {
      g_set_error_literal (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED,
                           "this server is too old for ACME");
      return SP_EXIT_FAILED;
    }
  if (control->json)
    print_data (facts);
  else
    print_facts (facts);
  return SP_EXIT_OK;
}

SpExitStatus
sp_ctl_authority_order (SpControl *control,
                        const SpCommand *self,
                        char ***arguments,
                        GError **error)
{
  g_autoptr (SpClient) client = NULL;
  SpJson json;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL ||
      !sp_bus_server_call_order_certificate_sync (client->server, sp_client_no_options (),
                                                  client->flags, client->timeout, NULL, error))
    return SP_EXIT_FAILED;
  if (control->json)
    {
      sp_json_init (&json);
      sp_json_text (&json, "state", "ordering");
      sp_json_print (&json);
    }
  else
    g_print ("A certificate is being ordered; see “" SP_CTL_NAME " authority show”.\n");
  return SP_EXIT_OK;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dynamic-dns.h"

#include "client.h"
#include "json.h"
#include "password.h"
#include "text.h"

#include "base/io.h"

#include <gio/gunixfdlist.h>

/* A name on the internet that follows the address of this computer. */

/* The words of the states; a state that is not here is shown as it is. */
static const struct
{
  const char *state;
  const char *words;
} states[] = {
  { "off", "off" },       { "waiting", "waiting until it can be told" },
  { "asking", "asking" }, { "current", "the name leads here" },
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
  g_autofree char *told = NULL;
  const char *words = state;
  guint64 told_at = 0;

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_str_equal (states[i].state, state))
      words = states[i].words;
  (void) g_variant_lookup (facts, "ToldAt", "t", &told_at);
  told = sp_text_time (told_at);
  g_print ("State:       %s\n", words);
  print_fact (facts, "Told:        ", "Ipv4");
  print_fact (facts, "Told:        ", "Ipv6");
  if (told_at != 0)
    g_print ("Last told:   %s\n", told);
  print_fact (facts, "It answered: ", "Word");
  print_fact (facts, "Advice:      ", "Text");
}

static void
print_data (GVariant *facts)
{
  static const char *const texts[][2] = {
    { "state", "State" },   { "ipv4", "Ipv4" }, { "ipv6", "Ipv6" },
    { "reason", "Reason" }, { "word", "Word" }, { "text", "Text" },
  };
  guint64 told_at = 0;
  SpJson json;

  sp_json_init (&json);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *text = find_text (facts, texts[i][1]);

      sp_json_text (&json, texts[i][0], text);
    }
  (void) g_variant_lookup (facts, "ToldAt", "t", &told_at);
  sp_json_time (&json, "told-at", told_at);
  sp_json_print (&json);
}

SpExitStatus
sp_ctl_dynamic_dns_show (SpControl *control,
                         const SpCommand *self,
                         char ***arguments,
                         GError **error)
{
  g_autoptr (SpClient) client = NULL;
  GVariant *facts;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL)
    return SP_EXIT_FAILED;
  facts = sp_bus_server_get_dynamic_dns (client->server);
  if (facts == NULL)
    {
      g_set_error_literal (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED,
                           "this server is too old for dynamic DNS");
      return SP_EXIT_FAILED;
    }
  if (control->json)
    print_data (facts);
  else
    print_facts (facts);
  return SP_EXIT_OK;
}

SpExitStatus
sp_ctl_dynamic_dns_update (SpControl *control,
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
      !sp_bus_server_call_update_dynamic_dns_sync (client->server, sp_client_no_options (),
                                                   client->flags, client->timeout, NULL, error))
    return SP_EXIT_FAILED;
  if (control->json)
    {
      sp_json_init (&json);
      sp_json_text (&json, "state", "asking");
      sp_json_print (&json);
    }
  else
    g_print ("The provider is being told; see “" SP_CTL_NAME " dynamic-dns show”.\n");
  return SP_EXIT_OK;
}

static gboolean
set_password (SpClient *client, int password, GError **error)
{
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();

  return g_unix_fd_list_append (descriptors, password, error) >= 0 &&
         sp_bus_server_call_set_dynamic_dns_password_sync (
             client->server, g_variant_new_handle (0), sp_client_no_options (), client->flags,
             client->timeout, descriptors, NULL, NULL, error);
}

SpExitStatus
sp_ctl_dynamic_dns_password (SpControl *control,
                             const SpCommand *self,
                             char ***arguments,
                             GError **error)
{
  static const SpPasswordQuestion question = { "Password at the provider of dynamic DNS: ",
                                               "password", FALSE };
  g_auto (SpPasswordSource) source = { 0 };
  gboolean forget = FALSE;
  const GOptionEntry options[] = {
    { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &source.file,
      "Read the password from there: a file, - or fd:N", "FILE" },
    { "forget", 0, 0, G_OPTION_ARG_NONE, &forget, "Forget it", NULL },
    { 0 },
  };
  g_autoptr (SpClient) client = NULL;
  sp_autofd int password = -1;

  if (!sp_command_parse (self, control, options, arguments, error))
    return SP_EXIT_USAGE;
  if (!forget)
    password = sp_password_ask (&source, control, &question, error);
  if (!forget && password < 0)
    return SP_EXIT_FAILED;
  client = sp_client_new (control, error);
  if (client == NULL || !(forget ? sp_bus_server_call_forget_dynamic_dns_password_sync (
                                       client->server, sp_client_no_options (), client->flags,
                                       client->timeout, NULL, error)
                                 : set_password (client, password, error)))
    return SP_EXIT_FAILED;
  if (control->json)
    {
      SpJson json;

      sp_json_init (&json);
      sp_json_text (&json, "password", forget ? "forgotten" : "set");
      sp_json_print (&json);
    }
  else
    g_print (forget ? "The password at the provider is forgotten.\n"
                    : "The password at the provider is set.\n");
  return SP_EXIT_OK;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dynamic-dns.h"

#include "condition.h"
#include "password.h"

#include "base/io.h"

#include <gio/gunixfdlist.h>

/* A name on the internet that follows the address of this computer. */

static gboolean
has (GVariant *facts, const char *name)
{
  gboolean there = FALSE;

  (void) g_variant_lookup (facts, name, "b", &there);
  return there;
}

static void
print_more (GVariant *facts)
{
  sp_condition_print_text (facts, "Told:        ", "Ipv4");
  sp_condition_print_text (facts, "Told:        ", "Ipv6");
  sp_condition_print_time (facts, "Last told:   ", "ToldAt");
  sp_condition_print_text (facts, "It answered: ", "Word");
  sp_condition_print_text (facts, "Advice:      ", "Text");
  if (has (facts, "HasPassword"))
    g_print ("Password:    set\n");
  if (has (facts, "HasKey"))
    g_print ("Key:         set\n");
}

static void
tell_more (SpJson *json, GVariant *facts)
{
  sp_condition_tell_time (json, facts, "ToldAt");
  sp_json_value (json, "has-password", g_variant_new_boolean (has (facts, "HasPassword")));
  sp_json_value (json, "has-key", g_variant_new_boolean (has (facts, "HasKey")));
}

static const SpConditionWords states[] = {
  { "off", "off" },       { "waiting", "waiting until it can be told" },
  { "asking", "asking" }, { "current", "the name leads here" },
  { "failed", "failed" }, { NULL, NULL },
};

static const char *const texts[] = { "State", "Ipv4", "Ipv6", "Reason", "Word", "Text", NULL };

static const SpCondition condition = {
  .what = "dynamic DNS",
  .get = sp_bus_server_get_dynamic_dns,
  .states = states,
  .print_more = print_more,
  .texts = texts,
  .tell_more = tell_more,
  .call = sp_bus_server_call_update_dynamic_dns_sync,
  .called = "asking",
  .called_words = "The provider is being told; see “" SP_CTL_NAME " dynamic-dns show”.",
};

SpExitStatus
sp_ctl_dynamic_dns_show (SpControl *control,
                         const SpCommand *self,
                         char ***arguments,
                         GError **error)
{
  return sp_condition_show (&condition, control, self, arguments, error);
}

SpExitStatus
sp_ctl_dynamic_dns_update (SpControl *control,
                           const SpCommand *self,
                           char ***arguments,
                           GError **error)
{
  return sp_condition_call (&condition, control, self, arguments, error);
}

/* What is kept for us, and asked for. */
typedef struct
{
  const char *kind; /* on the bus */
  SpPasswordQuestion question;
  const char *option;
  const char *option_text;
  const char *set;
  const char *forgotten;
} Secret;

static const Secret provider_password = {
  .kind = "password",
  .question = { "Password at the provider of dynamic DNS: ", "password", FALSE },
  .option = "password-file",
  .option_text = "Read the password from there: a file, - or fd:N",
  .set = "The password at the provider is set.\n",
  .forgotten = "The password at the provider is forgotten.\n",
};
static const Secret key_secret = {
  .kind = "key",
  .question = { "Secret of the key at the name server: ", "secret", FALSE },
  .option = "secret-file",
  .option_text = "Read the secret, in base64, from there: a file, - or fd:N",
  .set = "The secret of the key is set.\n",
  .forgotten = "The secret of the key is forgotten.\n",
};

/* A server that knows no kinds yet is told none. */
static GVariant *
make_options (const Secret *secret)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  if (secret != &provider_password)
    g_variant_builder_add (&builder, "{sv}", "kind", g_variant_new_string (secret->kind));
  return g_variant_builder_end (&builder);
}

static gboolean
set (SpClient *client, const Secret *secret, int file, GError **error)
{
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();

  return g_unix_fd_list_append (descriptors, file, error) >= 0 &&
         sp_bus_server_call_set_dynamic_dns_password_sync (
             client->server, g_variant_new_handle (0), make_options (secret), client->flags,
             client->timeout, descriptors, NULL, NULL, error);
}

static void
print_secret (SpControl *control, const Secret *secret, gboolean forget)
{
  SpJson json;

  if (!control->json)
    {
      g_print ("%s", forget ? secret->forgotten : secret->set);
      return;
    }
  sp_json_init (&json);
  sp_json_text (&json, secret->kind, forget ? "forgotten" : "set");
  sp_json_print (&json);
}

static SpExitStatus
change (SpControl *control,
        const SpCommand *self,
        char ***arguments,
        const Secret *secret,
        GError **error)
{
  g_auto (SpPasswordSource) source = { 0 };
  gboolean forget = FALSE;
  const GOptionEntry options[] = {
    { secret->option, 0, 0, G_OPTION_ARG_FILENAME, &source.file, secret->option_text, "FILE" },
    { "forget", 0, 0, G_OPTION_ARG_NONE, &forget, "Forget it", NULL },
    { 0 },
  };
  g_autoptr (SpClient) client = NULL;
  sp_autofd int file = -1;

  if (!sp_command_parse (self, control, options, arguments, error))
    return SP_EXIT_USAGE;
  if (!forget)
    file = sp_password_ask (&source, control, &secret->question, error);
  if (!forget && file < 0)
    return SP_EXIT_FAILED;
  client = sp_client_new (control, error);
  if (client == NULL || !(forget ? sp_bus_server_call_forget_dynamic_dns_password_sync (
                                       client->server, make_options (secret), client->flags,
                                       client->timeout, NULL, error)
                                 : set (client, secret, file, error)))
    return SP_EXIT_FAILED;
  print_secret (control, secret, forget);
  return SP_EXIT_OK;
}

SpExitStatus
sp_ctl_dynamic_dns_password (SpControl *control,
                             const SpCommand *self,
                             char ***arguments,
                             GError **error)
{
  return change (control, self, arguments, &provider_password, error);
}

SpExitStatus
sp_ctl_dynamic_dns_key (SpControl *control,
                        const SpCommand *self,
                        char ***arguments,
                        GError **error)
{
  return change (control, self, arguments, &key_secret, error);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "facts.h"
#include "json.h"
#include "picture.h"
#include "text.h"

#include "base/io.h"
#include "base/limits.h"
#include "base/secret.h"

#include <gio/gunixfdlist.h>
#include <string.h>
#include <unistd.h>

#define LINK_MAX     (SP_URL_MAX + 64) /* bytes */
#define TEST_SECONDS 600               /* as the service has it */

/* --- what is known --- */

static void
print_data (GVariant *reachability)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;
  SpJson json;

  sp_json_init (&json);
  sp_json_open (&json, "reachability", '{');
  g_variant_iter_init (&iter, reachability);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    sp_json_named (&json, name, value);
  sp_json_close (&json, '}');
  sp_json_print (&json);
}

static void
print_moment (GVariant *reachability, const char *name, const char *words)
{
  guint64 time;
  g_autofree char *text = NULL;

  if (!g_variant_lookup (reachability, name, "t", &time))
    return;
  text = sp_text_time (time);
  g_print ("  %-26s %s\n", words, text);
}

static void
print_all (GVariant *reachability)
{
  g_autofree char *text = sp_facts_show_text (reachability, "Text");

  g_print ("%s: %s\n", sp_facts_get_text (reachability, "Verdict"), text);
  print_moment (reachability, "ProvenAt", "a test proved it");
  print_moment (reachability, "TcpAt", "a client from outside");
  print_moment (reachability, "UdpAt", "and its fast channel");
}

/* What the end of the program says; part of its interface, in the manual page: never renumber. */
static const struct
{
  const char *verdict;
  int status;
} statuses[] = {
  { "reached", SP_EXIT_OK },
  { "not-tested", 10 },
  { "waiting", 11 },
  { "from-home", 12 },
  { "off", 20 },
  { "no-network", 21 },
  { "firewall-closed", 22 },
  { "router-closed", 23 },
  { "port-closed", 24 },
  { "shared-address", 25 },
  { "translated-address", 26 },
  { "second-router", 27 },
  { "ipv6-closed", 28 },
  { "udp-only", 29 },
  { "name-unknown", 30 },
  { "name-private", 31 },
  { "name-elsewhere", 32 },
  { "ipv6-elsewhere", 33 },
  { "tcp-only", 40 },
  { "ipv6-only", 41 },
};

/* SP_EXIT_FAILED: a newer service knows of more. */
static SpExitStatus
find_status (GVariant *reachability)
{
  const char *verdict = sp_facts_get_text (reachability, "Verdict");

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    if (g_str_equal (statuses[i].verdict, verdict))
      return (SpExitStatus) statuses[i].status;
  return SP_EXIT_FAILED;
}

static SpExitStatus
show (SpControl *control, SpClient *client)
{
  g_autoptr (GVariant) reachability = sp_bus_server_dup_reachability (client->server);

  if (control->json)
    print_data (reachability);
  else
    print_all (reachability);
  return find_status (reachability);
}

/* --- a test --- */

typedef struct
{
  char *host;
  int valid; /* seconds; 0: as the service likes */
  gboolean picture;
} Wish;

static void
wish_clear (Wish *wish)
{
  g_free (wish->host);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wish, wish_clear)

static char *
create_link (SpClient *client, const Wish *wish, GError **error)
{
  GVariantDict options;
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GVariant) handle = NULL;
  char text[LINK_MAX + 1] = "";
  sp_autofd int fd = -1;

  g_variant_dict_init (&options, NULL);
  if (wish->host != NULL)
    g_variant_dict_insert (&options, "host", "s", wish->host);
  if (wish->valid > 0)
    g_variant_dict_insert (&options, "valid-s", "u", (guint32) wish->valid);
  if (!sp_bus_server_call_create_reachability_test_sync (
          client->server, g_variant_dict_end (&options), client->flags, client->timeout, NULL,
          &handle, &descriptors, NULL, error))
    return NULL;
  fd = g_unix_fd_list_get (descriptors, g_variant_get_handle (handle), error);
  if (fd < 0)
    return NULL;
  if (pread (fd, text, LINK_MAX, 0) > 0)
    return g_strdup (text);
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED, "the service handed over no link");
  return NULL;
}

typedef struct
{
  gboolean late;
  gboolean told_home;
} Wait;

static gboolean
late_cb (gpointer wait)
{
  ((Wait *) wait)->late = TRUE;
  return G_SOURCE_REMOVE;
}

/* Says it once: who scans again from home knows already. */
static void
tell_home (Wait *wait, GVariant *reachability)
{
  if (wait->told_home)
    return;
  wait->told_home = TRUE;
  g_print (
      "Opened in the home network, from %s.  Switch the phone's Wi-Fi off and open it again.\n",
      sp_facts_get_text (reachability, "OpenedFrom"));
}

/* Until the link was opened from outside, is good no more, or the caller waits no longer. */
static SpExitStatus
wait_for_visitor (SpControl *control, SpClient *client, guint seconds)
{
  Wait wait = { FALSE, FALSE };
  guint timer = g_timeout_add_seconds (seconds, late_cb, &wait);

  for (;;)
    {
      g_autoptr (GVariant) reachability = sp_bus_server_dup_reachability (client->server);
      const char *test = reachability != NULL ? sp_facts_get_text (reachability, "Test") : "over";

      if (g_str_equal (test, "home"))
        tell_home (&wait, reachability);
      if (wait.late || g_str_equal (test, "reached") || g_str_equal (test, "over"))
        break;
      (void) g_main_context_iteration (NULL, TRUE);
    }
  if (!wait.late)
    (void) g_source_remove (timer);
  return show (control, client);
}

/* Until the service has told of the test that it made, which comes after the answer of the call. */
static void
await_test (SpClient *client)
{
  Wait wait = { FALSE, FALSE };
  guint timer = g_timeout_add ((guint) client->timeout, late_cb, &wait);

  while (!wait.late)
    {
      g_autoptr (GVariant) reachability = sp_bus_server_dup_reachability (client->server);

      if (reachability == NULL || g_str_equal (sp_facts_get_text (reachability, "Test"), "waiting"))
        break;
      (void) g_main_context_iteration (NULL, TRUE);
    }
  if (!wait.late)
    (void) g_source_remove (timer);
}

static SpExitStatus
test (SpControl *control, SpClient *client, const Wish *wish, GError **error)
{
  g_autoptr (SpSecretText) link = create_link (client, wish, error);
  guint seconds = wish->valid > 0 ? (guint) wish->valid + 1 : TEST_SECONDS + 1;
  SpJson json;

  if (link == NULL)
    return SP_EXIT_FAILED;
  if (control->json)
    {
      sp_json_init (&json);
      sp_json_text (&json, "link", link);
      sp_json_print (&json);
      return SP_EXIT_OK;
    }
  if (wish->picture && !sp_picture_print (link))
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED,
                   "the picture needs a terminal that shows it");
      return SP_EXIT_FAILED;
    }
  g_print ("%s\nOpen this link on a phone whose Wi-Fi is off.  If its browser warns of the "
           "certificate, go on.\n",
           link);
  await_test (client);
  if (control->wait_seconds != SP_WAIT_SECONDS_DEFAULT)
    seconds = MIN (seconds, (guint) control->wait_seconds);
  return wait_for_visitor (control, client, seconds);
}

SpExitStatus
sp_ctl_reachability (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_auto (Wish) wish = { 0 };
  const GOptionEntry options[] = {
    { "at", 0, 0, G_OPTION_ARG_STRING, &wish.host,
      "Where people find the server, instead of its name", "NAME" },
    { "valid", 0, 0, G_OPTION_ARG_INT, &wish.valid, "For how many seconds the link works (600)",
      "NUMBER" },
    { "qr", 0, 0, G_OPTION_ARG_NONE, &wish.picture, "Show the link as a picture for a camera",
      NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  g_autoptr (SpClient) client = NULL;
  gboolean tests;

  if (!sp_command_parse (self, control, options, arguments, error))
    return SP_EXIT_USAGE;
  tests = g_strcmp0 ((*arguments)[1], "test") == 0;
  if (((*arguments)[1] != NULL && !tests) || wish.valid < 0 || (wish.picture && control->json) ||
      (!tests && (wish.host != NULL || wish.valid > 0 || wish.picture)) ||
      (wish.host != NULL && !g_utf8_validate (wish.host, -1, NULL)))
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
                   "usage: " SP_CTL_NAME " reachability [test [--at NAME] [--valid SECONDS] "
                   "[--qr]]");
      return SP_EXIT_USAGE;
    }
  client = sp_client_new (control, error);
  if (client == NULL)
    return SP_EXIT_FAILED;
  return tests ? test (control, client, &wish, error) : show (control, client);
}

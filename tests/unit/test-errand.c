/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "errand.h"

#include "base/endpoint.h"

#include <glib/gstdio.h>
#include <string.h>

/* Errands to a provider that is trusted here, or is not. */

#define BASIC "Basic YW5uYTpvcGVuIHNlc2FtZQ==" /* anna:open sesame */

typedef struct
{
  char *folder;
  SoupServer *provider;
  SoupSession *session;
  guint port;
  guint status; /* that it answers, with this text */
  const char *says;
  guint asked;
  char *target; /* path and query of the last request, and its Authorization */
  char *credential;
  GMainLoop *loop;
  SpErrandDone done;
} Fixture;

static void
asked_cb (SoupServer *server,
          SoupServerMessage *message,
          const char *path,
          GHashTable *query,
          gpointer data)
{
  Fixture *f = data;
  const char *asked_with = g_uri_get_query (soup_server_message_get_uri (message));
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  f->asked++;
  g_free (f->target);
  g_free (f->credential);
  f->target = g_strdup_printf ("%s?%s", path, asked_with != NULL ? asked_with : "");
  f->credential = g_strdup (soup_message_headers_get_one (headers, "Authorization"));
  soup_server_message_set_status (message, f->status, NULL);
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Location",
                                "/elsewhere");
  soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_COPY, f->says,
                                    strlen (f->says));
}

static char *
make_certificate (const char *folder)
{
  char *file = g_build_filename (folder, "provider.pem", NULL);
  const char *const words[] = { "openssl",
                                "req",
                                "-x509",
                                "-newkey",
                                "ec",
                                "-pkeyopt",
                                "ec_paramgen_curve:P-256",
                                "-nodes",
                                "-keyout",
                                file,
                                "-out",
                                "certificate.pem",
                                "-days",
                                "2",
                                "-subj",
                                "/CN=provider",
                                "-addext",
                                "subjectAltName=IP:127.0.0.1",
                                NULL };
  int status = -1;
  g_autoptr (GError) error = NULL;

  (void) g_spawn_sync (folder, (char **) words, NULL,
                       G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL,
                       &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  return file;
}

static void
open_provider (Fixture *f, GTlsCertificate *certificate)
{
  g_autoptr (GError) error = NULL;
  GSList *uris;

  f->provider = soup_server_new ("tls-certificate", certificate, NULL);
  soup_server_add_handler (f->provider, NULL, asked_cb, f, NULL);
  (void) soup_server_listen_local (f->provider, 0,
                                   SOUP_SERVER_LISTEN_HTTPS | SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (f->provider);
  f->port = (guint) g_uri_get_port (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
}

static void
set_up (Fixture *f, gconstpointer trusted)
{
  g_autofree char *key_file = NULL;
  g_autofree char *certificate_file = NULL;
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (GTlsDatabase) trust = NULL;
  g_autoptr (GError) error = NULL;

  f->folder = g_dir_make_tmp ("errand-XXXXXX", NULL);
  key_file = make_certificate (f->folder);
  certificate_file = g_build_filename (f->folder, "certificate.pem", NULL);
  certificate = g_tls_certificate_new_from_files (certificate_file, key_file, &error);
  g_assert_no_error (error);
  open_provider (f, certificate);
  f->session = sp_errand_prepare (&error);
  g_assert_no_error (error);
  if (trusted != NULL)
    {
      trust = g_tls_file_database_new (certificate_file, &error);
      g_assert_no_error (error);
      soup_session_set_tls_database (f->session, trust);
    }
  f->loop = g_main_loop_new (NULL, FALSE);
  f->status = SOUP_STATUS_OK;
  f->says = "good 81.2.69.160\n";
}

static void
tear_down (Fixture *f, gconstpointer trusted)
{
  static const char *const files[] = { "provider.pem", "certificate.pem" };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (f->folder, files[i], NULL);

      (void) g_unlink (path);
    }
  (void) g_rmdir (f->folder);
  g_object_unref (f->session);
  soup_server_disconnect (f->provider);
  g_object_unref (f->provider);
  g_main_loop_unref (f->loop);
  g_free (f->folder);
  g_free (f->target);
  g_free (f->credential);
}

/* --- errands --- */

static void
ended_cb (gpointer user_data, const SpErrandDone *done)
{
  Fixture *f = user_data;

  f->done = *done;
  g_main_loop_quit (f->loop);
}

static void
fill (guint8 *field, guint16 *length, const char *text)
{
  *length = (guint16) strlen (text);
  memcpy (field, text, *length);
}

static SpErrandOutcome
run (Fixture *f, SpErrandKind kind, const char *rest, const char *user)
{
  g_autofree char *url = g_strdup_printf ("https://127.0.0.1:%u%s", f->port, rest);
  SpRunErrand order = { .kind = (guint8) kind };
  g_autoptr (SpErrand) errand = NULL;

  fill (order.url, &order.url_length, url);
  fill (order.name, &order.name_length, "home.test");
  fill (order.user, &order.user_length, user);
  g_assert_true (sp_address_from_text ("81.2.69.160", order.ipv4));
  errand = sp_errand_start (f->session, &order, g_strdup ("open sesame"), ended_cb, f);
  g_main_loop_run (f->loop);
  return (SpErrandOutcome) f->done.outcome;
}

#define DYNDNS2 "/nic/update?hostname={name}&myip={ip}"

static const struct
{
  const char *says;
  guint status;
  SpErrandOutcome outcome;
  const char *word;
} answers[] = {
  { "good 81.2.69.160\n", 200, SP_ERRAND_DONE, "good" },
  { "nochg 81.2.69.160\n", 200, SP_ERRAND_UNCHANGED, "nochg" },
  { "badauth\n", 200, SP_ERRAND_BAD_CREDENTIAL, "badauth" },
  { "badauth\n", 401, SP_ERRAND_BAD_CREDENTIAL, "badauth" },
  { "who are you?\n", 401, SP_ERRAND_BAD_CREDENTIAL, "" },
  { "nohost", 200, SP_ERRAND_BAD_NAME, "nohost" },
  { "notfqdn", 404, SP_ERRAND_BAD_NAME, "notfqdn" },
  { "abuse", 200, SP_ERRAND_ABUSE, "abuse" },
  { "!donator", 200, SP_ERRAND_UNPAID, "!donator" },
  { "badagent", 200, SP_ERRAND_UNWELCOME, "badagent" },
  { "911", 200, SP_ERRAND_LATER, "911" },
  { "dnserr", 500, SP_ERRAND_LATER, "dnserr" },
  { "good", 500, SP_ERRAND_STATUS, "" },
  { "nochg", 404, SP_ERRAND_STATUS, "" },
  { "good", 302, SP_ERRAND_REDIRECTED, "" },
  { "<html>welcome</html>", 200, SP_ERRAND_NOT_UNDERSTOOD, "" },
  { "", 200, SP_ERRAND_NOT_UNDERSTOOD, "" },
};

static void
test_answers (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      f->says = answers[i].says;
      f->status = answers[i].status;
      f->asked = 0;
      g_assert_cmpint (run (f, SP_ERRAND_DYNDNS2, DYNDNS2, "anna"), ==, answers[i].outcome);
      g_assert_cmpuint (f->done.status, ==, answers[i].status);
      g_assert_cmpmem (f->done.word, f->done.word_length, answers[i].word,
                       strlen (answers[i].word));
      g_assert_cmpuint (f->asked, ==, 1);
      g_assert_cmpstr (f->target, ==, "/nic/update?hostname=home.test&myip=81.2.69.160");
      g_assert_cmpstr (f->credential, ==, BASIC);
    }
}

/* The status decides, and the password goes where the owner wrote that it should. */
static void
test_url (Fixture *f, gconstpointer data)
{
  f->says = "whatever";
  g_assert_cmpint (run (f, SP_ERRAND_UPDATE, "/{name}/?a={ip}&t={password}&s={ip6}", ""), ==,
                   SP_ERRAND_DONE);
  g_assert_cmpstr (f->target, ==, "/home.test/?a=81.2.69.160&t=open%20sesame&s=");
  g_assert_null (f->credential);
  g_assert_cmpuint (f->done.word_length, ==, 0);
  g_assert_cmpint (run (f, SP_ERRAND_UPDATE, "/x", "anna"), ==, SP_ERRAND_DONE);
  g_assert_cmpstr (f->credential, ==, BASIC);
  f->status = 503;
  g_assert_cmpint (run (f, SP_ERRAND_UPDATE, "/x", ""), ==, SP_ERRAND_STATUS);
  f->status = 307;
  f->asked = 0;
  g_assert_cmpint (run (f, SP_ERRAND_UPDATE, "/x", ""), ==, SP_ERRAND_REDIRECTED);
  g_assert_cmpuint (f->asked, ==, 1);
}

/* Who only says an address is not shown who asks. */
static void
test_address (Fixture *f, gconstpointer data)
{
  char text[SP_ENDPOINT_TEXT_MAX];

  f->says = "81.2.69.142\n";
  g_assert_cmpint (run (f, SP_ERRAND_ASK_ADDRESS, "/", "anna"), ==, SP_ERRAND_DONE);
  sp_address_to_text (f->done.address, text);
  g_assert_cmpstr (text, ==, "81.2.69.142");
  g_assert_null (f->credential);
}

static void
test_stranger (Fixture *f, gconstpointer data)
{
  g_assert_cmpint (run (f, SP_ERRAND_DYNDNS2, DYNDNS2, "anna"), ==, SP_ERRAND_NOT_TRUSTED);
  g_assert_cmpint (run (f, SP_ERRAND_UPDATE, "/x", ""), ==, SP_ERRAND_NOT_TRUSTED);
  g_assert_cmpuint (f->asked, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/errand/answers", Fixture, "", set_up, test_answers, tear_down);
  g_test_add ("/errand/url", Fixture, "", set_up, test_url, tear_down);
  g_test_add ("/errand/address", Fixture, "", set_up, test_address, tear_down);
  g_test_add ("/errand/stranger", Fixture, NULL, set_up, test_stranger, tear_down);
  return g_test_run ();
}

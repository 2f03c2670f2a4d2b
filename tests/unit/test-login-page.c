/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/login-page.h"

#include <string.h>

#define DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

/* The tags in order, each with its attributes, so that a test compares what a client sees. */
static void
note_start (GMarkupParseContext *context,
            const char *name,
            const char **attributes,
            const char **values,
            gpointer user_data,
            GError **error)
{
  GString *seen = user_data;

  g_string_append_printf (seen, "<%s", name);
  for (guint i = 0; attributes[i] != NULL; i++)
    g_string_append_printf (seen, " %s=%s", attributes[i], values[i]);
  g_string_append_c (seen, '>');
}

static void
note_text (GMarkupParseContext *context,
           const char *text,
           gsize length,
           gpointer user_data,
           GError **error)
{
  g_string_append_len (user_data, text, (gssize) length);
}

static char *
read_document (const GString *page)
{
  static const GMarkupParser parser = { .start_element = note_start, .text = note_text };
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, seen, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_str_has_prefix (page->str, DECLARATION));
  g_assert_true (g_markup_parse_context_parse (context, page->str, (gssize) page->len, &error));
  g_assert_true (g_markup_parse_context_end_parse (context, &error));
  g_assert_no_error (error);
  return g_strchomp (g_string_free (g_steal_pointer (&seen), FALSE));
}

#define FIELDS                                                                                     \
  "<form method=post action=/auth><input type=text name=username label=Username:>"                 \
  "<input type=password name=password label=Password:>"

static void
test_forms (void)
{
  static const struct
  {
    SpLoginDialect dialect;
    const char *message;
    const char *error;
    const char *seen;
  } forms[] = {
    { SP_LOGIN_DIALECT_CONFIG_AUTH, NULL, NULL,
      "<config-auth client=vpn type=auth-request><version who=sg>0.1(1)<auth id=main>"
      "<title>Sallyport<message>Please enter your user name and password." FIELDS },
    { SP_LOGIN_DIALECT_CONFIG_AUTH, "Hello", "Wrong",
      "<config-auth client=vpn type=auth-request><version who=sg>0.1(1)<auth id=main>"
      "<title>Sallyport<message>Hello<error id=13 param1= param2=>Wrong" FIELDS },
    { SP_LOGIN_DIALECT_BARE, "Hello", NULL, "<auth id=main><title>Sallyport<message>Hello" FIELDS },
    { SP_LOGIN_DIALECT_CONFIG_AUTH, "<b>&\"'\001\n", "]]>",
      "<config-auth client=vpn type=auth-request><version who=sg>0.1(1)<auth id=main>"
      "<title>Sallyport<message><b>&\"' \n<error id=13 param1= param2=>]]>" FIELDS },
  };

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr (GString) page = g_string_new (NULL);
      g_autofree char *seen = NULL;

      sp_login_page_write_form (page, forms[i].dialect, forms[i].message, forms[i].error);
      seen = read_document (page);
      g_assert_cmpstr (seen, ==, forms[i].seen);
    }
}

static void
test_complete (void)
{
  static const struct
  {
    SpLoginDialect dialect;
    const char *banner;
    const char *certificate;
    const char *seen;
  } pages[] = {
    { SP_LOGIN_DIALECT_CONFIG_AUTH, NULL, NULL,
      "<config-auth client=vpn type=complete><version who=sg>0.1(1)<auth id=success>"
      "<title>Sallyport" },
    { SP_LOGIN_DIALECT_CONFIG_AUTH, "Hi & welcome", "AB12",
      "<config-auth client=vpn type=complete><version who=sg>0.1(1)<auth id=success>"
      "<title>Sallyport<banner>Hi & welcome<config client=vpn type=private><vpn-base-config>"
      "<server-cert-hash>AB12" },
    { SP_LOGIN_DIALECT_BARE, NULL, "AB12", "<auth id=success><title>Sallyport" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      g_autoptr (GString) page = g_string_new (NULL);
      g_autofree char *seen = NULL;

      sp_login_page_write_complete (page, pages[i].dialect, pages[i].banner, pages[i].certificate);
      seen = read_document (page);
      g_assert_cmpstr (seen, ==, pages[i].seen);
    }
}

static void
test_invalid_text (void)
{
  g_autoptr (GString) page = g_string_new (NULL);
  g_autofree char *seen = NULL;

  sp_login_page_write_form (page, SP_LOGIN_DIALECT_BARE, "caf\xe9", NULL);
  seen = read_document (page);
  g_assert_nonnull (strstr (seen, "caf\xef\xbf\xbd"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/login-page/forms", test_forms);
  g_test_add_func ("/login-page/complete", test_complete);
  g_test_add_func ("/login-page/invalid-text", test_invalid_text);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/login-request.h"

#include "base/error.h"
#include "hex.h"

#define HEAD      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define ROOT      "<config-auth client=\"vpn\" type=\"auth-reply\" aggregate-auth-version=\"2\">"
#define REPLY(x)  HEAD ROOT "<auth>" x "</auth></config-auth>"
#define MATTER(x) HEAD ROOT x "</config-auth>"

/* As openconnect 9.01 sent it. */
static const char init[] =
    HEAD "<config-auth client=\"vpn\" type=\"init\" aggregate-auth-version=\"2\">"
         "<version who=\"vpn\">v9.01-3</version><device-id>linux-64</device-id><capabilities>"
         "<auth-method>single-sign-on-v2</auth-method>"
         "<auth-method>single-sign-on-external-browser</auth-method></capabilities>"
         "<group-access>https://127.0.0.1:8443/</group-access></config-auth>\n";

static void
test_init (void)
{
  g_auto (SpLoginRequest) request;
  g_autoptr (GError) error = NULL;

  g_assert_true (sp_login_request_is_xml (init, strlen (init)));
  g_assert_true (sp_login_request_parse_xml (init, strlen (init), &request, &error));
  g_assert_no_error (error);
  g_assert_cmpint (request.type, ==, SP_LOGIN_REQUEST_INIT);
  g_assert_false (request.has_login);
  g_assert_false (request.has_password);
  g_assert_cmpstr (request.version, ==, "v9.01-3");
  g_assert_cmpstr (request.device_id, ==, "linux-64");
  g_assert_cmpstr (request.group_select, ==, "");
}

static void
test_device (void)
{
  static const char body[] =
      "<Config-Auth Type=\"INIT\"><device-id computer-name=\"x\" device-type=\" Pixel\n7 \" "
      "platform-version=\"14\" unique-id=\"abc\"> android </device-id>"
      "<mac-address-list><mac-address>02:00:00:00:00:01</mac-address></mac-address-list>"
      "<group-select>Friends &amp; family</group-select><group-select>later</group-select>"
      "</Config-Auth>";
  g_auto (SpLoginRequest) request;
  g_autoptr (GError) error = NULL;

  g_assert_true (sp_login_request_parse_xml (body, strlen (body), &request, &error));
  g_assert_no_error (error);
  g_assert_cmpint (request.type, ==, SP_LOGIN_REQUEST_INIT);
  g_assert_cmpstr (request.device_id, ==, "android");
  g_assert_cmpstr (request.device_type, ==, "Pixel 7");
  g_assert_cmpstr (request.platform_version, ==, "14");
  g_assert_cmpstr (request.unique_id, ==, "abc");
  g_assert_cmpstr (request.group_select, ==, "Friends & family");
}

static const struct
{
  const char *body;
  const char *login; /* NULL: none */
  const char *password;
} replies[] = {
  { REPLY ("<username>joe</username><password>secret</password>"), "joe", "secret" },
  { REPLY ("<username>jo@é</username><password>j&amp;e &lt;m&gt;+é pass</password>"), "jo@é",
    "j&e <m>+é pass" },
  { REPLY ("<Username>Joe</Username><PASSWORD>Secret</PASSWORD>"), "Joe", "Secret" },
  { REPLY ("<username>joe&#32;doe</username><password>&#x2b;&#43;&#x2B;</password>"), "joe doe",
    "+++" },
  { REPLY ("<password>123456</password>"), NULL, "123456" },
  { REPLY ("<username>joe</username><password/>"), "joe", "" },
  { REPLY ("<username></username>"), "", NULL },
  { REPLY ("<username>joe</username><password>one</password><password>two</password>"), "joe",
    "one" },
  { REPLY ("<secondary_password>otp</secondary_password><password>one</password>"), NULL, "otp" },
  { REPLY ("<answer>one</answer>"), NULL, "one" },
  { REPLY ("<whichpin>one</whichpin>"), NULL, "one" },
  { REPLY ("<new_password>one</new_password>"), NULL, "one" },
  { REPLY ("<answers>one</answers>"), NULL, NULL },
  { REPLY ("<password2>one</password2>"), NULL, "one" },
  { REPLY ("<my_password>one</my_password>"), NULL, "one" },
  { REPLY ("<mypassword>one</mypassword>"), NULL, NULL },
  { REPLY ("<password>  a\tb\r\n </password>"), NULL, "  a\tb\n " },
  { REPLY ("<password>a&#13;b</password>"), NULL, "a\rb" },
  { REPLY ("<password>a<!-- no -->b<x>no</x>c</password>"), NULL, "abc" },
  { REPLY ("<password><![CDATA[a<b>&amp;]]></password>"), NULL, "a<b>&amp;" },
  { REPLY ("<x><username>no</username></x>"), NULL, NULL },
  { MATTER ("<username>no</username><password>no</password>"), NULL, NULL },
  { MATTER ("<opaque><auth><username>no</username></auth></opaque>"), NULL, NULL },
  { MATTER ("<Auth><username>joe</username></Auth><host-scan-token/>"), "joe", NULL },
  { HEAD "\n <!-- a --> " ROOT " <auth>\n <username>joe</username>\n</auth> </config-auth>\n \n",
    "joe", NULL },
};

static void
test_replies (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_auto (SpLoginRequest) request;
      g_autoptr (GError) error = NULL;
      gboolean parsed =
          sp_login_request_parse_xml (replies[i].body, strlen (replies[i].body), &request, &error);

      say (replies[i].body);
      g_assert_no_error (error);
      g_assert_true (parsed);
      g_assert_cmpint (request.type, ==, SP_LOGIN_REQUEST_REPLY);
      g_assert_cmpint (request.has_login, ==, replies[i].login != NULL);
      g_assert_cmpint (request.has_password, ==, replies[i].password != NULL);
      g_assert_cmpstr (request.login, ==, replies[i].login == NULL ? "" : replies[i].login);
      g_assert_cmpstr (request.password, ==,
                       replies[i].password == NULL ? "" : replies[i].password);
      g_assert_cmpuint (request.login_length, ==, strlen (request.login));
      g_assert_cmpuint (request.password_length, ==, strlen (request.password));
    }
}

static const char *const refused[] = {
  "",
  " ",
  "username=joe&password=x",
  HEAD,
  "<config-auth/>",
  "<config-auth type=\"complete\"/>",
  "<config-auth type=\"init\">",
  "<config-auth type=\"init\"/><config-auth type=\"init\"/>",
  "<config-auth type=\"init\"/>x",
  "<auth type=\"init\"/>",
  HEAD "<!DOCTYPE config-auth>" ROOT "</config-auth>",
  HEAD "<!doctype config-auth>" ROOT "</config-auth>",
  HEAD "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>" ROOT "</config-auth>",
  MATTER ("<!ENTITY a \"b\">"),
  MATTER ("<?php x?>"),
  MATTER ("<?xml version=\"1.0\"?>"),
  HEAD "<?xml-stylesheet href=\"x\"?>" ROOT "</config-auth>",
  REPLY ("<password>&secret;</password>"),
  REPLY ("<password>&#0;</password>"),
  REPLY ("<password>&#x110000;</password>"),
  REPLY ("<password>a</username>"),
  REPLY ("<password>\xff</password>"),
  REPLY ("<password>&</password>"),
  REPLY ("<username>joe&#10;admin</username>"),
  REPLY ("<username>joe\033[2J</username>"),
};

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_auto (SpLoginRequest) request;
      g_autoptr (GError) error = NULL;

      say (refused[i]);
      g_assert_false (
          sp_login_request_parse_xml (refused[i], strlen (refused[i]), &request, &error));
      g_assert_error (error, SP_ERROR, SP_ERROR_PEER_BROKE_RULES);
      g_assert_null (strstr (error->message, "secret"));
    }
}

/* GLib's parser goes on after bytes that are no text in what it passes through. */
static void
test_no_text (void)
{
  static const char *const places[] = {
    "<?xml version=\"1.0\"X?><config-auth type=\"init\"/>",
    "<!--X--><config-auth type=\"init\"/>",
    "<config-auth type=\"init\"/>X",
    "<config-auth type=\"init\"><device-id unique-id=\"X\"/></config-auth>",
  };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    for (guint byte = 0; byte < 2; byte++)
      {
        g_autofree char *body = g_strdup (places[i]);
        gsize size = strlen (body);
        g_auto (SpLoginRequest) request;
        g_autoptr (GError) error = NULL;

        *strchr (body, 'X') = byte == 0 ? '\0' : '\xff';
        g_assert_false (sp_login_request_parse_xml (body, size, &request, &error));
        g_assert_error (error, SP_ERROR, SP_ERROR_PEER_BROKE_RULES);
      }
}

static gboolean
parse_nested (guint depth)
{
  g_auto (SpLoginRequest) request;
  g_autoptr (GString) body = g_string_new (ROOT);

  for (guint i = 1; i < depth; i++)
    g_string_append (body, "<a>");
  for (guint i = 1; i < depth; i++)
    g_string_append (body, "</a>");
  g_string_append (body, "</config-auth>");
  return sp_login_request_parse_xml (body->str, body->len, &request, NULL);
}

static void
test_depth (void)
{
  g_assert_true (parse_nested (SP_LOGIN_XML_DEPTH_MAX));
  g_assert_false (parse_nested (SP_LOGIN_XML_DEPTH_MAX + 1));
  g_assert_false (parse_nested (20000));
}

static void
parse_lengths (gsize login_length, gsize password_length, SpLoginRequest *request)
{
  g_autofree char *login = g_strnfill (login_length, 'l');
  g_autofree char *password = g_strnfill (password_length, 'p');
  g_autofree char *body =
      g_strdup_printf (REPLY ("<username>%s</username><password>%s</password>"), login, password);
  g_autofree char *form = g_strdup_printf ("username=%s&password=%s", login, password);
  SpLoginRequest other;

  g_assert_true (sp_login_request_parse_form (form, strlen (form), request, NULL));
  other = *request;
  g_assert_true (sp_login_request_parse_xml (body, strlen (body), request, NULL));
  g_assert_cmpmem (&other, sizeof other, request, sizeof *request);
}

/* Too long is never cut: a prefix of what was typed must not get anybody in. */
static void
test_lengths (void)
{
  g_auto (SpLoginRequest) request;

  parse_lengths (SP_LOGIN_MAX, SP_PASSWORD_MAX, &request);
  g_assert_false (request.overlong);
  g_assert_cmpuint (request.login_length, ==, SP_LOGIN_MAX);
  g_assert_cmpuint (request.password_length, ==, SP_PASSWORD_MAX);
  parse_lengths (SP_LOGIN_MAX + 1, 3, &request);
  g_assert_true (request.overlong);
  g_assert_true (request.has_login);
  g_assert_cmpstr (request.login, ==, "");
  g_assert_cmpstr (request.password, ==, "ppp");
  parse_lengths (3, SP_PASSWORD_MAX + 1, &request);
  g_assert_true (request.overlong);
  g_assert_true (request.has_password);
  g_assert_cmpstr (request.login, ==, "lll");
  g_assert_cmpstr (request.password, ==, "");
  parse_lengths (3 * SP_PASSWORD_MAX, 3, &request);
  g_assert_true (request.overlong);
  g_assert_cmpstr (request.login, ==, "");
}

static void
test_body_limit (void)
{
  g_auto (SpLoginRequest) request;
  g_autoptr (GString) body = g_string_new (ROOT "</config-auth>");

  while (body->len < SP_HTTP_BODY_MAX)
    g_string_append_c (body, ' ');
  g_assert_true (sp_login_request_parse_xml (body->str, body->len, &request, NULL));
  g_string_append_c (body, ' ');
  g_assert_false (sp_login_request_parse_xml (body->str, body->len, &request, NULL));
  g_assert_false (sp_login_request_parse_form (body->str, body->len, &request, NULL));
}

static void
test_logout (void)
{
  static const struct
  {
    const char *token;
    gboolean has_cookie;
  } tokens[] = {
    { "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", TRUE },
    { "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde", FALSE },
    { "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdefff", FALSE },
    { "g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", FALSE },
    { "", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (tokens); i++)
    {
      g_auto (SpLoginRequest) request;
      g_autofree char *body =
          g_strdup_printf ("<config-auth type=\"logout\"><session-token>%s</session-token>"
                           "</config-auth>",
                           tokens[i].token);

      g_assert_true (sp_login_request_parse_xml (body, strlen (body), &request, NULL));
      g_assert_cmpint (request.type, ==, SP_LOGIN_REQUEST_LOGOUT);
      g_assert_cmpint (request.has_cookie, ==, tokens[i].has_cookie);
      if (tokens[i].has_cookie)
        g_assert_cmpuint (request.cookie[31], ==, 0xef);
    }
}

static void
test_forms (void)
{
  static const struct
  {
    const char *body;
    gboolean well_formed;
    const char *login;
    const char *password;
    const char *group;
  } forms[] = {
    { "username=jo%40%c3%a9&password=j%26e%20%3cm%3e%2b%c3%a9%20pass", TRUE, "jo@é",
      "j&e <m>+é pass", "" },
    { "username=joe&password=a+b&group_list=home", TRUE, "joe", "a b", "home" },
    { "user%6eame=joe&group%5flist=home", TRUE, "joe", NULL, "home" },
    { "USERNAME=joe&secondary%5Fpassword=1", TRUE, "joe", "1", "" },
    { "password=one&password=two", TRUE, NULL, "one", "" },
    { "password=", TRUE, NULL, "", "" },
    { "a=1&&password=a=b&", TRUE, NULL, "a=b", "" },
    { "", TRUE, NULL, NULL, "" },
    { "password", FALSE, NULL, NULL, NULL },
    { "password=%", FALSE, NULL, NULL, NULL },
    { "password=%4", FALSE, NULL, NULL, NULL },
    { "password=%4g", FALSE, NULL, NULL, NULL },
    { "password=%00", FALSE, NULL, NULL, NULL },
    { "password=%ff", FALSE, NULL, NULL, NULL },
    { "username=joe%0aadmin", FALSE, NULL, NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_auto (SpLoginRequest) request;
      g_autoptr (GError) error = NULL;
      gsize size = strlen (forms[i].body);
      g_autofree guint8 *copy = exact_copy (forms[i].body, size);
      gboolean parsed = sp_login_request_parse_form ((char *) copy, size, &request, &error);

      say (forms[i].body);
      g_assert_false (sp_login_request_is_xml (forms[i].body, size));
      g_assert_cmpint (parsed, ==, forms[i].well_formed);
      if (!parsed)
        {
          g_assert_error (error, SP_ERROR, SP_ERROR_PEER_BROKE_RULES);
          continue;
        }
      g_assert_cmpint (request.type, ==, SP_LOGIN_REQUEST_REPLY);
      g_assert_cmpint (request.has_login, ==, forms[i].login != NULL);
      g_assert_cmpint (request.has_password, ==, forms[i].password != NULL);
      g_assert_cmpstr (request.login, ==, forms[i].login == NULL ? "" : forms[i].login);
      g_assert_cmpstr (request.password, ==, forms[i].password == NULL ? "" : forms[i].password);
      g_assert_cmpstr (request.group_select, ==, forms[i].group);
    }
}

static void
test_form_limit (void)
{
  g_auto (SpLoginRequest) request;
  g_autoptr (GString) body = g_string_new ("a=1");

  for (guint i = 1; i < SP_LOGIN_FORM_FIELDS_MAX; i++)
    g_string_append (body, "&a=1");
  g_assert_true (sp_login_request_parse_form (body->str, body->len, &request, NULL));
  g_string_append (body, "&a=1");
  g_assert_false (sp_login_request_parse_form (body->str, body->len, &request, NULL));
}

/* Which sign-in a second step belongs to; the code comes as any password does. */
static void
test_ticket (void)
{
  g_autofree char *ticket = g_strnfill (2 * SP_TICKET_SIZE, 'a');
  static const struct
  {
    const char *body;
    gboolean has_ticket;
  } forms[] = {
    { "auth_handle=%s&secondary_password=123456", TRUE },
    { "auth_handle=0%s&secondary_password=123456", FALSE },
    { "auth_handle=&secondary_password=123456&x=%s", FALSE },
    { "<config-auth type=\"auth-reply\"><auth><auth_handle>%s</auth_handle>"
      "<secondary_password>123456</secondary_password></auth></config-auth>",
      TRUE },
    { "<config-auth type=\"auth-reply\"><auth_handle>%s</auth_handle><auth>"
      "<secondary_password>123456</secondary_password></auth></config-auth>",
      FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_auto (SpLoginRequest) request = { 0 };
      g_auto (GStrv) parts = g_strsplit (forms[i].body, "%s", 2);
      g_autofree char *body = g_strjoin (ticket, parts[0], parts[1], NULL);
      gsize size = strlen (body);

      g_assert_true (body[0] == '<' ? sp_login_request_parse_xml (body, size, &request, NULL)
                                    : sp_login_request_parse_form (body, size, &request, NULL));
      g_assert_cmpint (request.has_ticket, ==, forms[i].has_ticket);
      g_assert_cmpstr (request.password, ==, "123456");
      g_assert_false (request.has_login);
      for (guint j = 0; j < SP_TICKET_SIZE && request.has_ticket; j++)
        g_assert_cmpuint (request.ticket[j], ==, 0xaa);
    }
}

static void
test_clear (void)
{
  static const SpLoginRequest clear;
  SpLoginRequest request;

  memset (&request, 'x', sizeof request);
  sp_login_request_clear (&request);
  g_assert_cmpmem (&request, sizeof request, &clear, sizeof clear);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/login-request/init", test_init);
  g_test_add_func ("/login-request/device", test_device);
  g_test_add_func ("/login-request/replies", test_replies);
  g_test_add_func ("/login-request/refused", test_refused);
  g_test_add_func ("/login-request/no-text", test_no_text);
  g_test_add_func ("/login-request/depth", test_depth);
  g_test_add_func ("/login-request/lengths", test_lengths);
  g_test_add_func ("/login-request/body-limit", test_body_limit);
  g_test_add_func ("/login-request/logout", test_logout);
  g_test_add_func ("/login-request/forms", test_forms);
  g_test_add_func ("/login-request/form-limit", test_form_limit);
  g_test_add_func ("/login-request/ticket", test_ticket);
  g_test_add_func ("/login-request/clear", test_clear);
  return g_test_run ();
}

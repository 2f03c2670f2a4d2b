/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/http-head.h"

#include "hex.h"

#define REST "Host: a\r\n\r\n"

static const struct
{
  const char *name;
  const char *bytes;
  SpHttpVerdict verdict;
} verdicts[] = {
  { "get", "GET / HTTP/1.1\r\n" REST, SP_HTTP_COMPLETE },
  { "get 1.0", "GET / HTTP/1.0\r\n" REST, SP_HTTP_COMPLETE },
  { "no fields", "GET / HTTP/1.1\r\n\r\n", SP_HTTP_COMPLETE },
  { "empty value", "GET / HTTP/1.1\r\nX:\r\nY: \t \r\n\r\n", SP_HTTP_COMPLETE },
  { "tunnel", "CONNECT /CSCOSSLC/tunnel HTTP/1.1\r\n" REST, SP_HTTP_COMPLETE },
  { "tunnel without slash", "CONNECT CSCOSSLC/tunnel HTTP/1.1\r\n" REST, SP_HTTP_COMPLETE },
  { "head", "HEAD /x HTTP/1.1\r\n" REST, SP_HTTP_COMPLETE },
  { "head of no path", "HEAD * HTTP/1.1\r\n" REST, SP_HTTP_TARGET_NO_PATH },
  { "head with a body", "HEAD / HTTP/1.1\r\nContent-Length: 1\r\n\r\na", SP_HTTP_UNEXPECTED_BODY },
  { "other method", "DELETE /x HTTP/1.1\r\n" REST, SP_HTTP_COMPLETE },
  { "high byte in value", "GET / HTTP/1.1\r\nX: \xc3\xa9\r\n\r\n", SP_HTTP_COMPLETE },
  { "post", "POST / HTTP/1.1\r\nContent-Length: 262144\r\n\r\n", SP_HTTP_COMPLETE },
  { "get with length 0", "GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", SP_HTTP_COMPLETE },

  { "nothing", "", SP_HTTP_INCOMPLETE },
  { "half a line", "GET / HT", SP_HTTP_INCOMPLETE },
  { "no empty line", "GET / HTTP/1.1\r\nHost: a\r\n", SP_HTTP_INCOMPLETE },
  { "half an empty line", "GET / HTTP/1.1\r\nHost: a\r\n\r", SP_HTTP_INCOMPLETE },

  { "empty first line", "\r\nGET / HTTP/1.1\r\n\r\n", SP_HTTP_BAD_SYNTAX },
  { "unknown method", "FETCH / HTTP/1.1\r\n" REST, SP_HTTP_BAD_SYNTAX },
  { "lower-case method", "get / HTTP/1.1\r\n" REST, SP_HTTP_BAD_SYNTAX },
  { "two blanks before target", "GET  / HTTP/1.1\r\n" REST, SP_HTTP_BAD_SYNTAX },
  { "two blanks after target", "GET /  HTTP/1.1\r\n" REST, SP_HTTP_BAD_SYNTAX },
  { "tab", "GET\t/ HTTP/1.1\r\n" REST, SP_HTTP_BAD_SYNTAX },
  { "blank at the end", "GET / HTTP/1.1 \r\n" REST, SP_HTTP_BAD_SYNTAX },
  { "no target", "GET HTTP/1.1\r\n" REST, SP_HTTP_BAD_SYNTAX },
  { "HTTP/0.9", "GET /\r\n" REST, SP_HTTP_BAD_SYNTAX },
  { "high byte in target", "GET /\xff HTTP/1.1\r\n" REST, SP_HTTP_BAD_SYNTAX },
  { "HTTP/2", "GET / HTTP/2.0\r\n" REST, SP_HTTP_BAD_VERSION },
  { "HTTP/1.2", "GET / HTTP/1.2\r\n" REST, SP_HTTP_BAD_VERSION },
  { "preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", SP_HTTP_BAD_VERSION },
  { "bare LF", "GET / HTTP/1.1\nHost: a\n\n", SP_HTTP_BARE_LF },
  { "bare LF in fields", "GET / HTTP/1.1\r\nHost: a\n\r\n", SP_HTTP_BARE_LF },
  { "bare LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", SP_HTTP_BARE_LF },
  { "bare CR", "GET / HTTP/1.1\r\nX: a\rb\r\n\r\n", SP_HTTP_BAD_SYNTAX },
  { "control character", "GET / HTTP/1.1\r\nX: a\001b\r\n\r\n", SP_HTTP_BAD_SYNTAX },
  { "folded", "GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n", SP_HTTP_FOLDED },
  { "folded by tab", "GET / HTTP/1.1\r\nX: a\r\n\tb: c\r\n\r\n", SP_HTTP_FOLDED },
  { "folded first", "GET / HTTP/1.1\r\n X: a\r\n\r\n", SP_HTTP_FOLDED },
  { "blank before colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", SP_HTTP_BLANK_BEFORE_COLON },
  { "tab before colon", "GET / HTTP/1.1\r\nHost\t: a\r\n\r\n", SP_HTTP_BLANK_BEFORE_COLON },
  { "blank in name", "GET / HTTP/1.1\r\nHo st: a\r\n\r\n", SP_HTTP_BAD_SYNTAX },
  { "no colon", "GET / HTTP/1.1\r\nHost\r\n\r\n", SP_HTTP_BAD_SYNTAX },
  { "no name", "GET / HTTP/1.1\r\n: a\r\n\r\n", SP_HTTP_BAD_SYNTAX },
  { "chunked", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", SP_HTTP_TRANSFER_ENCODING },
  { "chunked and length",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
    SP_HTTP_TRANSFER_ENCODING },
  { "identity", "POST / HTTP/1.1\r\nTransfer-encoding: identity\r\n\r\n",
    SP_HTTP_TRANSFER_ENCODING },
  { "long body", "POST / HTTP/1.1\r\nContent-Length: 262145\r\n\r\n", SP_HTTP_BODY_TOO_LONG },
  { "two lengths", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
    SP_HTTP_BAD_SYNTAX },
  { "list of lengths", "POST / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n", SP_HTTP_BAD_SYNTAX },
  { "negative length", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", SP_HTTP_BAD_SYNTAX },
  { "signed length", "POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", SP_HTTP_BAD_SYNTAX },
  { "empty length", "POST / HTTP/1.1\r\nContent-Length:\r\n\r\n", SP_HTTP_BAD_SYNTAX },
  { "hexadecimal length", "POST / HTTP/1.1\r\nContent-Length: 0x10\r\n\r\n", SP_HTTP_BAD_SYNTAX },
  { "length that overflows", "POST / HTTP/1.1\r\nContent-Length: 18446744073709551617\r\n\r\n",
    SP_HTTP_BAD_SYNTAX },
  { "largest length", "POST / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n",
    SP_HTTP_BAD_SYNTAX },
  { "get with body", "GET / HTTP/1.1\r\nContent-Length: 1\r\n\r\n", SP_HTTP_UNEXPECTED_BODY },
  { "connect with body", "CONNECT /x HTTP/1.1\r\nContent-Length: 1\r\n\r\n",
    SP_HTTP_UNEXPECTED_BODY },
  { "absolute target", "GET http://a/ HTTP/1.1\r\n" REST, SP_HTTP_TARGET_NO_PATH },
  { "absolute target of a post", "POST https://a/auth HTTP/1.1\r\n" REST, SP_HTTP_TARGET_NO_PATH },
  { "asterisk", "GET * HTTP/1.1\r\n" REST, SP_HTTP_TARGET_NO_PATH },
  { "asterisk of another method", "OPTIONS * HTTP/1.1\r\n" REST, SP_HTTP_COMPLETE },
  { "TLS", "\x16\x03\x01\x02\n\x01\r\n", SP_HTTP_BARE_LF },
};

static SpHttpVerdict
parse (const char *bytes, gsize size, SpHttpHead *head)
{
  g_autofree char *copy = (char *) exact_copy (bytes, size);

  return sp_http_head_parse (copy, size, head);
}

static void
test_verdicts (void)
{
  SpHttpHead head;

  for (guint i = 0; i < G_N_ELEMENTS (verdicts); i++)
    {
      SpHttpVerdict verdict = parse (verdicts[i].bytes, strlen (verdicts[i].bytes), &head);

      g_test_message ("%s: %s", verdicts[i].name, sp_http_verdict_to_string (verdict));
      g_assert_cmpint (verdict, ==, verdicts[i].verdict);
    }
}

/* What is complete is incomplete at every byte before its end; a refusal never becomes something
 * else by more bytes. */
static void
test_growing (void)
{
  SpHttpHead head;

  for (guint i = 0; i < G_N_ELEMENTS (verdicts); i++)
    for (gsize size = 0; size < strlen (verdicts[i].bytes); size++)
      {
        SpHttpVerdict verdict = parse (verdicts[i].bytes, size, &head);

        g_test_message ("%s, %" G_GSIZE_FORMAT " bytes", verdicts[i].name, size);
        if (verdict != SP_HTTP_INCOMPLETE)
          g_assert_cmpint (verdict, ==, verdicts[i].verdict);
        if (verdicts[i].verdict == SP_HTTP_COMPLETE)
          g_assert_cmpint (verdict, ==, SP_HTTP_INCOMPLETE);
      }
}

static const char post[] = "POST /group?secret=1 HTTP/1.1\r\n"
                           "Host: home.example.net:8443\r\n"
                           "User-Agent: Open AnyConnect VPN Agent v9.01-3\r\n"
                           "Cookie: webvpncontext=YWI; webvpn=0123;webvpnc=bu:/&p:t \r\n"
                           "cookie:  late=x ; empty=;webvpnlogin=1\r\n"
                           "X-Pad: 0000\r\n"
                           "content-length:  \t 5  \r\n"
                           "Connection: close\r\n"
                           "\r\n";

static void
test_fields (void)
{
  SpHttpHead head;
  const SpHttpField *field;

  g_assert_cmpint (sp_http_head_parse (post, strlen (post), &head), ==, SP_HTTP_COMPLETE);
  g_assert_cmpint (head.method, ==, SP_HTTP_POST);
  g_assert_cmpuint (head.minor, ==, 1);
  g_assert_cmpuint (head.head_size, ==, strlen (post));
  g_assert_cmpuint (head.n_fields, ==, 7);
  g_assert_true (head.has_content_length);
  g_assert_cmpuint (head.content_length, ==, 5);
  g_assert_false (head.keep_alive);
  g_assert_cmpmem (head.target, head.target_length, "/group?secret=1", 15);
  g_assert_true (sp_http_head_path_is (&head, "/group"));
  g_assert_false (sp_http_head_path_is (&head, "/grou"));
  g_assert_false (sp_http_head_path_is (&head, "/group?secret=1"));

  field = sp_http_head_find (&head, "user-agent");
  g_assert_nonnull (field);
  g_assert_cmpmem (field->value, field->value_length, "Open AnyConnect VPN Agent v9.01-3", 33);
  field = sp_http_head_find (&head, "CONTENT-LENGTH");
  g_assert_cmpmem (field->value, field->value_length, "5", 1);
  g_assert_null (sp_http_head_find (&head, "X-Pa"));
  g_assert_null (sp_http_head_find (&head, "X-Pad2"));
}

static void
test_cookies (void)
{
  static const struct
  {
    const char *name;
    const char *value; /* NULL: not there */
  } cookies[] = {
    { "webvpn", "0123" },      { "webvpncontext", "YWI" },
    { "webvpnc", "bu:/&p:t" }, { "late", "x" },
    { "empty", "" },           { "webvpnlogin", "1" },
    { "webvp", NULL },         { "ebvpn", NULL },
    { "WEBVPN", NULL },        { "", NULL },
  };
  SpHttpHead head;
  const char *value;
  gsize length;

  g_assert_cmpint (sp_http_head_parse (post, strlen (post), &head), ==, SP_HTTP_COMPLETE);
  for (guint i = 0; i < G_N_ELEMENTS (cookies); i++)
    {
      gboolean found = sp_http_head_cookie (&head, cookies[i].name, &value, &length);

      g_assert_cmpint (found, ==, cookies[i].value != NULL);
      if (found)
        g_assert_cmpmem (value, length, cookies[i].value, strlen (cookies[i].value));
    }
}

static void
test_keep_alive (void)
{
  static const struct
  {
    const char *bytes;
    gboolean keep_alive;
  } heads[] = {
    { "GET / HTTP/1.1\r\n\r\n", TRUE },
    { "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", FALSE },
    { "GET / HTTP/1.0\r\n\r\n", FALSE },
    { "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", TRUE },
  };
  SpHttpHead head;

  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      g_assert_cmpint (sp_http_head_parse (heads[i].bytes, strlen (heads[i].bytes), &head), ==,
                       SP_HTTP_COMPLETE);
      g_assert_cmpint (head.keep_alive, ==, heads[i].keep_alive);
    }
}

/* The head ends where the empty line ends, whatever follows: tunnel bytes, a body, a second
 * request. */
static void
test_end (void)
{
  static const char *const rests[] = { "STF\001", "GET / HTTP/1.1\r\n\r\n", "\n\n\n" };

  for (guint i = 0; i < G_N_ELEMENTS (rests); i++)
    {
      static const char start[] = "CONNECT /CSCOSSLC/tunnel HTTP/1.1\r\nHost: a\r\n\r\n";
      g_autofree char *bytes = g_strconcat (start, rests[i], NULL);
      SpHttpHead head;

      g_assert_cmpint (sp_http_head_parse (bytes, strlen (bytes), &head), ==, SP_HTTP_COMPLETE);
      g_assert_cmpint (head.method, ==, SP_HTTP_CONNECT);
      g_assert_cmpuint (head.head_size, ==, strlen (start));
    }
}

static SpHttpVerdict
parse_generated (guint target_length, guint n_fields, gsize value_length)
{
  g_autoptr (GString) bytes = g_string_new ("GET /");
  SpHttpHead head;

  for (guint i = 1; i < target_length; i++)
    g_string_append_c (bytes, 'a');
  g_string_append (bytes, " HTTP/1.1\r\n");
  for (guint i = 0; i < n_fields; i++)
    {
      g_string_append_printf (bytes, "X-%u: ", i);
      for (gsize j = 0; j < value_length; j++)
        g_string_append_c (bytes, 'b');
      g_string_append (bytes, "\r\n");
    }
  g_string_append (bytes, "\r\n");
  return parse (bytes->str, bytes->len, &head);
}

static void
test_limits (void)
{
  g_assert_cmpint (parse_generated (SP_HTTP_TARGET_MAX, 1, 1), ==, SP_HTTP_COMPLETE);
  g_assert_cmpint (parse_generated (SP_HTTP_TARGET_MAX + 1, 1, 1), ==, SP_HTTP_TARGET_TOO_LONG);
  g_assert_cmpint (parse_generated (1, SP_HTTP_HEADERS_MAX, 1), ==, SP_HTTP_COMPLETE);
  g_assert_cmpint (parse_generated (1, SP_HTTP_HEADERS_MAX + 1, 1), ==, SP_HTTP_TOO_MANY_FIELDS);
  /* "GET / HTTP/1.1", "X-0: ", three line ends */
  g_assert_cmpint (parse_generated (1, 1, SP_HTTP_HEAD_MAX - 25), ==, SP_HTTP_COMPLETE);
  g_assert_cmpint (parse_generated (1, 1, SP_HTTP_HEAD_MAX - 24), ==, SP_HTTP_HEAD_TOO_LONG);
}

static void
test_nul (void)
{
  static const char bytes[] = "GET / HTTP/1.1\r\nX: a\0b\r\n\r\n";
  static const char name[] = "GET / HTTP/1.1\r\nX\0: ab\r\n\r\n";
  SpHttpHead head;

  g_assert_cmpint (parse (bytes, sizeof bytes - 1, &head), ==, SP_HTTP_BAD_SYNTAX);
  g_assert_cmpint (parse (name, sizeof name - 1, &head), ==, SP_HTTP_BAD_SYNTAX);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http-head/verdicts", test_verdicts);
  g_test_add_func ("/http-head/growing", test_growing);
  g_test_add_func ("/http-head/fields", test_fields);
  g_test_add_func ("/http-head/cookies", test_cookies);
  g_test_add_func ("/http-head/keep-alive", test_keep_alive);
  g_test_add_func ("/http-head/end", test_end);
  g_test_add_func ("/http-head/limits", test_limits);
  g_test_add_func ("/http-head/nul", test_nul);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http-stage.h"

#include "base/limits.h"
#include "http-answer.h"

#include <string.h>

#define GET  "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
#define POST "POST /auth HTTP/1.1\r\nContent-Length: 10\r\n\r\n"

static SpRequestProgress
feed (SpHttpStage *stage, const char *text)
{
  const char *cause = NULL;
  SpRequestProgress progress =
      sp_http_stage_feed (stage, (const guint8 *) text, strlen (text), &cause);

  g_assert_cmpint (progress == SP_REQUEST_REFUSED, ==, cause != NULL);
  return progress;
}

/* However it is cut in two, it is the same request. */
static void
test_cuts (void)
{
  static const char request[] = POST "0123456789";

  for (gsize cut = 1; cut < strlen (request); cut++)
    {
      g_autoptr (SpHttpStage) stage = sp_http_stage_new ();
      g_autofree char *first = g_strndup (request, cut);
      gsize size;

      g_assert_cmpint (feed (stage, first), ==, SP_REQUEST_MORE);
      g_assert_cmpint (feed (stage, request + cut), ==, SP_REQUEST_COMPLETE);
      g_assert_cmpint (sp_http_stage_get_head (stage)->method, ==, SP_HTTP_POST);
      g_assert_cmpmem (sp_http_stage_get_body (stage, &size), 10, "0123456789", 10);
      g_assert_cmpuint (size, ==, 10);
    }
}

/* Readers need not ask whether there is one. */
static void
test_no_body (void)
{
  g_autoptr (SpHttpStage) stage = sp_http_stage_new ();
  gsize size = 1;

  g_assert_cmpint (feed (stage, "POST / HTTP/1.1\r\n\r\n"), ==, SP_REQUEST_COMPLETE);
  g_assert_cmpstr (sp_http_stage_get_body (stage, &size), ==, "");
  g_assert_cmpuint (size, ==, 0);
}

/* Nothing may follow a request, in the same piece or in the same body. */
static void
test_surplus (void)
{
  static const char *const surplus[][2] = {
    { GET "G", "" },
    { GET GET, "" },
    { POST "0123456789x", "" },
    { POST "01234", "56789x" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (surplus); i++)
    {
      g_autoptr (SpHttpStage) stage = sp_http_stage_new ();
      SpRequestProgress progress = feed (stage, surplus[i][0]);

      if (progress == SP_REQUEST_MORE)
        progress = feed (stage, surplus[i][1]);
      g_assert_cmpint (progress, ==, SP_REQUEST_REFUSED);
    }
}

static void
test_limits (void)
{
  g_autoptr (SpHttpStage) stage = sp_http_stage_new ();
  g_autofree char *filler = g_strnfill (SP_HTTP_HEAD_MAX, 'x');

  for (guint i = 0; i < SP_HTTP_REQUESTS_MAX; i++)
    {
      g_assert_cmpint (feed (stage, GET), ==, SP_REQUEST_COMPLETE);
      sp_http_stage_next (stage);
    }
  g_assert_cmpint (feed (stage, GET), ==, SP_REQUEST_REFUSED);
  sp_http_stage_next (stage);
  g_assert_cmpint (feed (stage, filler), ==, SP_REQUEST_REFUSED);
}

/* Between two requests, neither before the first nor within one. */
static void
test_rest (void)
{
  static const char request[] = "POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx";
  g_autoptr (SpHttpStage) stage = sp_http_stage_new ();
  const char *cause;

  g_assert_false (sp_http_stage_rests (stage));
  for (guint i = 0; i < 2; i++)
    {
      for (gsize at = 0; at < strlen (request); at++)
        {
          (void) sp_http_stage_feed (stage, (const guint8 *) request + at, 1, &cause);
          g_assert_false (sp_http_stage_rests (stage));
        }
      sp_http_stage_next (stage);
      g_assert_true (sp_http_stage_rests (stage));
    }
}

static void
test_answer (void)
{
  const SpHttpAnswer answer = { .minor = 0, .status = 503, .x_reason = "Maintenance" };
  GString *text = sp_http_answer_new (&answer, "A: b\r\n", "");

  g_assert_true (g_str_has_prefix (text->str, "HTTP/1.0 503 Service Unavailable\r\n"));
  g_assert_true (g_str_has_suffix (text->str, "\r\nX-Reason: Maintenance\r\nA: b\r\n\r\n"));
  g_assert_nonnull (strstr (text->str, "\r\nConnection: close\r\n"));
  g_assert_nonnull (strstr (text->str, "\r\nContent-Length: 0\r\n"));
  g_assert_null (strstr (text->str, "\r\nContent-Type: "));
  sp_http_answer_free (text);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http-stage/cuts", test_cuts);
  g_test_add_func ("/http-stage/no-body", test_no_body);
  g_test_add_func ("/http-stage/surplus", test_surplus);
  g_test_add_func ("/http-stage/limits", test_limits);
  g_test_add_func ("/http-stage/rest", test_rest);
  g_test_add_func ("/http-stage/answer", test_answer);
  return g_test_run ();
}

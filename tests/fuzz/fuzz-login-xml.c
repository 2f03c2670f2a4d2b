/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "base/error.h"
#include "login-check.h"

/* Numeric references for everything that markup would change. */
static void
append_escaped (GString *body, const char *text)
{
  for (const char *at = text; *at != '\0'; at++)
    if (g_ascii_isalnum (*at) || (*at & 0x80) != 0)
      g_string_append_c (body, *at);
    else
      g_string_append_printf (body, "&#%d;", *at);
}

static void
append_field (GString *body, gboolean given, const char *name, const char *text)
{
  if (!given)
    return;
  g_string_append_printf (body, "<%s>", name);
  append_escaped (body, text);
  g_string_append_printf (body, "</%s>", name);
}

static void
check_round_trip (const SpLoginRequest *request)
{
  g_autoptr (GString) body = g_string_new ("<config-auth type='auth-reply'><auth>");
  g_auto (SpLoginRequest) again;

  append_field (body, request->has_login, "username", request->login);
  append_field (body, request->has_password, "password", request->password);
  g_string_append (body, "</auth></config-auth>");
  g_assert_true (sp_login_request_parse_xml (body->str, body->len, &again, NULL));
  check_same_login (request, &again);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *body = (const char *) data;
  g_auto (SpLoginRequest) request;
  g_autoptr (GError) error = NULL;
  gboolean parsed = sp_login_request_parse_xml (body, size, &request, &error);

  g_assert_cmpint (parsed, ==, error == NULL);
  if (!parsed)
    {
      g_assert_error (error, SP_ERROR, SP_ERROR_PEER_BROKE_RULES);
      return 0;
    }
  g_assert_true (sp_login_request_is_xml (body, size));
  g_assert_cmpuint (size, <=, SP_HTTP_BODY_MAX);
  check_login_request (&request);
  check_round_trip (&request);
  return 0;
}

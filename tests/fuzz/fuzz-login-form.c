/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "base/error.h"
#include "login-check.h"

static void
append_field (GString *body, gboolean given, const char *name, const char *text)
{
  if (!given)
    return;
  g_string_append_printf (body, "&%s=", name);
  for (const char *at = text; *at != '\0'; at++)
    g_string_append_printf (body, "%%%02x", (guint) (guint8) *at);
}

static void
check_round_trip (const SpLoginRequest *request)
{
  g_autoptr (GString) body = g_string_new (NULL);
  g_auto (SpLoginRequest) again;

  append_field (body, request->has_login, "username", request->login);
  append_field (body, request->has_password, "password", request->password);
  g_assert_true (sp_login_request_parse_form (body->str, body->len, &again, NULL));
  check_same_login (request, &again);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_auto (SpLoginRequest) request;
  g_autoptr (GError) error = NULL;
  gboolean parsed = sp_login_request_parse_form ((const char *) data, size, &request, &error);

  g_assert_cmpint (parsed, ==, error == NULL);
  if (!parsed)
    {
      g_assert_error (error, SP_ERROR, SP_ERROR_PEER_BROKE_RULES);
      return 0;
    }
  g_assert_cmpint (request.type, ==, SP_LOGIN_REQUEST_REPLY);
  check_login_request (&request);
  check_round_trip (&request);
  return 0;
}

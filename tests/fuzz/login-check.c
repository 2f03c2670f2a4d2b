/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "login-check.h"

#include <string.h>

static void
check_text (const char *text, gsize room, gboolean printable)
{
  gsize length = strnlen (text, room);

  g_assert_cmpuint (length, <, room);
  g_assert_true (g_utf8_validate (text, (gssize) length, NULL));
  for (gsize i = 0; printable && i < length; i++)
    g_assert_false (g_ascii_iscntrl (text[i]));
}

void
check_login_request (const SpLoginRequest *request)
{
  g_assert_true (request->type <= SP_LOGIN_REQUEST_LAST);
  check_text (request->login, sizeof request->login, TRUE);
  check_text (request->password, sizeof request->password, FALSE);
  check_text (request->group_select, sizeof request->group_select, TRUE);
  check_text (request->version, sizeof request->version, TRUE);
  check_text (request->device_id, sizeof request->device_id, TRUE);
  check_text (request->device_type, sizeof request->device_type, TRUE);
  check_text (request->platform_version, sizeof request->platform_version, TRUE);
  check_text (request->unique_id, sizeof request->unique_id, TRUE);
  g_assert_cmpuint (request->login_length, ==, strlen (request->login));
  g_assert_cmpuint (request->password_length, ==, strlen (request->password));
  g_assert_true (request->has_login || request->login_length == 0);
  g_assert_true (request->has_password || request->password_length == 0);
  g_assert_true (!request->overlong || request->login_length == 0 || request->password_length == 0);
}

void
check_same_login (const SpLoginRequest *request, const SpLoginRequest *again)
{
  g_assert_cmpint (request->has_login, ==, again->has_login);
  g_assert_cmpint (request->has_password, ==, again->has_password);
  g_assert_cmpstr (request->login, ==, again->login);
  g_assert_cmpstr (request->password, ==, again->password);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/login-request.h"

#include "base/error.h"
#include "base/secret.h"
#include "login-value.h"

#include <string.h>

/* One byte of application/x-www-form-urlencoded; returns how many were used, 0 if it is broken. */
static gsize
decode_byte (const char *at, const char *end, char *ret)
{
  int high, low;

  if (*at != '%')
    {
      *ret = *at == '+' ? ' ' : *at;
      return 1;
    }
  if (end - at < 3)
    return 0;
  high = g_ascii_xdigit_value (at[1]);
  low = g_ascii_xdigit_value (at[2]);
  if (high < 0 || low < 0)
    return 0;
  *ret = (char) (high << 4 | low);
  return 3;
}

static gboolean
decode (const char *at, const char *end, SpLoginValue *value)
{
  value->length = 0;
  value->overlong = FALSE;
  value->text[0] = '\0';
  while (at < end)
    {
      char byte;
      gsize used = decode_byte (at, end, &byte);

      if (used == 0 || byte == '\0')
        return FALSE;
      sp_login_value_append (value, &byte, 1);
      at += used;
    }
  return TRUE;
}

/* "name=value"; an empty pair ("a=1&&b=2") is nothing. */
static gboolean
read_pair (const char *pair, const char *end, SpLoginRequest *request, SpLoginValue *value)
{
  const char *equals = memchr (pair, '=', end - pair);
  SpLoginSlot slot;

  if (pair == end)
    return TRUE;
  if (equals == NULL || !decode (pair, equals, value))
    return FALSE;
  slot = value->overlong ? SP_LOGIN_SLOT_NONE : sp_login_slot_of_field (value->text);
  return decode (equals + 1, end, value) && sp_login_value_store (value, slot, request);
}

static gboolean
read_pairs (const char *body, gsize size, SpLoginRequest *request, SpLoginValue *value)
{
  const char *at = body;
  const char *end = body + size;

  for (guint n = 0; at < end; n++)
    {
      const char *ampersand = memchr (at, '&', end - at);
      const char *pair_end = ampersand == NULL ? end : ampersand;

      if (n == SP_LOGIN_FORM_FIELDS_MAX || !read_pair (at, pair_end, request, value))
        return FALSE;
      at = ampersand == NULL ? end : ampersand + 1;
    }
  return TRUE;
}

gboolean
sp_login_request_parse_form (const char *body, gsize size, SpLoginRequest *ret, GError **error)
{
  SpLoginValue value;
  gboolean read;

  memset (ret, 0, sizeof *ret);
  ret->type = SP_LOGIN_REQUEST_REPLY;
  read = size <= SP_HTTP_BODY_MAX && read_pairs (body, size, ret, &value);
  sp_secret_wipe (&value, sizeof value);
  if (!read)
    g_set_error_literal (error, SP_ERROR, SP_ERROR_PEER_BROKE_RULES,
                         "The login form is not well-formed");
  return read;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "login-value.h"

#include "base/hex.h"

#include <string.h>

/* The protocol names the password field loosely: "password", "password2", "secondary_password".
 * Clients turn "answer" and "whichpin" into "password" in XML, and leave them alone elsewhere. */
static gboolean
names_password (const char *name)
{
  static const char prefix[] = "password";
  static const char suffix[] = "_password";
  gsize length = strlen (name);

  if (g_ascii_strncasecmp (name, prefix, strlen (prefix)) == 0 ||
      g_ascii_strcasecmp (name, "answer") == 0 || g_ascii_strcasecmp (name, "whichpin") == 0)
    return TRUE;
  return length >= strlen (suffix) &&
         g_ascii_strcasecmp (name + length - strlen (suffix), suffix) == 0;
}

SpLoginSlot
sp_login_slot_of_field (const char *name)
{
  if (g_ascii_strcasecmp (name, "username") == 0)
    return SP_LOGIN_SLOT_LOGIN;
  if (g_ascii_strcasecmp (name, SP_LOGIN_GROUP_FIELD) == 0)
    return SP_LOGIN_SLOT_GROUP;
  if (g_ascii_strcasecmp (name, SP_LOGIN_TICKET_FIELD) == 0)
    return SP_LOGIN_SLOT_TICKET;
  return names_password (name) ? SP_LOGIN_SLOT_PASSWORD : SP_LOGIN_SLOT_NONE;
}

SpLoginSlot
sp_login_slot_of_element (const char *name)
{
  static const struct
  {
    const char *name;
    SpLoginSlot slot;
  } elements[] = {
    { "session-token", SP_LOGIN_SLOT_TOKEN },
    { "group-select", SP_LOGIN_SLOT_GROUP },
    { "version", SP_LOGIN_SLOT_VERSION },
    { "device-id", SP_LOGIN_SLOT_DEVICE_ID },
  };

  for (guint i = 0; i < G_N_ELEMENTS (elements); i++)
    if (g_ascii_strcasecmp (name, elements[i].name) == 0)
      return elements[i].slot;
  return SP_LOGIN_SLOT_NONE;
}

void
sp_login_value_append (SpLoginValue *value, const char *text, gsize length)
{
  gsize room = SP_PASSWORD_MAX - value->length;

  if (length > room)
    value->overlong = TRUE;
  memcpy (value->text + value->length, text, MIN (length, room));
  value->length += MIN (length, room);
  value->text[value->length] = '\0';
}

static gboolean
has_control_character (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (g_ascii_iscntrl (text[i]))
      return TRUE;
  return FALSE;
}

void
sp_login_copy_device_text (const char *text, gsize length, char *target)
{
  gsize used = 0;
  const char *end;

  for (gsize i = 0; i < length && used < SP_LOGIN_DEVICE_TEXT_MAX; i++)
    if (!g_ascii_iscntrl (text[i]))
      target[used++] = text[i];
  target[used] = '\0';
  if (!g_utf8_validate (target, (gssize) used, &end))
    target[end - target] = '\0';
  g_strstrip (target);
}

static gboolean
store_login (const SpLoginValue *value, SpLoginRequest *request)
{
  gboolean fits = !value->overlong && value->length <= SP_LOGIN_MAX;

  if (request->has_login)
    return TRUE;
  if (has_control_character (value->text, value->length))
    return FALSE;
  request->has_login = TRUE;
  request->overlong |= !fits;
  request->login_length = fits ? (guint16) value->length : 0;
  memcpy (request->login, value->text, request->login_length);
  return TRUE;
}

static gboolean
store_password (const SpLoginValue *value, SpLoginRequest *request)
{
  if (request->has_password)
    return TRUE;
  request->has_password = TRUE;
  request->overlong |= value->overlong;
  request->password_length = value->overlong ? 0 : (guint16) value->length;
  memcpy (request->password, value->text, request->password_length);
  return TRUE;
}

static void
store_device_text (const SpLoginValue *value, char *target)
{
  if (target[0] == '\0')
    sp_login_copy_device_text (value->text, value->length, target);
}

gboolean
sp_login_value_store (const SpLoginValue *value, SpLoginSlot slot, SpLoginRequest *request)
{
  /* An overlong value may be cut within a character; it is not used then, or cut again. */
  if (!value->overlong && !g_utf8_validate (value->text, (gssize) value->length, NULL))
    return FALSE;
  switch (slot)
    {
      case SP_LOGIN_SLOT_LOGIN:
        return store_login (value, request);
      case SP_LOGIN_SLOT_PASSWORD:
        return store_password (value, request);
      case SP_LOGIN_SLOT_TOKEN:
        request->has_cookie =
            request->has_cookie ||
            sp_hex_decode (value->text, value->length, request->cookie, sizeof request->cookie);
        return TRUE;
      case SP_LOGIN_SLOT_TICKET:
        request->has_ticket =
            request->has_ticket ||
            sp_hex_decode (value->text, value->length, request->ticket, sizeof request->ticket);
        return TRUE;
      case SP_LOGIN_SLOT_GROUP:
        store_device_text (value, request->group_select);
        return TRUE;
      case SP_LOGIN_SLOT_VERSION:
        store_device_text (value, request->version);
        return TRUE;
      case SP_LOGIN_SLOT_DEVICE_ID:
        store_device_text (value, request->device_id);
        return TRUE;
      case SP_LOGIN_SLOT_NONE:
      default:
        return TRUE;
    }
}

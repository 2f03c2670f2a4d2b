/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/login-request.h"

#include "base/error.h"
#include "base/secret.h"
#include "login-value.h"

#include <string.h>

/* Depths: the root is 1, its children 2, the fields in <auth> 3. */
typedef struct
{
  SpLoginRequest *request;
  guint depth;
  gboolean seen_root;
  gboolean in_auth;
  SpLoginSlot slot; /* of the element that `value` is being collected for */
  guint slot_depth;
  SpLoginValue value;
} Reader;

static void
refuse (GError **error, const char *cause)
{
  g_set_error (error, SP_ERROR, SP_ERROR_PEER_BROKE_RULES, "The login document %s", cause);
}

static const char *
find_attribute (const char **names, const char **values, const char *wanted)
{
  for (guint i = 0; names[i] != NULL; i++)
    if (g_ascii_strcasecmp (names[i], wanted) == 0)
      return values[i];
  return NULL;
}

static gboolean
read_type (const char *text, SpLoginRequestType *ret)
{
  static const char *const types[] = {
    [SP_LOGIN_REQUEST_INIT] = "init",
    [SP_LOGIN_REQUEST_REPLY] = "auth-reply",
    [SP_LOGIN_REQUEST_LOGOUT] = "logout",
  };

  for (guint i = 0; text != NULL && i < G_N_ELEMENTS (types); i++)
    if (g_ascii_strcasecmp (text, types[i]) == 0)
      {
        *ret = (SpLoginRequestType) i;
        return TRUE;
      }
  return FALSE;
}

static void
start_root (Reader *reader, const char *name, const char *type, GError **error)
{
  if (reader->seen_root)
    refuse (error, "has more than one root");
  else if (g_ascii_strcasecmp (name, "config-auth") != 0)
    refuse (error, "has an unknown root");
  else if (!read_type (type, &reader->request->type))
    refuse (error, "is of an unknown type");
  reader->seen_root = TRUE;
}

static void
read_device_attributes (SpLoginRequest *request, const char **names, const char **values)
{
  const struct
  {
    const char *name;
    char *target;
  } texts[] = {
    { "platform-version", request->platform_version },
    { "device-type", request->device_type },
    { "unique-id", request->unique_id },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      const char *value = find_attribute (names, values, texts[i].name);
      if (value != NULL)
        sp_login_copy_device_text (value, strlen (value), texts[i].target);
    }
}

static void
start_value (Reader *reader, SpLoginSlot slot)
{
  reader->slot = slot;
  reader->slot_depth = reader->depth;
  reader->value.length = 0;
  reader->value.overlong = FALSE;
  reader->value.text[0] = '\0';
}

static void
start_element (GMarkupParseContext *context,
               const char *name,
               const char **attribute_names,
               const char **attribute_values,
               gpointer user_data,
               GError **error)
{
  Reader *reader = user_data;

  reader->depth++;
  if (reader->depth > SP_LOGIN_XML_DEPTH_MAX)
    refuse (error, "is nested too deeply");
  else if (reader->depth == 1)
    start_root (reader, name, find_attribute (attribute_names, attribute_values, "type"), error);
  else if (reader->depth == 2)
    {
      reader->in_auth = g_ascii_strcasecmp (name, "auth") == 0;
      if (g_ascii_strcasecmp (name, "client-cert-fail") == 0)
        reader->request->certificate_failed = TRUE;
      start_value (reader, sp_login_slot_of_element (name));
      if (reader->slot == SP_LOGIN_SLOT_DEVICE_ID)
        read_device_attributes (reader->request, attribute_names, attribute_values);
    }
  else if (reader->depth == 3 && reader->in_auth)
    start_value (reader, sp_login_slot_of_field (name));
}

static void
end_element (GMarkupParseContext *context, const char *name, gpointer user_data, GError **error)
{
  Reader *reader = user_data;

  if (reader->slot != SP_LOGIN_SLOT_NONE && reader->depth == reader->slot_depth)
    {
      if (!sp_login_value_store (&reader->value, reader->slot, reader->request))
        refuse (error, "holds a value that cannot be meant");
      reader->slot = SP_LOGIN_SLOT_NONE;
    }
  reader->depth--;
}

static void
add_text (GMarkupParseContext *context,
          const char *text,
          gsize length,
          gpointer user_data,
          GError **error)
{
  Reader *reader = user_data;

  if (reader->slot != SP_LOGIN_SLOT_NONE && reader->depth == reader->slot_depth)
    sp_login_value_append (&reader->value, text, length);
}

/* Everything that is neither element nor text: comments are skipped, the XML declaration may open
 * the document, nothing else is allowed. */
static void
pass_through (GMarkupParseContext *context,
              const char *text,
              gsize length,
              gpointer user_data,
              GError **error)
{
  static const char comment[] = "<!--";
  static const char declaration[] = "<?xml";
  const Reader *reader = user_data;

  if (length >= strlen (comment) && memcmp (text, comment, strlen (comment)) == 0)
    return;
  if (!reader->seen_root && length > strlen (declaration) &&
      memcmp (text, declaration, strlen (declaration)) == 0 &&
      g_ascii_isspace (text[strlen (declaration)]))
    return;
  refuse (error, "holds a declaration or an instruction");
}

static const GMarkupParser parser = {
  .start_element = start_element,
  .end_element = end_element,
  .text = add_text,
  .passthrough = pass_through,
};

/* GLib's messages quote the document, which may hold a password: they are replaced. */
static void
propagate (GError *cause, GError **error)
{
  if (cause->domain == SP_ERROR)
    g_propagate_error (error, cause);
  else
    {
      refuse (error, "is not well-formed");
      g_error_free (cause);
    }
}

/* Our callbacks report through `cause`.  It decides, not what GLib returns: after some errors its
 * parser goes on and says that all is well. */
static gboolean
feed (const char *body, gsize size, Reader *reader, GError **error)
{
  g_autoptr (GMarkupParseContext) context =
      g_markup_parse_context_new (&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, reader, NULL);
  GError *cause = NULL;

  if (g_markup_parse_context_parse (context, body, (gssize) size, &cause) && cause == NULL)
    (void) g_markup_parse_context_end_parse (context, &cause);
  if (cause == NULL)
    return TRUE;
  propagate (cause, error);
  return FALSE;
}

static gboolean
parse (const char *body, gsize size, Reader *reader, GError **error)
{
  if (size > SP_HTTP_BODY_MAX)
    refuse (error, "is too long");
  else if (!g_utf8_validate (body, (gssize) size, NULL))
    refuse (error, "is not UTF-8 text");
  else if (feed (body, size, reader, error))
    {
      if (reader->seen_root)
        return TRUE;
      refuse (error, "is empty");
    }
  return FALSE;
}

gboolean
sp_login_request_parse_xml (const char *body, gsize size, SpLoginRequest *ret, GError **error)
{
  Reader reader = { .request = ret };
  gboolean parsed;

  memset (ret, 0, sizeof *ret);
  parsed = parse (body, size, &reader, error);
  sp_secret_wipe (&reader.value, sizeof reader.value);
  return parsed;
}

gboolean
sp_login_request_is_xml (const char *body, gsize size)
{
  gsize at = 0;

  while (at < size && g_ascii_isspace (body[at]))
    at++;
  return at < size && body[at] == '<';
}

void
sp_login_request_clear (SpLoginRequest *request)
{
  sp_secret_wipe (request, sizeof *request);
}

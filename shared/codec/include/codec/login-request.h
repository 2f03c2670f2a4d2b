/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* What a client posts to sign in: the config-auth document (init, auth-reply, logout) of the
 * AnyConnect protocol, or the older urlencoded form.  Element and attribute names are compared
 * without regard to case, since some clients vary it.  The content type says nothing: older clients
 * call XML a form. */

typedef enum
{
  SP_LOGIN_REQUEST_INIT,   /* asks for the form */
  SP_LOGIN_REQUEST_REPLY,  /* the filled-in form */
  SP_LOGIN_REQUEST_LOGOUT, /* give up the session named by the cookie */
  SP_LOGIN_REQUEST_LAST = SP_LOGIN_REQUEST_LOGOUT
} SpLoginRequestType;

/* The hidden field that says which sign-in a second step belongs to. */
#define SP_LOGIN_TICKET_FIELD "auth_handle"

/* The choice of a group. */
#define SP_LOGIN_GROUP_FIELD "group_list"

/* Bytes; longer texts are cut, since they are only shown to people. */
#define SP_LOGIN_DEVICE_TEXT_MAX 63
#define SP_LOGIN_XML_DEPTH_MAX   16
#define SP_LOGIN_FORM_FIELDS_MAX 64

/* All texts are valid UTF-8 without control characters (the password may hold any but NUL) and
 * are terminated as well as counted.  A login or password that is longer than any can be is never
 * cut: it counts as given but empty, and `overlong` says why, so that it can only be wrong. */
typedef struct
{
  SpLoginRequestType type;

  gboolean has_login;
  gboolean has_password;
  gboolean has_cookie; /* session-token of a logout, if it is one of ours */
  gboolean has_ticket; /* and it is well-formed */
  gboolean overlong;
  gboolean certificate_failed; /* of an INIT: was asked for a certificate, and has none to show */

  guint16 login_length;
  guint16 password_length;
  char login[SP_LOGIN_MAX + 1];
  char password[SP_PASSWORD_MAX + 1]; /* first field password…, …_password */
  guint8 cookie[SP_COOKIE_SIZE];
  guint8 ticket[SP_TICKET_SIZE];

  /* About the device; empty if not told */
  char group_select[SP_LOGIN_DEVICE_TEXT_MAX + 1];
  char version[SP_LOGIN_DEVICE_TEXT_MAX + 1];
  char device_id[SP_LOGIN_DEVICE_TEXT_MAX + 1]; /* linux-64, win, mac-intel, android, … */
  char device_type[SP_LOGIN_DEVICE_TEXT_MAX + 1];
  char platform_version[SP_LOGIN_DEVICE_TEXT_MAX + 1];
  char unique_id[SP_LOGIN_DEVICE_TEXT_MAX + 1];
} SpLoginRequest;

/* Whether the body is meant as XML: its first byte that is not a blank opens a tag. */
gboolean sp_login_request_is_xml (const char *body, gsize size);

/* Refused with SP_ERROR_PEER_BROKE_RULES: what is not well-formed UTF-8 XML with one config-auth
 * root of a known type; DOCTYPE and every other declaration; processing instructions other than the
 * XML declaration; nesting deeper than SP_LOGIN_XML_DEPTH_MAX; bodies above SP_HTTP_BODY_MAX.
 * No message quotes the body, since it may hold a password.  `ret` must be cleared by the caller,
 * also after an error. */
gboolean sp_login_request_parse_xml (const char *body,
                                     gsize size,
                                     SpLoginRequest *ret,
                                     GError **error);

/* application/x-www-form-urlencoded (the legacy flow).  Errors as above.  The type is REPLY. */
gboolean sp_login_request_parse_form (const char *body,
                                      gsize size,
                                      SpLoginRequest *ret,
                                      GError **error);

/* Wipes every byte. */
void sp_login_request_clear (SpLoginRequest *request);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SpLoginRequest, sp_login_request_clear)

G_END_DECLS

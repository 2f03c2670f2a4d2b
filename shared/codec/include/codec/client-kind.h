/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "codec/http-head.h"

G_BEGIN_DECLS

/* Which program speaks, judged by the start of its User-Agent.  Only spelling and quirks of answers
 * depend on it, never trust. */
typedef enum
{
  SP_CLIENT_UNKNOWN,            /* treated as capable */
  SP_CLIENT_OPENCONNECT,        /* and what is built like it */
  SP_CLIENT_OPENCONNECT_LEGACY, /* version 3 and older: bare auth root, no IPv6 */
  SP_CLIENT_ANYCONNECT,
  SP_CLIENT_ANYCONNECT_IOS,
  SP_CLIENT_IP_PHONE,
  SP_CLIENT_LAST = SP_CLIENT_IP_PHONE
} SpClientKind;

SpClientKind sp_client_kind_from_user_agent (const char *text, gsize length);
const char *sp_client_kind_to_string (SpClientKind kind);
gboolean sp_client_kind_is_anyconnect (SpClientKind kind);

/* Whether a request shows what every VPN client shows: a User-Agent of a known kind, or one of the
 * headers with which all of them open the sign-in, whatever their name.  Browsers and scanners do
 * not.  Anybody can pretend; it only decides whether there is anything to be seen here. */
gboolean sp_client_has_marks (const SpHttpHead *head);

G_END_DECLS

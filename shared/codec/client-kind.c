/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/client-kind.h"

#include <string.h>

#define OPENCONNECT_VERSIONED "Open AnyConnect VPN Agent v"

/* First match wins; case is ignored.  "AnyConnect-compatible …" must come before "AnyConnect". */
static const struct
{
  const char *prefix;
  SpClientKind kind;
} agents[] = {
  { "Open AnyConnect VPN Agent", SP_CLIENT_OPENCONNECT },
  { "Cisco AnyConnect VPN Agent for Apple", SP_CLIENT_ANYCONNECT_IOS },
  { "OpenConnect VPN Agent", SP_CLIENT_OPENCONNECT },
  { "Cisco AnyConnect", SP_CLIENT_ANYCONNECT },
  { "AnyConnect-compatible OpenConnect", SP_CLIENT_OPENCONNECT },
  { "AnyConnect", SP_CLIENT_ANYCONNECT },
  { "Cisco Secure Client", SP_CLIENT_ANYCONNECT },
  { "Clavister OneConnect VPN", SP_CLIENT_OPENCONNECT },
  { "AnyLink Secure Client", SP_CLIENT_OPENCONNECT },
  { "Cisco SVC IPPhone Client", SP_CLIENT_IP_PHONE },
};

static const char *const kind_names[] = {
  [SP_CLIENT_UNKNOWN] = "unknown",
  [SP_CLIENT_OPENCONNECT] = "openconnect",
  [SP_CLIENT_OPENCONNECT_LEGACY] = "openconnect-legacy",
  [SP_CLIENT_ANYCONNECT] = "anyconnect",
  [SP_CLIENT_ANYCONNECT_IOS] = "anyconnect-ios",
  [SP_CLIENT_IP_PHONE] = "ip-phone",
};

static gboolean
starts_with (const char *text, gsize length, const char *prefix)
{
  gsize prefix_length = strlen (prefix);

  return length >= prefix_length && g_ascii_strncasecmp (text, prefix, prefix_length) == 0;
}

/* "…v3.20": the number before the dot is at most 3. */
static gboolean
is_version_3_or_older (const char *text, gsize length)
{
  gsize at = strlen (OPENCONNECT_VERSIONED);

  return length > at && text[at] >= '0' && text[at] <= '3' &&
         (length == at + 1 || !g_ascii_isdigit (text[at + 1]));
}

SpClientKind
sp_client_kind_from_user_agent (const char *text, gsize length)
{
  if (starts_with (text, length, OPENCONNECT_VERSIONED) && is_version_3_or_older (text, length))
    return SP_CLIENT_OPENCONNECT_LEGACY;
  for (guint i = 0; i < G_N_ELEMENTS (agents); i++)
    if (starts_with (text, length, agents[i].prefix))
      return agents[i].kind;
  return SP_CLIENT_UNKNOWN;
}

const char *
sp_client_kind_to_string (SpClientKind kind)
{
  return kind_names[kind];
}

gboolean
sp_client_kind_is_anyconnect (SpClientKind kind)
{
  return kind == SP_CLIENT_ANYCONNECT || kind == SP_CLIENT_ANYCONNECT_IOS;
}

gboolean
sp_client_has_marks (const SpHttpHead *head)
{
  static const char *const marks[] = { "X-Transcend-Version", "X-Aggregate-Auth",
                                       "X-AnyConnect-Identifier-Platform", "X-CSTP-Version" };
  const SpHttpField *agent = sp_http_head_find (head, "User-Agent");

  if (agent != NULL &&
      sp_client_kind_from_user_agent (agent->value, agent->value_length) != SP_CLIENT_UNKNOWN)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    if (sp_http_head_find (head, marks[i]) != NULL)
      return TRUE;
  return FALSE;
}

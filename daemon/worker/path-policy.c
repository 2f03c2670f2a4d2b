/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "path-policy.h"

#include <string.h>

#define XML_TYPE  "text/xml; charset=utf-8"
#define HTML_TYPE "text/html"
#define LONG_AGO  "expires=Thu, 01 Jan 1970 00:00:00 GMT"

/* What AnyConnect's updater and localisation want to hear: nothing newer, nothing to translate. */
#define EMPTY_MANIFEST "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<vpn rev=\"1.0\">\n</vpn>\n"
#define NO_UPDATE      "0,0,0000\n"
#define NO_SCRIPT      "#!/bin/sh\nexit 0\n"
#define EMPTY_PAGE     "<html></html>\n"

/* A phone that starts anew loses its cookie and is told that it has to sign in. */
#define PHONE_FIELDS                                                                               \
  "Set-Cookie: webvpn=; " LONG_AGO "; path=/; secure\r\n"                                          \
  "Set-Cookie: webvpnlogin=1; secure\r\n"

typedef enum
{
  ALONE, /* the path, or with a query */
  BELOW, /* also with "/" and anything behind it */
  START, /* whatever begins so */
  WORD   /* one word of letters, digits, "-" and "_" behind the path: a user group */
} Match;

typedef struct
{
  SpHttpMethod method;
  const char *path;
  Match match;
  SpPathPolicy policy;
} Row;

#define DOCUMENT(type, body)                                                                       \
  {                                                                                                \
    SP_PATH_DOCUMENT, type, NULL, body                                                             \
  }
#define USE(use)                                                                                   \
  {                                                                                                \
    SP_PATH_##use, NULL, NULL, ""                                                                  \
  }

/* The first row that fits counts. */
/* clang-format off */
static const Row rows[] = {
  { SP_HTTP_GET,  "/",                          ALONE, USE (FORM) },
  { SP_HTTP_GET,  "/auth",                      BELOW, USE (FORM) },
  { SP_HTTP_GET,  "/VPN",                       BELOW, USE (FORM) },
  { SP_HTTP_GET,  "/VPNManifest.xml",           BELOW, DOCUMENT (XML_TYPE, EMPTY_MANIFEST) },
  { SP_HTTP_GET,  "/1/VPNManifest.xml",         BELOW, DOCUMENT (XML_TYPE, EMPTY_MANIFEST) },
  { SP_HTTP_GET,  "/+CSCOT+/translation-table", BELOW, DOCUMENT (XML_TYPE, EMPTY_MANIFEST) },
  { SP_HTTP_GET,  "/+CSCOT+/oem-customization", BELOW, DOCUMENT (XML_TYPE, EMPTY_MANIFEST) },
  { SP_HTTP_GET,  "/1/binaries/update.txt",     BELOW, DOCUMENT ("text/plain", NO_UPDATE) },
  { SP_HTTP_GET,  "/1/binaries/vpndownloader.sh", BELOW,
    DOCUMENT ("application/x-shellscript", NO_SCRIPT) },
  { SP_HTTP_GET,  "/1/index.html",              BELOW, DOCUMENT (HTML_TYPE, EMPTY_PAGE) },
  { SP_HTTP_GET,  "/1/Linux",                   BELOW, DOCUMENT (HTML_TYPE, EMPTY_PAGE) },
  { SP_HTTP_GET,  "/1/Linux_64",                BELOW, DOCUMENT (HTML_TYPE, EMPTY_PAGE) },
  { SP_HTTP_GET,  "/1/Windows",                 BELOW, DOCUMENT (HTML_TYPE, EMPTY_PAGE) },
  { SP_HTTP_GET,  "/1/Windows_ARM64",           BELOW, DOCUMENT (HTML_TYPE, EMPTY_PAGE) },
  { SP_HTTP_GET,  "/1/Darwin_i386",             BELOW, DOCUMENT (HTML_TYPE, EMPTY_PAGE) },
  { SP_HTTP_GET,  "/logout",                    BELOW, DOCUMENT (HTML_TYPE, EMPTY_PAGE) },
  { SP_HTTP_GET,  "/svc",                       BELOW, { SP_PATH_DOCUMENT, NULL, PHONE_FIELDS, "" } },
  /* There is no profile to give, so nobody's cookie has to be asked for. */
  { SP_HTTP_GET,  "/profiles",                  START, USE (NOTHING) },
  { SP_HTTP_GET,  "/",                          WORD,  USE (FORM) },
  { SP_HTTP_POST, "/svc",                       ALONE, USE (PHONE) },
  { SP_HTTP_POST, "/",                          START, USE (SIGN_IN) },
};
/* clang-format on */

/* Nothing, or a query. */
static gboolean
is_end (const char *rest, gsize length)
{
  return length == 0 || rest[0] == '?';
}

static gboolean
is_word (const char *rest, gsize length)
{
  gsize used = 0;

  while (used < length && (g_ascii_isalnum (rest[used]) || rest[used] == '-' || rest[used] == '_'))
    used++;
  return used > 0 && is_end (rest + used, length - used);
}

static gboolean
fits (const Row *row, const char *target, gsize length)
{
  gsize path = strlen (row->path);
  const char *rest = target + path;

  if (length < path || memcmp (target, row->path, path) != 0)
    return FALSE;
  switch (row->match)
    {
      case ALONE:
        return is_end (rest, length - path);
      case BELOW:
        return is_end (rest, length - path) || rest[0] == '/';
      case WORD:
        return is_word (rest, length - path);
      case START:
      default:
        return TRUE;
    }
}

const SpPathPolicy *
sp_path_policy_find (SpHttpMethod method, const char *target, gsize length)
{
  static const SpPathPolicy nothing = USE (NOTHING);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].method == method && fits (&rows[i], target, length))
      return &rows[i].policy;
  return &nothing;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http-answer.h"

#include "base/secret.h"

#include <string.h>

/* No answer grows beyond it, so that no copy of a cookie is left in memory that was given back. */
#define ANSWER_SIZE 8192

#define XML_TYPE  "text/xml; charset=utf-8"
#define HTML_TYPE "text/html"

/* The answers that AnyConnect's updater and localisation expect: nothing newer, nothing to
 * translate. */
#define EMPTY_MANIFEST "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<vpn rev=\"1.0\">\n</vpn>\n"
#define EMPTY_PAGE     "<html></html>\n"

static const SpHttpDocument documents[] = {
  { "/VPNManifest.xml", FALSE, XML_TYPE, EMPTY_MANIFEST },
  { "/1/VPNManifest.xml", FALSE, XML_TYPE, EMPTY_MANIFEST },
  { "/+CSCOT+/translation-table", TRUE, XML_TYPE, EMPTY_MANIFEST },
  { "/+CSCOT+/oem-customization", TRUE, XML_TYPE, EMPTY_MANIFEST },
  { "/1/binaries/update.txt", FALSE, "text/plain", "0,0,0000\n" },
  { "/1/binaries/vpndownloader.sh", FALSE, "application/x-shellscript", "#!/bin/sh\nexit 0\n" },
  { "/1/index.html", FALSE, HTML_TYPE, EMPTY_PAGE },
  { "/1/Linux", FALSE, HTML_TYPE, EMPTY_PAGE },
  { "/1/Linux_64", FALSE, HTML_TYPE, EMPTY_PAGE },
  { "/1/Windows", FALSE, HTML_TYPE, EMPTY_PAGE },
  { "/1/Windows_ARM64", FALSE, HTML_TYPE, EMPTY_PAGE },
  { "/1/Darwin_i386", FALSE, HTML_TYPE, EMPTY_PAGE },
  { "/logout", FALSE, HTML_TYPE, EMPTY_PAGE },
};

static const char *
get_phrase (guint status)
{
  switch (status)
    {
      case 200:
        return "OK";
      case 401:
        return "Unauthorized";
      case 404:
        return "Not Found";
      default:
        return "Service Unavailable";
    }
}

GString *
sp_http_answer_new (const SpHttpAnswer *answer, const char *fields, const char *body)
{
  GString *text = g_string_sized_new (ANSWER_SIZE);

  g_string_append_printf (text, "HTTP/1.%u %u %s\r\n", answer->minor, answer->status,
                          answer->reason != NULL ? answer->reason : get_phrase (answer->status));
  g_string_append (text,
                   answer->keep_alive ? "Connection: Keep-Alive\r\n" : "Connection: close\r\n");
  if (answer->type != NULL)
    g_string_append_printf (text, "Content-Type: %s\r\n", answer->type);
  g_string_append_printf (text, "Content-Length: %" G_GSIZE_FORMAT "\r\n", strlen (body));
  g_string_append (text, "X-Transcend-Version: 1\r\n"
                         "Cache-Control: no-store\r\n"
                         "X-Content-Type-Options: nosniff\r\n"
                         "X-Frame-Options: DENY\r\n");
  if (answer->x_reason != NULL)
    g_string_append_printf (text, "X-Reason: %s\r\n", answer->x_reason);
  if (fields != NULL)
    g_string_append (text, fields);
  g_string_append (text, "\r\n");
  g_string_append (text, body);
  return text;
}

void
sp_http_answer_free (GString *text)
{
  sp_secret_wipe (text->str, text->len);
  (void) g_string_free (text, TRUE);
}

void
sp_http_answer_add_cookie (GString *fields,
                           const char *name,
                           const char *value,
                           const char *attributes)
{
  g_string_append_printf (fields, "Set-Cookie: %s=%s; %s%sSecure; HttpOnly\r\n", name, value,
                          attributes != NULL ? attributes : "", attributes != NULL ? "; " : "");
}

static gboolean
matches (const SpHttpDocument *document, const char *target, gsize length)
{
  gsize path = strlen (document->path);

  if (length < path || memcmp (target, document->path, path) != 0)
    return FALSE;
  return length == path || document->prefix || target[path] == '?' || target[path] == '/';
}

const SpHttpDocument *
sp_http_document_find (const char *target, gsize length)
{
  for (guint i = 0; i < G_N_ELEMENTS (documents); i++)
    if (matches (&documents[i], target, length))
      return &documents[i];
  return NULL;
}

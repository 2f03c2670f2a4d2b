/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http-answer.h"

#include "base/limits.h"
#include "base/secret.h"

#include <string.h>

/* No answer grows beyond it, so that no copy of a cookie is left in memory that was given back. */
#define ANSWER_SIZE (SP_DEVICE_FILE_MAX + 2048)

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
  return sp_http_answer_new_bytes (answer, fields, (const guint8 *) body, strlen (body));
}

GString *
sp_http_answer_new_bytes (const SpHttpAnswer *answer,
                          const char *fields,
                          const guint8 *body,
                          gsize size)
{
  GString *text = g_string_sized_new (ANSWER_SIZE);

  g_string_append_printf (text, "HTTP/1.%u %u %s\r\n", answer->minor, answer->status,
                          answer->reason != NULL ? answer->reason : get_phrase (answer->status));
  g_string_append (text,
                   answer->keep_alive ? "Connection: Keep-Alive\r\n" : "Connection: close\r\n");
  if (answer->type != NULL)
    g_string_append_printf (text, "Content-Type: %s\r\n", answer->type);
  g_string_append_printf (text, "Content-Length: %" G_GSIZE_FORMAT "\r\n", size);
  if (!answer->to_stranger)
    g_string_append (text, "X-Transcend-Version: 1\r\n");
  g_string_append (text, "Cache-Control: no-store\r\n"
                         "X-Content-Type-Options: nosniff\r\n"
                         "X-Frame-Options: DENY\r\n");
  if (answer->x_reason != NULL)
    g_string_append_printf (text, "X-Reason: %s\r\n", answer->x_reason);
  if (fields != NULL)
    g_string_append (text, fields);
  g_string_append (text, "\r\n");
  if (!answer->only_head)
    g_string_append_len (text, (const char *) body, (gssize) size);
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

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "codec/http-head.h"

#include <string.h>

static void
check_inside (const uint8_t *data, const SpHttpHead *head, const char *text, gsize length)
{
  const char *start = (const char *) data;

  g_assert_true (text >= start && text + length <= start + head->head_size);
  for (gsize i = 0; i < length; i++)
    g_assert_false (text[i] == '\r' || text[i] == '\n' || text[i] == '\0');
}

static gboolean
is_blank (char byte)
{
  return byte == ' ' || byte == '\t';
}

static void
check_head (const uint8_t *data, size_t size, const SpHttpHead *head)
{
  g_assert_cmpuint (head->head_size, <=, MIN (size, SP_HTTP_HEAD_MAX));
  g_assert_cmpmem (data + head->head_size - 4, 4, "\r\n\r\n", 4);
  g_assert_cmpuint (head->n_fields, <=, SP_HTTP_HEADERS_MAX);
  g_assert_cmpuint (head->target_length, >=, 1);
  g_assert_cmpuint (head->target_length, <=, SP_HTTP_TARGET_MAX);
  g_assert_cmpuint (head->content_length, <=, SP_HTTP_BODY_MAX);
  g_assert_true (head->minor <= 1);
  check_inside (data, head, head->target, head->target_length);
  for (guint i = 0; i < head->n_fields; i++)
    {
      const SpHttpField *field = &head->fields[i];

      g_assert_cmpuint (field->name_length, >, 0);
      check_inside (data, head, field->name, field->name_length);
      check_inside (data, head, field->value, field->value_length);
      g_assert_true (field->name[field->name_length] == ':');
      g_assert_false (
          field->value_length > 0 &&
          (is_blank (field->value[0]) || is_blank (field->value[field->value_length - 1])));
    }
}

static void
append_head (GString *text, const SpHttpHead *head)
{
  static const char *const methods[] = { "GET", "POST", "CONNECT", "PUT" };

  g_string_append_printf (text, "%s %.*s HTTP/1.%u\r\n", methods[head->method],
                          (int) head->target_length, head->target, head->minor);
  for (guint i = 0; i < head->n_fields; i++)
    {
      const SpHttpField *field = &head->fields[i];

      g_string_append_len (text, field->name, (gssize) field->name_length);
      g_string_append (text, ":");
      g_string_append_len (text, field->value, (gssize) field->value_length);
      g_string_append (text, "\r\n");
    }
  g_string_append (text, "\r\n");
}

/* Written out again without its optional blanks it is read as the same head. */
static void
check_round_trip (const SpHttpHead *head)
{
  g_autoptr (GString) text = g_string_new (NULL);
  SpHttpHead again;

  append_head (text, head);
  g_assert_cmpint (sp_http_head_parse (text->str, text->len, &again), ==, SP_HTTP_COMPLETE);
  g_assert_cmpint (again.method, ==, head->method);
  g_assert_cmpuint (again.n_fields, ==, head->n_fields);
  g_assert_cmpuint (again.content_length, ==, head->content_length);
  g_assert_cmpmem (again.target, again.target_length, head->target, head->target_length);
  for (guint i = 0; i < head->n_fields; i++)
    {
      g_assert_cmpmem (again.fields[i].name, again.fields[i].name_length, head->fields[i].name,
                       head->fields[i].name_length);
      g_assert_cmpmem (again.fields[i].value, again.fields[i].value_length, head->fields[i].value,
                       head->fields[i].value_length);
    }
}

/* What was decided about a part is decided about the whole. */
static void
check_prefix (const char *bytes, size_t size, size_t prefix, SpHttpVerdict verdict)
{
  SpHttpHead head;
  SpHttpVerdict earlier = sp_http_head_parse (bytes, prefix, &head);

  if (earlier != SP_HTTP_INCOMPLETE)
    g_assert_cmpint (earlier, ==, verdict);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *bytes = (const char *) data;
  SpHttpHead head;
  SpHttpVerdict verdict = sp_http_head_parse (bytes, size, &head);
  const char *value;
  gsize length;

  check_prefix (bytes, size, size / 2, verdict);
  check_prefix (bytes, size, size - MIN (size, 1), verdict);
  g_assert_nonnull (sp_http_verdict_to_string (verdict));
  if (verdict != SP_HTTP_COMPLETE)
    return 0;
  check_head (data, size, &head);
  check_round_trip (&head);
  g_assert_cmpint (sp_http_head_parse (bytes, head.head_size - 1, &head), ==, SP_HTTP_INCOMPLETE);
  g_assert_cmpint (sp_http_head_parse (bytes, size, &head), ==, SP_HTTP_COMPLETE);
  if (sp_http_head_cookie (&head, "webvpn", &value, &length))
    check_inside (data, &head, value, length);
  return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/http-head.h"

#include "http-line.h"

#include <http_parser.h>
#include <string.h>

static const char *const verdict_names[] = {
  [SP_HTTP_COMPLETE] = "complete",
  [SP_HTTP_INCOMPLETE] = "incomplete",
  [SP_HTTP_BAD_SYNTAX] = "bad syntax",
  [SP_HTTP_BAD_VERSION] = "unknown HTTP version",
  [SP_HTTP_BARE_LF] = "line without carriage return",
  [SP_HTTP_FOLDED] = "folded field",
  [SP_HTTP_BLANK_BEFORE_COLON] = "blank before a colon",
  [SP_HTTP_TARGET_NO_PATH] = "target that is no path",
  [SP_HTTP_TARGET_TOO_LONG] = "target too long",
  [SP_HTTP_HEAD_TOO_LONG] = "head too long",
  [SP_HTTP_TOO_MANY_FIELDS] = "too many fields",
  [SP_HTTP_TRANSFER_ENCODING] = "transfer coding",
  [SP_HTTP_BODY_TOO_LONG] = "body too long",
  [SP_HTTP_UNEXPECTED_BODY] = "body where none belongs",
};

const char *
sp_http_verdict_to_string (SpHttpVerdict verdict)
{
  return verdict_names[verdict];
}

/* The parser's callbacks fill the head; a value other than 0 would end the parsing. */
static int
note_target (http_parser *parser, const char *at, size_t length)
{
  SpHttpHead *head = parser->data;

  head->target = at;
  head->target_length = length;
  return 0;
}

static int
note_field_name (http_parser *parser, const char *at, size_t length)
{
  SpHttpHead *head = parser->data;

  if (head->n_fields == SP_HTTP_HEADERS_MAX)
    return -1;
  head->fields[head->n_fields].name = at;
  head->fields[head->n_fields].name_length = length;
  return 0;
}

static gboolean
is_blank (char byte)
{
  return byte == ' ' || byte == '\t';
}

static int
note_field_value (http_parser *parser, const char *at, size_t length)
{
  SpHttpHead *head = parser->data;

  if (head->n_fields == SP_HTTP_HEADERS_MAX)
    return -1;
  while (length > 0 && is_blank (at[length - 1]))
    length--;
  head->fields[head->n_fields].value = at;
  head->fields[head->n_fields].value_length = length;
  head->n_fields++;
  return 0;
}

static SpHttpMethod
method_from_parser (unsigned int method)
{
  switch (method)
    {
      case HTTP_GET:
        return SP_HTTP_GET;
      case HTTP_POST:
        return SP_HTTP_POST;
      case HTTP_CONNECT:
        return SP_HTTP_CONNECT;
      case HTTP_HEAD:
        return SP_HTTP_HEAD;
      default:
        return SP_HTTP_OTHER;
    }
}

/* Called at the empty line; 2 tells the parser that nothing of the message follows. */
static int
note_end (http_parser *parser)
{
  SpHttpHead *head = parser->data;

  head->method = method_from_parser (parser->method);
  head->minor = parser->http_minor;
  head->keep_alive = http_should_keep_alive (parser) != 0;
  head->has_content_length = parser->content_length != G_MAXUINT64;
  head->content_length = head->has_content_length ? parser->content_length : 0;
  return 2;
}

static const http_parser_settings settings = {
  .on_url = note_target,
  .on_header_field = note_field_name,
  .on_header_value = note_field_value,
  .on_headers_complete = note_end,
};

/* What is well-formed but not for us. */
static SpHttpVerdict
judge (const SpHttpHead *head)
{
  if (sp_http_head_find (head, "Transfer-Encoding") != NULL)
    return SP_HTTP_TRANSFER_ENCODING;
  if (head->target[0] != '/' &&
      (head->method == SP_HTTP_GET || head->method == SP_HTTP_HEAD || head->method == SP_HTTP_POST))
    return SP_HTTP_TARGET_NO_PATH;
  if (!head->has_content_length)
    return sp_http_head_find (head, "Content-Length") != NULL ? SP_HTTP_BAD_SYNTAX
                                                              : SP_HTTP_COMPLETE;
  if (head->content_length > SP_HTTP_BODY_MAX)
    return SP_HTTP_BODY_TOO_LONG;
  if (head->content_length > 0 && head->method != SP_HTTP_POST)
    return SP_HTTP_UNEXPECTED_BODY;
  return SP_HTTP_COMPLETE;
}

SpHttpVerdict
sp_http_head_parse (const char *bytes, gsize size, SpHttpHead *ret)
{
  http_parser parser;
  gsize head_size, parsed;
  SpHttpVerdict verdict = sp_http_lines_check (bytes, size, &head_size);

  if (verdict != SP_HTTP_COMPLETE)
    return verdict;
  memset (ret, 0, sizeof *ret);
  http_parser_init (&parser, HTTP_REQUEST);
  parser.data = ret;
  parsed = http_parser_execute (&parser, &settings, bytes, head_size);
  if (HTTP_PARSER_ERRNO (&parser) == HPE_UNEXPECTED_CONTENT_LENGTH &&
      sp_http_head_find (ret, "Transfer-Encoding") != NULL)
    return SP_HTTP_TRANSFER_ENCODING;
  if (HTTP_PARSER_ERRNO (&parser) != HPE_OK || parsed != head_size || ret->target == NULL)
    return SP_HTTP_BAD_SYNTAX;
  ret->head_size = head_size;
  return judge (ret);
}

const SpHttpField *
sp_http_head_find (const SpHttpHead *head, const char *name)
{
  gsize length = strlen (name);

  for (guint i = 0; i < head->n_fields; i++)
    if (head->fields[i].name_length == length &&
        g_ascii_strncasecmp (head->fields[i].name, name, length) == 0)
      return &head->fields[i];
  return NULL;
}

/* One "name=value; name=value" list. */
static gboolean
find_cookie (const SpHttpField *field, const char *name, const char **ret_value, gsize *ret_length)
{
  gsize name_length = strlen (name);
  const char *at = field->value;
  const char *end = field->value + field->value_length;

  while (at < end)
    {
      const char *pair_end = memchr (at, ';', end - at);
      const char *value_end = pair_end == NULL ? end : pair_end;

      while (at < value_end && is_blank (*at))
        at++;
      while (value_end > at && is_blank (value_end[-1]))
        value_end--;
      if ((gsize) (value_end - at) > name_length && memcmp (at, name, name_length) == 0 &&
          at[name_length] == '=')
        {
          *ret_value = at + name_length + 1;
          *ret_length = value_end - *ret_value;
          return TRUE;
        }
      at = pair_end == NULL ? end : pair_end + 1;
    }
  return FALSE;
}

gboolean
sp_http_head_cookie (const SpHttpHead *head,
                     const char *cookie_name,
                     const char **ret_value,
                     gsize *ret_length)
{
  for (guint i = 0; i < head->n_fields; i++)
    if (head->fields[i].name_length == strlen ("Cookie") &&
        g_ascii_strncasecmp (head->fields[i].name, "Cookie", strlen ("Cookie")) == 0 &&
        find_cookie (&head->fields[i], cookie_name, ret_value, ret_length))
      return TRUE;
  return FALSE;
}

gboolean
sp_http_head_path_is (const SpHttpHead *head, const char *path)
{
  const char *query = memchr (head->target, '?', head->target_length);
  gsize length = query == NULL ? head->target_length : (gsize) (query - head->target);

  return length == strlen (path) && memcmp (head->target, path, length) == 0;
}

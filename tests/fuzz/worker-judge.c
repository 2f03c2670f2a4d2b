/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker-judge.h"

#include "codec/cstp-frame.h"
#include "codec/http-head.h"
#include "codec/ip-packet.h"
#include "worker/tls-session.h"

#include <string.h>

#define LINE_END   "\r\n"
#define HEAD_END   "\r\n\r\n"
#define ANSWER_MAX (64 * 1024)

void
worker_judge_init (WorkerJudge *self)
{
  *self = (WorkerJudge){ .request = g_byte_array_new (), .answer = g_byte_array_new () };
}

void
worker_judge_clear (WorkerJudge *self)
{
  g_byte_array_unref (self->request);
  g_byte_array_unref (self->answer);
}

void
worker_judge_take (WorkerJudge *self, const guint8 *bytes, gsize size)
{
  g_assert_false (self->said_goodbye);
  if (self->in_tunnel)
    {
      self->bytes_of_client += size;
      return;
    }
  g_assert_false (self->closing);
  g_byte_array_append (self->request, bytes, (guint) size);
  g_assert_cmpuint (self->request->len, <=,
                    SP_HTTP_HEAD_MAX + SP_HTTP_BODY_MAX + SP_TLS_RECORD_MAX);
}

/* --- answers --- */

/* What was taken since the last answer is one request, whole, and nothing else. */
static void
read_request (WorkerJudge *self, SpHttpHead *head)
{
  g_assert_cmpint (
      sp_http_head_parse ((const char *) self->request->data, self->request->len, head), ==,
      SP_HTTP_COMPLETE);
  g_assert_cmpuint (head->head_size + head->content_length, ==, self->request->len);
}

static void
check_characters (const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    g_assert_true (((guchar) *c >= ' ' && *c != 0x7f) || *c == '\r' || *c == '\n');
}

/* The value of the one header of that name; NULL if there is none. */
static const char *
find_header (char **lines, const char *name)
{
  const char *found = NULL;
  gsize length = strlen (name);

  for (guint i = 1; lines[i] != NULL; i++)
    if (g_ascii_strncasecmp (lines[i], name, length) == 0 && lines[i][length] == ':')
      {
        g_assert_null (found);
        found = lines[i] + length + 1;
        while (*found == ' ')
          found++;
      }
  return found;
}

static void
check_lines (char **lines)
{
  for (guint i = 1; lines[i] != NULL; i++)
    {
      const char *colon = strchr (lines[i], ':');

      g_assert_null (strpbrk (lines[i], LINE_END));
      g_assert_nonnull (colon);
      g_assert_cmpuint ((gsize) (colon - lines[i]), >, 0);
      for (const char *c = lines[i]; c < colon; c++)
        g_assert_true (g_ascii_isalnum (*c) || *c == '-');
    }
}

static guint
read_status (const char *line, const SpHttpHead *request)
{
  g_assert_true (g_str_has_prefix (line, "HTTP/1."));
  g_assert_true (line[7] == '0' || line[7] == '1');
  g_assert_cmpint (line[8], ==, ' ');
  if (request->method != SP_HTTP_CONNECT)
    g_assert_cmpint (line[7] - '0', ==, (int) request->minor);
  return (guint) g_ascii_strtoull (line + 9, NULL, 10);
}

/* Whatever a client wrote into it, what comes back is XML. */
static void
check_xml (const char *body, gsize size)
{
  static const GMarkupParser nothing = { 0 };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&nothing, 0, NULL, NULL);
  g_autoptr (GError) error = NULL;

  if (!g_markup_parse_context_parse (context, body, (gssize) size, &error) ||
      !g_markup_parse_context_end_parse (context, &error))
    g_error ("%s in %.*s", error->message, (int) size, body);
}

static void
check_body (char **lines, const SpHttpHead *request, const char *body, gsize size)
{
  const char *type = find_header (lines, "Content-Type");
  gboolean is_head = request->method == SP_HTTP_HEAD;

  if (is_head)
    g_assert_cmpuint (size, ==, 0);
  if (type != NULL && g_str_has_prefix (type, "text/xml") && !is_head)
    check_xml (body, size);
}

static void
begin_tunnel (WorkerJudge *self, char **lines, const SpHttpHead *request, gsize surplus)
{
  const char *mtu = find_header (lines, "X-CSTP-MTU");

  g_assert_cmpint (request->method, ==, SP_HTTP_CONNECT);
  g_assert_true (self->granted);
  g_assert_nonnull (mtu);
  self->mtu = (guint32) g_ascii_strtoull (mtu, NULL, 10);
  g_assert_cmpuint (self->mtu, >, 0);
  g_assert_cmpuint (surplus, ==, 0);
  self->in_tunnel = TRUE;
}

/* A refusal ends the connection and says so. */
static void
check_refusal (WorkerJudge *self, guint status)
{
  g_assert_true (status == 401 || status == 404 || status == 503);
  g_assert_true (self->closing);
}

static void
finish_answer (WorkerJudge *self)
{
  g_byte_array_set_size (self->answer, 0);
  g_byte_array_set_size (self->request, 0);
  self->n_answers++;
  g_assert_cmpuint (self->n_answers, <=, SP_HTTP_REQUESTS_MAX);
}

/* FALSE as long as the rest of its body is not said. */
static gboolean
judge_answer (WorkerJudge *self, const char *text, const char *end)
{
  g_autofree char *head = g_strndup (text, (gsize) (end - text));
  g_auto (GStrv) lines = g_strsplit (head, LINE_END, -1);
  const char *body = end + strlen (HEAD_END);
  gsize size = self->answer->len - (gsize) (body - text);
  const char *length = find_header (lines, "Content-Length");
  const char *connection = find_header (lines, "Connection");
  SpHttpHead request;
  guint status;

  read_request (self, &request);
  check_characters (head);
  check_lines (lines);
  status = read_status (lines[0], &request);
  if (status == 200 && length == NULL)
    {
      begin_tunnel (self, lines, &request, size);
      return TRUE;
    }
  g_assert_nonnull (length);
  g_assert_nonnull (connection);
  if (request.method != SP_HTTP_HEAD && size < g_ascii_strtoull (length, NULL, 10))
    return FALSE;
  if (request.method != SP_HTTP_HEAD)
    g_assert_cmpuint (size, ==, g_ascii_strtoull (length, NULL, 10));
  check_body (lines, &request, body, size);
  self->closing = g_ascii_strcasecmp (connection, "close") == 0;
  if (status != 200)
    check_refusal (self, status);
  return TRUE;
}

static void
hear_answer (WorkerJudge *self, const guint8 *bytes, gsize size)
{
  const char *end;

  g_assert_false (self->closing);
  g_byte_array_append (self->answer, bytes, (guint) size);
  g_assert_cmpuint (self->answer->len, <=, ANSWER_MAX);
  end = g_strstr_len ((const char *) self->answer->data, self->answer->len, HEAD_END);
  if (end != NULL && judge_answer (self, (const char *) self->answer->data, end))
    finish_answer (self);
}

static void
hear_frame (WorkerJudge *self, const guint8 *bytes, gsize size)
{
  const guint8 *payload;
  gsize length;
  guint8 type;

  g_assert_false (self->said_last);
  g_assert_cmpint (sp_cstp_read (bytes, size, &type, &payload, &length), ==, SP_CSTP_FRAME);
  g_assert_true (type == SP_FRAME_DATA || type == SP_FRAME_DPD_REQUEST ||
                 type == SP_FRAME_DPD_RESPONSE || type == SP_FRAME_DISCONNECT ||
                 type == SP_FRAME_COMPRESSED);
  self->said_last = type == SP_FRAME_DISCONNECT;
}

void
worker_judge_hear (WorkerJudge *self, const guint8 *bytes, gsize size)
{
  g_assert_false (self->said_goodbye);
  if (self->in_tunnel)
    hear_frame (self, bytes, size);
  else
    hear_answer (self, bytes, size);
}

void
worker_judge_goodbye (WorkerJudge *self)
{
  g_assert_false (self->said_goodbye);
  self->said_goodbye = TRUE;
}

/* --- walls --- */

static void
close_association (WorkerJudge *self, guint32 association)
{
  g_assert_cmpuint (association, >, 0);
  g_assert_cmpuint (association, <=, self->n_associations);
  g_assert_false (self->closed[association]);
  self->closed[association] = TRUE;
}

static void
check_report (WorkerJudge *self, const SpReport *report)
{
  g_assert_cmpuint (report->rx_bytes, >=, self->rx_bytes);
  self->rx_bytes = report->rx_bytes;
}

void
worker_judge_message (WorkerJudge *self, guint8 type, gconstpointer message)
{
  g_assert_true (!self->left || type == SP_MESSAGE_RECALLED);
  switch (type)
    {
      case SP_MESSAGE_TUNNEL_REQUESTED:
        g_assert_true (self->accepted);
        self->requested = TRUE;
        break;
      case SP_MESSAGE_ATTACHED:
        g_assert_true (self->granted);
        self->attached = TRUE;
        break;
      case SP_MESSAGE_RECALLED:
        self->recalled = TRUE;
        break;
      case SP_MESSAGE_CHANNEL_CLOSED:
        close_association (self, ((const SpChannelClosed *) message)->association);
        break;
      case SP_MESSAGE_REPORT:
        check_report (self, message);
        break;
      case SP_MESSAGE_CLIENT_LEFT:
        self->left = TRUE;
        break;
      default:
        break;
    }
}

/* Only of the address that was granted, and as large as the client was told. */
void
worker_judge_packet (WorkerJudge *self, const guint8 *packet, gsize size, gsize largest)
{
  SpIpPacket header;

  g_assert_true (self->attached);
  g_assert_false (self->recalled);
  g_assert_true (sp_ip_packet_read (packet, size, &header));
  g_assert_cmpuint (header.total_length, ==, size);
  g_assert_cmpuint (largest, <=, self->mtu);
  g_assert_cmpmem (header.source, SP_ADDRESS_SIZE, header.version == 4 ? self->ipv4 : self->ipv6,
                   SP_ADDRESS_SIZE);
}

void
worker_judge_end (WorkerJudge *self)
{
  g_assert_cmpuint (self->answer->len, ==, 0);
  g_assert_true (self->left);
  for (guint32 i = 1; i <= self->n_taken; i++)
    g_assert_true (self->closed[i]);
}

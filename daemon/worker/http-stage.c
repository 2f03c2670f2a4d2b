/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http-stage.h"

#include "base/limits.h"
#include "base/secret.h"

#include <string.h>

struct _SpHttpStage
{
  gsize head_length;
  gboolean has_head;
  SpHttpHead head; /* points into head_bytes */
  char *body;      /* of the length that the head announced */
  gsize body_size;
  gsize body_length;
  guint n_requests;
  char head_bytes[SP_HTTP_HEAD_MAX]; /* last: pages that no head needs are not touched */
};

SpHttpStage *
sp_http_stage_new (void)
{
  SpHttpStage *self = g_malloc (sizeof *self);

  memset (self, 0, G_STRUCT_OFFSET (SpHttpStage, head_bytes));
  return self;
}

static void
forget_request (SpHttpStage *self)
{
  if (self->body != NULL)
    sp_secret_wipe (self->body, self->body_size);
  g_clear_pointer (&self->body, g_free);
  sp_secret_wipe (self->head_bytes, self->head_length);
  memset (&self->head, 0, sizeof self->head);
  self->head_length = 0;
  self->has_head = FALSE;
  self->body_size = 0;
  self->body_length = 0;
}

void
sp_http_stage_free (SpHttpStage *self)
{
  if (self == NULL)
    return;
  forget_request (self);
  g_free (self);
}

void
sp_http_stage_next (SpHttpStage *self)
{
  forget_request (self);
}

static SpRequestProgress
refuse (const char *cause, const char **ret_cause)
{
  *ret_cause = cause;
  return SP_REQUEST_REFUSED;
}

/* What came behind the head is the beginning of the body. */
static SpRequestProgress
begin_body (SpHttpStage *self, const char **ret_cause)
{
  gsize surplus = self->head_length - self->head.head_size;

  if (self->n_requests++ >= SP_HTTP_REQUESTS_MAX)
    return refuse ("too many requests", ret_cause);
  if (self->head.content_length > SP_HTTP_BODY_MAX)
    return refuse ("body too long", ret_cause);
  self->body_size = (gsize) self->head.content_length;
  if (surplus > self->body_size)
    return refuse ("bytes behind the request", ret_cause);
  if (self->body_size > 0)
    {
      self->body = g_malloc (self->body_size);
      memcpy (self->body, self->head_bytes + self->head.head_size, surplus);
      self->body_length = surplus;
    }
  return self->body_length == self->body_size ? SP_REQUEST_COMPLETE : SP_REQUEST_MORE;
}

static SpRequestProgress
feed_body (SpHttpStage *self, const guint8 *bytes, gsize size, const char **ret_cause)
{
  if (size > self->body_size - self->body_length)
    return refuse ("bytes behind the request", ret_cause);
  memcpy (self->body + self->body_length, bytes, size);
  self->body_length += size;
  return self->body_length == self->body_size ? SP_REQUEST_COMPLETE : SP_REQUEST_MORE;
}

/* Whether an empty line ends in what was added at `from`: so a head that comes in many small pieces
 * is parsed once. */
static gboolean
has_empty_line (const SpHttpStage *self, gsize from)
{
  for (gsize i = from; i < self->head_length; i++)
    if (self->head_bytes[i] == '\n' && i > 0 &&
        (self->head_bytes[i - 1] == '\n' ||
         (i > 1 && self->head_bytes[i - 1] == '\r' && self->head_bytes[i - 2] == '\n')))
      return TRUE;
  return FALSE;
}

static SpRequestProgress
parse_head (SpHttpStage *self, gboolean sees_end, const char **ret_cause)
{
  SpHttpVerdict verdict;

  if (self->head_length < SP_HTTP_HEAD_MAX && !sees_end)
    return SP_REQUEST_MORE;
  verdict = sp_http_head_parse (self->head_bytes, self->head_length, &self->head);
  if (verdict == SP_HTTP_INCOMPLETE)
    return self->head_length < SP_HTTP_HEAD_MAX ? SP_REQUEST_MORE
                                                : refuse ("head too long", ret_cause);
  if (verdict != SP_HTTP_COMPLETE)
    return refuse (sp_http_verdict_to_string (verdict), ret_cause);
  self->has_head = TRUE;
  return begin_body (self, ret_cause);
}

SpRequestProgress
sp_http_stage_feed (SpHttpStage *self, const guint8 *bytes, gsize size, const char **ret_cause)
{
  gsize piece;
  SpRequestProgress progress;

  if (self->has_head)
    return feed_body (self, bytes, size, ret_cause);
  piece = MIN (size, SP_HTTP_HEAD_MAX - self->head_length);
  memcpy (self->head_bytes + self->head_length, bytes, piece);
  self->head_length += piece;
  progress = parse_head (self, has_empty_line (self, self->head_length - piece), ret_cause);
  if (progress == SP_REQUEST_REFUSED || piece == size)
    return progress;
  if (progress == SP_REQUEST_COMPLETE || !self->has_head)
    return refuse ("bytes behind the request", ret_cause);
  return feed_body (self, bytes + piece, size - piece, ret_cause);
}

gboolean
sp_http_stage_rests (const SpHttpStage *self)
{
  return self->n_requests > 0 && self->head_length == 0;
}

const SpHttpHead *
sp_http_stage_get_head (const SpHttpStage *self)
{
  return &self->head;
}

const char *
sp_http_stage_get_body (const SpHttpStage *self, gsize *ret_size)
{
  *ret_size = self->body_length;
  return self->body != NULL ? self->body : "";
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reach-stage.h"

#include "base/secret.h"
#include "codec/page-fields.h"
#include "codec/reach-link.h"
#include "codec/reach-page.h"
#include "http-answer.h"
#include "login-reply.h"

gboolean
sp_reach_stage_begin (SpWorker *self)
{
  const SpHttpHead *head = sp_http_stage_get_head (self->http);
  const SpHttpField *wishes = sp_http_head_find (head, "Accept-Language");
  gboolean is_get = head->method == SP_HTTP_GET;
  SpReachAsked message = { 0 };
  guint8 token[SP_TOKEN_SIZE];

  if (!sp_reach_link_read (head->target, head->target_length, token))
    return FALSE;
  self->reach_language =
      wishes != NULL ? sp_language_choose (wishes->value, wishes->value_length, sp_page_languages)
                     : 0;
  sp_http_stage_next (self->http);
  if (!is_get)
    {
      sp_secret_wipe (token, sizeof token);
      sp_login_reply_stranger (self);
      return TRUE;
    }
  sp_reach_link_digest (token, message.digest);
  sp_secret_wipe (token, sizeof token);
  sp_worker_enter (self, SP_WORKER_REACH);
  sp_main_wall_tell (&self->main, SP_MESSAGE_REACH_ASKED, &message);
  return TRUE;
}

void
sp_reach_stage_answer (SpWorker *self, const SpReachAnswered *answer)
{
  const SpHttpAnswer http = { .minor = self->sign_in.minor,
                              .status = 200,
                              .type = "text/html; charset=utf-8",
                              .to_stranger = TRUE };
  g_autofree char *fields = sp_page_fields ();
  g_autoptr (GString) html = g_string_sized_new (SP_REACH_PAGE_MAX);

  if (answer->verdict != SP_REACH_ANSWER_HOME && answer->verdict != SP_REACH_ANSWER_OUTSIDE)
    {
      sp_login_reply_stranger (self);
      return;
    }
  sp_reach_page_write (html, self->reach_language, answer->verdict == SP_REACH_ANSWER_HOME);
  sp_login_reply_send (
      self, sp_http_answer_new_bytes (&http, fields, (const guint8 *) html->str, html->len));
  sp_worker_leave (self, SP_LEFT_SERVED, 0, "a test of reachability");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acme-renewal.h"

#include "acme-answer.h"
#include "codec/update-url.h"

#include <string.h>

#define DEADLINE_SECONDS (SP_ERRAND_SECONDS - 5) /* main waits a little longer */

struct _SpAcmeRenewal
{
  SpAcmeTalk *talk;
  char *certificate;
  gboolean knows_place; /* where the authority tells it */
  guint deadline;       /* source id, 0 = none */
  SpAcmeRenewalTold told;
  gpointer user_data;
  gboolean over;
};

static void
end (SpAcmeRenewal *self, SpRenewalTold *told, SpOrderOutcome outcome)
{
  if (self->over)
    return;
  self->over = TRUE;
  told->outcome = (guint8) outcome;
  self->told (self->user_data, told);
}

static void
ask_at (SpAcmeRenewal *self, const char *place)
{
  const char *joint = g_str_has_suffix (place, "/") ? "" : "/";
  g_autofree char *url = g_strconcat (place, joint, self->certificate, NULL);

  self->knows_place = TRUE;
  sp_acme_talk_get (self->talk, url);
}

static void
read_directory (SpAcmeRenewal *self, const SpAcmeAnswer *answer)
{
  SpRenewalTold told = { 0 };
  SpAcmeDirectory directory;

  if (!sp_acme_directory_read (answer->body, answer->size, &directory))
    {
      end (self, &told, SP_ORDER_NOT_UNDERSTOOD);
      return;
    }
  if (directory.renewal_info == NULL)
    end (self, &told, SP_ORDER_NO_WAY);
  else
    ask_at (self, directory.renewal_info);
  sp_acme_directory_clear (&directory);
}

static void
read_window (SpAcmeRenewal *self, const SpAcmeAnswer *answer)
{
  SpRenewalTold told = { .seconds = answer->seconds };
  SpAcmeWindow window;
  gboolean is_read = sp_acme_window_read (answer->body, answer->size, &window);

  if (is_read)
    {
      told.begin = (guint64) window.begin;
      told.end = (guint64) window.end;
    }
  end (self, &told, is_read ? SP_ORDER_DONE : SP_ORDER_NOT_UNDERSTOOD);
}

static void
answered_cb (gpointer user_data, const SpAcmeAnswer *answer)
{
  SpAcmeRenewal *self = user_data;
  SpRenewalTold told = { .seconds = answer->seconds };

  if (self->over)
    return;
  if (answer->outcome != SP_ORDER_DONE)
    end (self, &told, answer->outcome);
  else if (self->knows_place)
    read_window (self, answer);
  else
    read_directory (self, answer);
}

static gboolean
deadline_cb (gpointer user_data)
{
  SpAcmeRenewal *self = user_data;
  SpRenewalTold told = { 0 };

  self->deadline = 0;
  end (self, &told, SP_ORDER_SILENT);
  return G_SOURCE_REMOVE;
}

SpAcmeRenewal *
sp_acme_renewal_start (SoupSession *session,
                       const SpAskRenewal *question,
                       const char *trust,
                       SpAcmeRenewalTold told,
                       gpointer user_data)
{
  static const SpAcmeTalkEvents talk_events = { .answered = answered_cb };
  g_autofree char *directory =
      g_strndup ((const char *) question->directory, question->directory_length);
  SpAcmeRenewal *self = g_new0 (SpAcmeRenewal, 1);
  SpRenewalTold nothing = { 0 };

  self->certificate =
      g_strndup ((const char *) question->certificate, question->certificate_length);
  self->told = told;
  self->user_data = user_data;
  self->talk = sp_acme_talk_new (session, trust, &talk_events, self);
  if (sp_update_url_check (directory, FALSE, FALSE) != NULL)
    {
      end (self, &nothing, SP_ORDER_FAILED);
      return self;
    }
  self->deadline = g_timeout_add_seconds (DEADLINE_SECONDS, deadline_cb, self);
  sp_acme_talk_get (self->talk, directory);
  return self;
}

void
sp_acme_renewal_free (SpAcmeRenewal *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->deadline, g_source_remove);
  sp_acme_talk_free (self->talk);
  g_free (self->certificate);
  g_free (self);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "question.h"

typedef struct
{
  const SpQuestion *question;
  gpointer order;
  gpointer done;  /* the thread's, until it says so */
  guint deadline; /* source id, 0 = none: it was told already */
  SpQuestionEnded ended;
  gpointer user_data;
} Asking;

static gboolean
asked_cb (gpointer user_data)
{
  Asking *asking = user_data;

  if (asking->deadline != 0)
    {
      g_clear_handle_id (&asking->deadline, g_source_remove);
      asking->ended (asking->user_data, asking->done);
    }
  g_free (asking->order);
  g_free (asking->done);
  g_free (asking);
  return G_SOURCE_REMOVE;
}

static gpointer
run (gpointer data)
{
  Asking *asking = data;

  asking->question->ask (asking->order, asking->done);
  (void) g_idle_add (asked_cb, asking);
  return NULL;
}

static gboolean
deadline_cb (gpointer user_data)
{
  Asking *asking = user_data;

  asking->deadline = 0;
  asking->ended (asking->user_data, asking->question->late);
  return G_SOURCE_REMOVE;
}

void
sp_question_start (const SpQuestion *question,
                   gconstpointer order,
                   SpQuestionEnded ended,
                   gpointer user_data)
{
  Asking *asking = g_new0 (Asking, 1);

  asking->question = question;
  asking->order = g_memdup2 (order, question->order_size);
  asking->done = g_malloc0 (question->done_size);
  asking->ended = ended;
  asking->user_data = user_data;
  asking->deadline = g_timeout_add_seconds (question->seconds, deadline_cb, asking);
  g_thread_unref (g_thread_new (question->thread, run, asking));
}

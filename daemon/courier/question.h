/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is asked by a library that waits for the answer: in a thread, so that it has an end, however
 * late that is. */
typedef struct
{
  const char *thread; /* its name */
  guint seconds;      /* after which it is late; main waits for SP_ERRAND_SECONDS */
  gsize order_size;
  gsize done_size;
  void (*ask) (gconstpointer order, gpointer done); /* in the thread; `done` is zero-filled */
  gconstpointer late;                               /* the `done` of an answer that is */
} SpQuestion;

/* Called once, from the main loop; what is told is for main. */
typedef void (*SpQuestionEnded) (gpointer user_data, gconstpointer done);

/* Once in the life of a process: a thread that is late is left alone, and ends with it. */
void sp_question_start (const SpQuestion *question,
                        gconstpointer order,
                        SpQuestionEnded ended,
                        gpointer user_data);

G_END_DECLS

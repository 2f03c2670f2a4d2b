/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/live-session.h"

G_BEGIN_DECLS

/* The facts of a session in words, in the order in which they are shown. */

typedef struct
{
  const char *title;                     /* to be translated */
  char *(*create) (SpLiveSession *live); /* new; "": not known, or there is none */
} SpSessionDetail;

/* Lent; `count` of them. */
const SpSessionDetail *sp_session_details_get (guint *count);

/* All that are known, one a line: "From: 203.0.113.7"; new. */
char *sp_session_details_create_text (SpLiveSession *live);

/* "Connected 14 min · fast (UDP)"; new. */
char *sp_session_details_create_state (SpLiveSession *live);

G_END_DECLS

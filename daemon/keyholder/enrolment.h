/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "from-worker.h"

G_BEGIN_DECLS

/* What a worker asks for somebody who came with a link: handlers of wall B.  A token that is wrong,
 * used, revoked or too old gets one and the same answer. */
void sp_enrolment_look (gpointer user_data, guint32 serial, gconstpointer message, int *fds);
void sp_enrolment_claim (gpointer user_data, guint32 serial, gconstpointer message, int *fds);
void sp_enrolment_fetch (gpointer user_data, guint32 serial, gconstpointer message, int *fds);

G_END_DECLS

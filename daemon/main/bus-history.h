/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"
#include "history-stream.h"
#include "job.h"
#include "server.h"
#include "store.h"

G_BEGIN_DECLS

/* The server's methods about the history.  Each answers the invocation. */
void sp_bus_history_list (SpServer *server,
                          GDBusMethodInvocation *invocation,
                          GVariant *filter,
                          const char *cursor,
                          guint limit,
                          GVariant *options);
/* Answers with a descriptor. */
void sp_bus_history_open (SpStore *store,
                          SpHistoryStreams *streams,
                          GDBusMethodInvocation *invocation,
                          GVariant *filter,
                          GVariant *options);
void sp_bus_history_erase (SpStore *store,
                           GDBusMethodInvocation *invocation,
                           const char *user,
                           GVariant *options);
/* Answers with a job that goes on, chunk by chunk. */
void sp_bus_history_forget (SpStore *store,
                            SpJobs *jobs,
                            GDBusMethodInvocation *invocation,
                            GVariant *filter,
                            GVariant *options);

G_END_DECLS

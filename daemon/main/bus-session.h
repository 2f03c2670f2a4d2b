/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"
#include "server.h"

G_BEGIN_DECLS

/* A session as the bus sees it.  Whether the caller may ask was decided before. */
#define SP_TYPE_EXPORTED_SESSION (sp_exported_session_get_type ())
G_DECLARE_FINAL_TYPE (
    SpExportedSession, sp_exported_session, SP, EXPORTED_SESSION, SpBusSessionSkeleton)

/* Disconnect() of a session, or, with NULL, DisconnectAll(), and Undo() of both; they answer. */
void sp_bus_session_disconnect (SpServer *server,
                                SpSession *session,
                                GDBusMethodInvocation *invocation,
                                GVariant *options);
void sp_bus_session_undo (SpServer *server, const char *token, GDBusMethodInvocation *invocation);

SpExportedSession *sp_exported_session_new (SpServer *server, SpSession *session);

/* The session's second interface: a new skeleton that follows its counters. */
SpBusSessionStatistics *sp_exported_session_new_statistics (SpSession *session);

/* The path of a session's object. */
char *sp_exported_session_path (SpSession *session);

/* What the signals SessionOpened and SessionClosed tell about it: floating a{sv}. */
GVariant *sp_exported_session_facts (SpSession *session);
GVariant *sp_exported_session_totals (SpSession *session);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"
#include "command.h"

G_BEGIN_DECLS

/* The service, as far as a command needs it. */
typedef struct
{
  GDBusConnection *connection;
  SpBusServer *server;
  SpBusSettings *settings;     /* after sp_client_find_settings() */
  GDBusCallFlags flags;        /* for every call */
  int timeout;                 /* ms, for every call */
  GDBusObjectManager *objects; /* after sp_client_look() */
  int subscription;            /* -1 before */
  GSubprocess *agent;          /* that asks for passwords on this terminal, or NULL */
} SpClient;

/* Reaches the service, which starts if it has to. */
SpClient *sp_client_new (const SpControl *control, GError **error);
void sp_client_free (SpClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpClient, sp_client_free)

/* Gets permission to see users and sessions, statistics each `interval` ms (0: never), and all
 * objects. */
gboolean sp_client_look (SpClient *client, guint interval, GError **error);
/* The same, if that works without asking anybody. */
gboolean sp_client_look_silently (SpClient *client);

/* Users by login, devices and sessions by age; proxies. */
GPtrArray *sp_client_list_users (SpClient *client);
GPtrArray *sp_client_list_devices (SpClient *client);
GPtrArray *sp_client_list_invitations (SpClient *client);
GPtrArray *sp_client_list_sessions (SpClient *client);

/* By id; proxies. */
GPtrArray *sp_client_list_certificates (SpClient *client);
/* By the whole id, without a look at anything else. */
SpBusCertificate *sp_client_find_certificate (SpClient *client, const char *id, GError **error);
GPtrArray *sp_client_list_jobs (SpClient *client);
GPtrArray *sp_client_list_bans (SpClient *client);
GPtrArray *sp_client_list_groups (SpClient *client);

/* SP_BUS_ERROR_NOT_FOUND if nobody has the login. */
SpBusUser *sp_client_find_user (SpClient *client, const char *login, GError **error);
/* By the id or a beginning of it that fits one session only; SP_CTL_ERROR_NOT_FOUND, or
 * SP_CTL_ERROR_USAGE when several fit. */
SpBusSession *sp_client_find_session (SpClient *client, const char *id, GError **error);
/* Likewise. */
SpBusDevice *sp_client_find_device (SpClient *client, const char *id, GError **error);
SpBusInvitation *sp_client_find_invitation (SpClient *client, const char *id, GError **error);

/* The settings; lent. */
SpBusSettings *sp_client_find_settings (SpClient *client, GError **error);

/* The last part of an object's path. */
const char *sp_client_id_of (gpointer proxy);

/* An empty a{sv}, floating. */
GVariant *sp_client_no_options (void);

/* Whether it is an identifier of a user, which may be gone. */
gboolean sp_client_is_id (const char *text);

G_END_DECLS

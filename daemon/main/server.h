/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "certificate-registry.h"
#include "ban-registry.h"
#include "group-registry.h"
#include "invitation-registry.h"
#include "configuration.h"
#include "event-book.h"
#include "job.h"
#include "log-book.h"
#include "platform/uplink.h"
#include "session-registry.h"
#include "settings.h"
#include "penalty-book.h"
#include "reachability.h"
#include "surroundings.h"
#include "user-registry.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* The server as a whole: its state, and an ordered list of steps to start it, each with its undo.
 * Properties: state (SpServerState as an int), last-error (GError boxed or NULL), started-at (µs
 * since the epoch, 0 while off), certificate (SpPrepared or NULL), last-backup-at (changes
 * also when the getter of its error does), dynamic-dns, port-mapping and acme (pointers:
 * see dynamic-dns.h, port-mapping.h and acme.h). Signal: "authentication-failed" (char *address,
 * char *login, char *reason); "replaced" (gpointer waiting): see server-backup.h.
 */
#define SP_TYPE_SERVER (sp_server_get_type ())
G_DECLARE_FINAL_TYPE (SpServer, sp_server, SP, SERVER, GObject)

typedef enum
{
  SP_SERVER_OFF,
  SP_SERVER_STARTING,
  SP_SERVER_ON,
  SP_SERVER_STOPPING,
  SP_SERVER_FAILED,
  SP_SERVER_LAST = SP_SERVER_FAILED
} SpServerState;

typedef struct _SpDisconnections SpDisconnections; /* disconnections.h */
typedef struct _SpCheckpoint SpCheckpoint;         /* checkpoint.h */

const char *sp_server_state_to_string (SpServerState state);

typedef struct
{
  const char *libexec_folder;
  const char *state_folder; /* there, and nobody else works on it */
  const char *config_path;  /* may be missing: then everything is as built in */
  GPtrArray *inherited;     /* SpInherited, lent: sockets for clients in the place of those that the
                               settings name; NULL: none */
  const char *pam_socket;   /* where PAM rooms are called, or NULL: main starts them itself */
  SpHolding *holding;       /* keeps sessions for the next main, or NULL; lent */
  SpUplinkManager *manager; /* of this computer's network; NULL: nobody is asked; lent */
} SpServerPlan;

/* Reads settings and database, starts the keyholder.  Errors: what the settings or the database
 * say. */
SpServer *sp_server_new (const SpServerPlan *plan, GError **error);

/* It is not to be started: the sessions of an earlier main, if any are kept, are over. */
void sp_server_let_kept_go (SpServer *self);

SpServerState sp_server_get_state (SpServer *self);
/* Whether the daemon does nothing that its next start would not do, too. */
gboolean sp_server_may_end (SpServer *self);
const GError *sp_server_get_last_error (SpServer *self); /* NULL = none */
gint64 sp_server_get_started_at (SpServer *self);
SpUserRegistry *sp_server_get_users (SpServer *self);
SpDeviceRegistry *sp_server_get_devices (SpServer *self);
SpInvitationRegistry *sp_server_get_invitations (SpServer *self);
SpSessionRegistry *sp_server_get_sessions (SpServer *self);
SpCertificateRegistry *sp_server_get_certificates (SpServer *self);
SpStore *sp_server_get_store (SpServer *self);
SpJobs *sp_server_get_jobs (SpServer *self);
SpTrafficLedger *sp_server_get_ledger (SpServer *self);
SpBanRegistry *sp_server_get_bans (SpServer *self);
SpGroupRegistry *sp_server_get_groups (SpServer *self);
/* As sp_group_registry_add(), but a name that users are still leaving can not be given again yet:
 * SP_ERROR_BUSY. */
SpGroup *sp_server_add_group (SpServer *self, const char *name, GVariant *values, GError **error);
/* Takes back the removal of the group of this name, as long as the daemon runs: with its values,
 * and with those who might choose it.  Errors: SP_ERROR_NOT_FOUND, and those of adding one. */
SpGroup *sp_server_restore_group (SpServer *self, const char *name, GError **error);
SpDisconnections *sp_server_get_disconnections (SpServer *self);
SpCheckpoint *sp_server_get_checkpoint (SpServer *self);
/* Nobody is let in from there any more; who is in stays.  Lent. */
SpBan *sp_server_add_ban (
    SpServer *self, const SpNetwork *network, const char *reason, gint64 until, GError **error);
/* Likewise, but who is in is told the reason and goes. */
SpBan *sp_server_block (
    SpServer *self, const SpNetwork *network, const char *reason, gint64 until, GError **error);
/* The configuration's, as they are now. */
const SpSettings *sp_server_get_settings (SpServer *self);
SpConfiguration *sp_server_get_configuration (SpServer *self);
/* NULL until the keyholder has prepared its keys: pin (32 bytes), authority (DER). */
const SpPrepared *sp_server_get_certificate (SpServer *self);
/* The names for the server's certificate as they are now, each ended by a zero byte: that of the
 * settings, the computer's, its addresses. */
GBytes *sp_server_collect_names (SpServer *self);
/* Of the backups that are made by themselves: microseconds since the epoch, 0: none; and why the
 * last one failed, empty: it did not. */
gint64 sp_server_get_last_backup_at (SpServer *self);
const char *sp_server_get_last_backup_error (SpServer *self);
/* Why a user's speed limit is not kept; NULL: all are. */
const char *sp_server_get_speed_trouble (SpServer *self);
SpEventBook *sp_server_get_events (SpServer *self);
SpPenaltyBook *sp_server_get_penalties (SpServer *self);
SpSurroundings *sp_server_get_surroundings (SpServer *self);
SpReachability *sp_server_get_reachability (SpServer *self);
/* What somebody at a place from outside opens to show that the server is reached there: its host
 * and this token.  Free it wiped. */
char *sp_server_make_reach_link (SpServer *self, const char *host, const guint8 *token);
/* The range of IPv4 addresses that devices have, or will have because the settings say so; NULL:
 * one is chosen when the server starts. */
const SpNetwork *sp_server_get_range (SpServer *self);
SpLogBook *sp_server_get_log (SpServer *self);
/* What a client is pointed at, best first: "https://home.example.net", "https://192.0.2.1:4443". */
GStrv sp_server_list_urls (SpServer *self);
/* What a device with that label is set up with.  Free with g_free; NULL: there is nothing. */
char *sp_server_make_device_url (SpServer *self, const char *label);

/* Reads the settings' file again; a running server has them from the next connection on.  On
 * failure everything stays as it is. */
gboolean sp_server_reload (SpServer *self, GError **error);

/* It was turned on and never turned off since, whatever happened to the daemon. */
gboolean sp_server_is_wanted (SpServer *self);

/* Errors: SP_ERROR_BUSY (it is starting or stopping), and those of the steps. */
void sp_server_start_async (SpServer *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean sp_server_start_finish (SpServer *self, GAsyncResult *result, GError **error);
/* Clients are told that the server was turned off, or with `quietly` only dropped, so that they
 * come back when it is on again. */
void sp_server_stop_async (SpServer *self,
                           gboolean quietly,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean sp_server_stop_finish (SpServer *self, GAsyncResult *result, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "backup-schedule.h"
#include "configuration.h"
#include "door-client.h"
#include "keyholder-client.h"
#include "network.h"
#include "reception.h"
#include "server.h"
#include "store.h"
#include "user-watch.h"

G_BEGIN_DECLS

#define SP_LISTENERS_MAX 16

struct _SpServer
{
  GObject parent;
  SpServerState state;
  GError *last_error;
  GError *trouble; /* why the database cannot be opened, or NULL; until the daemon ends */
  gint64 started_at;
  char *state_folder;
  SpConfiguration *configuration;
  SpSettings *settings; /* the configuration's */
  SpSettings *running;  /* those that it was turned on with; NULL while it is off */
  SpStore *store;
  SpJobs *jobs;
  SpBanRegistry *bans;
  SpGroupRegistry *groups;
  SpKeyholderClient *keyholder;
  SpDoorClient *door;
  SpUserRegistry *users;
  SpCertificateRegistry *certificates;
  SpDeviceRegistry *devices;
  SpInvitationRegistry *invitations;
  SpSessionRegistry *sessions;
  SpTrafficLedger *ledger;
  SpUserWatch *watch;
  SpDisconnections *disconnections;
  SpCheckpoint *checkpoint;
  SpReception *reception;
  GSList *change;   /* of GTask: who waits for the start or stop that runs */
  gboolean quietly; /* the stop that runs leaves cookies good */
  SpBackupSchedule *backups;
  SpLogBook *log;
  gboolean importing;
  guint8 origin; /* SP_ORIGIN_…: what the keyholder still has to take over */
  /* made by steps */
  SpNetworkSetup *network;
  SpDoorListener listeners[SP_LISTENERS_MAX];
  guint n_listeners;
  guint steps_done;
};

/* server.c: the second half of a start, once the keyholder is ready, and its end without success
 * (`error` is taken). */
void sp_server_go_on (SpServer *self);
void sp_server_fail_start (SpServer *self, GError *error);

/* server-events.c */
extern const SpKeyholderEvents sp_server_keyholder_events;
extern const SpDoorEvents sp_server_door_events;

/* server-certificates.c */

/* Our own certificate follows the settings. */
void sp_server_take_names (SpServer *self);
/* What people sign in with, as settings and users say now, is told to the rooms. */
void sp_server_tell_sign_in (SpServer *self);

/* server-groups.c: once there are users and sessions. */
gboolean sp_server_open_groups (SpServer *self, GError **error);

/* server-steps.c */

/* Does every step or, on failure, none. */
gboolean sp_server_do_steps (SpServer *self, GError **error);
void sp_server_undo_steps (SpServer *self);
/* What clients are shown from now on, as the settings have it. */
void sp_server_tell_texts (SpServer *self);

/* server-backup.c: the keyholder has prepared itself. */
void sp_server_finish_restore (SpServer *self);

/* server-ban.c */

/* Somebody there gave a wrong password. */
void sp_server_note_failure (SpServer *self, const guint8 *address);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "acme.h"
#include "attack-report.h"
#include "backup-schedule.h"
#include "configuration.h"
#include "dns-validation.h"
#include "door-client.h"
#include "door-names.h"
#include "dynamic-dns.h"
#include "keyholder-client.h"
#include "listener-set.h"
#include "name-watch.h"
#include "network.h"
#include "port-mapping.h"
#include "reception.h"
#include "store.h"
#include "user-watch.h"
#include "walls/worker-keyholder.h"

G_BEGIN_DECLS

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
  char *first_name;     /* that it was turned on with; NULL while it is off */
  SpStore *store;
  SpJobs *jobs;
  SpBanRegistry *bans;
  SpGroupRegistry *groups;
  GPtrArray *removed_groups; /* server-groups.c: what was removed lately, the newest last */
  SpKeyholderClient *keyholder;
  SpDoorClient *door;
  SpDoorNames *names;
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
  SpDynamicDns *dynamic_dns;
  SpPortMapping *port_mapping;
  SpPortMapping *pinholes; /* likewise of IPv6 */
  guint n_untold;          /* of these, whose routers hear still that the server is off */
  SpDnsValidation *dns_validation;
  SpAcme *acme;
  gboolean is_shown_at_web; /* to an authority: acme-web.c's */
  SpLogBook *log;
  SpSurroundings *surroundings;
  SpReachability *reachability;
  SpNameWatch *name_watch;
  SpEventBook *events;
  SpPenaltyBook *penalties;
  SpAttackReport *report;
  gint64 refusal_lines; /* a bucket (base/bucket.h) of lines in the log */
  guint refusals_unsaid;
  gboolean importing;
  guint64 n_logins; /* since the daemon began, as the next ones */
  guint64 refused_logins[SP_LOGIN_LAST + 1];
  char *metrics; /* as they were told last; NULL: never */
  gint64 metrics_at;
  guint8 origin;     /* SP_ORIGIN_…: what the keyholder still has to take over */
  guint range_timer; /* server-ranges.c: while there are ranges of before */
  /* made by steps */
  SpHolding *holding; /* or NULL */
  gboolean adopts;    /* until the sessions of an earlier main are ours */
  gint64 kept_start;  /* when that server was turned on; 0 = there was none */
  SpNetworkSetup *network;
  GPtrArray *inherited;     /* see SpServerPlan; NULL: none */
  SpListenerSet *listeners; /* NULL while it is off */
  SpListenerSet *claimed;   /* for settings that are about to be taken over; or NULL */
  guint retired_timer;
  guint steps_done;
};

/* server.c: the second half of a start, once the keyholder is ready, and its end without success
 * (`error` is taken). */
void sp_server_go_on (SpServer *self);
void sp_server_fail_start (SpServer *self, GError *error);

/* server-events.c */
extern const SpKeyholderEvents sp_server_keyholder_events;
extern const SpDoorEvents sp_server_door_events;

/* server-certificates.c: our own certificate follows the settings. */
void sp_server_take_names (SpServer *self);
/* Which names the door asks for follows them, too. */
void sp_server_tell_names (SpServer *self);
/* What people sign in with, as settings and users say now, is told to the rooms. */
void sp_server_tell_sign_in (SpServer *self);

/* server-groups.c: once there are users and sessions. */
gboolean sp_server_open_groups (SpServer *self, GError **error);

/* server-steps.c: does every step or, on failure, none. */
gboolean sp_server_do_steps (SpServer *self, GError **error);
void sp_server_undo_steps (SpServer *self);
/* What clients are shown from now on, as the settings have it. */
void sp_server_tell_texts (SpServer *self);
/* Of a server that is on: what rooms and network do for clients from now on.  Sessions go on. */
void sp_server_adjust (SpServer *self);
/* For an SpLoginVerdict other than ACCEPTED. */
const char *sp_server_login_word (guint verdict);

/* server-metrics.c: to the door, for whoever asked it. */
void sp_server_tell_metrics (SpServer *self);

/* server-keeping.c: sessions of an earlier main go on, if what was kept fits. */

/* Makes `network` of what it left, and sets `adopts`; FALSE: there is nothing, or it was let go. */
gboolean sp_server_adopt_network (SpServer *self, const SpNetworkSettings *wishes);
/* Its sessions; from here on they are ours. */
gboolean sp_server_adopt_sessions (SpServer *self, GError **error);
/* The server is on: what the next main has to know of it is kept. */
void sp_server_keep (SpServer *self);
/* Something is kept. */
gboolean sp_server_has_kept (SpServer *self);

/* server-backup.c: the keyholder has prepared itself. */
void sp_server_finish_restore (SpServer *self);

/* server-dynamic-dns.c, server-port-mapping.c, server-acme.c: once everything else is open. */
void sp_server_open_dynamic_dns (SpServer *self, const char *libexec_folder);
void sp_server_open_port_mapping (SpServer *self, const char *libexec_folder);
void sp_server_open_acme (SpServer *self, const char *libexec_folder);

/* server-ban.c: somebody there gave a wrong password. */
void sp_server_note_failure (SpServer *self, const guint8 *address);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/log.h"
#include "door-client.h"
#include "keyholder-client.h"
#include "nursery-client.h"
#include "reachability.h"
#include "session-registry.h"

G_BEGIN_DECLS

/* Where clients that the door admitted meet the workers of worker-pool.h.  It keeps the connections
 * of both, bounds those that are not signed in, and brings together what the keyholder decided and
 * what the worker asked for. */
typedef struct _SpReception SpReception;

/* Borrows all of them. */
SpReception *sp_reception_new (const char *libexec_folder,
                               SpKeyholderClient *keyholder,
                               SpDoorClient *door,
                               SpSessionRegistry *sessions);
void sp_reception_free (SpReception *self);

gboolean sp_reception_start (SpReception *self,
                             guint unknown_clients_max,
                             const SpNurseryWishes *wishes,
                             GError **error);
/* Who knows which links test whether the server is reached; lent, before anybody comes. */
void sp_reception_set_reachability (SpReception *self, SpReachability *reachability);
/* Before the start: a connection of an earlier main, which has a tunnel. */
SpConnection *sp_reception_resume (SpReception *self, SpKeptSession *kept);
void sp_reception_set_unknown_clients_max (SpReception *self, guint unknown_clients_max);
/* Of workers for clients from now on; who is connected is left alone. */
void sp_reception_set_wishes (SpReception *self, const SpNurseryWishes *wishes);
/* Of clients from now on; needed before the start. */
void sp_reception_set_texts (SpReception *self, const SpConnectionTexts *texts);
/* Of clients from now on: what an authority that looks for a name is shown; nothing at first. */
void sp_reception_set_validation (SpReception *self, const SpValidation *validation);
/* ADOPT_CLIENT.sign_in of those that come from now on. */
void sp_reception_set_sign_in (SpReception *self, guint8 sign_in);
/* Every client is told (SP_STOP_DISCONNECT, with the text) or dropped (SP_STOP_DROP); `stopped` is
 * called when the last worker is gone, which takes three seconds at most. */
void sp_reception_stop (SpReception *self,
                        guint8 how,
                        const char *text,
                        void (*stopped) (gpointer user_data),
                        gpointer user_data);

/* From the door; takes *fd. */
void sp_reception_admit (SpReception *self,
                         const SpEndpoint *peer,
                         const SpEndpoint *proxy,
                         const SpEndpoint *local,
                         int *fd);
/* How many clients began to shake hands since the daemon began, and how many nurseries died. */
guint64 sp_reception_get_n_adopted (SpReception *self);
guint sp_reception_get_nursery_deaths (SpReception *self);
/* Tells a new door which addresses belong to somebody known. */
void sp_reception_introduce (SpReception *self);
/* From the keyholder. */
/* Clients from now on are shown the chain that it has now; who is connected is left alone. */
void sp_reception_certificate_changed (SpReception *self);
void sp_reception_keyholder_ready (SpReception *self);
void sp_reception_keyholder_lost (SpReception *self);
void sp_reception_login_decided (SpReception *self, const SpLoginDecided *decided);
/* Returns the peer, or NULL if that worker is gone. */
const SpEndpoint *sp_reception_login_failed (SpReception *self, const SpLoginFailed *failed);

/* Connections from there whose clients have not signed in end. */
void sp_reception_drop_strangers (SpReception *self, const SpNetwork *network);

G_END_DECLS

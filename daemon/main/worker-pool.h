/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "connection.h"
#include "keyholder-client.h"
#include "nursery-client.h"

G_BEGIN_DECLS

/* Workers that wait for a client: the nursery is asked for them ahead of need, or at once for a
 * client who is there, and those that would not do any more are replaced.  A worker is bound to the
 * certificate that it shows from when it is asked for. */
typedef struct _SpWorkerPool SpWorkerPool;

/* Connections are made with `events`, of which the pool needs `ended` passed on.  `changed`: one
 * may be taken that could not before, or asked for.  Both get `user_data`.  Borrows the
 * keyholder. */
SpWorkerPool *sp_worker_pool_new (const char *libexec_folder,
                                  SpKeyholderClient *keyholder,
                                  const SpConnectionEvents *events,
                                  void (*changed) (gpointer user_data),
                                  gpointer user_data);
/* Ends the workers that still wait. */
void sp_worker_pool_free (SpWorkerPool *self);

gboolean sp_worker_pool_start (SpWorkerPool *self, const SpNurseryWishes *wishes, GError **error);
/* `ended` says when each has. */
void sp_worker_pool_stop (SpWorkerPool *self);
gboolean sp_worker_pool_is_empty (SpWorkerPool *self);

/* So that so many clients who are there will have one each, and some are ahead of need. */
void sp_worker_pool_fill (SpWorkerPool *self, guint n_clients);
gboolean sp_worker_pool_has_ready (SpWorkerPool *self);
/* The caller's from now on; NULL: none is ready. */
SpConnection *sp_worker_pool_take (SpWorkerPool *self);
/* FALSE if it was not one of those that wait. */
gboolean sp_worker_pool_ended (SpWorkerPool *self, SpConnection *connection);
/* An earlier main has given this number. */
void sp_worker_pool_skip (SpWorkerPool *self, guint64 worker);

/* Those that wait are replaced if that makes a difference to them; nothing while stopped. */
void sp_worker_pool_certificate_changed (SpWorkerPool *self);
void sp_worker_pool_set_wishes (SpWorkerPool *self, const SpNurseryWishes *wishes);
/* Their walls to it lead nowhere. */
void sp_worker_pool_keyholder_lost (SpWorkerPool *self);

guint sp_worker_pool_get_nursery_deaths (SpWorkerPool *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpWorkerPool, sp_worker_pool_free)

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/log.h"
#include "walls/main-nursery.h"

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* The nursery as main sees it: running while the server is on; started again when it dies, and
 * replaced after SP_NURSERY_FORKS_MAX workers, and after one that crashed, so that address layouts
 * do not last. */
typedef struct _SpNurseryClient SpNurseryClient;

typedef struct
{
  /* Takes `pidfd` by sp_fd_steal. */
  void (*worker_forked) (gpointer user_data, guint64 worker, pid_t pid, int *pidfd);
  void (*worker_failed) (gpointer user_data, guint64 worker);
  /* Workers from now on have another layout of memory; those that wait had better go. */
  void (*worker_crashed) (gpointer user_data);
  void (*ready) (gpointer user_data); /* after each start: ask for workers */
} SpNurseryEvents;

SpNurseryClient *sp_nursery_client_new (const char *libexec_folder,
                                        const SpNurseryEvents *events,
                                        gpointer user_data);
guint sp_nursery_client_get_deaths (SpNurseryClient *self);
void sp_nursery_client_free (SpNurseryClient *self);
/* What workers are to be like. */
typedef struct
{
  SpLogLevel log_level;
  gboolean tls13;          /* offered */
  const guint8 *authority; /* as in EQUIP; its name and key stay when it is renewed */
  gsize authority_size;
} SpNurseryWishes;

/* `chain` as in EQUIP; both are copied. */
gboolean sp_nursery_client_start (SpNurseryClient *self,
                                  const guint8 *chain,
                                  gsize chain_size,
                                  const SpNurseryWishes *wishes,
                                  GError **error);
/* Workers from now on show another chain; those that were asked for before may show the old one.
 * FALSE if it is the same. */
gboolean sp_nursery_client_set_chain (SpNurseryClient *self, const guint8 *chain, gsize chain_size);
/* The same of what they are to be like. */
gboolean sp_nursery_client_set_wishes (SpNurseryClient *self, const SpNurseryWishes *wishes);
void sp_nursery_client_stop (SpNurseryClient *self);

/* Lends the worker's ends of both walls.  FALSE while there is no nursery. */
gboolean sp_nursery_client_fork (SpNurseryClient *self,
                                 guint64 worker,
                                 int wall_main,
                                 int wall_keyholder);

G_END_DECLS

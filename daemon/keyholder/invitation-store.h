/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "database.h"
#include "walls/main-keyholder.h"

G_BEGIN_DECLS

/* Links that make a device of whoever opens them first.  What opens one is kept as a hash.  All
 * times are microseconds since the epoch and come from the caller.  An invitation is described as
 * main is told of it. */

#define SP_TOKEN_HASH_SIZE 32 /* SHA-256 */

typedef struct
{
  SpInvitationKnown known;
  char login[SP_LOGIN_MAX + 1];
  char url[SP_URL_MAX + 1];
} SpInvitationEntry;

typedef struct _SpInvitationStore SpInvitationStore;

SpInvitationStore *sp_invitation_store_new (SpDatabase *database, GError **error);
void sp_invitation_store_free (SpInvitationStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpInvitationStore, sp_invitation_store_free)

void sp_token_hash (const guint8 *token, guint8 *ret_hash);

/* A new one, with the id, user, name, label and times of `known`.  Errors: SP_ERROR_NOT_FOUND (no
 * such user), SP_ERROR_BUSY (SP_INVITATIONS_MAX are open). */
gboolean sp_invitation_store_add (SpInvitationStore *store,
                                  const SpInvitationKnown *known,
                                  const char *url,
                                  const guint8 *token_hash,
                                  GError **error);

/* What a link leads to: SP_ERROR_NOT_FOUND unless it works now and its user may sign in. */
gboolean sp_invitation_store_find_open (SpInvitationStore *store,
                                        const guint8 *token_hash,
                                        gint64 now,
                                        SpInvitationEntry *ret_entry,
                                        GError **error);
/* The same by what it gave out.  `ret_file` is what there is to fetch. */
gboolean sp_invitation_store_find_claimed (SpInvitationStore *store,
                                           const guint8 *claim_hash,
                                           gint64 now,
                                           SpInvitationEntry *ret_entry,
                                           GBytes **ret_file,
                                           GError **error);
gboolean sp_invitation_store_find (SpInvitationStore *store,
                                   const guint8 *id,
                                   SpInvitationEntry *ret_entry,
                                   GError **error);

/* It is opened: device, times and address are those of `known`.  Within a transaction of the
 * caller.  SP_ERROR_NOT_FOUND if somebody was faster. */
gboolean sp_invitation_store_claim (SpInvitationStore *store,
                                    const SpInvitationKnown *known,
                                    const guint8 *claim_hash,
                                    const guint8 *file,
                                    gsize file_size,
                                    GError **error);
/* Its files were fetched; the first time counts. */
gboolean sp_invitation_store_note_download (
    SpInvitationStore *store, const guint8 *id, const guint8 *address, gint64 now, GError **error);

typedef void (*SpInvitationTold) (gpointer user_data, const SpInvitationKnown *known);

/* The device has connected: it needs no more files.  Told if that was the first time. */
gboolean sp_invitation_store_note_connection (SpInvitationStore *store,
                                              const guint8 *device,
                                              const guint8 *address,
                                              gint64 now,
                                              SpInvitationTold told,
                                              gpointer user_data,
                                              GError **error);
/* SP_ERROR_NOT_FOUND if there is none that is open or opened. */
gboolean sp_invitation_store_revoke (SpInvitationStore *store,
                                     const guint8 *id,
                                     gint64 now,
                                     GError **error);
/* Those whose time is over end and are told. */
gboolean sp_invitation_store_expire (SpInvitationStore *store,
                                     gint64 now,
                                     SpInvitationTold told,
                                     gpointer user_data,
                                     GError **error);
/* Those that were over for SP_INVITATION_DAYS are forgotten, and told. */
gboolean sp_invitation_store_forget (SpInvitationStore *store,
                                     gint64 now,
                                     SpInvitationTold told,
                                     gpointer user_data,
                                     GError **error);
gboolean sp_invitation_store_tell_all (SpInvitationStore *store,
                                       SpInvitationTold told,
                                       gpointer user_data,
                                       GError **error);

/* When something expires or is to be forgotten next; G_MAXINT64 if never. */
gint64 sp_invitation_store_get_next_end (SpInvitationStore *store);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "keyholder-client.h"
#include "store.h"
#include "user.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* All users.  What is acknowledged here is stored by us and known to the keyholder.
 * Signals: "added" (SpUser), "removed" (SpUser), "changed" (SpUser): not by a first sign-in that
 * sets no end, which only its property tells. */
#define SP_TYPE_USER_REGISTRY (sp_user_registry_get_type ())
G_DECLARE_FINAL_TYPE (SpUserRegistry, sp_user_registry, SP, USER_REGISTRY, GObject)

/* Borrows both, which must outlive the registry. */
SpUserRegistry *sp_user_registry_new (SpStore *store, SpKeyholderClient *keyholder, GError **error);

/* Asked before anybody gets other addresses or networks: whether that can be.  There is one; NULL:
 * there is none. */
typedef gboolean (*SpUserJudge) (gpointer user_data, const SpUserRecord *record, GError **error);
void sp_user_registry_set_judge (SpUserRegistry *self, SpUserJudge judge, gpointer user_data);

/* Whether there is such a group: users have no others.  Until it is set every name is one.  Names
 * of groups that went meanwhile are dropped at once, and told to the keyholder with the user. */
typedef gboolean (*SpUserGroupKnown) (gpointer user_data, const char *name);
void sp_user_registry_set_groups (SpUserRegistry *self, SpUserGroupKnown known, gpointer user_data);
/* A group is gone: who may choose it may not any more. */
void sp_user_registry_leave_group (SpUserRegistry *self, const char *name);
/* Whether somebody may choose it, also somebody in the bin. */
gboolean sp_user_registry_has_group (SpUserRegistry *self, const char *name);

guint sp_user_registry_get_n (SpUserRegistry *self);
SpUser *sp_user_registry_get (SpUserRegistry *self, guint position);              /* lent */
SpUser *sp_user_registry_find_by_id (SpUserRegistry *self, const guint8 *id);     /* lent or NULL */
SpUser *sp_user_registry_find_by_login (SpUserRegistry *self, const char *login); /* lent or NULL */
SpUser *sp_user_registry_find_by_path (SpUserRegistry *self,
                                       const char *element); /* lent or NULL */

/* Tells the keyholder about every user; needed each time it was started. */
void sp_user_registry_announce (SpUserRegistry *self);

/* Tells it about one, which may use the VPN no more or again without a change of its values; kept
 * for its next start if it is away. */
void sp_user_registry_announce_one (SpUserRegistry *self, SpUser *user);

/* From the keyholder.  Known at once and stored within seconds, since who signs in waits for what
 * comes next; main's death in between loses nothing, as the keyholder tells it again. */
void sp_user_registry_first_login (SpUserRegistry *self, const guint8 *id, gint64 at);
/* Stores them now. */
void sp_user_registry_write_first_logins (SpUserRegistry *self);

/* Changes of users come to an end in the order in which they were asked for.
 *
 * `values` and `changes` are dictionaries a{sv} that were checked against sp_user_value_keys; other
 * keys are passed over; floating references are taken.
 * Errors: SP_ERROR_INVALID_ARGUMENTS, SP_ERROR_EXISTS, SP_ERROR_NOT_FOUND, SP_ERROR_BUSY,
 * SP_ERROR_FAILED. */
void sp_user_registry_add_async (SpUserRegistry *self,
                                 const char *login,
                                 GVariant *values,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
/* The caller owns what is returned. */
SpUser *sp_user_registry_add_finish (SpUserRegistry *self, GAsyncResult *result, GError **error);

/* The password is what can be read from `fd` (taken); main does not read it.  `hashed`: what
 * crypt(3) made of one. */
void sp_user_registry_set_password_async (SpUserRegistry *self,
                                          SpUser *user,
                                          int fd,
                                          gboolean hashed,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);
gboolean sp_user_registry_set_password_finish (SpUserRegistry *self,
                                               GAsyncResult *result,
                                               GError **error);

void sp_user_registry_update_async (SpUserRegistry *self,
                                    SpUser *user,
                                    GVariant *changes,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean sp_user_registry_update_finish (SpUserRegistry *self,
                                         GAsyncResult *result,
                                         GError **error);

/* Into the bin, where the user stays for SP_USER_KEPT, can not sign in, and keeps its login.  What
 * is returned undoes it, also when another main runs by then.  Errors: SP_ERROR_INVALID_ARGUMENTS
 * (it is there already). */
void sp_user_registry_remove_async (SpUserRegistry *self,
                                    SpUser *user,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
char *sp_user_registry_remove_finish (SpUserRegistry *self, GAsyncResult *result, GError **error);
/* Whose removal the token undoes, or NULL; once the user is restored or purged it is good no more.
 */
SpUser *sp_user_registry_find_by_token (SpUserRegistry *self, const char *token);

/* Out of the bin, and for good.  Both end with sp_user_registry_update_finish().  Errors:
 * SP_ERROR_INVALID_ARGUMENTS (it is not there). */
void sp_user_registry_restore_async (SpUserRegistry *self,
                                     SpUser *user,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
void sp_user_registry_purge_async (SpUserRegistry *self,
                                   SpUser *user,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);

G_END_DECLS

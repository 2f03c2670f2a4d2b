/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "remote/target.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* The way to the system bus of another computer, over ssh, for who has no terminal: nothing asks
 * and nothing waits, and what is to be decided is told as an error.  Can be gone again and again;
 * one at a time.  Main thread only. */
#define SP_TYPE_CONTACT (sp_contact_get_type ())
G_DECLARE_FINAL_TYPE (SpContact, sp_contact, SP, CONTACT, GObject)

/* `folder`: where the app keeps its own key and the keys of computers that were trusted here,
 * besides those that ssh knows itself.  `own_key`: sign in with the app's key, and with such as
 * ssh's settings name for that computer. */
SpContact *sp_contact_new (const SpTarget *target, const char *folder, gboolean own_key);

/* Errors: SP_REMOTE_ERROR, G_IO_ERROR_CANCELLED.  After HOST_KEY_UNKNOWN the contact offers a key;
 * the connection ends, and ssh with it, when it is closed or its last reference goes. */
void sp_contact_connect (SpContact *contact,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer data);
GDBusConnection *sp_contact_connect_finish (SpContact *contact,
                                            GAsyncResult *result,
                                            GError **error);

/* Ends what is there at once. */
void sp_contact_end (SpContact *contact);

/* What the unknown computer showed, as lines of a known_hosts file (sp_host_key_read()), or NULL.
 */
const char *sp_contact_get_offer (SpContact *contact);
/* That is it.  Errors: G_IO_ERROR. */
gboolean sp_contact_trust (SpContact *contact, GError **error);

const SpTarget *sp_contact_get_target (SpContact *contact);
gboolean sp_contact_has_own_key (SpContact *contact);
/* Whom ssh signs in as; NULL: it was not asked yet. */
const char *sp_contact_get_account (SpContact *contact);
/* The address from where the other computer sees us come, or NULL.  Free with g_free(). */
char *sp_contact_get_origin (SpContact *contact);

G_END_DECLS

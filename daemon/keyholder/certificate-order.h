/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "keyholder.h"

G_BEGIN_DECLS

/* What main may order about certificates, and what it is told of them. */

/* Makes the keyholder serve with what is stored. */
gboolean sp_certificate_order_serve (SpKeyholder *keyholder, GError **error);

/* Handlers for the wall to main (link/link.h). */
void sp_certificate_order_list (gpointer user_data,
                                guint32 serial,
                                gconstpointer message,
                                int *fds);
void sp_certificate_order_renew (gpointer user_data,
                                 guint32 serial,
                                 gconstpointer message,
                                 int *fds);

void sp_certificate_order_activate (gpointer user_data,
                                    guint32 serial,
                                    gconstpointer message,
                                    int *fds);
void sp_certificate_order_remove (gpointer user_data,
                                  guint32 serial,
                                  gconstpointer message,
                                  int *fds);

void sp_certificate_order_request (gpointer user_data,
                                   guint32 serial,
                                   gconstpointer message,
                                   int *fds);

/* Tells main that one of this id is no longer there. */
void sp_certificate_order_tell_gone (SpKeyholder *keyholder, const guint8 *id);
/* Tells main of one that was imported. */
void sp_certificate_order_tell (SpKeyholder *keyholder, const SpStoredCertificate *stored);

/* Makes anew what ends soon; to be called from time to time.  What fails is logged. */
void sp_certificate_order_renew_in_time (SpKeyholder *keyholder);

G_END_DECLS

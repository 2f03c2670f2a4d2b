/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/main-courier.h"

G_BEGIN_DECLS

/* Sends couriers, one at a time: each is a process that runs one errand and ends.  What one says is
 * no more believed than the network that it comes from. */
typedef struct _SpCourierClient SpCourierClient;

/* Called once for each that was sent, from the main loop.  Whatever became of it, there is an
 * outcome; address and word are as the wall says, or unset. */
typedef void (*SpCourierBack) (gpointer user_data, const SpErrandDone *done);

/* Likewise for ports: the address is unset or IPv4, of an order for IPv6 unset or, if that is done,
 * the one it was for; and the seconds are no more than was asked. */
typedef void (*SpCourierMapped) (gpointer user_data, const SpPortsMapped *done);

/* Likewise for a name: there are whole addresses if, and only if, the outcome is FOUND. */
typedef void (*SpCourierLookedUp) (gpointer user_data, const SpNameLookedUp *done);

SpCourierClient *sp_courier_client_new (const char *libexec_folder);
void sp_courier_client_free (SpCourierClient *self); /* ends one that is on its way */

/* `password`: a file that it may read; lent.  FALSE: one is on its way (SP_ERROR_BUSY), or it could
 * not be started; nobody is called then. */
gboolean sp_courier_client_send (SpCourierClient *self,
                                 const SpRunErrand *order,
                                 int password,
                                 SpCourierBack back,
                                 gpointer user_data,
                                 GError **error);
/* Likewise, to ask a router. */
gboolean sp_courier_client_map (SpCourierClient *self,
                                const SpMapPorts *order,
                                SpCourierMapped mapped,
                                gpointer user_data,
                                GError **error);
/* Likewise, to ask for the addresses of a name. */
gboolean sp_courier_client_look_up (SpCourierClient *self,
                                    const SpLookUpName *order,
                                    SpCourierLookedUp looked_up,
                                    gpointer user_data,
                                    GError **error);

/* Likewise for when to renew a certificate: of DONE the end is later than the beginning. */
typedef void (*SpCourierRenewal) (gpointer user_data, const SpRenewalTold *told);

/* An order of a certificate: what the courier asks for on its way is answered with the serial that
 * the question came with; after it was recalled or is back that does nothing. */
typedef struct
{
  void (*sign) (gpointer user_data, guint32 serial, const SpSignRequest *request);
  void (*show) (gpointer user_data, guint32 serial, const SpShowValidation *validation);
  void (*back) (gpointer user_data, const SpOrderDone *done); /* as SpCourierBack */
} SpCourierOrder;

/* `files`: as in RUN_ORDER; lent.  Otherwise like the other. */
gboolean sp_courier_client_order (SpCourierClient *self,
                                  const SpRunOrder *order,
                                  const int files[2],
                                  const SpCourierOrder *events,
                                  gpointer user_data,
                                  GError **error);
void sp_courier_client_answer_signed (SpCourierClient *self,
                                      guint32 serial,
                                      const SpRequestSigned *answer);
void sp_courier_client_answer_shown (SpCourierClient *self, guint32 serial, gboolean shown);

/* `authorities`: as in ASK_RENEWAL; lent.  Otherwise like the others. */
gboolean sp_courier_client_ask_renewal (SpCourierClient *self,
                                        const SpAskRenewal *question,
                                        int authorities,
                                        SpCourierRenewal told,
                                        gpointer user_data,
                                        GError **error);

gboolean sp_courier_client_is_away (SpCourierClient *self);
/* Nobody wants to know any more. */
void sp_courier_client_recall (SpCourierClient *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpCourierClient, sp_courier_client_free)

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "acme-record.h"
#include "acme.h"
#include "certificate-registry.h"
#include "courier-client.h"

G_BEGIN_DECLS

/* What the files of SpAcme share. */

struct _SpAcme
{
  SpServer *server; /* the owner */
  SpAcmeChanged changed;
  SpCourierClient *courier;
  SpAcmeRecord record;
  guint timer; /* source id, 0 = none */
  /* the order in work; the rest is nothing without `asking` */
  GCancellable *asking; /* whoever is asked for something answers to this one; NULL: no order */
  char asks_with[SP_ACME_HASH_SIZE];
  char *directory;
  GBytes *names;
  guint8 ways[SP_ACME_WAYS_N]; /* of RUN_ORDER */
  guint n_ways;
  SpAcmeStep step;
  guint8 request[SP_ID_SIZE];
  guint8 issued[SP_ID_SIZE];
  int chain; /* the file for the certificate, -1 = none */
};

/* Its answer says that it was cancelled when the order was dropped, and perhaps all of this. */
GTask *sp_acme_task_new (SpAcme *self, GAsyncReadyCallback callback);
gboolean sp_acme_is_stale (const GError *error);

const SpSettings *sp_acme_get_settings (SpAcme *self);
/* What became of the order. */
void sp_acme_end (SpAcme *self, const SpOrderDone *done);
/* Into a field of a message; returns its length. */
guint16 sp_acme_copy (guint8 *field, gsize most, gconstpointer bytes, gsize size);

/* Of the certificate that came last. */
void sp_acme_find_life (SpAcme *self, SpAcmeLife *ret);
/* -1: it cannot be read, or is no file; an empty path is an empty file. */
int sp_acme_open_authorities (const char *path, GError **error);

/* acme-renewal.c: while there is no order. */
void sp_acme_ask_renewal (SpAcme *self, const SpCertificateKnown *known);

/* acme-questions.c: handlers of SpCourierOrder, which answer what a courier asks for on its way. */
void sp_acme_sign (gpointer user_data, guint32 serial, const SpSignRequest *request);
void sp_acme_show (gpointer user_data, guint32 serial, const SpShowValidation *asked);

G_END_DECLS

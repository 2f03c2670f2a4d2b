/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"

#include <glib.h>

G_BEGIN_DECLS

/* How many records of unknown peers may be offered to workers.  PURE, fixed memory; the time is
 * told.
 *
 * Nothing about a stray is verified, its sender's address least of all.  So there are two lanes:
 * one for neighbourhoods (narrow prefixes) in which somebody lately proved by a DTLS cookie and a
 * genuine id that we serve him there, and a much narrower one for all others.  A flood from
 * addresses picked at random finds the second one empty, and costs a look into a table. */

typedef struct _SpStrayBudget SpStrayBudget;

SpStrayBudget *sp_stray_budget_new (const guint64 seed[2]);
void sp_stray_budget_free (SpStrayBudget *budget);

/* Somebody at this address has been verified. */
void sp_stray_budget_met (SpStrayBudget *budget, const guint8 *address, gint64 now);
/* A stray came from there: may it be offered? */
gboolean sp_stray_budget_spend (SpStrayBudget *budget, const guint8 *address, gint64 now);

gsize sp_stray_budget_get_size (const SpStrayBudget *budget); /* bytes; constant */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpStrayBudget, sp_stray_budget_free)

G_END_DECLS

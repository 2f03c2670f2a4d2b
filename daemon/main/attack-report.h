/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "event-book.h"
#include "penalty-book.h"

G_BEGIN_DECLS

/* Tells the log of an attack when it begins, once a minute while it goes on, and when it is over;
 * and keeps one row of the history about it. */
typedef struct _SpAttackReport SpAttackReport;

/* Borrows both. */
SpAttackReport *sp_attack_report_new (SpPenaltyBook *penalties, SpEventBook *events);
void sp_attack_report_free (SpAttackReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpAttackReport, sp_attack_report_free)

G_END_DECLS

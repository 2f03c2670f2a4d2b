/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "worker-private.h"

G_BEGIN_DECLS

/* Somebody came with an invitation.  Each request gets one answer, and then the connection ends; a
 * link that is no good gets what strangers get. */

/* FALSE if the request that waits in worker->http is for something else. */
gboolean sp_enrolment_stage_begin (SpWorker *worker);
void sp_enrolment_stage_seen (SpWorker *worker, const SpInvitationSeen *seen);
void sp_enrolment_stage_claimed (SpWorker *worker, const SpInvitationClaimed *claimed);
void sp_enrolment_stage_fetched (SpWorker *worker, const SpEnrolmentFetched *fetched);

G_END_DECLS

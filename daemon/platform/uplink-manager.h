/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "platform/uplink.h"
#include "resolver-file.h"

/* What the manager of the network says of it. */
typedef struct
{
  GStrv interfaces;   /* names of those that it has set up; none: it manages nothing */
  gboolean has_names; /* it decides which name servers this machine asks, and for which domains */
  SpResolverFile names;
  SpConnectivity connectivity;
} SpUplinkReport;

void sp_uplink_report_free (SpUplinkReport *report);

/* Takes the report; NULL: there is none.  Says "changed" when that is news. */
void sp_uplink_manager_set_report (SpUplinkManager *manager, SpUplinkReport *report);

/* Says in the picture, whose interfaces are known, what the manager knows.  FALSE: name servers and
 * domains are not among that.  NULL does not know any. */
gboolean sp_uplink_manager_describe (SpUplinkManager *manager, SpUplink *uplink);

/* Whoever makes the reports, and is ended with the manager. */
void sp_uplink_manager_set_source (SpUplinkManager *manager,
                                   gpointer source,
                                   GDestroyNotify end_source);
gpointer sp_uplink_manager_get_source (SpUplinkManager *manager);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpUplinkReport, sp_uplink_report_free)

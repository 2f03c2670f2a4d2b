/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "platform/firewall.h"

/* The text of transactions in libnftables-json(5).  Everything in it is fixed, or a number, an
 * address that was written from bytes, or a device name of the form sally<number>: nothing can be
 * injected. */

/* Appends commands (comma-separated objects) that put the table there as if it had never been. */
void sp_firewall_rules_append_table (GString *text, const SpFirewallPlan *plan);
void sp_firewall_rules_append_removal (GString *text);
/* Adds what belongs to the session.  Errors: SP_ERROR_INVALID_ARGUMENTS: no such device name. */
gboolean sp_firewall_rules_append_session (GString *text,
                                           const SpFirewallSession *session,
                                           GError **error);
/* Removes exactly that. */
void sp_firewall_rules_append_departure (GString *text, const SpFirewallSession *session);

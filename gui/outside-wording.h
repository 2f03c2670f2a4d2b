/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How the property Reachability is said to people. */

typedef enum
{
  SP_OUTSIDE_UNKNOWN,
  SP_OUTSIDE_GOOD,
  SP_OUTSIDE_BAD
} SpOutsideLook;

/* What is so, and what helps; lent.  A verdict that is not known here is unknown. */
SpOutsideLook sp_outside_describe (GVariant *reachability,
                                   const char **ret_title,
                                   const char **ret_text);
/* "home.example → 203.0.113.7": where the name leads under which people look for the server; new.
 */
char *sp_outside_describe_name (GVariant *reachability);
/* Likewise of the property PortMapping: what the owner has to do about the router, if anything; a
 * line more about IPv6; new. */
char *sp_outside_describe_mapping (GVariant *mapping, const char **ret_title);
/* Where the router forwards one port alone, what is so and what helps, by that property or the
 * details of its entry of the health; lent, NULL: it does not do that, or the verdict is another.
 */
const char *sp_outside_describe_part (GVariant *facts);
/* Why the router does not forward the ports, by the word for it; lent, NULL: it is not known here.
 */
const char *sp_outside_describe_refusal (const char *reason);
/* "14:02 from 203.0.113.7": when and where the link of the test was opened last; new, NULL: it was
 * not. */
char *sp_outside_describe_opening (GVariant *reachability);
/* When the server was reached last, "Today 14:02"; new, NULL: never. */
char *sp_outside_describe_proof (GVariant *reachability);
/* How the test stands: "none", "waiting", "home", "reached" or "over"; lent. */
const char *sp_outside_get_test (GVariant *reachability);

G_END_DECLS

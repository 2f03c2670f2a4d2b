/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "standing.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* How it is with a name that follows the address of the network, in words: of the property
 * DynamicDns, or NULL. */

/* `name`: the one that is to lead here.  `ret_text` is new. */
SpStanding sp_dynamic_dns_describe (GVariant *dns,
                                    const char *name,
                                    const char **ret_title,
                                    char **ret_text);
/* What is wrong, and what mends it, by the word for it; NULL: it is not known here. */
const char *sp_dynamic_dns_describe_reason (const char *reason);
/* Whether the person has to write something else, since asking again would not help. */
gboolean sp_dynamic_dns_needs_change (GVariant *dns);

G_END_DECLS

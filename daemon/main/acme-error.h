/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/main-courier.h"

G_BEGIN_DECLS

/* Why an authority cannot be shown a name: the code is the SpOrderOutcome that its order ends with.
 */
#define SP_ACME_ERROR (sp_acme_error_quark ())
GQuark sp_acme_error_quark (void);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Size of the DER sequence at the start of `bytes` (X.690 8.1.3), 0 if it is not there whole. */
gsize sp_der_measure (const guint8 *bytes, gsize size);

G_END_DECLS

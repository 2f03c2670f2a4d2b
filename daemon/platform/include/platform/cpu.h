/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether this CPU has instructions for AES-GCM (rounds and carry-less multiplication) which GnuTLS
 * uses.  Without them AES in software is several times slower than ChaCha20-Poly1305; with them it
 * is the other way round. */
gboolean sp_cpu_has_aes (void);

G_END_DECLS

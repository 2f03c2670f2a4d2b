/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "keyholder.h"

G_BEGIN_DECLS

/* Files that the owner brought are looked at and, if that is wished and they can be used, kept.
 * One at a time; another is answered as busy. */
typedef struct _SpCertificateImport SpCertificateImport;

/* Handler for CHECK_CERTIFICATE (link/link.h); the import lives in keyholder->import until it
 * answered. */
void sp_certificate_import_check (gpointer user_data,
                                  guint32 serial,
                                  gconstpointer message,
                                  int *fds);
/* Waits until its thread has ended; NULL is fine. */
void sp_certificate_import_free (SpCertificateImport *import);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Takes files with a certificate and its key, shows what the server says about them, and has the
 * server use it.  Nothing is kept anywhere before the person says so. */
#define SP_TYPE_CERTIFICATE_IMPORT (sp_certificate_import_get_type ())
G_DECLARE_FINAL_TYPE (SpCertificateImport, sp_certificate_import, SP, CERTIFICATE_IMPORT, AdwBin)

void sp_certificate_import_set_connection (SpCertificateImport *import,
                                           SpServerConnection *connection);
/* Looks at files (a list of GFile). */
void sp_certificate_import_look_at (SpCertificateImport *import, GListModel *files);
/* Makes a widget take files that are dropped on it. */
void sp_certificate_import_accept_drops (SpCertificateImport *import, GtkWidget *widget);

G_END_DECLS

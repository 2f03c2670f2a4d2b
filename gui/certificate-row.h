/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* A certificate that is not in use, or a request: use, remove, save. */
#define SP_TYPE_CERTIFICATE_ROW (sp_certificate_row_get_type ())
G_DECLARE_FINAL_TYPE (SpCertificateRow, sp_certificate_row, SP, CERTIFICATE_ROW, AdwActionRow)

GtkWidget *sp_certificate_row_new (SpServerConnection *connection, SpBusCertificate *certificate);

/* Has a certificate used from now on, and offers to go back to the one before. */
void sp_certificate_row_use (GtkWidget *near,
                             SpServerConnection *connection,
                             SpBusCertificate *certificate);
/* Saves the request of a certificate that is one. */
void sp_certificate_row_save_request (GtkWidget *near, SpBusCertificate *certificate);

G_END_DECLS

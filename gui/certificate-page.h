/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"
#include "subpage.h"

G_BEGIN_DECLS

/* What clients recognise the server by: the certificate in use, another one from files (the whole
 * page takes them when they are dropped), and those that the server has besides. */
#define SP_TYPE_CERTIFICATE_PAGE (sp_certificate_page_get_type ())
G_DECLARE_FINAL_TYPE (SpCertificatePage, sp_certificate_page, SP, CERTIFICATE_PAGE, SpSubpage)

SpSubpage *sp_certificate_page_new (SpServerConnection *connection);

/* The server certificate that is in use; new reference, or NULL. */
SpBusCertificate *sp_certificate_page_find_active (SpServerConnection *connection);
/* What it is called: its names; new. */
char *sp_certificate_page_describe_names (SpBusCertificate *certificate);
/* Until when it is good, and whether it renews itself; new. */
char *sp_certificate_page_describe_end (SpBusCertificate *certificate);

G_END_DECLS

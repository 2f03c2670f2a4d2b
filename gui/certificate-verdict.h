/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Fills a list box with what the server found in files: their names (char *, in the order in which
 * the server got them), the certificate (a{sv}, empty: none) and its findings (a(ssa{sv})), as
 * CheckCertificate() tells them.  Whether a passphrase may help is answered. */
gboolean sp_certificate_verdict_show (GtkListBox *box,
                                      GPtrArray *names,
                                      GVariant *certificate,
                                      GVariant *findings);

G_END_DECLS

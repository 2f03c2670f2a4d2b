/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "server.h"

#include <gio/gunixfdlist.h>

G_BEGIN_DECLS

/* Server.CheckCertificate and, with `keep`, ImportCertificate: descriptors in, a verdict out. */
void sp_bus_certificate_files (SpServer *server,
                               GDBusMethodInvocation *invocation,
                               GUnixFDList *descriptors,
                               GVariant *files,
                               GVariant *options,
                               gboolean keep);

/* What was found in a certificate that somebody brought, a(ssa{sv}), floating. */
GVariant *sp_bus_findings (const guint8 *findings, gsize length);

G_END_DECLS

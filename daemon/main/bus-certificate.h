/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"
#include "certificate-registry.h"
#include "server.h"

G_BEGIN_DECLS

/* A certificate on the bus. */
#define SP_TYPE_EXPORTED_CERTIFICATE (sp_exported_certificate_get_type ())
G_DECLARE_FINAL_TYPE (SpExportedCertificate,
                      sp_exported_certificate,
                      SP,
                      EXPORTED_CERTIFICATE,
                      SpBusCertificateSkeleton)

/* `element` as the registry has it. */
SpExportedCertificate *sp_exported_certificate_new (SpServer *server, const char *element);
char *sp_exported_certificate_path (const char *element);

char *sp_exported_certificate_path_of_id (const guint8 *id);

/* Texts as the bus has them, from what the wall has. */
GStrv sp_bus_certificate_names (const guint8 *bytes, gsize length);
GBytes *sp_bus_write_names (const char *const *names, GError **error);
/* PEM (RFC 7468) */
GBytes *sp_bus_write_pem (const char *label, const guint8 *der, gsize size);
/* What GetCertificateAuthority() answers; `certificate` is NULL before there is one. */
GBytes *sp_bus_write_authority (const SpPrepared *certificate, GVariant *options, GError **error);
char *sp_bus_fingerprint_text (const guint8 *fingerprint);
/* "pin-sha256:" and base64, as clients take it; `pin` has SP_PIN_SIZE bytes. */
char *sp_pin_text (const guint8 *pin);

G_END_DECLS

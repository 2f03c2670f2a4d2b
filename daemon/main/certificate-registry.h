/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "keyholder-client.h"

G_BEGIN_DECLS

/* The certificates that the keyholder has, as it tells them.  One is named by an element of a path:
 * "authority" and "own" for those that we made, the id in hexadecimal for others.
 * Signals: "added", "changed", "removed" (const char *element). */
#define SP_TYPE_CERTIFICATE_REGISTRY (sp_certificate_registry_get_type ())
G_DECLARE_FINAL_TYPE (
    SpCertificateRegistry, sp_certificate_registry, SP, CERTIFICATE_REGISTRY, GObject)

SpCertificateRegistry *sp_certificate_registry_new (SpKeyholderClient *keyholder);

/* Elements, in no order; free with g_strfreev. */
GStrv sp_certificate_registry_list (SpCertificateRegistry *self);
/* Valid until the loop runs again; NULL: there is none. */
const SpCertificateKnown *sp_certificate_registry_find (SpCertificateRegistry *self,
                                                        const char *element);

/* From the keyholder. */
void sp_certificate_registry_keyholder_ready (SpCertificateRegistry *self);
void sp_certificate_registry_known (SpCertificateRegistry *self, const SpCertificateKnown *known);
void sp_certificate_registry_gone (SpCertificateRegistry *self, const guint8 *id);
/* How it is with the key of the certificate that is shown, where that is in a token; READY where it
 * is in none.  Tells "changed" of that certificate. */
void sp_certificate_registry_set_token (SpCertificateRegistry *self,
                                        SpTokenState state,
                                        const char *text);
/* `ret_text` is lent. */
SpTokenState sp_certificate_registry_get_token (SpCertificateRegistry *self, const char **ret_text);

/* Makes our own server certificate anew with the same key; `names` as in RENEW_CERTIFICATE. Without
 * `always` only if it lacks one of them or ends soon.  Errors: SP_ERROR_INVALID_ARGUMENTS,
 * SP_ERROR_BUSY, SP_ERROR_FAILED. */
void sp_certificate_registry_renew_async (SpCertificateRegistry *self,
                                          GBytes *names,
                                          gboolean always,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);
/* Files that somebody brought; the descriptors are taken. */
typedef struct
{
  int files[SP_BUNDLE_FILES_MAX];
  guint n_files;
  int passphrase; /* -1: there is none */
  char *token;    /* the URI of the key in a token, whose PIN the passphrase is; NULL: in none */
} SpCertificateFiles;

void sp_certificate_files_init (SpCertificateFiles *files);
void sp_certificate_files_clear (SpCertificateFiles *files);

/* Says what is in them, and with `keep` takes it if it can be used.  `name`: of the server, or
 * empty.  Errors: SP_ERROR_INVALID_ARGUMENTS, SP_ERROR_BUSY, SP_ERROR_FAILED. */
void sp_certificate_registry_check_async (SpCertificateRegistry *self,
                                          SpCertificateFiles *files,
                                          const char *name,
                                          gboolean keep,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);
/* Free with g_free. */
SpCertificateChecked *sp_certificate_registry_check_finish (SpCertificateRegistry *self,
                                                            GAsyncResult *result,
                                                            GError **error);

/* Serves with it from the next connection on.  Errors: SP_ERROR_NOT_FOUND,
 * SP_ERROR_INVALID_ARGUMENTS (it is an authority, or not good now), SP_ERROR_BUSY, SP_ERROR_FAILED.
 */
void sp_certificate_registry_activate_async (SpCertificateRegistry *self,
                                             const char *element,
                                             GAsyncReadyCallback callback,
                                             gpointer user_data);
/* Errors: SP_ERROR_NOT_FOUND, SP_ERROR_INVALID_ARGUMENTS (it is our own, or active), SP_ERROR_BUSY,
 * SP_ERROR_FAILED. */
void sp_certificate_registry_remove_async (SpCertificateRegistry *self,
                                           const char *element,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data);
/* Gives out a request that is there, or, where `element` is NULL, makes a key and a request for
 * these names (as in PREPARE).  Errors: SP_ERROR_NOT_SUPPORTED (it is no request),
 * SP_ERROR_INVALID_ARGUMENTS, SP_ERROR_BUSY, SP_ERROR_FAILED. */
void sp_certificate_registry_request_async (SpCertificateRegistry *self,
                                            const char *element,
                                            GBytes *names,
                                            GAsyncReadyCallback callback,
                                            gpointer user_data);
/* Free with g_free. */
SpCertificateRequested *sp_certificate_registry_request_finish (SpCertificateRegistry *self,
                                                                GAsyncResult *result,
                                                                GError **error);
/* Of the others. */
gboolean sp_certificate_registry_finish (SpCertificateRegistry *self,
                                         GAsyncResult *result,
                                         GError **error);

G_END_DECLS

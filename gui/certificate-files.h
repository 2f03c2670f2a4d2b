/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gunixfdlist.h>

G_BEGIN_DECLS

/* Files with a certificate that a person gave, as they are handed to the server. */

#define SP_CERTIFICATE_FILES_MAX     4
#define SP_CERTIFICATE_FILE_SIZE_MAX 65536 /* bytes */

typedef struct
{
  char *name; /* as people call it */
  GBytes *bytes;
} SpCertificateFile;

void sp_certificate_file_free (SpCertificateFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpCertificateFile, sp_certificate_file_free)

/* Reads them all, or none.  The error says in the reader's words which file cannot be used. */
void sp_certificate_files_read (GListModel *files,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer data);
/* SpCertificateFile; a new array that owns them. */
GPtrArray *sp_certificate_files_read_finish (GAsyncResult *result, GError **error);

/* Arguments of CheckCertificate() and ImportCertificate(): the handles (ah, floating) and the
 * options (a{sv}, floating), with what they stand for.  An empty passphrase is none. */
GUnixFDList *sp_certificate_files_hand_over (GPtrArray *files,
                                             const char *passphrase,
                                             GVariant **ret_handles,
                                             GVariant **ret_options,
                                             GError **error);

G_END_DECLS

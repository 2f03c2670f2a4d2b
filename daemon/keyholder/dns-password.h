/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "keyholder.h"

G_BEGIN_DECLS

/* The password of the account at a provider of dynamic DNS, and the secret of a key at a name
 * server: kept as they are, since one has to be sent, and the other signs.  Each leaves in a file
 * for a courier alone, which main does not read. */
typedef struct _SpDnsPassword SpDnsPassword;

/* Takes fds[0]; lives in keyholder->dns_password until it has answered. */
void sp_dns_password_set (SpKeyholder *keyholder,
                          guint32 serial,
                          const SpSetDnsPassword *message,
                          int *fds);
void sp_dns_password_free (SpDnsPassword *password);

/* Tells main which there are. */
gboolean sp_dns_password_tell_all (SpKeyholder *keyholder, GError **error);

/* Writes it, if there is one, and answers. */
void sp_dns_password_lend (SpKeyholder *keyholder,
                           guint32 serial,
                           const SpLendDnsPassword *message,
                           int fd);

G_END_DECLS

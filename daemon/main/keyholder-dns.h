/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "keyholder-client.h"

G_BEGIN_DECLS

/* The passwords for dynamic DNS; the tasks return a boolean.  To be forgotten: not `on`.  `file`
 * (lent, empty) has it then. */
void sp_keyholder_client_set_dns_password (
    SpKeyholderClient *self, SpDnsPasswordKind which, gboolean on, int fd, GTask *task);
void sp_keyholder_client_lend_dns_password (SpKeyholderClient *self,
                                            SpDnsPasswordKind which,
                                            int file,
                                            GTask *task);

/* Whether there is one, as far as the keyholder told. */
gboolean sp_keyholder_client_has_dns_password (SpKeyholderClient *self, SpDnsPasswordKind which);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "keyholder-client.h"

G_BEGIN_DECLS

/* What the keyholder is asked about devices; the tasks return a boolean unless said otherwise. */
/* Its task returns a SpDeviceIssued, to be freed with g_free; the descriptors are lent. */
void sp_keyholder_client_issue_device (SpKeyholderClient *self,
                                       const SpIssueDevice *message,
                                       const int fds[2],
                                       GTask *task);
void sp_keyholder_client_revoke_device (SpKeyholderClient *self,
                                        const SpRevokeDevice *message,
                                        GTask *task);
void sp_keyholder_client_remove_device (SpKeyholderClient *self, const guint8 *device, GTask *task);

G_END_DECLS

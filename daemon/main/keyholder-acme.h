/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "keyholder-client.h"

G_BEGIN_DECLS

/* What the keyholder does for our accounts at authorities.  The tasks return an SpAcmeSigned and an
 * SpAcmeDigested, to be freed with g_free.  Errors: SP_ERROR_INVALID_ARGUMENTS, SP_ERROR_BUSY,
 * SP_ERROR_FAILED. */
void sp_keyholder_client_sign_acme (SpKeyholderClient *self,
                                    const SpSignAcme *message,
                                    GTask *task);
void sp_keyholder_client_digest_acme (SpKeyholderClient *self,
                                      const SpDigestAcme *message,
                                      GTask *task);

G_END_DECLS

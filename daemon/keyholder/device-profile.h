/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "codec/apple-profile.h"
#include "key-store.h"

G_BEGIN_DECLS

/* A profile for Apple's devices, signed (RFC 5652, CMS SignedData with the content within): by a
 * key of its own that is not kept, whose certificate our authority makes.  Devices show who signed,
 * and nobody changes it on its way. */
GByteArray *sp_device_profile_make (SpKeyStore *keys,
                                    const SpAppleProfile *profile,
                                    GError **error);

G_END_DECLS

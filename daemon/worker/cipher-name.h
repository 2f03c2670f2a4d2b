/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>
#include <gnutls/gnutls.h>

G_BEGIN_DECLS

/* "TLS1.3 AES-128-GCM" */
void sp_cipher_name (gnutls_session_t session, char text[SP_CIPHER_MAX + 1]);

G_END_DECLS

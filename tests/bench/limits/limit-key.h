/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gnutls/gnutls.h>

/* The server's key in a process of its own, which signs what others ask it to: what it costs that
 * no process that reads a client's bytes holds the key. */

/* Starts that process, and has the credentials ask it.  `certificate`, `key`: files. */
void limit_key_set_apart (gnutls_certificate_credentials_t credentials,
                          const char *certificate,
                          const char *key);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A password of 100 random bits that can be read out: groups of letters and digits that do not look
 * alike.  Free with sp_secret_text_free(). */
char *sp_password_generate (void);

G_END_DECLS

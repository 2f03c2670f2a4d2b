/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "standing.h"

#include <glib.h>

G_BEGIN_DECLS

/* How a certificate from an authority is said to people: the property Acme of a server, which may
 * be NULL. */

/* The one that is proposed, and its terms. */
#define SP_AUTHORITY_PROPOSED       "https://acme-v02.api.letsencrypt.org/directory"
#define SP_AUTHORITY_PROPOSED_TERMS "https://letsencrypt.org/repository/"

#define SP_AUTHORITY_N_STEPS 3

/* The one thing that is to be done. */
typedef enum
{
  SP_AUTHORITY_NO_FIX,
  SP_AUTHORITY_AGAIN, /* order once more, when the text was followed */
  SP_AUTHORITY_CHANGE /* what the settings say of the authority */
} SpAuthorityFix;

/* The title is lent, the text new. */
SpStanding sp_authority_describe (GVariant *acme, const char **ret_title, char **ret_text);
SpAuthorityFix sp_authority_get_fix (GVariant *acme);
/* Why an order failed, and what mends it; lent.  NULL: the reason is not known here. */
const char *sp_authority_describe_reason (const char *reason);

/* Which step is under way; N_STEPS: the certificate is there. */
guint sp_authority_get_step (GVariant *acme);
/* Lent. */
const char *sp_authority_get_step_text (guint step);

/* What the authority of that directory is called; new. */
char *sp_authority_describe_name (const char *directory);

G_END_DECLS

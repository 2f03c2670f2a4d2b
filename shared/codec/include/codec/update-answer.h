/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* What comes back from providers of dynamic DNS, and from places that tell an address.  PURE. */

/* The words of the protocol that is called dyndns2, by what has to follow. */
typedef enum
{
  SP_UPDATE_GOOD,       /* good */
  SP_UPDATE_UNCHANGED,  /* nochg: it was so already; to say it again is abuse */
  SP_UPDATE_CREDENTIAL, /* badauth */
  SP_UPDATE_NAME,       /* nohost, notfqdn, numhost, !yours: not a name of this account */
  SP_UPDATE_ABUSE,      /* abuse: the name is blocked */
  SP_UPDATE_UNPAID,     /* !donator: not for this account */
  SP_UPDATE_PROGRAM,    /* badagent, badsys: it does not want us */
  SP_UPDATE_LATER,      /* 911, dnserr: not before half an hour */
  SP_UPDATE_UNKNOWN,    /* none of these */
  SP_UPDATE_LAST = SP_UPDATE_UNKNOWN
} SpUpdateAnswer;

/* The first word decides; we ask for one name, so there is one line.  `ret_word`: as it was said,
 * of small letters, digits and "!" alone; empty if it is UNKNOWN. */
SpUpdateAnswer sp_update_answer_read (const guint8 *answer,
                                      gsize size,
                                      char ret_word[SP_PROVIDER_WORD_MAX + 1]);

/* An address alone, with a line's end at most behind it, that can be reached from everywhere. */
gboolean sp_address_answer_read (const guint8 *answer,
                                 gsize size,
                                 guint8 ret_address[SP_ADDRESS_SIZE]);

/* Whether the rest of the world may have it as its peer: neither private, shared (RFC 6598),
 * link-local, for documentation, nor for groups. */
gboolean sp_address_is_global (const guint8 *address);

G_END_DECLS

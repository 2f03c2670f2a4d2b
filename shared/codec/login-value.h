/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "codec/login-request.h"

/* Which member of SpLoginRequest a named value belongs to, whichever notation it came in. */
typedef enum
{
  SP_LOGIN_SLOT_NONE, /* not for us */
  SP_LOGIN_SLOT_LOGIN,
  SP_LOGIN_SLOT_PASSWORD,
  SP_LOGIN_SLOT_TOKEN,
  SP_LOGIN_SLOT_TICKET,
  SP_LOGIN_SLOT_GROUP,
  SP_LOGIN_SLOT_VERSION,
  SP_LOGIN_SLOT_DEVICE_ID
} SpLoginSlot;

/* A value while it is being collected, bounded by the longest that any slot takes. */
typedef struct
{
  gsize length;
  gboolean overlong;
  char text[SP_PASSWORD_MAX + 1];
} SpLoginValue;

SpLoginSlot sp_login_slot_of_field (const char *name);   /* a field of the form */
SpLoginSlot sp_login_slot_of_element (const char *name); /* a child of config-auth */

void sp_login_value_append (SpLoginValue *value, const char *text, gsize length);

/* Puts the value where it belongs; the first one of each slot counts.  FALSE if a peer of ours
 * cannot have meant it: not UTF-8, or a login with control characters. */
gboolean sp_login_value_store (const SpLoginValue *value,
                               SpLoginSlot slot,
                               SpLoginRequest *request);

/* Copies what is fit to be shown: valid UTF-8, no control characters, no blanks at the ends, cut
 * between characters.  `target` holds SP_LOGIN_DEVICE_TEXT_MAX + 1 bytes. */
void sp_login_copy_device_text (const char *text, gsize length, char *target);

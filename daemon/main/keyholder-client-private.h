/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "keyholder-client.h"
#include "pam-rooms.h"
#include "room-keeper.h"
#include "token-rooms.h"

G_BEGIN_DECLS

struct _SpKeyholderClient
{
  SpRoomKeeper *keeper;
  SpTokenRooms *tokens;
  const SpKeyholderEvents *events;
  gpointer user_data;
  GBytes *names;
  guint32 cookie_seconds;
  SpSignInMethod sign_in;
  gboolean two_step_required;
  SpPamRooms *pam;
  guint8 origin;
  gboolean ready;
  gboolean failed; /* it could not prepare itself, and waits for its end */
  SpPrepared *certificate;
  gboolean dns_passwords[SP_DNS_PASSWORD_LAST + 1]; /* which there are */
  GHashTable *tasks;                                /* serial → GTask */
  GByteArray *unforgotten; /* sessions whose cookies are to die as soon as there is a keyholder */
};

extern const SpLinkTable sp_from_keyholder;

/* Does what was asked while there was no keyholder. */
void sp_keyholder_client_catch_up (SpKeyholderClient *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "keyholder-client.h"
#include "room-keeper.h"

G_BEGIN_DECLS

struct _SpKeyholderClient
{
  SpRoomKeeper *keeper;
  const SpKeyholderEvents *events;
  gpointer user_data;
  GBytes *names;
  guint32 cookie_seconds;
  gboolean ready;
  SpPrepared *certificate;
  GHashTable *tasks; /* serial → GTask */
};

extern const SpLinkTable sp_from_keyholder;

G_END_DECLS

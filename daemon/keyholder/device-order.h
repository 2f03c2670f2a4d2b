/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* What main orders about devices: handlers of wall C. */
void sp_device_order_issue (gpointer user_data, guint32 serial, gconstpointer message, int *fds);
void sp_device_order_revoke (gpointer user_data, guint32 serial, gconstpointer message, int *fds);
/* 100 random bits in groups, of characters that do not look alike; ends in a zero. */
void sp_device_order_make_passphrase (char passphrase[SP_PASSPHRASE_MAX + 1]);

void sp_device_order_remove (gpointer user_data, guint32 serial, gconstpointer message, int *fds);

G_END_DECLS

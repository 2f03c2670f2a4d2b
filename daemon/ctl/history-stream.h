/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client.h"

G_BEGIN_DECLS

/* Copies the lines of OpenHistory() to the standard output, but for the one that says how many they
 * are.  FALSE with an error when that one does not come. */
gboolean sp_history_copy_stream (SpClient *client, GVariant *filter, GError **error);

G_END_DECLS

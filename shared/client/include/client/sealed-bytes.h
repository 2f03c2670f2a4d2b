/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gunixfdlist.h>

G_BEGIN_DECLS

/* Appends a sealed memory file with these bytes to what a call hands over; its handle, or -1. */
int sp_sealed_bytes_append (GUnixFDList *descriptors,
                            gconstpointer bytes,
                            gsize size,
                            GError **error);

G_END_DECLS

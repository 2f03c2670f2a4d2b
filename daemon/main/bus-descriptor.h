/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gunixfdlist.h>

G_BEGIN_DECLS

/* Descriptors that a caller passed along with a message.  `handle`: the argument, of type h;
 * `name`: the argument's, for errors.  The caller gets its own descriptor, -1 with an error
 * (InvalidArgs) otherwise. */

/* A secret of 1 to SP_PASSWORD_MAX bytes, and perhaps a line end: a memory file that is sealed, so
 * that reading it neither waits for anybody nor gives another text the second time.  Its content is
 * not looked at. */
int sp_bus_take_secret (GUnixFDList *descriptors,
                        GVariant *handle,
                        const char *name,
                        GError **error);

/* The same of another size. */
int sp_bus_take_sealed (
    GUnixFDList *descriptors, GVariant *handle, const char *name, gsize most, GError **error);

/* A regular file, so that nobody waits for who is at the other end; open for reading, or with
 * `for_writing` for that. */
int sp_bus_take_file (GUnixFDList *descriptors,
                      GVariant *handle,
                      const char *name,
                      gboolean for_writing,
                      GError **error);

G_END_DECLS

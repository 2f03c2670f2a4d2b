/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "device.h"
#include "store.h"

G_BEGIN_DECLS

/* The devices of users, as main's database has them. */

#define SP_DEVICE_PAGE_MAX   500
#define SP_DEVICE_CURSOR_MAX 24

/* Which devices: what is NULL or negative is left open. */
typedef struct
{
  const guint8 *user;
  int kind;    /* SpDeviceKind */
  int revoked; /* a boolean */
} SpDeviceFilter;

/* All of them (SpDeviceRecord), in the order in which they were made. */
GPtrArray *sp_store_read_devices (SpStore *store, GError **error);
/* Makes it, or brings it up to date. */
gboolean sp_store_put_device (SpStore *store, const SpDeviceRecord *record, GError **error);
gboolean sp_store_remove_device (SpStore *store, const guint8 *id, GError **error);
gboolean sp_store_remove_devices_of (SpStore *store, const guint8 *user, GError **error);

/* Up to `limit` devices (SpDeviceRecord), those made first first, from `cursor` ("": the first) on.
 * `ret_cursor` is for those that follow, "" when there are none.  Errors:
 * SP_ERROR_INVALID_ARGUMENTS (no such cursor). */
GPtrArray *sp_store_list_devices (SpStore *store,
                                  const SpDeviceFilter *filter,
                                  const char *cursor,
                                  guint limit,
                                  char **ret_cursor,
                                  GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "database.h"

G_BEGIN_DECLS

/* What users sign in with, beside their passwords.  A device is its user's for good; it goes with
 * the user, or when it is removed. */

typedef struct
{
  guint8 id[SP_ID_SIZE];
  guint8 user[SP_ID_SIZE];
  gboolean revoked;
  gint64 blocked_until; /* microseconds since the epoch */
} SpDeviceEntry;

/* Nobody signs in with it at `now` (microseconds since the epoch). */
gboolean sp_device_entry_is_barred (const SpDeviceEntry *device, gint64 now);

typedef struct _SpDeviceStore SpDeviceStore;

SpDeviceStore *sp_device_store_new (SpDatabase *database, GError **error);
void sp_device_store_free (SpDeviceStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpDeviceStore, sp_device_store_free)

/* Errors: SP_ERROR_NOT_FOUND (no such user), SP_ERROR_EXISTS (the id is taken). */
gboolean sp_device_store_add (SpDeviceStore *store,
                              const guint8 *device,
                              const guint8 *user,
                              GError **error);
/* Writes nothing if it is so already, since main says it of all devices at every start.  Errors:
 * SP_ERROR_NOT_FOUND. */
gboolean sp_device_store_set_barred (SpDeviceStore *store,
                                     const guint8 *device,
                                     gboolean revoked,
                                     gint64 blocked_until,
                                     GError **error);
/* Certificates, by SP_FINGERPRINT_SIZE bytes: SHA-256 of the DER. */
gboolean sp_device_store_fingerprint (const guint8 *der, gsize size, guint8 *ret_fingerprint);
/* One more of the device; `now` in microseconds since the epoch. */
gboolean sp_device_store_add_certificate (SpDeviceStore *store,
                                          const guint8 *device,
                                          const guint8 *fingerprint,
                                          gint64 now,
                                          GError **error);
/* Whose it is.  Errors: SP_ERROR_NOT_FOUND. */
gboolean sp_device_store_find_certificate (SpDeviceStore *store,
                                           const guint8 *fingerprint,
                                           SpDeviceEntry *ret_device,
                                           GError **error);
/* It was used: older ones of its device are good no more. */
gboolean sp_device_store_use_certificate (SpDeviceStore *store,
                                          const guint8 *fingerprint,
                                          GError **error);

/* Errors: SP_ERROR_NOT_FOUND. */
gboolean sp_device_store_remove (SpDeviceStore *store, const guint8 *device, GError **error);
/* Errors: SP_ERROR_NOT_FOUND. */
gboolean sp_device_store_find (SpDeviceStore *store,
                               const guint8 *device,
                               SpDeviceEntry *ret_device,
                               GError **error);

G_END_DECLS

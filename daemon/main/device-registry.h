/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "device.h"
#include "user-registry.h"

G_BEGIN_DECLS

/* All devices of all users.  What is acknowledged here is stored by us and known to the keyholder.
 * A revoked device stays for a while, so that lists and the history can name it.
 * Signals: "added" (SpDevice), "removed" (SpDevice). */
#define SP_TYPE_DEVICE_REGISTRY (sp_device_registry_get_type ())
G_DECLARE_FINAL_TYPE (SpDeviceRegistry, sp_device_registry, SP, DEVICE_REGISTRY, GObject)

#define SP_DEVICE_UNDO_SECONDS 10
#define SP_DEVICE_REVOKED_DAYS 90 /* for which a revoked one stays */

/* Borrows all of them, which must outlive the registry. */
SpDeviceRegistry *sp_device_registry_new (SpStore *store,
                                          SpKeyholderClient *keyholder,
                                          SpUserRegistry *users,
                                          GError **error);

guint sp_device_registry_get_n (SpDeviceRegistry *self);
SpDevice *sp_device_registry_get (SpDeviceRegistry *self, guint position);          /* lent */
SpDevice *sp_device_registry_find_by_id (SpDeviceRegistry *self, const guint8 *id); /* or NULL */
guint sp_device_registry_count_of (SpDeviceRegistry *self, SpUser *user); /* not revoked */

/* Tells the keyholder of each whether it is revoked, and both forget those that were for long
 * enough; needed each time the keyholder was started. */
void sp_device_registry_announce (SpDeviceRegistry *self);

/* Stores one that the keyholder knows already, under this id.  `not_after` and `fingerprint` are of
 * its certificate; 0 and NULL: it has none.  `label` NULL: it gets a new one.  Lent. */
SpDevice *sp_device_registry_add (SpDeviceRegistry *self,
                                  const guint8 *id,
                                  SpUser *user,
                                  SpDeviceKind kind,
                                  const char *name,
                                  gint64 not_after,
                                  const guint8 *fingerprint,
                                  const char *label,
                                  GError **error);
/* Another label, from now on; the one before is no good any more.  Errors:
 * SP_ERROR_INVALID_ARGUMENTS (the device is revoked), SP_ERROR_FAILED. */
gboolean sp_device_registry_renew_label (SpDeviceRegistry *self, SpDevice *device, GError **error);
/* Makes a device with a certificate of our authority.  `format` is that of the file which the
 * machine gets (walls/main-keyholder.h).  `passphrase_fd` (taken) is a sealed memory file with the
 * passphrase of the private key in it; -1: one is made, or for SP_DEVICE_PEM none.  `days` it is
 * good for, 0: as usual.  Errors: SP_ERROR_INVALID_ARGUMENTS, SP_ERROR_BUSY (the user has as many
 * devices as it may, or the keyholder is away), SP_ERROR_FAILED. */
void sp_device_registry_issue_async (SpDeviceRegistry *self,
                                     SpUser *user,
                                     const char *name,
                                     SpDeviceFormat format,
                                     int passphrase_fd,
                                     guint days,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
/* The same for a device that is there: another key and certificate.  Those that it has stay good
 * until the new ones are used. */
void sp_device_registry_renew_async (SpDeviceRegistry *self,
                                     SpDevice *device,
                                     SpDeviceFormat format,
                                     int passphrase_fd,
                                     guint days,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
/* Of both.  The device, lent; NULL on failure.  The caller gets two sealed memory files, read from
 * their beginning: the file (at most SP_DEVICE_FILE_MAX bytes), and the passphrase that was made,
 * which is empty if none was. */
SpDevice *sp_device_registry_issue_finish (SpDeviceRegistry *self,
                                           GAsyncResult *result,
                                           int *ret_file,
                                           int *ret_passphrase,
                                           GError **error);

/* Makes a device that signs in with a password of its own, which is in the file that _finish
 * returns (owned by the caller).  Errors: SP_ERROR_INVALID_ARGUMENTS (the name), SP_ERROR_BUSY (the
 * user has as many devices as may be, or the keyholder is away), SP_ERROR_FAILED. */
void sp_device_registry_add_password_async (SpDeviceRegistry *self,
                                            SpUser *user,
                                            const char *name,
                                            GAsyncReadyCallback callback,
                                            gpointer user_data);
SpDevice *sp_device_registry_add_password_finish (SpDeviceRegistry *self,
                                                  GAsyncResult *result,
                                                  int *ret_file,
                                                  GError **error); /* lent */
/* It signed in, or came back. */
void sp_device_registry_note_seen (SpDeviceRegistry *self, const guint8 *id);

/* 1 to SP_DEVICE_NAME_MAX bytes, one line.  Errors: SP_ERROR_INVALID_ARGUMENTS. */
gboolean sp_device_name_check (const char *name, GError **error);

/* What can be changed of a device. */
typedef struct
{
  const char *name;     /* NULL: as it is */
  gint64 blocked_until; /* µs since the epoch, 0: it is not; negative: as it is */
  gboolean keep;        /* its cookies are no good while it is blocked, but stay: see release */
} SpDeviceChange;

/* Both or nothing; until then nobody signs in with a device that is blocked, and its sessions end.
 * Errors: SP_ERROR_INVALID_ARGUMENTS (the name, or the device is revoked), SP_ERROR_BUSY,
 * SP_ERROR_FAILED. */
void sp_device_registry_update_async (SpDeviceRegistry *self,
                                      SpDevice *device,
                                      const SpDeviceChange *change,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean sp_device_registry_update_finish (SpDeviceRegistry *self,
                                           GAsyncResult *result,
                                           GError **error);
/* The cookies that were kept go, if the device is still blocked. */
void sp_device_registry_release (SpDeviceRegistry *self, SpDevice *device);

/* Nobody signs in with it any more, and its sessions are over.  Returns a token that gives it back
 * (but not its sessions) for SP_DEVICE_UNDO_SECONDS, also to another main.  Errors:
 * SP_ERROR_NOT_FOUND (it is revoked already), SP_ERROR_BUSY, SP_ERROR_FAILED. */
void sp_device_registry_revoke_async (SpDeviceRegistry *self,
                                      SpDevice *device,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
char *sp_device_registry_revoke_finish (SpDeviceRegistry *self,
                                        GAsyncResult *result,
                                        GError **error);

/* Whether the token is good now. */
gboolean sp_device_registry_has_token (SpDeviceRegistry *self, const char *token);
/* Errors: SP_ERROR_NOT_FOUND (it is too late), SP_ERROR_BUSY, SP_ERROR_FAILED. */
void sp_device_registry_undo_async (SpDeviceRegistry *self,
                                    const char *token,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean sp_device_registry_undo_finish (SpDeviceRegistry *self,
                                         GAsyncResult *result,
                                         GError **error);

G_END_DECLS

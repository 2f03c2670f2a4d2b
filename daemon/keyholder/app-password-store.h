/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "device-store.h"
#include "readable-secret.h"

G_BEGIN_DECLS

/* Passwords of single programs, which need no second step: each is a device.  They are readable
 * secrets that we make, of which the first part is public: by it the one to compare with is found,
 * so whoever tries passwords never makes us hash more than one slowly, and the second part has 100
 * bits. */

#define SP_APP_PASSWORD_SELECTOR 5 /* characters that are public */
#define SP_APP_PASSWORD_SIZE     25
#define SP_APP_PASSWORD_GROUP    5
#define SP_APP_PASSWORD_TEXT_SIZE                                                                  \
  SP_READABLE_TEXT_SIZE (SP_APP_PASSWORD_SIZE, SP_APP_PASSWORD_GROUP)

typedef struct _SpAppPasswordStore SpAppPasswordStore;

SpAppPasswordStore *sp_app_password_store_new (SpDatabase *database, GError **error);
void sp_app_password_store_free (SpAppPasswordStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpAppPasswordStore, sp_app_password_store_free)

/* A new device with a new password, which is told this once.  Errors: those of
 * sp_device_store_add. */
gboolean sp_app_password_store_add (SpAppPasswordStore *store,
                                    SpDeviceStore *devices,
                                    const guint8 *device,
                                    const guint8 *user,
                                    char ret_text[SP_APP_PASSWORD_TEXT_SIZE],
                                    GError **error);

/* Whether that is one of the user's, of a device that is neither revoked nor blocked; of which one.
 * An error is no, too. */
gboolean sp_app_password_store_check (SpAppPasswordStore *store,
                                      const guint8 *user,
                                      const guint8 *password,
                                      gsize length,
                                      guint8 ret_device[SP_ID_SIZE],
                                      GError **error);

G_END_DECLS

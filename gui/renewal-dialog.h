/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* What a device got when its certificate was renewed: a file to save, and its passphrase, which is
 * told this once. */
#define SP_TYPE_RENEWAL_DIALOG (sp_renewal_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SpRenewalDialog, sp_renewal_dialog, SP, RENEWAL_DIALOG, AdwWindow)

GtkWindow *sp_renewal_dialog_new (GtkWindow *parent,
                                  SpBusDevice *device,
                                  GBytes *file,
                                  const char *passphrase);

G_END_DECLS

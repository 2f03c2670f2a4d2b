/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Who keeps the name and is told the address of this network: by which protocol, where, and as
 * whom. */
#define SP_TYPE_DYNAMIC_DNS_DIALOG (sp_dynamic_dns_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SpDynamicDnsDialog, sp_dynamic_dns_dialog, SP, DYNAMIC_DNS_DIALOG, AdwWindow)

/* The connection has a server and its settings. */
GtkWindow *sp_dynamic_dns_dialog_new (GtkWindow *parent, SpServerConnection *connection);

G_END_DECLS

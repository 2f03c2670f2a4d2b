/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"
#include "subpage.h"

G_BEGIN_DECLS

/* One device of a user: its certificate, when it was seen, and how to take it back. */
#define SP_TYPE_DEVICE_PAGE (sp_device_page_get_type ())
G_DECLARE_FINAL_TYPE (SpDevicePage, sp_device_page, SP, DEVICE_PAGE, SpSubpage)

SpSubpage *sp_device_page_new (SpServerConnection *connection, SpBusDevice *device);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "commands.h"

G_BEGIN_DECLS

SP_HANDLER (sp_ctl_port_mapping_show);
SP_HANDLER (sp_ctl_port_mapping_renew);

G_END_DECLS

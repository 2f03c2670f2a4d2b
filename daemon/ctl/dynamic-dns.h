/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "commands.h"

G_BEGIN_DECLS

SP_HANDLER (sp_ctl_dynamic_dns_show);
SP_HANDLER (sp_ctl_dynamic_dns_password);
SP_HANDLER (sp_ctl_dynamic_dns_key);
SP_HANDLER (sp_ctl_dynamic_dns_update);

G_END_DECLS

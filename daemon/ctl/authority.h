/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "commands.h"

G_BEGIN_DECLS

SP_HANDLER (sp_ctl_authority_show);
SP_HANDLER (sp_ctl_authority_order);

G_END_DECLS

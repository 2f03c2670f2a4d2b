/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "keyholder.h"

G_BEGIN_DECLS

/* What main says; the user data is the SpKeyholder. */
extern const SpLinkTable sp_from_main;

G_END_DECLS

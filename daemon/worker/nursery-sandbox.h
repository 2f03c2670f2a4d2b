/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "platform/sandbox.h"

G_BEGIN_DECLS

/* What a worker's sandbox lies within. */
extern const SpSandbox sp_nursery_sandbox;

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "readable-secret.h"

G_BEGIN_DECLS

/* Codes that stand in for a phone that was lost, each once: readable secrets of 80 bits. */

#define SP_RECOVERY_CODES     10
#define SP_RECOVERY_CODE_SIZE 16 /* characters */
#define SP_RECOVERY_GROUP     4
#define SP_RECOVERY_TEXT_SIZE SP_READABLE_TEXT_SIZE (SP_RECOVERY_CODE_SIZE, SP_RECOVERY_GROUP)
G_STATIC_ASSERT (SP_RECOVERY_TEXT_SIZE <= SP_CODE_MAX);

G_END_DECLS

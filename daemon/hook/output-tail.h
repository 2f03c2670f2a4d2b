/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/hook-status.h"

G_BEGIN_DECLS

/* The end of what a program says; all zero at first. */
typedef struct
{
  gsize length;
  gboolean cut; /* something came before it */
  char bytes[SP_HOOK_OUTPUT_KEPT];
} SpOutputTail;

void sp_output_tail_take (SpOutputTail *self, const char *bytes, gsize size);
/* Its last lines, to the log. */
void sp_output_tail_tell (const SpOutputTail *self);

G_END_DECLS

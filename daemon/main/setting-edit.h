/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "setting-row.h"

G_BEGIN_DECLS

typedef struct
{
  const SpSettingRow *row;
  const char *text; /* as the file has it, one line; NULL: nothing, so that it has its default */
} SpSettingEdit;

/* Changes the text of a settings file and nothing else in it: comments and order stay.  A new
 * setting goes behind the comment that shows its default, or to the end of its group, which is made
 * if need be.  PURE.  Whether the result is a good file is the parser's to say. */
char *sp_setting_edit (const char *file, const SpSettingEdit *edits, gsize n_edits);

G_END_DECLS

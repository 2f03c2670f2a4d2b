/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "remote/target.h"

G_BEGIN_DECLS

/* The computers that were connected to, the last one first: a key file, which others of the same
 * person may write too, so it is read each time. */
#define SP_COMPUTERS_MAX 12

typedef struct
{
  char *address; /* as sp_target_to_text() */
  gboolean own_key;
} SpComputer;

void sp_computer_free (SpComputer *computer);

/* Those in the file, each of which can be parsed; none if there is no file.  Free with
 * g_ptr_array_unref(). */
GPtrArray *sp_computer_list_read (const char *path);
/* Puts it in front.  Errors: G_FILE_ERROR. */
gboolean sp_computer_list_add (const char *path,
                               const char *address,
                               gboolean own_key,
                               GError **error);
/* Errors: G_FILE_ERROR. */
gboolean sp_computer_list_remove (const char *path, const char *address, GError **error);

G_END_DECLS

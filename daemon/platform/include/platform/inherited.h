/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Descriptors that whoever started us opened before, by name: LISTEN_PID, LISTEN_FDS and
 * LISTEN_FDNAMES, from descriptor 3 on (sd_listen_fds(3)). */

typedef struct
{
  char *name; /* "" where none was given */
  int fd;     /* -1 once somebody took it */
} SpInherited;

void sp_inherited_free (SpInherited *inherited);

/* All of them (SpInherited); none if they are for another process.  The environment forgets them,
 * and no program that we start gets them.  Once, before there are threads. */
GPtrArray *sp_inherited_take (void);

/* PURE: what LISTEN_FDNAMES says of `n` descriptors: as many names, "" where it says none. */
GStrv sp_inherited_split_names (const char *names, guint n);

G_END_DECLS

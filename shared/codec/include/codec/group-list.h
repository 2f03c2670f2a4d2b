/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* The groups that the sign-in form offers, as main tells a worker: of each its name, a line feed,
 * its label, a line feed.  The first stands for a connection without a group.  PURE. */

typedef struct
{
  char name[SP_GROUP_NAME_MAX + 1];
  char label[SP_GROUP_LABEL_MAX + 1];
} SpGroupChoice;

typedef struct
{
  guint n; /* 0: nobody has to choose */
  SpGroupChoice choices[SP_GROUPS_MAX + 1];
} SpGroupList;

/* The name of the first choice, which no group has. */
#define SP_GROUP_NONE "default"

/* 1 to SP_GROUP_NAME_MAX letters, digits, "-" and "_", so that it may be a path, and no path that
 * means something else. */
gboolean sp_group_name_is_valid (const char *name);

/* FALSE where it is not as above; `ret` is empty then. */
gboolean sp_group_list_read (const guint8 *text, gsize size, SpGroupList *ret);
void sp_group_list_append (GString *text, const char *name, const char *label);

/* Which choice a client means that sends its name, or its label, as some do: both without regard to
 * the case of ASCII letters, names first.  -1: none of them. */
int sp_group_list_find (const SpGroupList *list, const char *text);

/* Which choice the path of a request names ("/home", "/home?x"); -1: none. */
int sp_group_list_find_target (const SpGroupList *list, const char *target, gsize length);

/* Whether the name is one of `names`, each of which a line feed ends. */
gboolean sp_group_names_have (const guint8 *names, gsize size, const guint8 *name, gsize length);

G_END_DECLS

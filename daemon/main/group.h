/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "user-value.h"

#include <glib-object.h>

G_BEGIN_DECLS

/* A named way of connecting, which some users may choose when they sign in.  The name never
 * changes: clients keep it. */
#define SP_TYPE_GROUP (sp_group_get_type ())
G_DECLARE_FINAL_TYPE (SpGroup, sp_group, SP, GROUP, GObject)

typedef struct
{
  guint8 id[SP_ID_SIZE];
  char *name;
  char *label;         /* what people see; empty: the name */
  char *banner;        /* shown when the tunnel is up; empty: the server's */
  gint64 created;      /* µs since the epoch */
  SpUserValues values; /* those of sp_group_values alone; the others are never set */
} SpGroupRecord;

SpGroupRecord *sp_group_record_copy (const SpGroupRecord *record);
void sp_group_record_free (SpGroupRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpGroupRecord, sp_group_record_free)

SpGroup *sp_group_new (const SpGroupRecord *record);
const SpGroupRecord *sp_group_get_record (SpGroup *self);
const char *sp_group_get_name (SpGroup *self);
/* What people see of it. */
const char *sp_group_get_label (SpGroup *self);
/* The id in lower-case hexadecimal; owned by the group. */
const char *sp_group_get_path_element (SpGroup *self);
/* For the registry alone, after the change was stored. */
void sp_group_change (SpGroup *self, const SpGroupRecord *record);

/* What can be set of a group, as keys of a dictionary on the bus: Label, Banner, and the values
 * that users have, too. */
#define SP_GROUP_N_KEYS   8
#define SP_GROUP_N_VALUES 6
extern const SpBusKey sp_group_keys[SP_GROUP_N_KEYS];
extern const SpUserValue sp_group_values[SP_GROUP_N_VALUES];
/* Takes over what a dictionary a{sv} says that was checked against them. */
void sp_group_record_apply (SpGroupRecord *record, GVariant *changes);

G_END_DECLS

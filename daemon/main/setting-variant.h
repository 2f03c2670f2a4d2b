/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "setting-row.h"

G_BEGIN_DECLS

/* Settings as the bus has them: a name ("UdpPort"), and a value of one type:
 *   b   yes or no
 *   u   a number that no word can stand for
 *   as  a list; a word that stands for it is its one entry
 *   s   everything else, as the file has it: "off", "90", "nat", "10.10.0.0/24" */

/* Of the row's member: "udp_port" → "UdpPort". */
char *sp_setting_row_name (const SpSettingRow *row);
const SpSettingRow *sp_setting_row_find (const char *name); /* NULL: there is none */
const char *sp_setting_row_type (const SpSettingRow *row);

/* As the file has it, or its default. */
const char *sp_setting_row_text (const SpSettingRow *row, const SpSettings *settings);
/* A text of the file as a value of the bus, floating.  The text is one that the row takes. */
GVariant *sp_setting_row_value (const SpSettingRow *row, const char *text);
/* The other way.  A text of the file is taken in place of any value.  NULL: a value of the wrong
 * type; whether the row takes it is not looked at. */
char *sp_setting_row_text_from (const SpSettingRow *row, GVariant *value, GError **error);

G_END_DECLS

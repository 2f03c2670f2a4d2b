/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "settings.h"

G_BEGIN_DECLS

/* One line of the table, for whoever treats settings without knowing them: parser, documents, bus.
 */

typedef enum
{
  SP_SETTING_BOOLEAN,
  SP_SETTING_NUMBER,
  SP_SETTING_CHOICE,
  SP_SETTING_HOST_NAME,
  SP_SETTING_LINE,
  SP_SETTING_ADDRESSES,
  SP_SETTING_ENDPOINTS,
  SP_SETTING_NETWORKS,
  SP_SETTING_NETWORK_IPV4,
  SP_SETTING_NETWORK_IPV6,
  SP_SETTING_DOMAINS
} SpSettingKind;

#define SP_WORD(name) (G_GUINT64_CONSTANT (1) << SP_WORD_##name)

typedef struct
{
  SpSettingKind kind;
  const char *member;
  const char *group;
  const char *key;
  guint64 words;        /* mask of SP_WORD */
  const char *standard; /* the default, as the file would have it */
  guint minimum;
  guint maximum;
  const char *unit;
  const char *text;
  gsize offset; /* of the member in SpSettings */
} SpSettingRow;

extern const SpSettingRow sp_setting_rows[];
extern const guint sp_setting_rows_n;

const char *sp_setting_word_to_string (SpSettingWord word);
/* What may be written, as the end of a sentence: "a number from 1 to 65535, or same, or off". */
char *sp_setting_row_expects (const SpSettingRow *row);

/* "Write a number from 10 to 86400, or off (in seconds). Applies …" */
char *sp_setting_row_explain (const SpSettingRow *row);

/* Parses `value` into the row's member, freeing what was there.  The error's message lacks file,
 * line and key. */
gboolean sp_setting_row_set (const SpSettingRow *row,
                             SpSettings *settings,
                             const char *value,
                             GError **error);
void sp_setting_row_clear (const SpSettingRow *row, SpSettings *settings);
gboolean sp_setting_row_equal (const SpSettingRow *row, const SpSettings *a, const SpSettings *b);

/* What a NUMBER holds between parsing "same" and its resolution. */
#define SP_NUMBER_SAME G_MAXUINT

/* Unresolved: "same" is still SP_NUMBER_SAME. */
SpSettings *sp_setting_make_standard (void);
void sp_setting_resolve (SpSettings *settings);

/* Lines of a key file.  Pure: the text is bounded by the caller and stays his. */
typedef struct
{
  const char *next;
  const char *end;
  guint line; /* of what was returned last, from 1 */
} SpSettingScan;

typedef enum
{
  SP_SCAN_END,
  SP_SCAN_GROUP, /* first is its name */
  SP_SCAN_PAIR,  /* first is the key, second the value */
  SP_SCAN_BAD    /* first says what is wrong */
} SpSettingScanned;

/* Skips blank lines and comments. */
SpSettingScanned sp_setting_scan (SpSettingScan *scan, char **ret_first, char **ret_second);

/* Checks that need more than one setting.  NULL, or the row that is wrong, and why in the error. */
const SpSettingRow *sp_settings_find_conflict (const SpSettings *settings, GError **error);

/* A copy of bounded length, for messages. */
char *sp_setting_quote (const char *text);

/* The nearest of the names that are known, or NULL if none is near. */
const char *sp_setting_nearest_group (const char *name);
const char *sp_setting_nearest_key (const char *group, const char *name);

/* The documented default file, the manual page sallyport.conf(5) as roff, and the properties of the
 * bus interface as introspection XML. */
char *sp_setting_write_file (void);
char *sp_setting_write_manual (void);
char *sp_setting_write_interface (void);

G_END_DECLS

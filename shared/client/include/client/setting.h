/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One setting of the server: what the service tells of it, and what waits to be written.  All
 * values are texts as sallyport.conf has them: "443", "off", "192.168.1.0/24, 10.0.0.0/8".
 *
 * Properties (read only, with notify): "value" (s): what is to be shown, which is what waits, or
 * else what the service has; "staged" (b): whether something waits; "restart-needed" (b): whether
 * the running server still has another value than the service's file. */
#define SP_TYPE_SETTING (sp_setting_get_type ())
G_DECLARE_FINAL_TYPE (SpSetting, sp_setting, SP, SETTING, GObject)

typedef enum
{
  SP_SETTING_KIND_SWITCH, /* "yes" or "no" */
  SP_SETTING_KIND_CHOICE, /* one of its words */
  SP_SETTING_KIND_NUMBER, /* a number, or one of its words */
  SP_SETTING_KIND_TEXT,   /* anything, even nothing */
  SP_SETTING_KIND_LIST,   /* of texts separated by commas, or one of its words */
} SpSettingKind;

/* From an entry of DescribeSettings(); `name` is that of its property on the bus. */
SpSetting *sp_setting_new (const char *name);
/* Takes over what the service says; what waits goes on waiting, unless it is the same now. */
void sp_setting_describe (SpSetting *setting, GVariant *description);
void sp_setting_set_restart_needed (SpSetting *setting, gboolean needed);
/* Whether another changed it, and a running server does not have that yet. */
gboolean sp_setting_is_restart_needed (SpSetting *setting);

const char *sp_setting_get_name (SpSetting *setting);
const char *sp_setting_get_key (SpSetting *setting);   /* "udp-port" */
const char *sp_setting_get_group (SpSetting *setting); /* "server" */
SpSettingKind sp_setting_get_kind (SpSetting *setting);
const char *sp_setting_get_value (SpSetting *setting);
/* What the service has, whatever waits. */
const char *sp_setting_get_written (SpSetting *setting);
const char *sp_setting_get_default (SpSetting *setting);
gboolean sp_setting_is_set (SpSetting *setting); /* in the file */
const char *const *sp_setting_get_words (SpSetting *setting);
const char *sp_setting_get_unit (SpSetting *setting);
gboolean sp_setting_needs_restart (SpSetting *setting); /* to apply */
/* Whether devices that were set up before do not find a server that has another value. */
gboolean sp_setting_is_of_address (SpSetting *setting);
const char *sp_setting_get_expects (SpSetting *setting);
const char *sp_setting_get_about (SpSetting *setting);

/* What is plainly wrong with a text without asking the service: a new sentence, NULL: nothing. */
char *sp_setting_check (SpSetting *setting, const char *text);

/* NULL, or what the service has: nothing waits any more. */
void sp_setting_stage (SpSetting *setting, const char *text);
gboolean sp_setting_is_staged (SpSetting *setting);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A value of ocserv as ours is written in sallyport.conf; NULL if it cannot be said here. */
typedef char *(*SpImportConvert) (const char *value);

char *sp_import_convert_number (const char *value);
char *sp_import_convert_or_off (const char *value);
char *sp_import_convert_or_never (const char *value);
char *sp_import_convert_inverted (const char *value);
char *sp_import_convert_text (const char *value);
char *sp_import_convert_address (const char *value);
char *sp_import_convert_route (const char *value);
char *sp_import_convert_rekey_method (const char *value);
char *sp_import_convert_compression (const char *value);
char *sp_import_convert_legacy (const char *value);
char *sp_import_convert_priorities (const char *value);
char *sp_import_convert_log_level (const char *value);

gboolean sp_import_read_number (const char *value, guint64 *ret_number);
gboolean sp_import_is_true (const char *value);

/* "192.168.1.0" with "255.255.255.0", or both in one text with a slash, as "192.168.1.0/24"; NULL
 * if they are none. */
char *sp_import_network (const char *address, const char *mask);

G_END_DECLS

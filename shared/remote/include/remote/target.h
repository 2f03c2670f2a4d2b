/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Which computer is meant, as a person writes it.  PURE. */
typedef struct
{
  char *user; /* NULL: whom ssh takes, by its own settings or as who we are */
  char *host; /* a name, an address, or what ssh's own settings call it; no option, no space */
  guint port; /* 0: ssh's own */
} SpTarget;

/* "attic", "pi@attic.lan", "pi@attic.lan:2222", "pi@192.0.2.1", "[2001:db8::1]:2222",
 * "2001:db8::1", "ssh://pi@attic:2222"; spaces around it do not count.  Errors:
 * SP_REMOTE_ERROR_TARGET_…. */
SpTarget *sp_target_parse (const char *text, GError **error);
/* The shortest text that parses to the same. */
char *sp_target_to_text (const SpTarget *target);
/* What people call the computer: without the account, and without the port that is usual. */
char *sp_target_to_name (const SpTarget *target);
SpTarget *sp_target_copy (const SpTarget *target);
void sp_target_free (SpTarget *target);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpTarget, sp_target_free)

G_END_DECLS

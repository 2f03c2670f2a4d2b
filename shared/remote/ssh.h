/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "remote/target.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* What ssh is told and what it says, when nobody sits at its terminal: it never asks (BatchMode),
 * and takes nobody's key by itself.  See ssh(1), ssh_config(5). */

typedef enum
{
  SP_SSH_BUS,   /* carries the bus of the other computer */
  SP_SSH_LEARN, /* writes the other computer's key into `known_hosts`, and goes */
} SpSshTask;

typedef struct
{
  char *user;        /* whom it signs in as */
  char *known_hosts; /* the files of known keys, as the option takes them */
} SpSshSettings;

/* What ssh's own settings say about this target, by “ssh -G”.  Free with g_strfreev(). */
char **sp_ssh_ask_settings (const SpTarget *target);
void sp_ssh_settings_read (SpSshSettings *settings, const char *answer);
void sp_ssh_settings_clear (SpSshSettings *settings);

/* `known_hosts` as the option takes it; `key`: path of the only one to sign in with, or NULL: all
 * that ssh finds itself.  Free with g_strfreev(). */
char **sp_ssh_build (const SpTarget *target,
                     SpSshTask task,
                     const char *known_hosts,
                     const char *key);

/* A path as one word of the option UserKnownHostsFile. */
char *sp_ssh_quote_path (const char *path);

/* Without a terminal, in a language that is known; what it says on standard error goes into a
 * memory of limited size, that sp_ssh_read_words() reads at any time.  Errors:
 * SP_REMOTE_ERROR_NO_SSH. */
GSubprocess *sp_ssh_start (const char *const *words,
                           GSubprocessFlags flags,
                           int *ret_words,
                           GError **error);
char *sp_ssh_read_words (int words);

/* Why it ended.  `status`: what it exited with, negative: it was killed. */
void sp_ssh_explain (int status, const char *words, const SpTarget *target, GError **error);

/* From where the other computer sees us come, as the far end of a SP_SSH_BUS says it; NULL: it does
 * not. */
char *sp_ssh_find_origin (const char *words);

G_END_DECLS

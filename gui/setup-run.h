/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

G_BEGIN_DECLS

/* Sets a server up, one step after the other.  Signal "changed": what the getters say is another.
 * A step that fails stops it, to be tried again; what only others can mend, such as a router, is
 * noted, and goes on by itself later. */
#define SP_TYPE_SETUP_RUN (sp_setup_run_get_type ())
G_DECLARE_FINAL_TYPE (SpSetupRun, sp_setup_run, SP, SETUP_RUN, GObject)

/* What the person chose; texts are copied. */
typedef struct
{
  const char *name;      /* of the server; empty: it is found by its address */
  gboolean forward;      /* the router is to forward the port */
  const char *provider;  /* where the name's address is told; empty: nowhere */
  const char *account;   /* there; the password is another argument, since nobody keeps it */
  const char *authority; /* its directory, to whose terms the person agrees; empty: none */
  const char *full_name; /* of the first user, may be empty */
} SpSetupChoice;

SpSetupRun *sp_setup_run_new (SpServerConnection *connection);

/* Once; `password` at the provider, wiped when it is told. */
void sp_setup_run_choose (SpSetupRun *run, const SpSetupChoice *choice, const char *password);
/* Begins, or goes on with the step that failed. */
void sp_setup_run_go_on (SpSetupRun *run);
/* What is in the way before any step; NULL: nothing any more. */
void sp_setup_run_stop (SpSetupRun *run, const GError *error);
/* Whoever holds it is not interested any more; what was begun is done all the same. */
void sp_setup_run_leave (SpSetupRun *run);

guint sp_setup_run_count (SpSetupRun *run);
const char *sp_setup_run_get_text (SpSetupRun *run, guint step); /* lent */
/* What is not as it should be about a step that is over; lent, NULL: nothing. */
const char *sp_setup_run_get_note (SpSetupRun *run, guint step);
guint sp_setup_run_get_step (SpSetupRun *run);          /* under way; the count: all is done */
const GError *sp_setup_run_get_error (SpSetupRun *run); /* of that step, or NULL */
const char *sp_setup_run_get_user (SpSetupRun *run);    /* its path, once there is one */

G_END_DECLS

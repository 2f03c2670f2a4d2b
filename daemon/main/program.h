/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "server.h"

G_BEGIN_DECLS

/* The daemon as a program: the server, its bus, signals, and when to end. */

typedef enum
{
  SP_BUS_SYSTEM,
  SP_BUS_SESSION,
  SP_BUS_NONE
} SpBusChoice;

/* Exit statuses, beside 0 */
#define SP_PROGRAM_FAILED 1
#define SP_PROGRAM_NO_TURN                                                                         \
  69 /* another one works on the state folder; it may be the one to ask                            \
      */

typedef struct
{
  SpServerPlan server;
  SpBusChoice bus;
  gboolean start;          /* turn the server on at once; end with status 1 if that fails */
  gboolean exit_when_idle; /* end when the server is off and nobody uses the bus service */
} SpProgramPlan;

/* Where there is a holder, SIGUSR2 asks for another main in this one's place: sessions go on.
 * Runs until a signal, the loss of the bus name or idleness ends it.  Returns the exit status. */
int sp_program_run (const SpProgramPlan *plan, GError **error);

/* Puts back what a main that was killed changed in the network, if nobody works on the folder any
 * more.  Returns the exit status. */
int sp_program_undo_network (const char *state_folder, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the program's end tells a script.  Part of the interface: never renumber. */
typedef enum
{
  SP_EXIT_OK = 0,
  SP_EXIT_FAILED = 1,
  SP_EXIT_NOTHING_TO_DO = 2,
  SP_EXIT_NOT_FOUND = 3,
  SP_EXIT_USAGE = 4,
  SP_EXIT_NOT_AUTHORIZED = 5,
  SP_EXIT_TIMEOUT = 6,
  SP_EXIT_UNREACHABLE = 7 /* the service, or the bus */
} SpExitStatus;

/* Errors of this program itself. */
#define SP_CTL_ERROR (sp_ctl_error_quark ())
GQuark sp_ctl_error_quark (void);

typedef enum
{
  SP_CTL_ERROR_USAGE,
  SP_CTL_ERROR_NOT_FOUND,
  SP_CTL_ERROR_UNREACHABLE,
  SP_CTL_ERROR_FAILED
} SpCtlError;

/* The status that stands for an error of this program, of the bus or of the service. */
SpExitStatus sp_exit_status_from (const GError *error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"
#include "base/names.h"
#include "holder.h"

#define STATUS_USAGE 4

/* sallyport-holder PROGRAM [ARGUMENT…]: PROGRAM is an absolute path. */
int
main (int argc, char **argv)
{
  sp_log_open (SP_HOLDER, SP_LOG_NOTICE);
  if (argc < 2 || !g_path_is_absolute (argv[1]))
    {
      sp_log (SP_LOG_ERROR, "start", "usage: " SP_HOLDER " /PROGRAM [ARGUMENT]…");
      return STATUS_USAGE;
    }
  return sp_holder_run (argv);
}

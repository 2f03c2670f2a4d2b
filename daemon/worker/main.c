/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/nursery.h"

#include "base/log.h"
#include "base/names.h"

int
main (int argc, char **argv)
{
  sp_log_open ("nursery", SP_LOG_NOTICE);
  return sp_nursery_run (SP_WALL_FD, argv[0]);
}

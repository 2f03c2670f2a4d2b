/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "worker/equipment.h"

G_BEGIN_DECLS

/* One client, from its first byte to its last.  A worker owns its two walls and, later, what main
 * lends it; everything happens in its one loop. */

typedef struct _SpWorker SpWorker;

/* Takes both descriptors.  Returns when there is nothing left to do: the exit status.  The process
 * is to end with it: only a build with a sanitizer takes apart what the worker had. */
int sp_worker_run (SpEquipment *equipment, int main_wall, int keyholder_wall);

G_END_DECLS

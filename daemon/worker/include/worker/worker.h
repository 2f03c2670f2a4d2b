/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "worker/equipment.h"

G_BEGIN_DECLS

/* One client, from its first byte to its last.  A worker owns its two walls and, later, what main
 * lends it; everything happens in its one loop. */

typedef struct _SpWorker SpWorker;

/* Takes both descriptors.  Returns when there is nothing left to do: the exit status.  A caller
 * whose process ends with it leaves all as it is: the kernel closes what is open, and gives no page
 * to anybody before it is zeroed.  Every other has it taken apart. */
int sp_worker_run (SpEquipment *equipment, int main_wall, int keyholder_wall, gboolean take_apart);

G_END_DECLS

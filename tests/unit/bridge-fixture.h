/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bridge.h"

/* What tests of bridges have in common: ends that run, and messages that go in and come out. */

/* Runs one end in a thread, which takes the descriptors and returns its GError or NULL. */
GThread *bridge_start (SpBridgeSide side, int socket, int from, int to);
void bridge_open_socket (int *ret_ours, int *ret_theirs);

/* Until one of the events that are expected is there. */
void bridge_wait_for (int fd, short events, short expected);

/* With a text of that size and these descriptors, which they take; of nobody, or in answer to `to`.
 */
SpBusParcel *bridge_make_call (guint serial, guint size, const int *fds, guint n_fds);
SpBusParcel *bridge_make_answer (guint to, guint size, const int *fds, guint n_fds);

void bridge_put (SpBusSocket *socket, SpBusParcel *parcel);
SpBusParcel *bridge_take (SpBusSocket *socket);

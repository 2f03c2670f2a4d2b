/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"

/* A UDP socket that takes datagrams of one peer only, before it is connected and for good: the
 * kernel may have chosen the socket for a stranger's datagram just before it was connected, and
 * deliver that some time later. */
gboolean sp_peer_filter_attach (int fd, const SpEndpoint *peer, GError **error);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"

/* A UDP socket that takes datagrams of one peer only, while it is not connected yet. */
gboolean sp_peer_filter_attach (int fd, const SpEndpoint *peer, GError **error);
gboolean sp_peer_filter_detach (int fd, GError **error);

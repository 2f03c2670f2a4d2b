/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"

#include <glib.h>
#include <libmnl/libmnl.h>

/* The kernel's routing tables, devices and addresses (rtnetlink(7)), as batches of requests and as
 * dumps.  Everything waits for the kernel's answer, which takes microseconds. */

typedef struct _SpNetlinkBatch SpNetlinkBatch;

SpNetlinkBatch *sp_netlink_batch_new (void);
void sp_netlink_batch_free (SpNetlinkBatch *batch);

/* Begins a request; attributes are added with libmnl's functions.  A batch holds
 * SP_NETLINK_BATCH_MAX requests of at most SP_NETLINK_REQUEST_MAX bytes. */
#define SP_NETLINK_BATCH_MAX   16
#define SP_NETLINK_REQUEST_MAX 256
struct nlmsghdr *sp_netlink_batch_add (SpNetlinkBatch *batch, guint16 type, guint16 flags);

/* Sends all by one system call; the kernel tries each of them whatever became of the others.
 * Errors: of the first that failed, with errno's code and the kernel's text. */
gboolean sp_netlink_batch_send (SpNetlinkBatch *batch, GError **error);

/* Requests that several callers need.  `flags` as of NLM_F_CREATE, 0 to remove. */
void sp_netlink_add_address (SpNetlinkBatch *batch,
                             gboolean remove,
                             guint interface_index,
                             const guint8 *address);
void sp_netlink_add_route (SpNetlinkBatch *batch,
                           guint interface_index,
                           const guint8 *destination,
                           const guint8 *source);
/* To a network whose bits behind the prefix are zero. */
void sp_netlink_add_network (SpNetlinkBatch *batch,
                             gboolean remove,
                             guint interface_index,
                             const SpNetwork *network);
void sp_netlink_add_mtu (SpNetlinkBatch *batch, guint interface_index, guint32 mtu);

/* Calls `callback` for each answer to a dump request of this type.  The callback returns MNL_CB_OK.
 */
gboolean sp_netlink_dump (guint16 type, mnl_cb_t callback, gpointer user_data, GError **error);

/* What the kernel counted of this device, both directions together. */
gboolean sp_netlink_read_bytes (guint interface_index, guint64 *ret_bytes, GError **error);

/* The address in an attribute of 4 or 16 bytes; FALSE for other sizes. */
gboolean sp_netlink_read_address (const struct nlattr *attribute, guint8 *ret);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpNetlinkBatch, sp_netlink_batch_free)

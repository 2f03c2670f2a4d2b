/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What the far side says in a line of its own before anything else that concerns us; what a shell
 * prints before that is skipped. */
#define SP_BRIDGE_LINE_FRAMES                                                                      \
  "sallyport-bridge: frames"                           /* it speaks as remote/bridge-frame.h says */
#define SP_BRIDGE_LINE_PLAIN "sallyport-bridge: plain" /* it is a bus over two pipes */

/* What a shell over there runs; without a “'”. */
#define SP_BRIDGE_SCRIPT                                                                           \
  "if command -v sallyportctl >/dev/null; then "                                                   \
  "echo \"" SP_BRIDGE_LINE_FRAMES "\"; exec sallyportctl bus-proxy; fi; "                          \
  "if command -v systemd-stdio-bridge >/dev/null; then "                                           \
  "echo \"" SP_BRIDGE_LINE_PLAIN "\"; exec systemd-stdio-bridge; fi; "                             \
  "exit 127"

/* The near end of a bridge: what ssh reads from and writes to on one side, on the other a stream
 * for a GDBusConnection that is a client of a bus.  Takes the two descriptors.  Returns at once:
 * who connects waits for the other side.  A thread stands in between until the stream or one of the
 * two ends.  NULL: errors of GIO.
 *
 * Over frames everything works as on this computer.  Over a plain bus a call that comes with
 * descriptors, or is answered with some, is refused with org.freedesktop.DBus.Error.NotSupported.
 */
GIOStream *sp_bridge_near_open (int from_ssh, int to_ssh, GError **error);

/* The same with a process whose standard input and output are pipes, which it takes. */
GIOStream *sp_bridge_near_open_process (GSubprocess *ssh, GError **error);

/* Why it ended: a sentence for people, or NULL where it is enough to say that it did. */
char *sp_bridge_near_dup_failure (GIOStream *stream);

G_END_DECLS

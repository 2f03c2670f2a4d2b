/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "server.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Where firewalld runs: has it let through, while the server is on, what our own table decides
 * about.  Our devices become a part of its zone "sallyport", and the server's port is opened in its
 * policy "sallyport-port"; both lie, empty, in its folder.  Only its runtime is changed: said again
 * when it was loaded anew or started later, and taken back when the server is turned off.  Where
 * there is no firewalld nothing happens.
 * Signal: "changed" when the answer below may be another. */
#define SP_TYPE_FIREWALLD_GUEST (sp_firewalld_guest_get_type ())
G_DECLARE_FINAL_TYPE (SpFirewalldGuest, sp_firewalld_guest, SP, FIREWALLD_GUEST, GObject)

SpFirewalldGuest *sp_firewalld_guest_new (GDBusConnection *connection, SpServer *server);

/* It was asked, and has not answered yet. */
gboolean sp_firewalld_guest_is_waiting (SpFirewalldGuest *self);

G_END_DECLS

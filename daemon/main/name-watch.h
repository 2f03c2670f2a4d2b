/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "server.h"
#include "walls/main-courier.h"

G_BEGIN_DECLS

/* Where the name leads under which people look for the server, as the name servers of this computer
 * say: asked for by couriers while the server is on, now and then and when somebody wants to know.
 */
typedef struct _SpNameWatch SpNameWatch;

/* Called when another answer came, or there is none any more: `name` and `said` are NULL then.  The
 * server is the owner. */
typedef void (*SpNameWatchHeard) (SpServer *server, const char *name, const SpNameLookedUp *said);

SpNameWatch *sp_name_watch_new (SpServer *server,
                                const char *libexec_folder,
                                SpNameWatchHeard heard);
void sp_name_watch_free (SpNameWatch *self);

/* To be called when settings, the state of the server, the networks or what a name leads to may be
 * another: asks anew. */
void sp_name_watch_look (SpNameWatch *self);
/* When a provider was told last where the name has to lead: if that is another time, asks anew. */
void sp_name_watch_note_told (SpNameWatch *self, gint64 told_at);
/* From now on people look for it here, a name or an address, whatever the settings say. */
void sp_name_watch_set_host (SpNameWatch *self, const char *host);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpNameWatch, sp_name_watch_free)

G_END_DECLS

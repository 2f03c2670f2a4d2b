/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "codec/client-hello.h"
#include "walls/main-door.h"

#include <glib.h>

G_BEGIN_DECLS

/* Who is let in by the name that a ClientHello gives the server, before anything is computed for
 * it.  PURE: what is good is told by main, and so is the time (microseconds).
 *
 * Labels are looked up, not computed.  Devices use them for years, and what could compute them
 * would be a secret of the door's, which keeps none that is worth stealing; one that is revoked is
 * gone from the table, and that is all.  The table has hashes: a door that was taken over knows the
 * labels only of those that came by. */

typedef struct _SpNameGate SpNameGate;

typedef enum
{
  SP_GATE_PASSES,
  SP_GATE_NAMELESS,  /* no name, or one that does not pass */
  SP_GATE_UNLABELLED /* a label that no device has: not even who is known may use it */
} SpGateVerdict;

SpNameGate *sp_name_gate_new (void);
void sp_name_gate_free (SpNameGate *gate);

/* FALSE: a mode that there is not, or names without an end; nothing changes then. */
gboolean sp_name_gate_set (SpNameGate *gate, const SpSetNameGate *message);
/* The name under which an authority may look for us; empty: none does. */
void sp_name_gate_set_validation (SpNameGate *gate, const SpSetValidation *message);
/* FALSE: there are too many, or not whole hashes; those that there is room for are kept. */
gboolean sp_name_gate_set_labels (SpNameGate *gate, const SpSetLabels *message);
guint sp_name_gate_get_n_labels (const SpNameGate *gate);

/* `known`: it logged in lately from where it is. */
SpGateVerdict sp_name_gate_judge (SpNameGate *gate,
                                  const SpClientHello *hello,
                                  gboolean known,
                                  gint64 now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpNameGate, sp_name_gate_free)

G_END_DECLS

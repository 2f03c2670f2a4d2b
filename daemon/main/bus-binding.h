/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* A property of a model and the one of the bus that follows it. */
typedef struct
{
  const char *model;
  const char *bus;
} SpBusBinding;

/* Copies the properties now and whenever they change, as long as both objects live and `bindings`,
 * which are lent.  Texts pass through sp_bus_text(). */
void sp_bus_bind (gpointer model,
                  gpointer skeleton,
                  const SpBusBinding *bindings,
                  gsize n_bindings);

/* A copy that the bus can carry: valid UTF-8, since a client may have written it; NULL becomes
 * empty. */
char *sp_bus_text (const char *text);

G_END_DECLS

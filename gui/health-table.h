/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What mends an entry, or leads to that, beside the flags below. */
typedef enum
{
  SP_HEALTH_NO_FIX,
  SP_HEALTH_HELP,        /* the owner, at the router or where the name is managed */
  SP_HEALTH_LETTER,      /* the internet provider */
  SP_HEALTH_PORT,        /* another port, if this one is what keeps people out; otherwise help */
  SP_HEALTH_DYNAMIC_DNS, /* these settings */
} SpHealthFix;

/* What the row of an entry of the health says, and the buttons that mend it: one that renews the
 * certificate, if the server made it itself; one that changes settings.  Texts are to be
 * translated. */
typedef struct
{
  const char *id;
  const char *title;
  const char *text; /* NULL: the service's own words */
  gboolean certificate;
  gboolean renewable;
  const char *change; /* NULL: settings do not mend it */
  gboolean command;   /* one for a terminal does, which the details have */
  gboolean name;      /* where the server's name leads is told, too */
  SpHealthFix fix;
} SpHealthEntry;

/* NULL: it is not known here. */
const SpHealthEntry *sp_health_table_find (const char *id);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ticket-table.h"

#include "base/io.h"
#include "base/secret.h"

#include <string.h>

struct _SpTicketTable
{
  SpTicket tickets[SP_TICKETS_MAX];
};

SpTicketTable *
sp_ticket_table_new (void)
{
  return g_new0 (SpTicketTable, 1);
}

void
sp_ticket_table_free (SpTicketTable *table)
{
  if (table == NULL)
    return;
  sp_secret_wipe (table, sizeof *table);
  g_free (table);
}

void
sp_ticket_clear (SpTicket *ticket)
{
  sp_secret_wipe (ticket, sizeof *ticket);
}

static void
drop_expired (SpTicketTable *table, gint64 now)
{
  for (guint i = 0; i < SP_TICKETS_MAX; i++)
    if (table->tickets[i].expires != 0 && table->tickets[i].expires <= now)
      sp_ticket_clear (&table->tickets[i]);
}

/* A free one expired longest ago. */
static SpTicket *
choose_place (SpTicketTable *table, const guint8 *user)
{
  SpTicket *oldest = &table->tickets[0];
  SpTicket *own = NULL;
  guint n_own = 0;

  for (guint i = 0; i < SP_TICKETS_MAX; i++)
    {
      SpTicket *ticket = &table->tickets[i];

      if (ticket->expires < oldest->expires)
        oldest = ticket;
      if (ticket->expires == 0 || memcmp (ticket->user, user, SP_ID_SIZE) != 0)
        continue;
      n_own++;
      if (own == NULL || ticket->expires < own->expires)
        own = ticket;
    }
  return n_own >= SP_TICKETS_USER_MAX ? own : oldest;
}

SpTicket *
sp_ticket_table_issue (SpTicketTable *table, const guint8 *user, gint64 now)
{
  SpTicket *ticket;

  drop_expired (table, now);
  ticket = choose_place (table, user);
  sp_ticket_clear (ticket);
  sp_random_bytes (ticket->id, sizeof ticket->id);
  memcpy (ticket->user, user, SP_ID_SIZE);
  ticket->expires = now + SP_TICKET_LIFE;
  return ticket;
}

SpTicket *
sp_ticket_table_find (SpTicketTable *table, const guint8 *id, gint64 now)
{
  SpTicket *found = NULL;

  drop_expired (table, now);
  for (guint i = 0; i < SP_TICKETS_MAX; i++)
    if (sp_secret_equal (table->tickets[i].id, id, SP_TICKET_SIZE) &&
        table->tickets[i].expires != 0)
      found = &table->tickets[i];
  return found;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attack-report.h"

#include "base/log.h"

struct _SpAttackReport
{
  SpPenaltyBook *penalties;
  SpEventBook *events;
  SpLogThrottle lines;
};

static void
remember (SpAttackReport *report, const SpAttack *attack, const char *text, gint64 now)
{
  char network[SP_ENDPOINT_TEXT_MAX] = "";
  SpPenalty culprit;

  if (sp_penalty_book_find_culprit (report->penalties, now, &culprit))
    sp_penalty_network_to_text (&culprit.network, network);
  sp_event_book_note_attack (report->events, attack->since, now, attack->connections, network,
                             text);
}

static void
tell (SpAttackReport *report, const char *words)
{
  const SpAttack *attack = sp_penalty_book_get_last_attack (report->penalties);
  g_autofree char *text = sp_attack_describe (attack);

  remember (report, attack, text, g_get_real_time ());
  if (words != NULL)
    sp_log (SP_LOG_WARNING, "attack", "%s: %s", words, text);
}

static void
on_began (SpAttackReport *report)
{
  guint suppressed;

  report->lines = (SpLogThrottle){ 0 };
  (void) sp_log_throttle (&report->lines, g_get_monotonic_time (), &suppressed);
  tell (report, "under attack");
}

static void
on_goes_on (SpAttackReport *report)
{
  guint suppressed;

  tell (report, sp_log_throttle (&report->lines, g_get_monotonic_time (), &suppressed)
                    ? "still under attack"
                    : NULL);
}

static void
on_ended (SpAttackReport *report)
{
  tell (report, "the attack is over");
}

SpAttackReport *
sp_attack_report_new (SpPenaltyBook *penalties, SpEventBook *events)
{
  SpAttackReport *report = g_new0 (SpAttackReport, 1);

  report->penalties = penalties;
  report->events = events;
  (void) g_signal_connect_swapped (penalties, "attack-began", G_CALLBACK (on_began), report);
  (void) g_signal_connect_swapped (penalties, "attack-goes-on", G_CALLBACK (on_goes_on), report);
  (void) g_signal_connect_swapped (penalties, "attack-ended", G_CALLBACK (on_ended), report);
  return report;
}

void
sp_attack_report_free (SpAttackReport *report)
{
  if (report == NULL)
    return;
  (void) g_signal_handlers_disconnect_by_data (report->penalties, report);
  g_free (report);
}

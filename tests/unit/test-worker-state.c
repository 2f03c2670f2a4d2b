/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/worker-state.h"

/* The life of a worker as it is meant, written down a second time. */
static const struct
{
  SpWorkerState from;
  SpWorkerState to;
} steps[] = {
  { SP_WORKER_IDLE, SP_WORKER_HANDSHAKE },    { SP_WORKER_IDLE, SP_WORKER_GONE },
  { SP_WORKER_HANDSHAKE, SP_WORKER_REQUEST }, { SP_WORKER_HANDSHAKE, SP_WORKER_FAREWELL },
  { SP_WORKER_HANDSHAKE, SP_WORKER_GONE },    { SP_WORKER_REQUEST, SP_WORKER_REQUEST },
  { SP_WORKER_REQUEST, SP_WORKER_PASSWORD },  { SP_WORKER_REQUEST, SP_WORKER_COOKIE },
  { SP_WORKER_REQUEST, SP_WORKER_FAREWELL },  { SP_WORKER_REQUEST, SP_WORKER_GONE },
  { SP_WORKER_PASSWORD, SP_WORKER_PASSWORD }, { SP_WORKER_PASSWORD, SP_WORKER_REQUEST },
  { SP_WORKER_PASSWORD, SP_WORKER_FAREWELL }, { SP_WORKER_PASSWORD, SP_WORKER_GONE },
  { SP_WORKER_COOKIE, SP_WORKER_GRANT },      { SP_WORKER_COOKIE, SP_WORKER_FAREWELL },
  { SP_WORKER_COOKIE, SP_WORKER_GONE },       { SP_WORKER_GRANT, SP_WORKER_TUNNEL },
  { SP_WORKER_GRANT, SP_WORKER_FAREWELL },    { SP_WORKER_GRANT, SP_WORKER_GONE },
  { SP_WORKER_TUNNEL, SP_WORKER_FAREWELL },   { SP_WORKER_TUNNEL, SP_WORKER_GONE },
  { SP_WORKER_REQUEST, SP_WORKER_ENROLMENT }, { SP_WORKER_ENROLMENT, SP_WORKER_FAREWELL },
  { SP_WORKER_ENROLMENT, SP_WORKER_GONE },    { SP_WORKER_FAREWELL, SP_WORKER_GONE },
  { SP_WORKER_REQUEST, SP_WORKER_REACH },     { SP_WORKER_REACH, SP_WORKER_FAREWELL },
  { SP_WORKER_REACH, SP_WORKER_GONE },
};

static gboolean
is_meant (SpWorkerState from, SpWorkerState to)
{
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    if (steps[i].from == from && steps[i].to == to)
      return TRUE;
  return FALSE;
}

static void
test_steps (void)
{
  for (guint from = 0; from < SP_WORKER_STATES; from++)
    for (guint to = 0; to < SP_WORKER_STATES; to++)
      g_assert_cmpint (sp_worker_state_may_follow (from, to), ==, is_meant (from, to));
}

/* Whatever a stranger can make a worker wait for has an end. */
static void
test_limits (void)
{
  for (guint state = SP_WORKER_HANDSHAKE; state < SP_WORKER_TUNNEL; state++)
    {
      const SpWorkerStateRow *row = sp_worker_state_get_row (state);

      g_assert_cmpuint (row->seconds, >, 0);
      g_assert_cmpuint (row->seconds, <=, 20);
      g_assert_true (row->counts);
      g_assert_true (sp_worker_state_may_follow (state, SP_WORKER_FAREWELL));
    }
  g_assert_cmpuint (sp_worker_state_get_row (SP_WORKER_HANDSHAKE)->seconds, ==, 10);
  g_assert_cmpuint (sp_worker_state_get_row (SP_WORKER_FAREWELL)->seconds, >, 0);
  g_assert_false (sp_worker_state_get_row (SP_WORKER_TUNNEL)->counts);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker-state/steps", test_steps);
  g_test_add_func ("/worker-state/limits", test_limits);
  return g_test_run ();
}

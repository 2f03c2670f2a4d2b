/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A client begins three datagram channels, one after the other, and moves about; somebody repeats
 * its old hellos and its records: which channel is used, and what becomes of the others.  README.md
 * says what is left out, and what is proved.
 *
 * Each step has the name of its C function above it.  Main and the worker hear each other by queues;
 * datagrams come when they like, or never. */

#include "candidacy-table.h"
#include "proof.pml"

/* As in worker/candidacy.h */
#define P_NONE 0
#define P_SHAKING 1
#define P_KEYED 2
#define P_SHUT 3

#define E_HELLO 0
#define E_FINISHED 1
#define E_RECORD 2
#define E_OVER 3
#define E_LATE 4
#define E_CLOSED 5
#define EVENTS 6

#define DO_NOTHING 0
#define DO_BEGIN 1
#define DO_REPLACE 2
#define DO_REFUSE 3
#define DO_PROMOTE 4
#define DO_DROP 5

#define NUMBER(p, e) (1 + P_##p * EVENTS + E_##e)
#define BROKEN_promote_before_record 101
#define BROKEN_move_before_answer 102
#define BROKEN_patience_without_end 103
#define BROKEN_replaced_without_a_word 104
#define BROKEN_old_one_stays_open 105
#define BROKEN_candidate_after_recall 106
#define BROKEN_trial_outlives_its_channel 107
#define BROKEN_moved_without_a_word 108
#define BROKEN_trial_without_end 109
#define IS(what) (variant == BROKEN_##what)

/* Associations: a socket each.  1 to 3 are of the client's handshakes, in the order in which it
 * begins them; 4 is where it moves to, 5 where somebody else repeats a record of it. */
#define HANDSHAKES 3
#define MOVED 4
#define REPEATED 5
#define SLOTS 4 /* SP_ASSOCIATIONS_MAX */

mtype:message = { CANDIDATE, STRAY, ROAM, RECALL, CURRENT, CLOSED, PROVEN, GONE };
mtype:roaming = { QUIET, ASKED, TRIAL };

byte variant;

/* The worker: SpTunnel */
byte phase = P_NONE;   /* candidacy */
byte candidate;        /* associations; 0 = none */
byte current;
byte trial;
byte session;          /* the handshake that the current one had */
mtype:roaming roaming = QUIET;
byte asked;            /* SpRoaming.stray */
bool recalled;

/* Main: SpConnection */
bool open[6];
byte used;
byte on_trial;
byte main_current;
bool ending;           /* wall A's phase is ENDING */

/* The client: it wants the channel of this handshake, and has sent so much of it */
byte wants = 1;
bool sent_finished;
bool sent_record;
byte stray_session;    /* whose record it is; 0 = not sent yet */

#define QUEUE 3
chan to_worker = [QUEUE] of { mtype:message, byte };
chan to_main = [9] of { mtype:message, byte };

hidden byte event;
hidden byte action;
hidden byte n;

/* ---------------------------------------------------------------- worker */

/* tunnel-channels.c sp_tunnel_tell_closed */
inline tell_closed (association)
{
  to_main!CLOSED (association)
}

/* tunnel-roaming.c sp_tunnel_end_trial */
inline end_trial ()
{
  if
  :: IS (trial_outlives_its_channel)
  :: else ->
     roaming = QUIET;
     if
     :: trial != 0 ->
        tell_closed (trial);
        trial = 0
     :: else
     fi
  fi
}

/* tunnel-channels.c promote_candidate */
inline promote ()
{
  assert (sent_record && candidate != 0);
  end_trial ();
  to_main!CURRENT (candidate);
  if
  :: current != 0 && !IS (old_one_stays_open) -> tell_closed (current)
  :: else
  fi;
  current = candidate;
  session = candidate;
  candidate = 0
}

/* tunnel-channels.c sp_tunnel_retire, of the candidate */
inline drop ()
{
  if
  :: action == DO_REPLACE && IS (replaced_without_a_word)
  :: else -> tell_closed (candidate)
  fi;
  candidate = 0
}

/* sp_tunnel_retire, of the current one */
inline retire ()
{
  end_trial ();
  tell_closed (current);
  current = 0;
  session = 0
}

#define ROW(p, e, n, a)                                                                            \
  :: phase == P_##p && event == E_##e && variant != NUMBER (p, e) ->                               \
     c_code { tell_once (NUMBER (p, e), "candidacy " #p " " #e " " #n " " #a); };                 \
     phase = P_##n;                                                                                \
     action = DO_##a

/* sp_candidacy_step, and tunnel-channels.c act; `hello` is the association of a new one.  No event
 * comes that has no rule. */
inline step (what, hello)
{
  event = what;
  action = DO_NOTHING;
  if
  SP_CANDIDACY_RULES (ROW)
  :: else -> assert (variant == 1 + phase * EVENTS + event)
  fi;
  if
  :: action == DO_PROMOTE -> promote ()
  :: action == DO_DROP || action == DO_REPLACE -> drop ()
  :: action == DO_REFUSE -> tell_closed (hello)
  :: else
  fi;
  if
  :: action == DO_BEGIN || action == DO_REPLACE ->
     candidate = hello;
     sent_finished = false;
     sent_record = false
  :: else
  fi;
  assert ((candidate != 0) == (phase == P_SHAKING || phase == P_KEYED))
}

/* tunnel.c sp_tunnel_close */
inline close_tunnel ()
{
  if
  :: phase != P_SHUT -> step (E_CLOSED, 0)
  :: else
  fi;
  if
  :: current != 0 -> retire ()
  :: else
  fi;
  assert (phase == P_SHUT && candidate == 0 && (trial == 0 || IS (trial_outlives_its_channel)))
}

/* tunnel-roaming.c move */
inline move (association)
{
  assert (association == MOVED && stray_session == session);
  to_main!CURRENT (association);
  if
  :: IS (moved_without_a_word)
  :: else -> tell_closed (current)
  fi;
  current = association;
  trial = 0;
  roaming = QUIET
}

/* What both agree on whenever nothing is on its way. */
#define IS_KNOWN(i) assert (open[i] == (i == candidate || i == current || i == trial))
inline rest ()
{
  if
  :: len (to_worker) == 0 && len (to_main) == 0 ->
     assert (ending || main_current == current);
     assert (on_trial == trial);
     IS_KNOWN (1);
     IS_KNOWN (2);
     IS_KNOWN (3);
     IS_KNOWN (4);
     IS_KNOWN (5)
  :: else
  fi;
  n = 0
}

/* from-main.c: what main says */
proctype worker ()
{
end_of_orders:
  do
  /* sp_tunnel_add_candidate; after RECALL no socket comes any more */
  :: d_step { to_worker?CANDIDATE (n) -> assert (!recalled); step (E_HELLO, n); rest () }
  /* sp_tunnel_hear_stray: does it authenticate; sp_roaming_proven */
  :: d_step { to_worker?STRAY (n) ->
              if
              :: session != 0 && stray_session == session && roaming == QUIET ->
                 roaming = ASKED;
                 asked = n;
                 to_main!PROVEN (n)
              :: else
              fi;
              rest () }
  /* sp_tunnel_try_address, sp_roaming_begin */
  :: d_step { to_worker?ROAM (n) ->
              if
              :: current != 0 && roaming == ASKED && asked == n ->
                 roaming = TRIAL;
                 trial = n;
                 if
                 :: IS (move_before_answer) -> move (n)
                 :: else
                 fi
              :: else -> tell_closed (n)
              fi;
              rest () }
  /* tunnel.c sp_tunnel_recall */
  :: d_step { to_worker?RECALL (_) -> recalled = true; close_tunnel (); rest () }
  od
}

/* dtls-channel.c sp_dtls_channel_feed: the client's part of the handshake arrives */
proctype finished ()
{
end_of_handshakes:
  do
  :: d_step { phase == P_SHAKING && sent_finished ->
              step (E_FINISHED, 0);
              if
              :: IS (promote_before_record) -> step (E_RECORD, 0)
              :: else
              fi;
              rest () }
  od
}

/* tunnel-up.c handle_datagram_record: and then its first record */
proctype record ()
{
end_of_records:
  do
  :: d_step { phase == P_KEYED && sent_record -> step (E_RECORD, 0); rest () }
  od
}

/* sp_candidacy_due.  In the end a client that goes on is faster than our patience; but not always. */
#ifdef WITH_STRANGERS
#define CAN_BE_LATE true
#else
#define CAN_BE_LATE (candidate != wants)
#endif
proctype patience ()
{
end_of_patience:
  do
  :: d_step { (phase == P_SHAKING || phase == P_KEYED) && CAN_BE_LATE && !IS (patience_without_end) ->
              step (E_LATE, 0); rest () }
  od
}

/* The client of an older handshake says goodbye: tunnel-channels.c sp_tunnel_drop_ended.  Nobody may
 * need that, so it is not said where we wait for the end. */
#ifdef WITH_STRANGERS
proctype goodbye ()
{
end_of_goodbyes:
  do
  :: d_step { candidate != 0 && candidate < wants ->
              step (E_OVER, 0); assert (candidate == 0); rest () }
  :: d_step { session != 0 && session < wants -> retire (); rest () }
  od
}

#endif

/* tunnel-roaming.c sp_tunnel_hear_trial_answer: only the client can answer, and does where it is */
proctype answer ()
{
end_of_answers:
  do
  :: d_step { roaming == TRIAL && trial == MOVED -> move (trial); rest () }
  od
}

/* sp_roaming_due: nobody answered; or main never made the socket */
proctype impatience ()
{
end_of_questions:
  do
  :: d_step { roaming == ASKED -> roaming = QUIET; rest () }
  :: d_step { roaming == TRIAL && !IS (trial_without_end) ->
              roaming = QUIET;
              tell_closed (trial);
              trial = 0;
              rest () }
  od
}

/* ---------------------------------------------------------------- main */

/* connection.c sp_connection_add_association */
inline open_association (which)
{
  open[which] = true;
  used++
}

#define HAS_ROOM (len (to_worker) < QUEUE)
#define HAS_PLACE(i) (!open[i] && used < SLOTS && HAS_ROOM)

/* session-candidate.c offer_candidate, sp_connection_offer_candidate */
#define CAN_OFFER(i) (HAS_PLACE (i) && (!ending || IS (candidate_after_recall)))

/* from-worker.c: what the worker says */
proctype wall ()
{
end_of_news:
  do
  /* sp_connection_became_current */
  :: d_step { to_main?CURRENT (n) ->
              assert (open[n]);
              main_current = n;
              if
              :: on_trial == n -> on_trial = 0
              :: else
              fi;
              rest () }
  /* sp_connection_end_association: the socket goes to the door, or is closed */
  :: d_step { to_main?CLOSED (n) ->
              assert (open[n]);
              open[n] = false;
              used--;
              if
              :: main_current == n -> main_current = 0
              :: else
              fi;
              if
              :: on_trial == n -> on_trial = 0
              :: else
              fi;
              rest () }
  /* sp_connection_stray_proven, sp_session_registry_stray_proven, sp_connection_roam */
  :: d_step { to_main?PROVEN (n) ->
              if
              :: !ending && main_current != 0 && on_trial == 0 && HAS_PLACE (n) ->
                 open_association (n);
                 on_trial = n;
                 to_worker!ROAM (n)
              :: else
              fi;
              rest () }
  /* on_client_left */
  :: d_step { to_main?GONE (_) -> ending = true; rest () }
  od
}

/* ---------------------------------------------------------------- the client, and others */

/* It says hello until it has what it wants; the door forwards that. */
proctype client ()
{
end_of_wishes:
  do
  :: d_step { session != wants && CAN_OFFER (wants) ->
              open_association (wants); to_worker!CANDIDATE (wants) }
  od
}

/* The rest of the handshake, and a packet once it is done */
proctype handshake ()
{
end_of_flights:
  do
  :: d_step { candidate == wants && phase == P_SHAKING && !sent_finished -> sent_finished = true }
  :: d_step { candidate == wants && phase == P_KEYED && !sent_record -> sent_record = true }
  od
}

/* It begins anew, whatever it has: another port, a lost answer. */
proctype change_of_mind ()
{
  do
  :: d_step { wants < HANDSHAKES -> wants++ }
  :: break
  od
}

/* Somebody else repeats one of its older hellos, or nobody does. */
#define REPEATS(i)                                                                                 \
  d_step { wants > i && CAN_OFFER (i) -> open_association (i); to_worker!CANDIDATE (i) }
proctype repeater ()
{
end_of_repeats:
  if
  :: REPEATS (1)
  :: REPEATS (2)
  :: d_step { wants == HANDSHAKES -> skip }
  fi
}

/* A record of the session in use comes from elsewhere: session-roaming.c sp_session_registry_stray,
 * connection-roaming.c sp_connection_offer_stray */
#define STRAYS(which)                                                                              \
  d_step {                                                                                         \
    session != 0 && main_current != 0 && !ending && on_trial == 0 && HAS_ROOM ->          \
    stray_session = session;                                                                \
    to_worker!STRAY (which)                                                                        \
  }
proctype strays ()
{
end_of_travels:
  if
  :: STRAYS (MOVED)
  :: STRAYS (REPEATED)
  :: d_step { wants == HANDSHAKES -> skip }
  fi
}

/* Main takes the TUN back, or the client leaves. */
proctype end_of_tunnel ()
{
  if
  :: d_step { HAS_ROOM -> ending = true; to_worker!RECALL (0) }
  :: d_step { true -> close_tunnel (); to_main!GONE (0); rest () }
  fi
}

/* Time goes on when nothing happens: so that the ends of runs are looked at as fairly as others. */
proctype clock ()
{
  bit second;
  do
  :: second = 1 - second
  od
}

init
{
  d_step { c_code { now.variant = choose_variant (); } }
  atomic {
    run worker (); run wall (); run finished (); run record (); run patience ();
    run answer (); run impatience (); run client (); run handshake (); run change_of_mind ();
#ifndef WITHOUT_REPEATER
    run repeater ();
#endif
#ifndef WITHOUT_STRAYS
    run strays ();
#endif
#ifdef WITH_STRANGERS
    run goodbye (); run end_of_tunnel ()
#else
    run clock ()
#endif
  }
}

/* In the end the newest is in use, and nothing else is open. */
ltl comes_to_rest {
  <>[] (session == wants && candidate == 0 && trial == 0 && used == 1)
}

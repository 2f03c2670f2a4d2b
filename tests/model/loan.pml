/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Three connections come with one cookie, in any order with everything else: who has the session's
 * TUN, and who is told what.  README.md says what is left out, and what is proved.
 *
 * Main's handlers run to their end, so each is one step here (d_step); it stands where its cause
 * comes from, and has the name of its C function above it.  What a worker or main sends waits in a
 * queue of its own.  A timer may run out at any moment once it is set. */

#include "loan-table.h"
#include "proof.pml"

/* As in daemon/main/loan.h */
#define P_FREE 0
#define P_MINTING 1
#define P_GRANTED 2
#define P_ATTACHED 3
#define P_RECALLING 4

#define E_REQUESTED 0
#define E_MINTED 1
#define E_ACKNOWLEDGED 2
#define E_RETURNED 3
#define E_ABANDONED 4
#define E_WAITING_GONE 5
#define EVENTS 6

#define DO_NOTHING 0
#define DO_MINT 1
#define DO_GRANT 2
#define DO_RECALL 3
#define DO_FORGET 4

/* A rule that is left out is variant number… */
#define NUMBER(p, e) (1 + P_##p * EVENTS + E_##e)
/* What is done wrongly in the others; check.py reads these lines. */
#define BROKEN_hand_over_without_recall 101
#define BROKEN_hand_over_before_exit 102
#define BROKEN_oldest_wins 103
#define BROKEN_patience_without_end 104
#define BROKEN_lease_dies_with_worker 105
#define BROKEN_not_settled_when_nobody_waits 106
#define BROKEN_not_paused_when_attached 107
#define BROKEN_undo_after_logout 108
#define BROKEN_socket_before_acknowledged 109
#define BROKEN_hello_of_another_attachment 110
#define BROKEN_goodbye_without_end 111
#define BROKEN_replaced_without_a_word 112
#define BROKEN_believes_recalled 113
#define IS(what) (variant == BROKEN_##what)

#define ATTEMPTS 3

/* The session's state: daemon/main/session.h; NONE: there is no session yet. */
mtype:life = { NONE, RECONNECTING, CONNECTED, DISCONNECTING, OVER };
/* As the keyholder has it: RELEASED expires by itself. */
mtype:cookie = { RELEASED, HELD, FORGOTTEN };
/* A connection as main sees it: phases of shared/walls/include/walls/main-worker.h, and: not come
 * yet, process gone. */
mtype:seen = { NOT_YET, WAITING, GRANTED, TUNNEL, ENDING, GONE };
/* A worker: states GRANT, TUNNEL and FAREWELL of daemon/worker/worker-state.c. */
mtype:at = { NOWHERE, ASKED, IN_TUNNEL, FAREWELL, HANGS, DEAD };
mtype:message = { GRANT, REFUSE, RECALL, STOP, ATTACHED, RECALLED, LEFT, LOGGED_OUT };

byte variant;

/* SpSessionEstate, daemon/main/session.h.  A connection is granted the TUN once at most, so its
 * number stands for the attachment, too. */
byte phase = P_FREE;
byte holder;
byte waiting;
bool minting;      /* the delay, and then the question to the door */
byte minted_for;   /* dtls_mode */
bool recall_timer;
bool lease;
byte early_hello;
bool window;       /* undo_token */
bool paused;       /* the holder was told PAUSE, and obeys */
mtype:life life = NONE;
mtype:cookie cookie = RELEASED;
byte newest;       /* the last that main took for this session */

/* Of each connection; [0] is not used. */
mtype:seen seen[ATTEMPTS + 1] = NOT_YET;
bool logged_out[ATTEMPTS + 1]; /* facts.left */
mtype:at at[ATTEMPTS + 1] = NOWHERE;
bool has_tun[ATTEMPTS + 1]; /* the descriptor, in the worker or on the way to it */
byte come;                  /* so many tried */

chan to_worker[ATTEMPTS + 1] = [4] of { mtype:message };
chan to_main[ATTEMPTS + 1] = [3] of { mtype:message };

hidden byte event;
hidden byte action;
hidden byte j;

/* ---------------------------------------------------------------- main */

/* link/link.h: nobody reads what a dead worker is sent, and its descriptors are closed. */
inline send (target, what)
{
  if
  :: at[target] != DEAD -> to_worker[target]!what
  :: else
  fi
}

/* sp_connection_kill, or a crash.  What the worker had goes with its process: not sooner, whatever it
 * closes or says, and here not before main hears of it. */
inline die (victim)
{
  do
  :: to_worker[victim]?_
  :: empty (to_worker[victim]) -> break
  od;
  at[victim] = DEAD
}

/* sp_connection_refuse */
inline refuse (loser)
{
  if
  :: seen[loser] == WAITING ->
     assert (loser != newest || cookie == FORGOTTEN);
     send (loser, REFUSE);
     seen[loser] = ENDING
  :: else
  fi
}

/* sp_connection_stop.  Who is going already goes on going. */
inline stop (stopping)
{
  if
  :: seen[stopping] == ENDING
  :: else ->
     send (stopping, STOP);
     seen[stopping] = ENDING
  fi
}

/* sp_connection_pause */
inline pause (pausing, on)
{
  if
  :: seen[pausing] == TUNNEL -> paused = on
  :: else
  fi
}

/* session-loan.c grant, and sp_connection_grant */
inline grant ()
{
  holder = waiting;
  waiting = 0;
  assert (minted_for == holder);
  minted_for = 0;
  paused = false;
  assert (lease);
  assert (!has_tun[1] && !has_tun[2] && !has_tun[3]);
  if
  :: seen[holder] == WAITING ->
     send (holder, GRANT);
     seen[holder] = GRANTED;
     has_tun[holder] = at[holder] != DEAD
  :: else /* it goes; its end is told soon */
  fi
}

/* session-loan.c recall, and sp_connection_recall */
inline recall ()
{
  if
  :: seen[holder] == TUNNEL || seen[holder] == GRANTED ->
     send (holder, RECALL);
     seen[holder] = ENDING
  :: else
  fi;
  recall_timer = !IS (patience_without_end)
}

/* session-loan.c act */
inline act ()
{
  if
  :: action == DO_MINT ->
     minting = true;
     minted_for = waiting;
     early_hello = 0
  :: action == DO_GRANT -> grant ()
  :: action == DO_RECALL -> recall ()
  :: action == DO_FORGET ->
     minting = false;
     minted_for = 0
  :: else
  fi
}

#define ROW(p, e, n, a)                                                                            \
  :: phase == P_##p && event == E_##e && variant != NUMBER (p, e) ->                               \
     c_code { tell_once (NUMBER (p, e), "loan " #p " " #e " " #n " " #a); };                      \
     phase = P_##n;                                                                                \
     action = DO_##a

/* session-loan.c step, and sp_loan_step.  No event comes that has no rule. */
inline step (what)
{
  event = what;
  action = DO_NOTHING;
  if
  SP_LOAN_RULES (ROW)
  :: else -> assert (variant == 1 + phase * EVENTS + event)
  fi;
  act ()
}

/* sp_session_registry_end, and sp_session_loan_cancel.  The device is deleted: whoever has a
 * descriptor of it has nothing. */
/* Who has neither the TUN nor a claim to it, and was told to go, goes, or is killed: nothing that it
 * does is of interest any more. */
#define FORGET(i)                                                                                  \
  seen[i] = GONE;                                                                                  \
  at[i] = NOWHERE;                                                                                 \
  logged_out[i] = false;                                                                           \
  do                                                                                               \
  :: to_main[i]?_                                                                                  \
  :: to_worker[i]?_                                                                                \
  :: empty (to_main[i]) && empty (to_worker[i]) -> break                                           \
  od
#define FORGET_LOSER(i)                                                                            \
  if                                                                                               \
  :: seen[i] == ENDING && at[i] != HANGS && holder != i && waiting != i -> FORGET (i)                                \
  :: else                                                                                          \
  fi
/* At the end of the session: who is not told to go, would wait for ever. */
#define GOES(i)                                                                                    \
  assert (seen[i] == NOT_YET || seen[i] == ENDING || seen[i] == GONE);                             \
  has_tun[i] = false;                                                                              \
  FORGET (i)
inline end_session ()
{
  minting = false;
  minted_for = 0;
  recall_timer = false;
  holder = 0;
  waiting = 0;
  phase = P_FREE;
  early_hello = 0;
  lease = false;
  window = false;
  paused = false;
  cookie = FORGOTTEN;
  life = OVER;
  newest = 0;
  come = 0;
  GOES (1);
  GOES (2);
  GOES (3)
}

/* session-attachment.c settle, if neither holder nor waiting is left */
inline settle_if_unused (last_one)
{
  if
  :: holder != 0 || waiting != 0
  :: else ->
     if
     :: life == DISCONNECTING && !window -> end_session ()
     :: logged_out[last_one] && !(window && IS (undo_after_logout)) -> end_session ()
     :: window
     :: else ->
        cookie = RELEASED;
        life = RECONNECTING
     fi
  fi
}

/* sp_session_loan_returned */
inline returned ()
{
  recall_timer = false;
  holder = 0;
  if
  :: waiting != 0 -> step (E_RETURNED)
  :: else -> step (E_ABANDONED)
  fi
}

/* reception.c requested, sp_session_registry_attach, sp_session_loan_request */
inline request (newcomer)
{
  seen[newcomer] = WAITING;
  if
  :: life == OVER || life == DISCONNECTING -> refuse (newcomer)
  :: IS (oldest_wins) && waiting != 0 ->
     newest = newcomer;
     refuse (newcomer)
  :: else ->
     newest = newcomer;
     lease = true;
     if
     :: life == NONE -> life = RECONNECTING
     :: else
     fi;
     j = waiting;
     waiting = newcomer;
     if
     :: j != 0 && !IS (replaced_without_a_word) -> refuse (j)
     :: else
     fi;
     step (E_REQUESTED);
     if
     :: IS (hand_over_without_recall) && phase == P_RECALLING -> returned ()
     :: else
     fi
  fi
}

/* session-candidate.c offer_candidate: a socket, and the hello */
inline offer_candidate (attachment)
{
  assert (seen[holder] == TUNNEL && attachment == holder)
}

/* sp_session_registry_hello */
inline hear_hello (attachment)
{
  if
  :: holder == 0 || (attachment != holder && !IS (hello_of_another_attachment))
  :: else ->
     if
     :: seen[holder] == TUNNEL || IS (socket_before_acknowledged) -> offer_candidate (attachment)
     :: else -> early_hello = attachment
     fi
  fi
}

/* from-worker.c on_attached, sp_session_registry_attached */
inline attached (attaching)
{
  if
  :: seen[attaching] == ENDING
  :: else ->
     seen[attaching] = TUNNEL;
     if
     :: holder != attaching
     :: else ->
        step (E_ACKNOWLEDGED);
        if
        :: early_hello != 0 ->
           j = early_hello;
           early_hello = 0;
           hear_hello (j)
        :: else
        fi;
        if
        :: life == DISCONNECTING && !IS (not_paused_when_attached) -> pause (attaching, true)
        :: else -> life = CONNECTED
        fi;
        cookie = HELD
     fi
  fi
}

/* from-worker.c on_recalled: the word hastens the end, and is not believed */
inline recalled (giver)
{
  die (giver);
  if
  :: IS (believes_recalled) && holder == giver -> returned ()
  :: else
  fi
}

/* connection.c end, sp_session_registry_connection_ended */
inline connection_ended (ended)
{
  seen[ended] = GONE;
  at[ended] = NOWHERE;
  has_tun[ended] = false;
  lease = lease && !(holder == ended && IS (lease_dies_with_worker));
  if
  :: life != NONE && waiting == ended ->
     waiting = 0;
     step (E_WAITING_GONE);
     if
     :: IS (not_settled_when_nobody_waits)
     :: else -> settle_if_unused (ended)
     fi
  :: life != NONE && holder == ended ->
     returned ();
     settle_if_unused (ended);
     assert (!logged_out[ended] || life == OVER || waiting != 0)
  :: else
  fi;
  logged_out[ended] = false
}

/* session-disconnect.c finish_disconnect */
inline finish_disconnect ()
{
  window = false;
  cookie = FORGOTTEN;
  if
  :: waiting != 0 -> refuse (waiting)
  :: else
  fi;
  if
  :: holder != 0 -> stop (holder)
  :: else -> end_session ()
  fi
}

/* session-disconnect.c resume */
inline resume ()
{
  window = false;
  if
  :: holder != 0 ->
     pause (holder, false);
     life = CONNECTED
  :: else ->
     cookie = RELEASED;
     life = RECONNECTING
  fi
}

/* session-registry.c cut_off */
inline cut_off ()
{
  cookie = FORGOTTEN;
  if
  :: waiting != 0 -> refuse (waiting)
  :: else
  fi;
  if
  :: holder != 0 -> stop (holder)
  :: else
  fi;
  end_session ()
}

/* What is true whenever main rests. */
#define TUN_IS_THE_HOLDERS(i) assert (!has_tun[i] || holder == i)
inline rest ()
{
  /* one owner; nobody carries a packet who is not, or is no more */
  TUN_IS_THE_HOLDERS (1);
  TUN_IS_THE_HOLDERS (2);
  TUN_IS_THE_HOLDERS (3);
  /* the phase is what it says */
  assert ((phase == P_FREE) == (holder == 0 && waiting == 0));
  assert ((phase == P_MINTING) == (holder == 0 && waiting != 0));
  assert (minting == (phase == P_MINTING));
  assert (phase != P_GRANTED || seen[holder] != TUNNEL);
  assert (phase != P_ATTACHED || waiting == 0);
  assert (phase == P_RECALLING || waiting == 0 || holder == 0);
  /* the lease is the session's, as long as there is one */
  assert (lease == (life != NONE && life != OVER));
  /* nobody has it: the cookie is about to expire, or the owner is thinking it over */
  assert (holder != 0 || waiting != 0 || life == NONE || life == OVER ||
          (life == RECONNECTING && cookie == RELEASED) || (life == DISCONNECTING && window));
  /* and he means it */
  assert (!window || life == DISCONNECTING);
  assert (!window || holder == 0 || seen[holder] != TUNNEL || paused);
  FORGET_LOSER (1);
  FORGET_LOSER (2);
  FORGET_LOSER (3);
  skip
}

/* What main hears of one connection, and its timers */
proctype wall (byte i) provided (life != OVER)
{
end_of_news:
  do
  :: d_step { to_main[i]?ATTACHED -> attached (i); rest () }
  :: d_step { to_main[i]?RECALLED -> recalled (i); rest () }
  /* from-worker.c on_client_left */
  :: d_step { to_main[i]?LEFT -> seen[i] = ENDING; rest () }
  :: d_step { to_main[i]?LOGGED_OUT -> seen[i] = ENDING; logged_out[i] = true; rest () }
  /* connection.c exited_cb: what lies in the wall unread is gone with it */
  :: d_step {
       at[i] == DEAD ->
       do
       :: to_main[i]?_
       :: empty (to_main[i]) -> break
       od;
       connection_ended (i);
       rest ()
     }
  /* session-loan.c recall_over_cb */
  :: d_step {
       recall_timer && holder == i ->
       recall_timer = false;
       die (i);
       if
       :: IS (hand_over_before_exit) -> returned ()
       :: else
       fi;
       rest ()
     }
  /* connection.c goodbye_over_cb, set whenever ENDING is entered */
  :: d_step { seen[i] == ENDING && at[i] != DEAD && !IS (goodbye_without_end) && !IS (patience_without_end) -> die (i) }
  od
}

/* session-loan.c delay_over_cb and minted_cb; a door that dies answers, too (door-client.c) */
proctype door () provided (life != OVER)
{
end_of_questions:
  do
  :: d_step { minting -> minting = false; step (E_MINTED); rest () }
  od
}

/* session-disconnect.c sp_session_registry_suspend; then it is undone, or not */
proctype owner () provided (life != OVER)
{
end_of_interest:
  d_step {
    life == CONNECTED || life == RECONNECTING ->
    life = DISCONNECTING;
    window = true;
    if
    :: holder != 0 -> pause (holder, true)
    :: else
    fi;
    rest ()
  }
end_of_window: /* or it was closed by a client that signed out */
  if
  :: d_step { window -> resume (); rest () }
  :: d_step { window -> finish_disconnect (); rest () }
  fi
}

#ifdef WITH_STRANGERS
/* One of those who learned their id says hello: soon, late, or when somebody else has the tunnel. */
proctype hello () provided (life != OVER)
{
  if
  :: d_step { come >= 1 -> hear_hello (1); rest () }
  :: d_step { come >= 2 -> hear_hello (2); rest () }
  :: d_step { come >= 3 -> hear_hello (3); rest () }
  fi
}

/* The keyholder says that the cookie is dead: the client signed out on another connection, or it
 * expired while that was on its way. */
proctype keyholder () provided (life != OVER)
{
  d_step { life != NONE -> cut_off (); rest () }
}
#endif

/* ---------------------------------------------------------------- a worker, with its client */

proctype worker (byte i) provided (life != OVER)
{
end_of_work:
  do
  :: d_step { at[i] == NOWHERE && come == i - 1 -> come = i; at[i] = ASKED; request (i); rest () }
  /* connect-stage.c sp_connect_stage_grant */
  :: d_step { at[i] == ASKED && to_worker[i]?[GRANT] ->
              to_worker[i]?GRANT; at[i] = IN_TUNNEL; to_main[i]!ATTACHED }
  /* sp_connect_stage_refuse */
  :: d_step { at[i] == ASKED && to_worker[i]?[REFUSE] -> to_worker[i]?REFUSE; at[i] = FAREWELL }
  /* tunnel.c sp_tunnel_recall, also after the farewell began */
  :: d_step { (at[i] == IN_TUNNEL || at[i] == FAREWELL) && to_worker[i]?[RECALL] ->
              to_worker[i]?RECALL; at[i] = FAREWELL; to_main[i]!RECALLED }
  /* from-main.c stop */
  :: d_step { at[i] != HANGS && to_worker[i]?[STOP] -> to_worker[i]?STOP; at[i] = FAREWELL }
  /* a GRANT that meets nobody */
  :: d_step { at[i] == FAREWELL && to_worker[i]?[GRANT] -> to_worker[i]?GRANT }
  /* the client is gone, or signs out: worker.c sp_worker_leave */
  :: d_step { at[i] == IN_TUNNEL -> at[i] = FAREWELL }
  :: d_step { at[i] == IN_TUNNEL -> to_main[i]!LOGGED_OUT; die (i) }
  :: d_step { at[i] == FAREWELL -> to_main[i]!LEFT; die (i) }
  /* a crash, or it does nothing any more */
  :: d_step { at[i] == ASKED || at[i] == IN_TUNNEL || at[i] == FAREWELL -> die (i) }
  :: d_step { at[i] == ASKED || at[i] == IN_TUNNEL || at[i] == FAREWELL -> at[i] = HANGS }
  od
}

init
{
  d_step { c_code { now.variant = choose_variant (); } }
  atomic {
    run worker (1); run worker (2); run worker (3);
    run wall (1); run wall (2); run wall (3);
    run door (); run owner ();
#ifdef WITH_STRANGERS
    run hello (); run keyholder ()
#endif
  }
}

/* Nobody waits for ever, nobody who was told to go lingers, nothing is half disconnected; and if
 * the session lives, the newest has it in the end, unless it went by itself. */
#define NEWEST_HAS_IT                                                                              \
  (life == OVER || newest == 0 || seen[newest] == GONE ||                                          \
   (holder == newest && (seen[newest] == TUNNEL || at[newest] == HANGS)))
ltl comes_to_rest {
  <>[] (NEWEST_HAS_IT && life != DISCONNECTING &&
        seen[1] != WAITING && seen[2] != WAITING && seen[3] != WAITING &&
        seen[1] != ENDING && seen[2] != ENDING && seen[3] != ENDING)
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "memory-tls.h"
#include "worker/equipment.h"

/* Everybody around a worker, as an input says: its client, main and the keyholder.  What main and
 * the keyholder do is allowed at that moment; when, in which order and with which content is up to
 * the input.
 *
 * Header: flags (PLAY_…), which certificate the client shows (its size in 32 bytes), reserved.
 * Then for each thing that happens: what (PlayThing; the highest bit: and the next one at the same
 * moment), and what that needs. */

#define PLAY_HEADER 3

enum
{
  PLAY_CERTIFICATES = 1 << 0, /* ADOPT_CLIENT.sign_in */
  PLAY_PASSWORDS = 1 << 1,
  PLAY_GROUPS = 1 << 2, /* what it says besides */
  PLAY_STRANGERS = 1 << 3,
  PLAY_BANNER = 1 << 4,
  PLAY_TLS13 = 1 << 5
};

typedef enum
{
  PLAY_RECORD,    /* of the client: size (16 bits, little-endian), bytes */
  PLAY_END,       /* the client closes */
  PLAY_HELLO,     /* it wants to renegotiate, or is done with it */
  PLAY_BROKEN,    /* a record that does not decrypt */
  PLAY_UPDATE,    /* it changed its keys: whether it asks for ours */
  PLAY_READS,     /* it reads no more than so many KiB from here on; 255: all */
  PLAY_TIME,      /* passes: an index into `times` */
  PLAY_ANSWER,    /* of the keyholder: flags (1: of the latest question), verdict, text */
  PLAY_DEATH,     /* the keyholder dies */
  PLAY_GRANT,     /* main lends a tunnel: flags, mode of DTLS, seconds, seconds, MTU */
  PLAY_REFUSAL,   /* main refuses one: status, text */
  PLAY_PAUSE,     /* main: on */
  PLAY_ALLOWANCE, /* main: KiB */
  PLAY_RECALL,    /* main */
  PLAY_STOP,      /* main: how, text */
  PLAY_CANDIDATE, /* main: a hello as PLAY_RECORD */
  PLAY_STRAY,     /* main: a datagram likewise */
  PLAY_ROAM,      /* main */
  PLAY_PACKET,    /* out of the device, likewise */
  PLAY_DATAGRAM,  /* to the latest socket for datagrams, likewise */
  PLAY_REACH,     /* main answers a test of reachability: verdict */
  PLAY_THINGS
} PlayThing;

#define PLAY_AND_MORE 0x80
#define PLAY_TEXT_MAX 255 /* a text is its size (8 bits) and its bytes */

#define PLAY_QUESTIONS_MAX 32

typedef struct
{
  guint8 type;
  guint32 serial;
} PlayQuestion;

typedef struct
{
  const guint8 *bytes;
  gsize size;
  gsize at;

  gint64 now; /* microseconds */
  gint64 adopted_at;
  guint n_turns;      /* since something happened */
  guint n_waits;      /* since the input was over */
  guint n_late_waits; /* when the time to sign in was over */

  WorkerJudge judge;
  MemoryClient client;
  int worker_ends[2]; /* of the walls to main and the keyholder; the worker closes them */
  int main_wall;
  int keyholder_wall; /* -1: it has died */
  SpPermit main_permit;
  SpPermit keyholder_permit;
  PlayQuestion questions[PLAY_QUESTIONS_MAX];
  guint n_questions;
  gboolean spoke_of_tunnel; /* main has granted or refused it */
  gboolean reach_asked;     /* it wants to know about a test of reachability */
  gboolean stopped;
  int device;    /* our end of the TUN; -1: none was lent */
  int datagrams; /* our end of the latest socket for datagrams */
  guint n_fds;   /* open at first, and in the end */
} WorkerPlay;

SpEquipment *worker_play_make_equipment (void);

/* FALSE for an input without a header. */
gboolean worker_play_begin (WorkerPlay *play,
                            SpEquipment *equipment,
                            const guint8 *bytes,
                            gsize size);

/* Hears what the worker has said over the walls and put into the network. */
void worker_play_listen (WorkerPlay *play);

/* Lets the next things happen; `patience` is how long the worker would wait (milliseconds, -1 = for
 * ever).  TRUE when so much time has passed. */
gboolean worker_play_go_on (WorkerPlay *play, int patience);

void worker_play_end (WorkerPlay *play);

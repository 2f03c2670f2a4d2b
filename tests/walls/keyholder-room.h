/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "link/channel.h"
#include "walls/main-keyholder.h"
#include "walls/worker-keyholder.h"

#include <sys/types.h>

G_BEGIN_DECLS

/* The real keyholder program in a folder of its own; the test plays main and the workers.  Whatever
 * is not as expected ends the test. */

typedef struct
{
  char *program;
  char *folder;
  char *log; /* its standard error, of all starts */
  pid_t pid;
  int wall;
  SpPermit permit;
  guint64 last_worker;
  guint32 heard;           /* serial of what came last, from anybody */
  guint8 pin[SP_PIN_SIZE]; /* of the key that workers show; as PREPARED said */
} Room;

typedef struct
{
  Room *room;
  guint64 number;
  int wall;
  SpPermit permit;
} Worker;

/* `program`: its absolute path. */
Room *room_new (const char *program);
void room_start (Room *room);
/* SIGKILL, as the kernel would when memory is short. */
void room_kill (Room *room);
/* Waits for it to end by itself; returns its exit status. */
int room_wait (Room *room);
void room_free (Room *room); /* with its folder */

void room_send (Room *room, guint8 type, gconstpointer message, int fd);
/* The next message must be of that type, within ten seconds. */
void room_receive (Room *room, guint8 type, gpointer ret_message);
guint8 room_receive_any (Room *room); /* its type */
/* Question and answer. */
void room_ask (Room *room,
               guint8 type,
               gconstpointer message,
               int fd,
               guint8 answer_type,
               gpointer ret_answer);
/* To the question that came last. */
void room_answer (Room *room, guint8 type, gconstpointer message, int fd);
/* The question alone; the descriptors are lent. */
void room_question (Room *room, guint8 type, gconstpointer message, const int *fds, guint n_fds);
/* Nothing comes for a tenth of a second. */
void room_expect_silence (Room *room);

void room_prepare (Room *room, const char *names, gsize names_size, guint32 cookie_seconds);
SpPrepared *room_prepare_full (Room *room,
                               const char *names,
                               gsize names_size,
                               guint32 cookie_seconds);
SpPutUser room_user (guint8 user, const char *login); /* nothing keeps it out */
SpDone room_put (Room *room, const SpPutUser *put);
SpDone room_put_user (Room *room, guint8 user, const char *login, gboolean enabled);
SpDone room_set_password (Room *room, guint8 user, const char *password);
SpDone room_set_hash (Room *room, guint8 user, const char *hash);
void room_send_set_password (Room *room, guint8 user, int fd);   /* fd is lent */
SpDone room_set_password_from (Room *room, guint8 user, int fd); /* closes fd */
SpDone room_remove_user (Room *room, guint8 user);
/* HOLD_COOKIE or FORGET_COOKIE */
void room_say_session (Room *room, guint8 type, const guint8 *session);
void room_block (Room *room, const guint8 *session, gboolean on);
void room_release (Room *room, const guint8 *session, guint32 seconds);

void room_adopt (Room *room, guint64 worker, const char *address); /* once more */

int make_memfd (gconstpointer bytes, gsize size); /* to be read from its start */

Worker *worker_new (Room *room, const char *address);
void worker_free (Worker *worker);                         /* its wall closes */
Worker *worker_in_login (Room *room, const char *address); /* has its signature */
void worker_send (Worker *worker, guint8 type, gconstpointer message);
void worker_receive (Worker *worker, guint8 type, gpointer ret_message);
gboolean worker_is_cut_off (Worker *worker); /* its wall was closed */
guint16 worker_sign_verify (Worker *worker, gsize hash_size);
void worker_send_password (Worker *worker, const char *login, const char *password);
SpLogin worker_try (Worker *worker, const char *login, const char *password);
SpLogin worker_sign_in (Worker *worker,
                        const char *login,
                        const char *password,
                        guint8 *ret_cookie,
                        guint8 *ret_session);
SpLogin worker_redeem (Worker *worker, const guint8 *cookie);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/permit.h"

G_BEGIN_DECLS

/* What a room that was taken over says and has: well-formed lies, bytes, descriptors. */

#define SP_HOSTILE_FDS_MAX 253 /* that the kernel passes with one message */

typedef struct
{
  int fd;
  const SpWall *wall;
  guint8 side; /* whose room this is */
} SpMouth;

/* A message of any content that the shape has room for: zeros, ones and random ones. */
void sp_hostile_lie (GRand *dice, const SpMessageShape *shape, gpointer message);

/* FALSE once nobody is there to hear.  Waits up to a second for room. */
gboolean sp_hostile_say_bytes (
    const SpMouth *mouth, gconstpointer bytes, gsize size, const int *fds, guint n_fds);
gboolean sp_hostile_say (const SpMouth *mouth,
                         guint8 type,
                         guint32 serial,
                         gconstpointer message,
                         const int *fds,
                         guint n_fds);
/* One lie of this type, with as many descriptors as belong to it, all of them `fd`. */
gboolean sp_hostile_say_lie (GRand *dice, const SpMouth *mouth, guint8 type, int fd);
/* Up to `count` messages of random bytes and sizes; returns how many were taken. */
guint sp_hostile_babble (GRand *dice, const SpMouth *mouth, guint count);

/* Hears nothing, says nothing. */
void sp_hostile_be_silent (guint seconds);

typedef enum
{
  SP_HOSTILE_OTHER, /* no socket: a device, a file, a pipe, memory */
  SP_HOSTILE_STREAM,
  SP_HOSTILE_LISTENER,
  SP_HOSTILE_DATAGRAM,
  SP_HOSTILE_WALL
} SpHostileKind;

/* Which descriptors are open from `from` on: how many, and what each is. */
guint sp_hostile_list_fds (int from, int fds[SP_HOSTILE_FDS_MAX]);
SpHostileKind sp_hostile_look_at (int fd);
/* The first of its kind that is not standard error; -1 = none. */
int sp_hostile_find_fd (SpHostileKind kind);

/* What a room can be told to do; `arguments` end with NULL. */
typedef struct
{
  const char *name;
  guint n_arguments;
  void (*deed) (const char *const *arguments);
} SpHostileDeed;

/* "NAME ARGUMENT…; NAME …": what is not in the table is not done. */
void sp_hostile_do_deeds (const char *what, const SpHostileDeed *deeds, guint n);
/* The first line of the file; empty if there is none.  Before the sandbox is closed. */
void sp_hostile_read_deeds (const char *path, char *line, gsize size);
/* Of an argument; 0 if there is none. */
guint sp_hostile_number (const char *text);

/* Deeds of every room: silence SECONDS; send ADDRESS PORT, by the socket for datagrams; call
 * NUMBER, a system call without arguments. */
void sp_hostile_deed_silence (const char *const *arguments);
void sp_hostile_deed_send (const char *const *arguments);
void sp_hostile_deed_call (const char *const *arguments);

/* To whom the datagram shall go, in numbers; FALSE if the socket did not take it. */
gboolean sp_hostile_send_to (int fd, const char *address, guint16 port, const char *text);

G_END_DECLS

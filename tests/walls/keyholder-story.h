/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "keyholder-room.h"

G_BEGIN_DECLS

/* What the stories about the keyholder have in common: a room of their own, Anna, two places. */

#define HOME          "192.0.2.7"
#define AWAY          "198.51.100.9"
#define ANNA          1
#define BERT          2
#define STORY_SECONDS 300 /* that an unused cookie lives */

/* Of the certificate, as PREPARE has them. */
static const char story_names[] = "vpn.example.net\000192.0.2.1\0002001:db8::1";

typedef struct
{
  Room *room;
} Story;

void story_begin (Story *story, gconstpointer data); /* started, not prepared */
/* Prepared, with Anna, whose password is "right". */
void story_begin_with_anna (Story *story, gconstpointer data);
void story_end (Story *story, gconstpointer data);

#define ADD(name, function)                                                                        \
  g_test_add ("/keyholder/" name, Story, NULL, story_begin, function, story_end)
#define ADD_ANNA(name, function)                                                                   \
  g_test_add ("/keyholder/" name, Story, NULL, story_begin_with_anna, function, story_end)

/* Main's next message must say so. */
void expect_failed_login (Room *room, SpLogin verdict, const char *login);
void expect_expired (Room *room, const guint8 *session);

void sign_in_anna (Room *room, const char *address, guint8 *ret_cookie, guint8 *ret_session);
/* Anna, from there, on a connection of its own; main is told what it should. */
SpLogin try_once (Room *room, const char *address, const char *password);
/* A cookie on a connection of its own; main is told if it is good or unknown. */
SpLogin redeem (Room *room, const guint8 *cookie, const guint8 *session);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyholder-story.h"

#include <string.h>
#include <unistd.h>

/* The real program over real sockets: the secrets for dynamic DNS. */

static SpDone
set (Room *room, SpDnsPasswordKind which, const char *secret, guint8 first_answer)
{
  const SpSetDnsPassword question = { .which = (guint8) which, .on = secret != NULL ? 1 : 0 };
  int fd = make_memfd (secret != NULL ? secret : "", secret != NULL ? strlen (secret) : 0);
  SpDnsPasswordKnown known;
  SpDnsPasswordSet answer;

  if (first_answer == SP_MESSAGE_DNS_PASSWORD_KNOWN)
    {
      room_ask (room, SP_MESSAGE_SET_DNS_PASSWORD, &question, fd, first_answer, &known);
      g_assert_cmpuint (known.which, ==, which);
      g_assert_cmpuint (known.on, ==, question.on);
      room_receive (room, SP_MESSAGE_DNS_PASSWORD_SET, &answer);
    }
  else
    room_ask (room, SP_MESSAGE_SET_DNS_PASSWORD, &question, fd, first_answer, &answer);
  g_assert_no_errno (close (fd));
  return answer.done;
}

static void
begin_again (Room *room)
{
  room_kill (room);
  room_start (room);
  room_prepare (room, story_names, sizeof story_names, STORY_SECONDS);
}

/* Main hears that there is one, also from the next keyholder, and never what it is. */
static void
test_known (Story *story, gconstpointer data)
{
  Room *room = story->room;
  SpDnsPasswordKnown known;

  room_prepare (room, story_names, sizeof story_names, STORY_SECONDS);
  room_expect_silence (room);
  g_assert_cmpint (
      set (room, SP_DNS_PASSWORD_PROVIDER, "open sesame", SP_MESSAGE_DNS_PASSWORD_KNOWN), ==,
      SP_DONE_OK);
  g_assert_cmpint (set (room, SP_DNS_PASSWORD_KEY, "no base64", SP_MESSAGE_DNS_PASSWORD_SET), ==,
                   SP_DONE_INVALID);
  begin_again (room);
  room_receive (room, SP_MESSAGE_DNS_PASSWORD_KNOWN, &known);
  g_assert_cmpuint (known.which, ==, SP_DNS_PASSWORD_PROVIDER);
  g_assert_cmpuint (known.on, ==, 1);
  room_expect_silence (room);
  g_assert_cmpint (set (room, SP_DNS_PASSWORD_KEY, "c2VjcmV0", SP_MESSAGE_DNS_PASSWORD_KNOWN), ==,
                   SP_DONE_OK);
  g_assert_cmpint (set (room, SP_DNS_PASSWORD_PROVIDER, NULL, SP_MESSAGE_DNS_PASSWORD_KNOWN), ==,
                   SP_DONE_OK);
  begin_again (room);
  room_receive (room, SP_MESSAGE_DNS_PASSWORD_KNOWN, &known);
  g_assert_cmpuint (known.which, ==, SP_DNS_PASSWORD_KEY);
  room_expect_silence (room);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("dns/known", test_known);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "ban-list.h"
#include "door.h"
#include "http-desk.h"
#include "link/channel.h"
#include "name-gate.h"
#include "proxy-list.h"
#include "tcp-entrance.h"
#include "udp-entrance.h"

/* What the door is made of: seen by its loop and by from-main. */
struct _SpDoor
{
  int wall_fd;
  int poller;
  SpPermit permit; /* what main may say */
  SpToMain *to_main;
  SpTally tally;
  SpBanList *bans;
  SpNameGate *gate;
  SpProxyList proxies;
  SpTcpEntrance *tcp; /* NULL until main told the limits */
  SpUdpEntrance *udp;
  SpHttpDesk *metrics;
  SpHttpDesk *validations;
  SpAnswerValidation validation; /* what they are answered */
  SpEnvelope envelope;

  /* How often the loop wakes up; see breathe() */
  gint64 window_began;
  guint wakes;
  gboolean hurried;
};

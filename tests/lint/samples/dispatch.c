/* sample: daemon/door/from-main.c */
/* SPDX-License-Identifier: GPL-2.0-or-later */

static const Handler handlers[] = {
  [SP_MESSAGE_OPEN_DOOR] = open_door,
  [SP_MESSAGE_LISTENER] = take_listener,
  [SP_MESSAGE_CLIENT_ADMITTED] = admit, /* expect: handler */
};

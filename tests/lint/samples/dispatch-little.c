/* sample: daemon/main/door-client.c */
/* SPDX-License-Identifier: GPL-2.0-or-later */

static const SpLinkTable from_door = { /* expect: handler */
  .closed = closed, /* the link would refuse to start */
};

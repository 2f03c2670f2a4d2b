/* sample: daemon/door/door-sandbox.c */
/* SPDX-License-Identifier: GPL-2.0-or-later */

static const SpPromiseLine promises[] = {
  { SP_PROMISE_BASIC, "memory, clocks and the end of the process" },
  { SP_PROMISE_POLL,
    "waits for the listeners and the wall" },
  { SP_PROMISE_FILES, "" }, /* expect: promise-reason */
  { SP_PROMISE_FORK, NULL }, /* expect: promise-reason */
};

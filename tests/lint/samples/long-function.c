/* sample: daemon/main/long-function.c */
/* SPDX-License-Identifier: GPL-2.0-or-later */

struct
{
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
  int member;
};

static const int numbers[] = {
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
};

void
short_enough (int first)
{
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
}

void
too_long (int first, /* expect: function-length */
          int second)
{
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
  first++;
}

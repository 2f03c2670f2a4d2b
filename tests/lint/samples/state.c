/* sample: daemon/door/state.c */
/* SPDX-License-Identifier: GPL-2.0-or-later */

static int counter;                  /* expect: global-state */
static char *name = NULL;            /* expect: global-state */
static const char *current;          /* expect: global-state */
static GParamSpec *properties[3];    /* expect: global-state */
int shared_with_everybody = 3;       /* expect: global-state */
extern int elsewhere;                /* expect: global-state */
static struct { /* expect: global-state */
  int member;
} hidden;
static struct /* expect: global-state */
{
  int member;
} settings = { 1 };

static const int limit = 3;
static const char *const names[] = { "a", "b" };
static const struct
{
  int member;
} table[] = { { 1 } };
extern const SpWall sp_wall;
typedef struct _SpThing SpThing;
static void declared (int number);
static guint signals[3]; /* nocheck: set once by class_init */

static int
count (void)
{
  static int calls;          /* expect: global-state */
  static const int most = 3;
  int local = 0;
  const char *text = g_strerror (local); /* expect: opening-call */
  const char *pointer = NULL;

  return ++calls;
}

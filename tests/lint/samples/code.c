/* sample: daemon/main/code.c */
/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A comment may say goto, system ("x") and strcpy. */
static const char text[] = "goto system (\"x\") #if";

#if defined(LINUX) /* expect: conditional */
#else              /* expect: conditional */
#endif

void
careless (char *name)
{
  char copy[4];

  if (name == NULL)
    goto out; /* expect: goto */
  strcpy (copy, name); /* expect: forbidden-call */
  sprintf (copy, "%s", name); /* expect: forbidden-call */
  (void) system (name); /* expect: forbidden-call */
  (void) popen (name, "r"); /* expect: forbidden-call */
  g_snprintf (copy, sizeof copy, "%s", name);
  name->system (name);
out:
  return;
}

void
excused (char *name)
{
  strcpy (name, "x"); /* nocheck: the buffer is of the caller's size */
  /* nocheck: the same, said above the line */
  strcpy (name, "x");
  /* Said at the beginning of a comment that is longer than a line.  nocheck: as it should be in
   * such cases, for a reason that takes room. */
  strcpy (name, "x");
  name++; /* nocheck: this is only about this line */
  strcpy (name, "x"); /* expect: forbidden-call */
  strcpy (name, "x"); /* nocheck, but no reason; expect: forbidden-call */
}

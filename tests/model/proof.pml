/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What both models need to be proved, and to be seen fail: spin's preprocessor reads this. */

/* Which variant is checked: 0 is the real one.  A rule that is left out is numbered by what it is
 * about, and a deed that is done wrongly has a number above those. */
c_decl {
  static int choose_variant (void)
  {
    const char *chosen = getenv ("VARIANT");
    return chosen != NULL ? strtol (chosen, NULL, 10) : 0;
  }

  static void tell_once (int number, const char *words)
  {
    static char told[256];
    if (!told[number])
      printf ("took %s\n", words);
    told[number] = 1;
  }
}

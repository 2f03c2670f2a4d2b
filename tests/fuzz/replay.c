/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>

/* Prefixes find most of what reads too far, and cost little for messages of usual size.  What a
 * fuzzer found has the name of its digest, and relatives enough. */
#define PREFIXES_MAX 4096
#define FOUND_LENGTH 40

/* The copy ends where the input ends, so that a sanitizer sees a read past it. */
static void
run_copy (const char *bytes, gsize size)
{
  g_autofree uint8_t *copy = g_malloc (MAX (size, 1));

  memcpy (copy, bytes, size);
  (void) LLVMFuzzerTestOneInput (copy, size);
}

static gsize
count_prefixes (const char *path, gsize size)
{
  g_autofree char *name = g_path_get_basename (path);

  if (strlen (name) == FOUND_LENGTH && strspn (name, "0123456789abcdef") == FOUND_LENGTH)
    return 0;
  return MIN (size, PREFIXES_MAX);
}

static void
replay_file (const char *path)
{
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  if (!g_file_get_contents (path, &bytes, &size, &error))
    g_error ("%s", error->message);
  printf ("%s\n", path);
  (void) fflush (stdout);
  run_copy (bytes, size);
  for (gsize prefix = 0; prefix < count_prefixes (path, size); prefix++)
    run_copy (bytes, prefix);
}

static guint
replay_folder (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) folder = g_dir_open (path, 0, &error);
  const char *name;
  guint n = 0;

  if (folder == NULL)
    g_error ("%s", error->message);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      replay_file (file);
      n++;
    }
  return n;
}

int
main (int argc, char **argv)
{
  guint n;

  if (argc != 2)
    {
      (void) fprintf (stderr, "Usage: %s FOLDER\n", argv[0]);
      return 2;
    }
  n = replay_folder (argv[1]);
  printf ("%u files\n", n);
  return n > 0 ? 0 : 1;
}

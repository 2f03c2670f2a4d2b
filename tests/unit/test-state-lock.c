/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/error.h"
#include "base/io.h"
#include "state-lock.h"

#include <glib/gstdio.h>
#include <unistd.h>

typedef struct
{
  char *folder;
} Scene;

static void
set_up (Scene *scene, gconstpointer data)
{
  g_autofree char *top = g_dir_make_tmp ("state-lock-XXXXXX", NULL);

  scene->folder = g_build_filename (top, "state", NULL);
}

static void
tear_down (Scene *scene, gconstpointer data)
{
  g_autofree char *top = g_path_get_dirname (scene->folder);
  g_autofree char *file = g_build_filename (scene->folder, "lock", NULL);

  (void) g_unlink (file);
  (void) g_rmdir (scene->folder);
  (void) g_rmdir (top);
  g_free (scene->folder);
}

static int
take (Scene *scene, int kept)
{
  g_autoptr (GError) error = NULL;
  int fd = sp_state_lock_take (scene->folder, kept, &error);

  g_assert_no_error (error);
  g_assert_cmpint (fd, >=, 0);
  return fd;
}

static void
assert_refused (Scene *scene, int kept)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (sp_state_lock_take (scene->folder, kept, &error), ==, -1);
  g_assert_error (error, SP_ERROR, SP_ERROR_BUSY);
}

static void
test_one_has_it_until_it_ends (Scene *scene, gconstpointer data)
{
  int first = take (scene, -1);

  assert_refused (scene, -1);
  sp_fd_clear (&first);
  first = take (scene, -1);
  sp_fd_clear (&first);
}

/* As when main is killed: what the holder has is another number for the same thing. */
static void
test_a_duplicate_keeps_it (Scene *scene, gconstpointer data)
{
  int first = take (scene, -1);
  int holders = dup (first), handed = dup (first);

  sp_fd_clear (&first);
  assert_refused (scene, -1);
  first = take (scene, handed);
  g_assert_cmpint (first, ==, handed);
  sp_fd_clear (&first);
  assert_refused (scene, -1);
  sp_fd_clear (&holders);
  first = take (scene, -1);
  sp_fd_clear (&first);
}

/* Of a folder that is not there any more it locks nothing. */
static void
test_another_folders_is_none (Scene *scene, gconstpointer data)
{
  g_autofree char *file = g_build_filename (scene->folder, "lock", NULL);
  int first = take (scene, -1), second;

  g_assert_cmpint (g_unlink (file), ==, 0);
  second = take (scene, first);
  assert_refused (scene, -1);
  sp_fd_clear (&second);
  second = take (scene, -1);
  sp_fd_clear (&second);
}

static void
test_a_folder_that_cannot_be_is_told (Scene *scene, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (sp_state_lock_take ("/dev/null/state", -1, &error), ==, -1);
  g_assert_error (error, SP_ERROR, SP_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "/dev/null/state"));
}

#define ADD(name, test) g_test_add ("/state-lock/" name, Scene, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("one", test_one_has_it_until_it_ends);
  ADD ("duplicate", test_a_duplicate_keeps_it);
  ADD ("another-folder", test_another_folders_is_none);
  ADD ("no-folder", test_a_folder_that_cannot_be_is_told);
  return g_test_run ();
}

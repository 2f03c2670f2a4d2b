/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/lent-memory.h"

#include "password.h"
#include "sanitizer.h"

#include "base/secret.h"

#include <crypt.h>
#include <dlfcn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#define SIZE       ((gsize) 66 * 1024 * 1024)
#define PIECE      ((gsize) 4 * 1024 * 1024)
#define HASH       ((gsize) 16 * 1024 * 1024)
#define LARGE_HASH ((gsize) 64 * 1024 * 1024)
#define LARGE_COST 7
#define PAGE       4096
#define ANONYMOUS  (MAP_PRIVATE | MAP_ANONYMOUS)

typedef void *(*Map) (void *address, size_t size, int protection, int flags, int fd, off_t offset);
typedef int (*Unmap) (void *address, size_t size);

/* The names that libraries call. */
static void *
map (gsize size, int protection, int flags)
{
  Map function = (Map) dlsym (RTLD_DEFAULT, "mmap");
  void *memory = function (NULL, size, protection, flags, -1, 0);

  g_assert_true (memory != MAP_FAILED);
  return memory;
}

static void *
map_plain (gsize size)
{
  return map (size, PROT_READ | PROT_WRITE, ANONYMOUS);
}

static void
unmap (void *memory, gsize size)
{
  Unmap function = (Unmap) dlsym (RTLD_DEFAULT, "munmap");

  g_assert_cmpint (function (memory, size), ==, 0);
}

static gboolean
is_zero (const guint8 *memory, gsize size)
{
  return memory[0] == 0 && memcmp (memory, memory + 1, size - 1) == 0;
}

static void
leave_something (SpLentMemory *memory, gpointer *ret_place)
{
  sp_lent_memory_lend (memory);
  *ret_place = map_plain (PIECE);
  memset (*ret_place, 's', PIECE);
  unmap (*ret_place, PIECE);
  g_assert_cmpuint (sp_lent_memory_take_back (memory), ==, PIECE);
}

static void
test_wipe (void)
{
  g_autoptr (SpLentMemory) memory = sp_lent_memory_new (SIZE, NULL);
  gpointer first, second;

  leave_something (memory, &first);
  g_assert_cmpint (*(const char *) first, ==, 's'); /* the pages are still there */
  sp_lent_memory_wipe (memory);
  g_assert_true (is_zero (first, PIECE));
  leave_something (memory, &second);
  g_assert_true (first == second);
  sp_lent_memory_rest (memory);
  g_assert_true (is_zero (first, PIECE));
}

/* What is lent already, is too large or of another kind comes from the kernel. */
static void
test_what_is_lent (void)
{
  g_autoptr (SpLentMemory) memory = sp_lent_memory_new (SIZE, NULL);
  gpointer place, other;

  leave_something (memory, &place);
  other = map_plain (PIECE);
  g_assert_true (other != place); /* not now */
  sp_lent_memory_lend (memory);
  unmap (other, PIECE);
  other = map_plain (2 * SIZE);
  unmap (other, 2 * SIZE);
  other = map (PIECE, PROT_READ, ANONYMOUS);
  unmap (other, PIECE);
  other = map (PIECE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS);
  unmap (other, PIECE);
  g_assert_true (map_plain (PAGE) == place);
  other = map_plain (PIECE);
  g_assert_true (other != place);
  unmap (other, PIECE);
  unmap (place, PAGE);
  g_assert_cmpuint (sp_lent_memory_take_back (memory), ==, PAGE);
}

static gpointer
map_elsewhere (gpointer data)
{
  void *memory = map_plain (PIECE);

  unmap (memory, PIECE);
  return memory;
}

static void
test_other_threads (void)
{
  g_autoptr (SpLentMemory) memory = sp_lent_memory_new (SIZE, NULL);

  sp_lent_memory_lend (memory);
  (void) g_thread_join (g_thread_new (NULL, map_elsewhere, NULL));
  g_assert_cmpuint (sp_lent_memory_take_back (memory), ==, 0);
}

static long
count_faults (void)
{
  struct rusage usage;

  g_assert_no_errno (getrusage (RUSAGE_THREAD, &usage));
  return usage.ru_minflt;
}

/* This system's libcrypt takes it, however much a verifier costs, and the result is the same. */
static void
test_passwords (void)
{
  g_autoptr (SpLentMemory) memory = sp_lent_memory_new (SIZE, NULL);
  g_autoptr (SpSecretText) verifier = sp_password_make_verifier ((const guint8 *) "x", 1, NULL);
  char costly[CRYPT_GENSALT_OUTPUT_SIZE];
  gboolean right = FALSE;
  long faults = 0;

  g_assert_nonnull (
      crypt_gensalt_rn ("$y$", LARGE_COST, "0123456789abcdef", 16, costly, sizeof costly));
  for (guint i = 0; i < 2; i++)
    {
      faults = count_faults ();
      sp_lent_memory_lend (memory);
      g_assert_true (sp_password_check ((const guint8 *) "x", 1, verifier, &right, NULL));
      g_assert_cmpuint (sp_lent_memory_take_back (memory), >=, HASH);
      g_assert_true (right);
      sp_lent_memory_wipe (memory);
    }
  g_assert_cmpint (count_faults () - faults, <, HASH / PAGE / 4);
  sp_lent_memory_lend (memory);
  g_assert_true (sp_password_check ((const guint8 *) "x", 1, costly, &right, NULL));
  g_assert_cmpuint (sp_lent_memory_take_back (memory), >=, LARGE_HASH);
  g_assert_false (right); /* a setting is no verifier */
}

/* NULL is none. */
static void
test_none (void)
{
  sp_lent_memory_lend (NULL);
  g_assert_cmpuint (sp_lent_memory_take_back (NULL), ==, 0);
  sp_lent_memory_wipe (NULL);
  sp_lent_memory_rest (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lent-memory/none", test_none);
  if (SP_HAS_SANITIZER)
    return g_test_run ();
  g_test_add_func ("/lent-memory/wipe", test_wipe);
  g_test_add_func ("/lent-memory/what-is-lent", test_what_is_lent);
  g_test_add_func ("/lent-memory/other-threads", test_other_threads);
  g_test_add_func ("/lent-memory/passwords", test_passwords);
  return g_test_run ();
}

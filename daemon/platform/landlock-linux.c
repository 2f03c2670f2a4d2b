/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "landlock-linux.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The headers of Debian 12 know Landlock's first version only; all of this is kernel ABI
 * (Documentation/userspace-api/landlock.rst). */
enum
{
  ACCESS_EXECUTE = 1 << 0,
  ACCESS_WRITE_FILE = 1 << 1,
  ACCESS_READ_FILE = 1 << 2,
  ACCESS_READ_DIR = 1 << 3,
  ACCESS_REMOVE_DIR = 1 << 4,
  ACCESS_REMOVE_FILE = 1 << 5,
  ACCESS_MAKE_CHAR = 1 << 6,
  ACCESS_MAKE_DIR = 1 << 7,
  ACCESS_MAKE_REG = 1 << 8,
  ACCESS_MAKE_SOCK = 1 << 9,
  ACCESS_MAKE_FIFO = 1 << 10,
  ACCESS_MAKE_BLOCK = 1 << 11,
  ACCESS_MAKE_SYM = 1 << 12,
  ACCESS_REFER = 1 << 13,
  ACCESS_TRUNCATE = 1 << 14,
  ACCESS_IOCTL_DEVICE = 1 << 15,

  NET_BIND_TCP = 1 << 0,
  NET_CONNECT_TCP = 1 << 1,

  SCOPE_ABSTRACT_SOCKET = 1 << 0,
  SCOPE_SIGNAL = 1 << 1
};

#define ACCESS_FIRST_VERSION ((ACCESS_MAKE_SYM << 1) - 1)
#define ACCESS_IN_FOLDER                                                                           \
  (ACCESS_WRITE_FILE | ACCESS_READ_FILE | ACCESS_READ_DIR | ACCESS_REMOVE_DIR |                    \
   ACCESS_REMOVE_FILE | ACCESS_MAKE_DIR | ACCESS_MAKE_REG | ACCESS_TRUNCATE)
#define CREATE_RULESET_VERSION 1
#define RULE_PATH_BENEATH      1

typedef struct
{
  guint64 file_system;
  guint64 net;
  guint64 scoped;
} Ruleset;

typedef struct __attribute__ ((packed))
{
  guint64 allowed;
  gint32 parent_fd;
} PathBeneath;

/* What each version of the kernel's interface added. */
static const struct
{
  int version;
  Ruleset adds;
} versions[] = {
  { 1, { ACCESS_FIRST_VERSION, 0, 0 } }, { 2, { ACCESS_REFER, 0, 0 } },
  { 3, { ACCESS_TRUNCATE, 0, 0 } },      { 4, { 0, NET_BIND_TCP | NET_CONNECT_TCP, 0 } },
  { 5, { ACCESS_IOCTL_DEVICE, 0, 0 } },  { 6, { 0, 0, SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL } },
};

static Ruleset
ruleset_for_version (int version)
{
  Ruleset ruleset = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (versions) && versions[i].version <= version; i++)
    {
      ruleset.file_system |= versions[i].adds.file_system;
      ruleset.net |= versions[i].adds.net;
      ruleset.scoped |= versions[i].adds.scoped;
    }
  return ruleset;
}

static gboolean
set_failed (GError **error, const char *what)
{
  g_set_error (error, SP_ERROR, SP_ERROR_NOT_SUPPORTED, "Landlock: %s: %s", what,
               sp_error_describe (errno));
  return FALSE;
}

/* One that is not there is fine if `optional`. */
static gboolean
allow_folder (int ruleset_fd, guint64 access, const char *folder, gboolean optional, GError **error)
{
  sp_autofd int folder_fd = open (folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  PathBeneath beneath = { access, folder_fd };

  if (folder_fd < 0)
    return (optional && errno == ENOENT) || set_failed (error, folder);
  if (syscall (SYS_landlock_add_rule, ruleset_fd, RULE_PATH_BENEATH, &beneath, 0) != 0)
    return set_failed (error, "adding the folder");
  return TRUE;
}

static gboolean
allow_folders (int ruleset_fd, const Ruleset *ruleset, const SpSandbox *sandbox, GError **error)
{
  if (sandbox->folder != NULL && !allow_folder (ruleset_fd, ACCESS_IN_FOLDER & ruleset->file_system,
                                                sandbox->folder, FALSE, error))
    return FALSE;
  for (guint i = 0; sandbox->readable != NULL && sandbox->readable[i] != NULL; i++)
    if (!allow_folder (ruleset_fd, ACCESS_READ_FILE | ACCESS_READ_DIR, sandbox->readable[i], TRUE,
                       error))
      return FALSE;
  return TRUE;
}

gboolean
sp_landlock_enter (const SpSandbox *sandbox, GError **error)
{
  long version = syscall (SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
  sp_autofd int ruleset_fd = -1;
  Ruleset ruleset;

  if (version < 1)
    {
      sp_log (SP_LOG_NOTICE, "sandbox",
              "this kernel has no Landlock; system calls alone are bounded");
      return TRUE;
    }
  ruleset = ruleset_for_version ((int) version);
  if (sandbox->outbound)
    ruleset.net &= ~(guint64) NET_CONNECT_TCP;
  ruleset_fd = (int) syscall (SYS_landlock_create_ruleset, &ruleset, sizeof ruleset, 0);
  if (ruleset_fd < 0)
    return set_failed (error, "making the rules");
  if (!allow_folders (ruleset_fd, &ruleset, sandbox, error))
    return FALSE;
  if (syscall (SYS_landlock_restrict_self, ruleset_fd, 0) != 0)
    return set_failed (error, "entering");
  return TRUE;
}

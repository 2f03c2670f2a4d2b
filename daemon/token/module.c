/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module.h"

#include "base/error.h"

#include <errno.h>
#include <p11-kit/uri.h>
#include <stdlib.h>
#include <sys/stat.h>

typedef struct p11_kit_uri Uri;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Uri, p11_kit_uri_free)

static const char *const folders[] = { "/usr/lib/",     "/usr/lib64/",     "/usr/lib32/",
                                       "/usr/libexec/", "/usr/local/lib/", "/lib/",
                                       "/opt/" };

static char *
refuse (GError **error, const char *text)
{
  g_set_error_literal (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, text);
  return NULL;
}

static gboolean
is_in_folder (const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    if (g_str_has_prefix (path, folders[i]))
      return TRUE;
  return FALSE;
}

static gboolean
is_of_root (const char *path, mode_t type)
{
  struct stat facts;

  return stat (path, &facts) == 0 && (facts.st_mode & S_IFMT) == type && facts.st_uid == 0 &&
         (facts.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* The file, and each folder that leads to it. */
static gboolean
is_only_roots (const char *path)
{
  g_autofree char *above = g_path_get_dirname (path);

  if (!is_of_root (path, S_IFREG))
    return FALSE;
  while (above[1] != '\0')
    {
      g_autofree char *folder = g_steal_pointer (&above);

      if (!is_of_root (folder, S_IFDIR))
        return FALSE;
      above = g_path_get_dirname (folder);
    }
  return TRUE;
}

static char *
check (const char *named, GError **error)
{
  g_autofree char *path = NULL;
  char *real;

  if (named == NULL || !g_path_is_absolute (named))
    return refuse (error, "the URI names no module: module-path=/usr/lib/… is missing");
  real = realpath (named, NULL);
  if (real == NULL)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "its module: %s",
                   sp_error_describe (errno));
      return NULL;
    }
  path = g_strdup (real);
  free (real);
  if (!is_in_folder (path))
    return refuse (error, "its module is not where packages put libraries");
  if (!is_only_roots (path))
    return refuse (error, "its module may be changed by others than root");
  return g_steal_pointer (&path);
}

char *
sp_module_find (const char *uri, GError **error)
{
  g_autoptr (Uri) parsed = p11_kit_uri_new ();

  if (p11_kit_uri_parse (uri, P11_KIT_URI_FOR_ANY, parsed) != P11_KIT_URI_OK)
    return refuse (error, "it is no URI of a token");
  if (p11_kit_uri_get_pin_value (parsed) != NULL || p11_kit_uri_get_pin_source (parsed) != NULL)
    return refuse (error, "the PIN has no place in the URI");
  return check (p11_kit_uri_get_module_path (parsed), error);
}

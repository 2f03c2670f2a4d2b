/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "remote/host-key.h"

#include <gio/gio.h>
#include <string.h>

#define FIELDS 3 /* names, kind, key; a comment may follow */

/* How ssh calls its kinds of keys where people read them. */
static const struct
{
  const char *prefix;
  const char *kind;
} kinds[] = {
  { "ssh-ed25519", "ED25519" },       { "ecdsa-sha2-", "ECDSA" },       { "ssh-rsa", "RSA" },
  { "sk-ssh-ed25519", "ED25519-SK" }, { "sk-ecdsa-sha2-", "ECDSA-SK" },
};

void
sp_host_key_free (SpHostKey *key)
{
  g_free (key->kind);
  g_free (key->fingerprint);
  g_free (key);
}

static const char *
find_kind (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_has_prefix (name, kinds[i].prefix))
      return kinds[i].kind;
  return NULL;
}

/* Base64 without its padding, of the SHA-256 of the key. */
static char *
get_fingerprint (const guchar *key, gsize size)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize digest_size = sizeof digest;
  g_autofree char *text = NULL;

  g_checksum_update (checksum, key, (gssize) size);
  g_checksum_get_digest (checksum, digest, &digest_size);
  text = g_base64_encode (digest, digest_size);
  text[strcspn (text, "=")] = '\0';
  return g_strconcat ("SHA256:", text, NULL);
}

static SpHostKey *
read_line (const char *line)
{
  g_auto (GStrv) fields = g_strsplit (line, " ", FIELDS + 1);
  g_autofree guchar *bytes = NULL;
  const char *kind;
  SpHostKey *key;
  gsize size;

  if (g_strv_length (fields) < FIELDS || line[0] == '#' || line[0] == '@')
    return NULL;
  kind = find_kind (fields[1]);
  bytes = g_base64_decode (fields[2], &size);
  if (kind == NULL || size == 0)
    return NULL;
  key = g_new0 (SpHostKey, 1);
  key->kind = g_strdup (kind);
  key->fingerprint = get_fingerprint (bytes, size);
  return key;
}

GPtrArray *
sp_host_key_read (const char *lines)
{
  GPtrArray *keys = g_ptr_array_new_with_free_func ((GDestroyNotify) sp_host_key_free);
  g_auto (GStrv) each = g_strsplit (lines, "\n", -1);

  for (guint i = 0; each[i] != NULL; i++)
    {
      SpHostKey *key = read_line (each[i]);

      if (key != NULL)
        g_ptr_array_add (keys, key);
    }
  return keys;
}

gboolean
sp_host_key_trust (const char *lines, const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileOutputStream) stream =
      g_file_append_to (file, G_FILE_CREATE_PRIVATE, NULL, error);
  const char *end = g_str_has_suffix (lines, "\n") ? "" : "\n";

  return stream != NULL &&
         g_output_stream_printf (G_OUTPUT_STREAM (stream), NULL, NULL, error, "%s%s", lines, end) &&
         g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, error);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "network-journal.h"

#include "base/error.h"
#include "base/names.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#define VERSION        1
#define FILE_BYTES_MAX (1 << 20)
#define CHANGES_MAX    8192

static const char *const knob_names[] = {
  [SP_FORWARDING_IPV4] = "ipv4-forwarding",
  [SP_FORWARDING_IPV6] = "ipv6-forwarding",
  [SP_FORWARDING_IPV6_HEAR] = "ipv6-accept-ra",
};

static const char *const mode_names[] = {
  [SP_IPV6_NAT] = "nat",
  [SP_IPV6_ROUTED] = "routed",
  [SP_IPV6_REFUSED] = "refused",
  [SP_IPV6_OFF] = "off",
};

G_STATIC_ASSERT (G_N_ELEMENTS (knob_names) == SP_FORWARDING_LAST + 1);
G_STATIC_ASSERT (G_N_ELEMENTS (mode_names) == SP_IPV6_LAST + 1);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (json_t, json_decref)

SpNetworkJournal *
sp_network_journal_new (void)
{
  SpNetworkJournal *journal = g_new0 (SpNetworkJournal, 1);

  journal->forwarding = g_array_new (FALSE, TRUE, sizeof (SpForwardingChange));
  journal->addresses = g_byte_array_new ();
  journal->ranges = g_array_new (FALSE, TRUE, sizeof (SpClientRange));
  return journal;
}

void
sp_network_journal_free (SpNetworkJournal *journal)
{
  g_array_unref (journal->forwarding);
  g_byte_array_unref (journal->addresses);
  g_array_unref (journal->ranges);
  g_free (journal);
}

static char *
journal_path (const char *state_folder)
{
  return g_build_filename (state_folder, SP_NETWORK_JOURNAL_FILE, NULL);
}

static json_t *
encode_changes (const GArray *changes)
{
  json_t *list = json_array ();

  for (guint i = 0; i < changes->len; i++)
    {
      const SpForwardingChange *change = &g_array_index (changes, SpForwardingChange, i);
      json_array_append_new (
          list, json_pack ("{s:s, s:s, s:i, s:i}", "switch", knob_names[change->knob], "interface",
                           change->interface, "before", change->before, "after", change->after));
    }
  return list;
}

static json_t *
encode_addresses (const GByteArray *addresses)
{
  json_t *list = json_array ();

  for (guint i = 0; i < addresses->len; i += SP_ADDRESS_SIZE)
    {
      char text[SP_ENDPOINT_TEXT_MAX];

      sp_address_to_text (addresses->data + i, text);
      json_array_append_new (list, json_string (text));
    }
  return list;
}

static json_t *
encode_ranges (const GArray *ranges)
{
  json_t *list = json_array ();

  for (guint i = 0; i < ranges->len; i++)
    {
      const SpClientRange *range = &g_array_index (ranges, SpClientRange, i);
      char text[SP_ENDPOINT_TEXT_MAX];

      sp_network_to_text (&range->network, text);
      json_array_append_new (list,
                             json_pack ("{s:s, s:s, s:b}", "network", text, "ipv6",
                                        mode_names[range->mode], "present", range->is_present));
    }
  return list;
}

gboolean
sp_network_journal_write (const SpNetworkJournal *journal, const char *state_folder, GError **error)
{
  g_autofree char *path = journal_path (state_folder);
  g_autoptr (json_t) root =
      json_pack ("{s:i, s:o, s:o, s:o}", "version", VERSION, "forwarding",
                 encode_changes (journal->forwarding), "addresses",
                 encode_addresses (journal->addresses), "ranges", encode_ranges (journal->ranges));
  char *text = root != NULL ? json_dumps (root, JSON_INDENT (2)) : NULL;
  g_autoptr (GError) file_error = NULL;
  gboolean written;

  if (text == NULL)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "The journal cannot be written as text");
      return FALSE;
    }
  written = g_file_set_contents_full (path, text, -1,
                                      G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                      0600, &file_error);
  free (text);
  if (!written)
    g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "%s", file_error->message);
  return written;
}

static gboolean
decode_knob (const char *name, SpForwardingKnob *ret)
{
  for (guint i = 0; i < G_N_ELEMENTS (knob_names); i++)
    if (g_str_equal (knob_names[i], name))
      {
        *ret = (SpForwardingKnob) i;
        return TRUE;
      }
  return FALSE;
}

static gboolean
decode_change (json_t *value, SpForwardingChange *ret)
{
  const char *knob, *interface;

  memset (ret, 0, sizeof *ret);
  return json_unpack (value, "{s:s, s:s, s:i, s:i}", "switch", &knob, "interface", &interface,
                      "before", &ret->before, "after", &ret->after) == 0 &&
         decode_knob (knob, &ret->knob) &&
         g_strlcpy (ret->interface, interface, sizeof ret->interface) < sizeof ret->interface &&
         sp_forwarding_change_is_sane (ret);
}

static gboolean
decode_address (json_t *value, GByteArray *addresses)
{
  guint8 address[SP_ADDRESS_SIZE];

  if (!json_is_string (value) || !sp_address_from_text (json_string_value (value), address) ||
      addresses->len >= SP_CLIENT_RANGES_MAX * SP_ADDRESS_SIZE)
    return FALSE;
  g_byte_array_append (addresses, address, SP_ADDRESS_SIZE);
  return TRUE;
}

static gboolean
decode_mode (const char *name, SpIpv6Mode *ret)
{
  for (guint i = 0; i < G_N_ELEMENTS (mode_names); i++)
    if (g_str_equal (mode_names[i], name))
      {
        *ret = (SpIpv6Mode) i;
        return TRUE;
      }
  return FALSE;
}

static gboolean
decode_range (json_t *value, GArray *ranges)
{
  const char *network, *mode;
  int is_present;
  SpClientRange range = { .is_present = FALSE };

  if (json_unpack (value, "{s:s, s:s, s:b}", "network", &network, "ipv6", &mode, "present",
                   &is_present) != 0 ||
      !sp_network_from_text (network, &range.network) || !decode_mode (mode, &range.mode) ||
      ranges->len >= SP_CLIENT_RANGES_MAX)
    return FALSE;
  range.is_present = is_present != 0;
  g_array_append_val (ranges, range);
  return TRUE;
}

/* Journals of versions that had one range have no list. */
static gboolean
decode_ranges (json_t *root, GArray *ranges)
{
  json_t *list = json_object_get (root, "ranges");
  json_t *value;

  if (list != NULL && !json_is_array (list))
    return FALSE;
  for (size_t i = 0; (value = json_array_get (list, i)) != NULL; i++)
    if (!decode_range (value, ranges))
      return FALSE;
  return TRUE;
}

static gboolean
decode_journal (json_t *root, SpNetworkJournal *journal)
{
  int version;
  json_t *changes, *addresses, *value;
  size_t i;

  if (json_unpack (root, "{s:i, s:o, s:o}", "version", &version, "forwarding", &changes,
                   "addresses", &addresses) != 0 ||
      version != VERSION || !json_is_array (changes) || !json_is_array (addresses) ||
      json_array_size (changes) > CHANGES_MAX)
    return FALSE;
  for (i = 0; (value = json_array_get (changes, i)) != NULL; i++)
    {
      SpForwardingChange change;
      if (!decode_change (value, &change))
        return FALSE;
      g_array_append_val (journal->forwarding, change);
    }
  for (i = 0; (value = json_array_get (addresses, i)) != NULL; i++)
    if (!decode_address (value, journal->addresses))
      return FALSE;
  return decode_ranges (root, journal->ranges);
}

SpNetworkJournal *
sp_network_journal_read (const char *state_folder, GError **error)
{
  g_autofree char *path = journal_path (state_folder);
  g_autofree char *text = NULL;
  gsize length;
  g_autoptr (GError) file_error = NULL;
  g_autoptr (json_t) root = NULL;
  g_autoptr (SpNetworkJournal) journal = sp_network_journal_new ();

  if (!g_file_get_contents (path, &text, &length, &file_error))
    {
      gboolean missing = g_error_matches (file_error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
      g_set_error (error, SP_ERROR, missing ? SP_ERROR_NOT_FOUND : SP_ERROR_FAILED, "%s",
                   file_error->message);
      return NULL;
    }
  if (length <= FILE_BYTES_MAX)
    root = json_loadb (text, length, JSON_REJECT_DUPLICATES, NULL);
  if (root == NULL || !decode_journal (root, journal))
    {
      g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "%s is not a journal of this program", path);
      return NULL;
    }
  return g_steal_pointer (&journal);
}

gboolean
sp_network_journal_remove (const char *state_folder, GError **error)
{
  g_autofree char *path = journal_path (state_folder);

  if (unlink (path) == 0 || errno == ENOENT)
    return TRUE;
  sp_error_set_errno (error, errno, "removing %s", path);
  return FALSE;
}

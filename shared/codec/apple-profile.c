/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/apple-profile.h"

#include "html-text.h"

#include <string.h>

#define UUID_LENGTH 36

/* The last byte tells the profile and its parts from each other. */
enum
{
  WHOLE,
  IDENTITY,
  CONNECTION
};

/* From the device's random id, as RFC 9562 5.8 lets anybody make them. */
static void
make_uuid (const SpAppleProfile *profile, guint8 part, char text[UUID_LENGTH + 1])
{
  guint8 id[SP_ID_SIZE];

  memcpy (id, profile->device, sizeof id);
  id[6] = (guint8) ((id[6] & 0x0f) | 0x80);
  id[8] = (guint8) ((id[8] & 0x3f) | 0x80);
  id[SP_ID_SIZE - 1] = (guint8) (id[SP_ID_SIZE - 1] + part);
  g_snprintf (text, UUID_LENGTH + 1,
              "%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X", id[0], id[1],
              id[2], id[3], id[4], id[5], id[6], id[7], id[8], id[9], id[10], id[11], id[12],
              id[13], id[14], id[15]);
}

static void
add_text (GString *xml, const char *key, const char *value)
{
  g_string_append_printf (xml, "<key>%s</key><string>", key);
  sp_html_append_escaped (xml, value);
  g_string_append (xml, "</string>\n");
}

/* What each part has (Apple: "Payload dictionary keys common to all payloads"). */
static void
add_common (
    GString *xml, const SpAppleProfile *profile, guint8 part, const char *type, const char *name)
{
  char uuid[UUID_LENGTH + 1];
  g_autofree char *identifier = NULL;

  make_uuid (profile, part, uuid);
  identifier = g_strconcat ("vpn.", uuid, NULL);
  add_text (xml, "PayloadType", type);
  g_string_append (xml, "<key>PayloadVersion</key><integer>1</integer>\n");
  add_text (xml, "PayloadIdentifier", identifier);
  add_text (xml, "PayloadUUID", uuid);
  add_text (xml, "PayloadDisplayName", name);
}

static void
add_identity (GString *xml, const SpAppleProfile *profile)
{
  g_autofree char *base64 = g_base64_encode (profile->archive, profile->archive_size);

  g_string_append (xml, "<dict>\n");
  add_common (xml, profile, IDENTITY, "com.apple.security.pkcs12", profile->name);
  add_text (xml, "PayloadCertificateFileName", "vpn.p12");
  g_string_append_printf (xml, "<key>PayloadContent</key><data>%s</data>\n</dict>\n", base64);
}

static void
add_connection (GString *xml, const SpAppleProfile *profile, const char *host)
{
  char identity[UUID_LENGTH + 1];

  make_uuid (profile, IDENTITY, identity);
  g_string_append (xml, "<dict>\n");
  add_common (xml, profile, CONNECTION, "com.apple.vpn.managed", host);
  add_text (xml, "UserDefinedName", host);
  add_text (xml, "VPNType", "VPN");
  add_text (xml, "VPNSubType", "com.cisco.anyconnect");
  g_string_append (xml, "<key>VPN</key><dict>\n");
  add_text (xml, "RemoteAddress", host);
  add_text (xml, "AuthenticationMethod", "Certificate");
  add_text (xml, "PayloadCertificateUUID", identity);
  g_string_append (xml, "</dict>\n<key>VendorConfig</key><dict/>\n</dict>\n");
}

void
sp_apple_profile_write (GString *xml, const SpAppleProfile *profile)
{
  const char *host = g_str_has_prefix (profile->url, "https://")
                         ? profile->url + strlen ("https://")
                         : profile->url;

  g_string_append (xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                        "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
                        "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
                        "<plist version=\"1.0\"><dict>\n");
  add_common (xml, profile, WHOLE, "Configuration", host);
  g_string_append (xml, "<key>PayloadContent</key><array>\n");
  add_identity (xml, profile);
  add_connection (xml, profile, host);
  g_string_append (xml, "</array>\n</dict></plist>\n");
}

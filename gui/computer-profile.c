/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "computer-profile.h"

#include <NetworkManager.h>
#include <string.h>

#define SERVICE "org.freedesktop.NetworkManager.openconnect"
/* Not stored, but asked for or found out at each connection (NM_SETTING_SECRET_FLAG_NOT_SAVED). */
#define NOT_SAVED "2"

char *
sp_computer_profile_get_command (const SpComputerProfile *profile, const char *certificate)
{
  g_autofree char *login = g_shell_quote (profile->login);
  g_autofree char *file = certificate != NULL ? g_shell_quote (certificate) : NULL;

  if (file != NULL)
    return g_strdup_printf ("sudo openconnect --certificate=%s --servercert=%s %s", file,
                            profile->pin, profile->url);
  return g_strdup_printf ("sudo openconnect --user=%s --servercert=%s %s", login, profile->pin,
                          profile->url);
}

/* What stands behind "https://", which is how the plugin writes a gateway. */
static const char *
get_gateway (const SpComputerProfile *profile)
{
  return g_str_has_prefix (profile->url, "https://") ? profile->url + strlen ("https://")
                                                     : profile->url;
}

static NMConnection *
create_connection (const SpComputerProfile *profile)
{
  NMConnection *connection = nm_simple_connection_new ();
  NMSetting *about = nm_setting_connection_new ();
  NMSettingVpn *vpn = NM_SETTING_VPN (nm_setting_vpn_new ());
  g_autofree char *uuid = nm_utils_uuid_generate ();

  g_object_set (about, NM_SETTING_CONNECTION_ID, profile->name, NM_SETTING_CONNECTION_UUID, uuid,
                NM_SETTING_CONNECTION_TYPE, NM_SETTING_VPN_SETTING_NAME,
                NM_SETTING_CONNECTION_AUTOCONNECT, FALSE, NULL);
  g_object_set (vpn, NM_SETTING_VPN_SERVICE_TYPE, SERVICE, NM_SETTING_VPN_USER_NAME, profile->login,
                NULL);
  nm_setting_vpn_add_data_item (vpn, "gateway", get_gateway (profile));
  nm_setting_vpn_add_data_item (vpn, "protocol", "anyconnect");
  nm_setting_vpn_add_data_item (vpn, "cookie-flags", NOT_SAVED);
  nm_setting_vpn_add_data_item (vpn, "gateway-flags", NOT_SAVED);
  nm_setting_vpn_add_data_item (vpn, "gwcert-flags", NOT_SAVED);
  nm_connection_add_setting (connection, about);
  nm_connection_add_setting (connection, NM_SETTING (vpn));
  return connection;
}

char *
sp_computer_profile_create_keyfile (const SpComputerProfile *profile, GError **error)
{
  g_autoptr (NMConnection) connection = create_connection (profile);
  g_autoptr (GKeyFile) file = NULL;

  if (!nm_connection_normalize (connection, NULL, NULL, error))
    return NULL;
  file = nm_keyfile_write (connection, NM_KEYFILE_HANDLER_FLAGS_NONE, NULL, NULL, error);
  return file != NULL ? g_key_file_to_data (file, NULL, NULL) : NULL;
}

char *
sp_computer_profile_create_import (const SpComputerProfile *profile)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();

  g_key_file_set_string (file, "openconnect", "Description", profile->name);
  g_key_file_set_string (file, "openconnect", "Host", get_gateway (profile));
  g_key_file_set_string (file, "openconnect", "Protocol", "anyconnect");
  return g_key_file_to_data (file, NULL, NULL);
}

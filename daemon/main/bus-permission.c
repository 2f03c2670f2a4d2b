/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-permission.h"

#include <glib/gi18n.h>

#define MONITOR         SP_POLKIT_PREFIX "monitor"
#define CONTROL         SP_POLKIT_PREFIX "control"
#define MANAGE_USERS    SP_POLKIT_PREFIX "manage-users"
#define MANAGE_SESSIONS SP_POLKIT_PREFIX "manage-sessions"
#define CONFIGURE       SP_POLKIT_PREFIX "configure"
#define SECRETS         SP_POLKIT_PREFIX "secrets"
#define ADMINISTER      SP_POLKIT_PREFIX "administer"

#define SERVER      SP_BUS_SERVER_INTERFACE
#define SETTINGS    SP_BUS_SETTINGS_INTERFACE
#define USER        SP_BUS_USER_INTERFACE
#define DEVICE      SP_BUS_DEVICE_INTERFACE
#define INVITATION  SP_BUS_INVITATION_INTERFACE
#define SESSION     SP_BUS_SESSION_INTERFACE
#define CERTIFICATE SP_BUS_CERTIFICATE_INTERFACE
#define STATISTICS  SP_BUS_STATISTICS_INTERFACE
#define MANAGER     SP_BUS_MANAGER_INTERFACE
#define JOB         SP_BUS_JOB_INTERFACE

#define BAN   SP_BUS_BAN_INTERFACE
#define GROUP SP_BUS_GROUP_INTERFACE

#define SHOW N_ ("Authentication is required to see the settings of the VPN server")
#define LOOK N_ ("Authentication is required to see who uses the VPN")

/* The whole of who may do what.  A member that is missing here is refused to everybody. */
/* clang-format off */
static const SpBusPermission permissions[] = {
  { SERVER,     SP_BUS_READ,               NULL,            NULL },
  { SERVER,     "GetCertificateAuthority", NULL,            NULL },
  { SERVER,     "GetPermissions",          NULL,            NULL },
  { SERVER,     "Unlock",                  ADMINISTER,      N_ ("Authentication is required to manage the VPN server and who uses it") },
  { SERVER,     "Start",                   CONTROL,         N_ ("Authentication is required to start the VPN server") },
  { SERVER,     "Stop",                    CONTROL,         N_ ("Authentication is required to stop the VPN server, which disconnects everybody") },
  { SERVER,     "Restart",                 CONTROL,         N_ ("Authentication is required to restart the VPN server, which disconnects everybody for a moment") },
  { SERVER,     "SetStartAtBoot",          CONTROL,         N_ ("Authentication is required to choose whether the VPN server starts with this computer") },
  { SERVER,     "CreateReachabilityTest",  CONTROL,         N_ ("Authentication is required to test whether the VPN server is reached from outside") },
  { SERVER,     "Reload",                  CONFIGURE,       N_ ("Authentication is required to change the settings of the VPN server") },
  { SERVER,     "CreateCheckpoint",        CONFIGURE,       N_ ("Authentication is required to change the settings of the VPN server") },
  { SERVER,     "ConfirmCheckpoint",       CONFIGURE,       N_ ("Authentication is required to keep the changed settings of the VPN server") },
  { SERVER,     "RollbackCheckpoint",      CONFIGURE,       N_ ("Authentication is required to undo the change of the VPN server’s settings") },
  { SERVER,     "Subscribe",               MONITOR,         LOOK },
  { SERVER,     "FindUser",                MONITOR,         LOOK },
  { SERVER,     "ListUsers",               MONITOR,         LOOK },
  { SERVER,     "ListHistory",             MONITOR,         LOOK },
  { SERVER,     "ListEvents",              MONITOR,         LOOK },
  { SERVER,     "ListPenalties",           MONITOR,         LOOK },
  { SERVER,     "OpenHistory",             MONITOR,         LOOK },
  { SERVER,     "ListDevices",             MONITOR,         LOOK },
  { SERVER,     "ForgetHistory",           MANAGE_USERS,    N_ ("Authentication is required to erase the history of VPN users") },
  { SERVER,     "QueryTraffic",            MONITOR,         LOOK },
  { SERVER,     "EraseHistory",            MANAGE_USERS,    N_ ("Authentication is required to erase the history of a VPN user") },
  { SERVER,     "AddUser",                 MANAGE_USERS,    N_ ("Authentication is required to let $(login) use the VPN") },
  { SERVER,     "AddGroup",                MANAGE_USERS,    N_ ("Authentication is required to make a group of VPN users") },
  { SERVER,     "RestoreGroup",            MANAGE_USERS,    N_ ("Authentication is required to make a group of VPN users") },
  { GROUP,      SP_BUS_READ,               MONITOR,         LOOK },
  { GROUP,      "Update",                  MANAGE_USERS,    N_ ("Authentication is required to change a group of VPN users") },
  { GROUP,      "Remove",                  MANAGE_USERS,    N_ ("Authentication is required to remove a group of VPN users") },
  { SERVER,     "OpenLog",                 MONITOR,         LOOK },
  { SERVER,     "ExportBackup",            SECRETS,         N_ ("Authentication is required to write a backup with all keys of the VPN server") },
  { SERVER,     "CheckBackup",             SECRETS,         N_ ("Authentication is required to open a backup of the VPN server") },
  { SERVER,     "ImportBackup",            SECRETS,         N_ ("Authentication is required to replace the VPN server, its users and keys by those of a backup") },
  { SERVER,     "SetBackupPassphrase",     SECRETS,         N_ ("Authentication is required to set the passphrase of the VPN server’s weekly backups") },
  { SERVER,     "ForgetBackupPassphrase",  SECRETS,         N_ ("Authentication is required to end the VPN server’s weekly backups") },
  { SERVER,     "SetDynamicDnsPassword",   SECRETS,         N_ ("Authentication is required to set the password at the provider of dynamic DNS") },
  { SERVER,     "ForgetDynamicDnsPassword", SECRETS,        N_ ("Authentication is required to forget the password at the provider of dynamic DNS") },
  { SERVER,     "UpdateDynamicDns",        CONTROL,         N_ ("Authentication is required to tell the provider of dynamic DNS the VPN server’s address") },
  { SERVER,     "RenewPortMapping",        CONTROL,         N_ ("Authentication is required to ask the router to forward the VPN server’s port") },
  { SERVER,     "OrderCertificate",        CONTROL,         N_ ("Authentication is required to order a certificate for the VPN server") },
  { SERVER,     "Reset",                   SECRETS,         N_ ("Authentication is required to erase the VPN server, its users and keys") },
  { SERVER,     "Undo",                    MANAGE_SESSIONS, N_ ("Authentication is required to keep a VPN session connected") },
  { SETTINGS,   SP_BUS_READ,               MONITOR,         SHOW },
  { SETTINGS,   "DescribeSettings",        MONITOR,         SHOW },
  { SETTINGS,   "Update",                  CONFIGURE,       N_ ("Authentication is required to change the settings of the VPN server") },
  { JOB,        SP_BUS_READ,               MONITOR,         LOOK },
  { JOB,        "Cancel",                  CONTROL,         N_ ("Authentication is required to cancel what the VPN server does") },
  { SERVER,     "DisconnectAll",           MANAGE_SESSIONS, N_ ("Authentication is required to disconnect everybody from the VPN") },
  { SERVER,     "BlockAddress",            MANAGE_SESSIONS, N_ ("Authentication is required to keep an address out of the VPN") },
  { BAN,        SP_BUS_READ,               MONITOR,         LOOK },
  { BAN,        "Lift",                    MANAGE_SESSIONS, N_ ("Authentication is required to let an address use the VPN again") },
  { MANAGER,    "GetManagedObjects",       MONITOR,         LOOK },
  { USER,       SP_BUS_READ,               MONITOR,         LOOK },
  { USER,       "Update",                  MANAGE_USERS,    N_ ("Authentication is required to change the VPN user $(login)") },
  { USER,       "SetPassword",             MANAGE_USERS,    N_ ("Authentication is required to set the VPN password of $(login)") },
  { USER,       "AddAppPassword",          MANAGE_USERS,    N_ ("Authentication is required to give $(login) another VPN password") },
  { USER,       "EnrollTotp",              MANAGE_USERS,    N_ ("Authentication is required to set up the second sign-in step of $(login)") },
  { USER,       "ConfirmTotp",             MANAGE_USERS,    N_ ("Authentication is required to set up the second sign-in step of $(login)") },
  { USER,       "RemoveTotp",              MANAGE_USERS,    N_ ("Authentication is required to let $(login) sign in with the password alone") },
  { USER,       "AddDevice",               MANAGE_USERS,    N_ ("Authentication is required to give $(login) another VPN device") },
  { USER,       "SetPasswordHash",         MANAGE_USERS,    N_ ("Authentication is required to set the VPN password of $(login)") },
  { USER,       "Remove",                  MANAGE_USERS,    N_ ("Authentication is required to take the VPN away from $(login)") },
  { USER,       "Restore",                 MANAGE_USERS,    N_ ("Authentication is required to give the VPN back to $(login)") },
  { USER,       "Purge",                   MANAGE_USERS,    N_ ("Authentication is required to forget the VPN user $(login) for good") },
  { USER,       "Invite",                  MANAGE_USERS,    N_ ("Authentication is required to invite $(login) to the VPN") },
  { INVITATION, SP_BUS_READ,               MONITOR,         LOOK },
  { INVITATION, "Revoke",                  MANAGE_USERS,    N_ ("Authentication is required to take back an invitation of $(login) to the VPN") },
  { DEVICE,     SP_BUS_READ,               MONITOR,         LOOK },
  { DEVICE,     "Update",                  MANAGE_USERS,    N_ ("Authentication is required to change a VPN device of $(login)") },
  { DEVICE,     "RenewLabel",              MANAGE_USERS,    N_ ("Authentication is required to give a VPN device of $(login) another name for the server") },
  { DEVICE,     "Renew",                   MANAGE_USERS,    N_ ("Authentication is required to make a new certificate for a VPN device of $(login)") },
  { DEVICE,     "Revoke",                  MANAGE_USERS,    N_ ("Authentication is required to take the VPN away from a device of $(login)") },
  { SESSION,    SP_BUS_READ,               MONITOR,         LOOK },
  { SESSION,    "Disconnect",              MANAGE_SESSIONS, N_ ("Authentication is required to disconnect $(login) from the VPN") },
  { STATISTICS, SP_BUS_READ,               MONITOR,         LOOK },
  { SERVER, "RequestCertificate", CONFIGURE, N_ ("Authentication is required to make a key for the VPN server") },
  { CERTIFICATE, "GetRequest", NULL, NULL },
  { SERVER, "CheckCertificate", CONFIGURE, N_ ("Authentication is required to look at a certificate for the VPN server") },
  { SERVER, "ImportCertificate", SECRETS, N_ ("Authentication is required to give the VPN server a certificate and its key") },
  { CERTIFICATE, "Activate", CONFIGURE, N_ ("Authentication is required to change the VPN server’s certificate") },
  { CERTIFICATE, "Remove", CONFIGURE, N_ ("Authentication is required to remove a certificate of the VPN server") },
  { CERTIFICATE, SP_BUS_READ,              NULL,            NULL },
  { CERTIFICATE, "Renew",                  CONFIGURE,       N_ ("Authentication is required to renew the VPN server’s certificate") },
};
/* clang-format on */

const SpBusPermission *
sp_bus_permission_find (const char *interface, const char *member)
{
  for (gsize i = 0; i < G_N_ELEMENTS (permissions); i++)
    {
      if (g_str_equal (permissions[i].interface, interface) &&
          g_str_equal (permissions[i].member, member))
        return &permissions[i];
    }
  return NULL;
}

gboolean
sp_bus_permission_is_monitor (const SpBusPermission *permission)
{
  return g_strcmp0 (permission->action, MONITOR) == 0;
}

const char *const *
sp_bus_permission_get_actions (void)
{
  static const char *const actions[] = { MONITOR,   CONTROL, MANAGE_USERS, MANAGE_SESSIONS,
                                         CONFIGURE, SECRETS, ADMINISTER,   NULL };

  return actions;
}

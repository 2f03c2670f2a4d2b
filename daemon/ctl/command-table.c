/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands.h"

#define ANY_NUMBER 1000

/* clang-format off */
const SpCommand sp_commands[] = {
  { "status",      NULL,         sp_ctl_status,                "",           0, 0,          "Tell the state of the server",
    sp_ctl_status_fields, "state,started-at,port,certificate-pin,sessions" },
  { "start",       NULL,         sp_ctl_start,                 "",           0, 0,          "Turn the server on" },
  { "stop",        NULL,         sp_ctl_stop,                  "",           0, 0,          "Turn the server off; everybody is disconnected" },
  { "user",        "list",       sp_ctl_user_list,             "",           0, 0,          "List who may use the VPN",
    sp_ctl_user_fields, "login,full-name,enabled,created-at,status,ends-at" },
  { "user",        "add",        sp_ctl_user_add,              "LOGIN",      1, 1,          "Let somebody use the VPN" },
  { "user",        "show",       sp_ctl_user_show,             "LOGIN",      1, 1,          "Show all that is known of a user",
    sp_ctl_user_fields, "login,full-name,enabled,created-at,status,ends-at" },
  { "user",        "set",        sp_ctl_user_set,              "LOGIN NAME=VALUE…", 2, ANY_NUMBER, "Set values of a user, all of them or none" },
  { "user",        "change",     sp_ctl_user_change,           "LOGIN",      1, 1,          "Change a user's name, or what the user may" },
  { "user",        "password",   sp_ctl_user_password,         "LOGIN",      1, 1,          "Set a user's password" },
  { "user",        "remove",     sp_ctl_user_remove,           "LOGIN",      1, 1,          "Take the VPN away from somebody" },
  { "user",        "erase-history", sp_ctl_user_erase_history, "LOGIN | ID", 1, 1,          "Forget the sessions of somebody that are over" },
  { "session",     "list",       sp_ctl_session_list,          "",           0, 0,          "List who is connected",
    sp_ctl_session_fields, "id,login,remote-address,addresses,transport,state,connected-at,rx-bytes,tx-bytes,client-name" },
  { "session",     "disconnect", sp_ctl_session_disconnect,    "ID… | --all", 0, ANY_NUMBER, "End sessions; the clients stay away until their people connect anew" },
  { "history",     NULL,         sp_ctl_history,               "",           0, 0,          "List sessions that were, those that began last first" },
  { "config",      "list",       sp_ctl_config_list,           "",           0, 0,          "List the settings",
    sp_ctl_config_fields, "key,written" },
  { "config",      "get",        sp_ctl_config_get,            "KEY…",       1, ANY_NUMBER, "Print the values of settings",
    sp_ctl_config_fields, "key,written" },
  { "config",      "describe",   sp_ctl_config_describe,       "KEY…",       1, ANY_NUMBER, "Tell what settings are for, and what may be written",
    sp_ctl_config_fields, "key,written" },
  { "config",      "set",        sp_ctl_config_set,            "KEY=VALUE…", 1, ANY_NUMBER, "Change settings, all of them or none" },
  { "config",      "reset",      sp_ctl_config_reset,          "KEY…",       1, ANY_NUMBER, "Give settings their defaults again" },
  { "config",      "reload",     sp_ctl_config_reload,         "",           0, 0,          "Read sallyport.conf again, after it was changed by hand" },
  { "undo",        NULL,         sp_ctl_undo,                  "TOKEN",      1, 1,          "Take something back within its window" },
  { "certificate", "list",       sp_ctl_certificate_list,      "",           0, 0,          "List the certificates that the server has",
    sp_ctl_certificate_fields, "id,kind,origin,active,starts-at,expires-at,subject,issuer,names,key-pin" },
  { "certificate", "renew",      sp_ctl_certificate_renew,     "[NAME…]",    0, ANY_NUMBER, "Make the server's own certificate anew, for these names; nobody is disconnected" },
  { "certificate", "authority",  sp_ctl_certificate_authority, "",           0, 0,          "Print the certificate that clients may trust" },
  { "backup",      "create",     sp_ctl_backup_create,         "FILE",       1, 1,          "Write everything into an encrypted file" },
  { "backup",      "check",      sp_ctl_backup_check,          "FILE",       1, 1,          "Tell whether a backup could be restored" },
  { "backup",      "restore",    sp_ctl_backup_restore,        "FILE",       1, 1,          "Replace everything by what is in a backup; everybody is disconnected" },
  { "reset",       NULL,         sp_ctl_reset,                 "",           0, 0,          "Erase users, keys, history and settings" },
  { "monitor",     NULL,         sp_ctl_monitor,               "",           0, 0,          "Print what happens, until Ctrl-C" },
  { NULL, NULL, NULL, NULL, 0, 0, NULL },
};
/* clang-format on */

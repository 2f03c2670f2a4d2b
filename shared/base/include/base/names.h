/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Every name that the parts of the program agree on.  No literal for any of these stands elsewhere.
 */

/* Program */
#define SP_PRODUCT_NAME     "Sallyport"
#define SP_GETTEXT_DOMAIN   "sallyport"
#define SP_LOG_NAME         "sallyportd"
#define SP_APPLICATION_ID   "org.sallyport.Sallyport" /* the window's */
#define SP_APPLICATION_PATH "/org/sallyport/Sallyport"
#define SP_NOTIFIER_ID      "org.sallyport.Sallyport.Notifier"
#define SP_RESOURCE_PATH    "/org/sallyport/Sallyport/"

/* D-Bus */
#define SP_BUS_NAME              "org.sallyport.Sallyport1"
#define SP_BUS_INTERFACE         "org.sallyport.Sallyport1."
#define SP_BUS_ROOT_PATH         "/org/sallyport/Sallyport1"
#define SP_BUS_SERVER_PATH       SP_BUS_ROOT_PATH "/Server"
#define SP_BUS_USERS_PATH        SP_BUS_ROOT_PATH "/users"
#define SP_BUS_DEVICES_PATH      SP_BUS_ROOT_PATH "/devices"
#define SP_BUS_INVITATIONS_PATH  SP_BUS_ROOT_PATH "/invitations"
#define SP_BUS_SESSIONS_PATH     SP_BUS_ROOT_PATH "/sessions"
#define SP_BUS_CERTIFICATES_PATH SP_BUS_ROOT_PATH "/certificates"
#define SP_BUS_ERROR_PREFIX      "org.sallyport.Sallyport1.Error."
#define SP_POLKIT_PREFIX         "org.sallyport.Sallyport1."
#define SP_BUS_JOBS_PATH         SP_BUS_ROOT_PATH "/jobs"

#define SP_BUS_BANS_PATH   SP_BUS_ROOT_PATH "/bans"
#define SP_BUS_GROUPS_PATH SP_BUS_ROOT_PATH "/groups"

/* Rooms: program names below the private libexec folder */
#define SP_ROOM_DOOR      "sallyport-door"
#define SP_ROOM_NURSERY   "sallyport-nursery"
#define SP_ROOM_KEYHOLDER "sallyport-keyholder"
#define SP_ROOM_PAM       "sallyport-pam"
#define SP_ROOM_TOKEN     "sallyport-token"
#define SP_ROOM_COURIER   "sallyport-courier"
#define SP_ROOM_HOOK      "sallyport-hook"
#define SP_HOLDER         "sallyport-holder" /* main's parent, where sessions shall outlive main */
#define SP_TITLE_WORKER                                                                            \
  "sallyport-worker" /* in the list of processes; it has no program of its own */

/* Accounts that the rooms run as, when the system has them */
#define SP_ACCOUNT_DOOR      "sallyport-door"
#define SP_ACCOUNT_WORKER    "sallyport-worker"
#define SP_ACCOUNT_KEYHOLDER "sallyport-keyholder"
#define SP_ACCOUNT_TOKEN     "sallyport-token"
#define SP_ACCOUNT_COURIER   "sallyport-courier"
#define SP_ACCOUNT_HOOK      "sallyport-hook"

/* PAM: the service, which is the file of rules, and a user that nobody should be: who has a login
 * that no user has is asked for under this name */
#define SP_PAM_SERVICE "sallyport"
#define SP_PAM_NOBODY  "sallyport-nobody"

/* A room finds its wall to main on this descriptor; everything above it is closed. */
#define SP_WALL_FD 3
/* Main finds the one to its holder by this variable, if it has a holder. */
#define SP_HOLDER_VARIABLE "SALLYPORT_HOLDER"

/* Kernel objects */
#define SP_TUN_PREFIX     "sally"     /* sally0, sally1, … */
#define SP_FIREWALL_TABLE "sallyport" /* family inet */

/* Files, below the state folder unless said otherwise */
#define SP_CONFIG_FILE          "sallyport.conf" /* in the configuration folder */
#define SP_DATABASE_FILE        "sallyport.db"
#define SP_KEYHOLDER_FOLDER     "keyholder"
#define SP_KEYHOLDER_DATABASE   "keyholder.db"
#define SP_RESTORE_FOLDER       "restore"   /* what a backup brought, until it is in its place */
#define SP_COPY_FILE            "backup.db" /* the copy that a backup is made of, for moments */
#define SP_NETWORK_JOURNAL_FILE "network-undo.json" /* what to restore after a crash */

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "command.h"

G_BEGIN_DECLS

/* The handlers, by file.  Each is a SpCommandRun. */
#define SP_HANDLER(name)                                                                           \
  SpExitStatus name (SpControl *control, const SpCommand *self, char ***arguments, GError **error)

/* server.c */
char **sp_ctl_status_fields (void);
SP_HANDLER (sp_ctl_status);
SP_HANDLER (sp_ctl_start);
SP_HANDLER (sp_ctl_stop);
SP_HANDLER (sp_ctl_restart);
SP_HANDLER (sp_ctl_autostart);

/* user.c */
char **sp_ctl_user_fields (void);
SP_HANDLER (sp_ctl_user_list);
SP_HANDLER (sp_ctl_user_add);
SP_HANDLER (sp_ctl_user_change);
SP_HANDLER (sp_ctl_user_set);
SP_HANDLER (sp_ctl_user_show);
SP_HANDLER (sp_ctl_user_password);
SP_HANDLER (sp_ctl_user_remove);

/* two-step.c */
SP_HANDLER (sp_ctl_user_totp);
SP_HANDLER (sp_ctl_device_add_password);

/* history.c */
char **sp_ctl_history_fields (void);
SP_HANDLER (sp_ctl_history);
SP_HANDLER (sp_ctl_user_erase_history);
SP_HANDLER (sp_ctl_erase_history);

/* event.c */
char **sp_ctl_events_fields (void);
SP_HANDLER (sp_ctl_events);

/* device.c */
char **sp_ctl_device_fields (void);
SP_HANDLER (sp_ctl_device_list);
SP_HANDLER (sp_ctl_device_address);
SP_HANDLER (sp_ctl_device_rename);
SP_HANDLER (sp_ctl_device_revoke);

/* bus-proxy.c */
SP_HANDLER (sp_ctl_bus_proxy);

/* device-block.c */
SP_HANDLER (sp_ctl_device_block);
SP_HANDLER (sp_ctl_device_unblock);
/* group.c */
char **sp_ctl_group_fields (void);
SP_HANDLER (sp_ctl_group_list);
SP_HANDLER (sp_ctl_group_show);
SP_HANDLER (sp_ctl_group_add);
SP_HANDLER (sp_ctl_group_set);
SP_HANDLER (sp_ctl_group_remove);
SP_HANDLER (sp_ctl_group_restore);

/* penalty.c */
char **sp_ctl_penalty_fields (void);
SP_HANDLER (sp_ctl_penalty_list);

/* ban.c */
char **sp_ctl_ban_fields (void);
SP_HANDLER (sp_ctl_ban_list);
SP_HANDLER (sp_ctl_ban_add);
SP_HANDLER (sp_ctl_ban_lift);

/* job.c */
char **sp_ctl_job_fields (void);
SP_HANDLER (sp_ctl_job_list);
SP_HANDLER (sp_ctl_job_cancel);
/* device-file.c */
SP_HANDLER (sp_ctl_device_add);
SP_HANDLER (sp_ctl_device_renew);

/* user-bin.c */
SP_HANDLER (sp_ctl_user_restore);
SP_HANDLER (sp_ctl_user_purge);

/* traffic.c */
SP_HANDLER (sp_ctl_traffic);

/* invitation.c */
char **sp_ctl_invitation_fields (void);
SP_HANDLER (sp_ctl_user_invite);
SP_HANDLER (sp_ctl_invitation_list);
SP_HANDLER (sp_ctl_invitation_revoke);

/* session.c */
char **sp_ctl_session_fields (void);
SP_HANDLER (sp_ctl_session_list);
SP_HANDLER (sp_ctl_session_disconnect);
SP_HANDLER (sp_ctl_undo);

/* config.c */
char **sp_ctl_config_fields (void);
SP_HANDLER (sp_ctl_config_list);
SP_HANDLER (sp_ctl_config_get);
SP_HANDLER (sp_ctl_config_describe);
SP_HANDLER (sp_ctl_config_set);
SP_HANDLER (sp_ctl_config_reset);
SP_HANDLER (sp_ctl_config_reload);
SP_HANDLER (sp_ctl_config_confirm);
SP_HANDLER (sp_ctl_config_rollback);

/* certificate.c */
char **sp_ctl_certificate_fields (void);
SP_HANDLER (sp_ctl_certificate_list);
SP_HANDLER (sp_ctl_certificate_authority);
SP_HANDLER (sp_ctl_certificate_renew);
SP_HANDLER (sp_ctl_certificate_request);
SP_HANDLER (sp_ctl_certificate_activate);
SP_HANDLER (sp_ctl_certificate_remove);

/* check.c, reachability.c */
SP_HANDLER (sp_ctl_check);
SP_HANDLER (sp_ctl_reachability);

/* certificate-files.c */
SP_HANDLER (sp_ctl_certificate_check);
SP_HANDLER (sp_ctl_certificate_import);

/* log.c */
SP_HANDLER (sp_ctl_log);

/* import.c */
SP_HANDLER (sp_ctl_import_ocserv);

/* config.c: "udp-port" → "UdpPort", NULL with an error if no setting is called so. */
const char *sp_ctl_setting_name (const char *key, GError **error);

/* backup.c */
SP_HANDLER (sp_ctl_backup_create);
SP_HANDLER (sp_ctl_backup_check);
SP_HANDLER (sp_ctl_backup_restore);
SP_HANDLER (sp_ctl_backup_passphrase);
SP_HANDLER (sp_ctl_reset);

/* monitor.c */
SP_HANDLER (sp_ctl_monitor);

G_END_DECLS

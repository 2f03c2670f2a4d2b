/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acme-web.h"

#include "base/io.h"
#include "codec/base64url.h"
#include "platform/listener.h"
#include "server-private.h"

#include <string.h>

#define WEB_PORT 80 /* RFC 8555 8.3: no other */

/* The door's copy is the only one that stays, so the port is free when that is closed. */
static gboolean
open_place (SpServer *server, const guint8 *address, GError **error)
{
  const char *device = server->settings->listen_device;
  SpEndpoint local = { .port = WEB_PORT };
  sp_autofd int fd = -1;

  memcpy (local.address, address, SP_ADDRESS_SIZE);
  fd = sp_listener_open_on (device[0] != '\0' ? device : NULL, SP_LISTENER_LOCAL, &local, error);
  if (fd < 0)
    return FALSE;
  sp_door_client_add_validation_listener (server->door, fd);
  return TRUE;
}

static gboolean
open_places (SpServer *server, GError **error)
{
  static const guint8 any[SP_ADDRESS_SIZE];
  const SpAddressList *addresses = &server->settings->listen_addresses;
  gboolean opened = addresses->n > 0 || open_place (server, any, error);

  for (guint i = 0; opened && i < addresses->n; i++)
    opened = open_place (server, addresses->items[i], error);
  return opened;
}

void
sp_acme_web_show (SpServer *server, const SpAcmeProof *proof, GTask *task)
{
  g_autofree char *key = sp_base64url_encode (proof->thumbprint, SP_VALIDATION_SIZE);
  g_autofree char *text = g_strdup_printf ("%s.%s", proof->token, key);
  GError *error = NULL;

  sp_door_client_answer_validation (server->door, proof->token, text);
  if (!server->is_shown_at_web && !open_places (server, &error))
    {
      sp_door_client_answer_validation (server->door, "", "");
      g_task_return_error (task, error);
      return;
    }
  server->is_shown_at_web = TRUE;
  g_task_return_boolean (task, TRUE);
}

void
sp_acme_web_hide (SpServer *server)
{
  if (server->is_shown_at_web)
    sp_door_client_answer_validation (server->door, "", "");
  server->is_shown_at_web = FALSE;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judgement.h"

#include "base/endpoint.h"
#include "base/log.h"
#include "base/names.h"
#include "base/secret.h"

#include <security/pam_appl.h>
#include <stdlib.h>
#include <string.h>

/* --- what modules say --- */

static void
drop_responses (struct pam_response *responses, int n)
{
  for (int i = 0; i < n; i++)
    if (responses[i].resp != NULL)
      {
        sp_secret_wipe (responses[i].resp, strlen (responses[i].resp));
        free (responses[i].resp);
      }
  free (responses);
}

static gboolean
pass_on (SpPamRoom *room, const struct pam_message *message, struct pam_response *response)
{
  g_autoptr (GError) error = NULL;

  switch (message->msg_style)
    {
      case PAM_PROMPT_ECHO_OFF:
      case PAM_PROMPT_ECHO_ON:
        response->resp = sp_pam_room_ask (room, message->msg, &error);
        if (response->resp == NULL)
          sp_log (SP_LOG_DEBUG, "wall", "%s", error->message);
        return response->resp != NULL;
      case PAM_ERROR_MSG:
      case PAM_TEXT_INFO:
        sp_pam_room_note (room, message->msg);
        return TRUE;
      default:
        return FALSE;
    }
}

static int
converse (int n, const struct pam_message **messages, struct pam_response **ret, void *data)
{
  struct pam_response *responses;

  if (n < 1 || n > PAM_MAX_NUM_MSG)
    return PAM_CONV_ERR;
  responses = calloc ((size_t) n, sizeof *responses); /* PAM frees it */
  if (responses == NULL)
    return PAM_BUF_ERR;
  for (int i = 0; i < n; i++)
    if (!pass_on (data, messages[i], &responses[i]))
      {
        drop_responses (responses, n);
        return PAM_CONV_ERR;
      }
  *ret = responses;
  return PAM_SUCCESS;
}

/* --- and what PAM does --- */

static const struct
{
  int code;
  SpPamResult result;
} meanings[] = {
  { PAM_SUCCESS, SP_PAM_RIGHT },
  { PAM_AUTH_ERR, SP_PAM_WRONG },
  { PAM_USER_UNKNOWN, SP_PAM_WRONG },
  { PAM_MAXTRIES, SP_PAM_WRONG },
  { PAM_CRED_INSUFFICIENT, SP_PAM_WRONG },
  { PAM_ACCT_EXPIRED, SP_PAM_EXPIRED },
  { PAM_NEW_AUTHTOK_REQD, SP_PAM_EXPIRED },
  { PAM_AUTHTOK_EXPIRED, SP_PAM_EXPIRED },
  { PAM_CRED_EXPIRED, SP_PAM_EXPIRED },
  { PAM_PERM_DENIED, SP_PAM_REFUSED },
};

static SpPamResult
find_meaning (int code)
{
  for (guint i = 0; i < G_N_ELEMENTS (meanings); i++)
    if (meanings[i].code == code)
      return meanings[i].result;
  return SP_PAM_FAILED;
}

/* Who has not shown who they are is told nothing but that. */
static SpPamResult
judge (pam_handle_t *handle, int *ret_code)
{
  SpPamResult result;

  *ret_code = pam_authenticate (handle, PAM_DISALLOW_NULL_AUTHTOK);
  result = find_meaning (*ret_code);
  if (result != SP_PAM_RIGHT)
    return result == SP_PAM_FAILED ? SP_PAM_FAILED : SP_PAM_WRONG;
  *ret_code = pam_acct_mgmt (handle, PAM_DISALLOW_NULL_AUTHTOK);
  result = find_meaning (*ret_code);
  return result == SP_PAM_WRONG ? SP_PAM_REFUSED : result;
}

SpPamResult
sp_judge_by_pam (SpPamRoom *room, char **ret_text)
{
  const struct pam_conv conversation = { converse, room };
  char address[SP_ENDPOINT_TEXT_MAX];
  pam_handle_t *handle = NULL;
  SpPamResult result = SP_PAM_FAILED;
  int code = pam_start (SP_PAM_SERVICE, room->login, &conversation, &handle);

  sp_address_to_text (room->address, address);
  if (code == PAM_SUCCESS)
    code = pam_set_item (handle, PAM_RHOST, address);
  if (code == PAM_SUCCESS)
    result = judge (handle, &code);
  *ret_text = g_strdup (pam_strerror (handle, code));
  if (handle != NULL)
    (void) pam_end (handle, code);
  return result;
}

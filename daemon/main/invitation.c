/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "invitation.h"

#include "base/hex.h"

struct _SpInvitation
{
  GObject parent;
  SpUser *user;
  SpInvitationKnown known;
  char *name;
  char element[2 * SP_ID_SIZE + 1];
  char label[SP_LABEL_LENGTH + 1];
};

G_DEFINE_FINAL_TYPE (SpInvitation, sp_invitation, G_TYPE_OBJECT)

static guint changed; /* nocheck: set once by class_init */

static const char *const state_names[] = {
  [SP_INVITATION_OPEN] = "open",       [SP_INVITATION_OPENED] = "opened",
  [SP_INVITATION_USED] = "used",       [SP_INVITATION_REVOKED] = "revoked",
  [SP_INVITATION_EXPIRED] = "expired",
};

static const char *const step_names[SP_INVITATION_STEPS] = { "opened", "downloaded", "connected" };

static void
sp_invitation_finalize (GObject *object)
{
  SpInvitation *self = SP_INVITATION (object);

  g_object_unref (self->user);
  g_free (self->name);
  G_OBJECT_CLASS (sp_invitation_parent_class)->finalize (object);
}

static void
sp_invitation_class_init (SpInvitationClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sp_invitation_finalize;
  changed = g_signal_new ("changed", G_OBJECT_CLASS_TYPE (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                          NULL, G_TYPE_NONE, 0);
}

static void
sp_invitation_init (SpInvitation *self)
{
}

SpInvitation *
sp_invitation_new (SpUser *user, const SpInvitationKnown *known)
{
  SpInvitation *self = g_object_new (SP_TYPE_INVITATION, NULL);

  self->user = g_object_ref (user);
  self->known = *known;
  self->name = g_utf8_make_valid ((const char *) known->name, known->name_length);
  memcpy (self->label, known->label, SP_LABEL_LENGTH);
  sp_hex_encode (known->invitation, SP_ID_SIZE, self->element);
  return self;
}

void
sp_invitation_change (SpInvitation *self, const SpInvitationKnown *known)
{
  self->known = *known;
  g_signal_emit (self, changed, 0);
}

const SpInvitationKnown *
sp_invitation_get_known (SpInvitation *self)
{
  return &self->known;
}

SpUser *
sp_invitation_get_user (SpInvitation *self)
{
  return self->user;
}

const char *
sp_invitation_get_name (SpInvitation *self)
{
  return self->name;
}

const char *
sp_invitation_get_label (SpInvitation *self)
{
  return self->label[0] != '\0' ? self->label : NULL;
}

const char *
sp_invitation_get_path_element (SpInvitation *self)
{
  return self->element;
}

const char *
sp_invitation_state_to_string (guint8 state)
{
  return state_names[MIN (state, SP_INVITATION_STATE_LAST)];
}

const char *
sp_invitation_step_to_string (guint step)
{
  g_return_val_if_fail (step < SP_INVITATION_STEPS, "");
  return step_names[step];
}

gint64
sp_invitation_get_step (SpInvitation *self, guint step)
{
  const guint64 times[SP_INVITATION_STEPS] = { self->known.opened, self->known.downloaded,
                                               self->known.connected };

  g_return_val_if_fail (step < SP_INVITATION_STEPS, 0);
  return (gint64) times[step];
}

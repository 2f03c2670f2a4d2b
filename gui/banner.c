/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "banner.h"

#include "base/names.h"
#include "fold-layout.h"

struct _SpBanner
{
  AdwBin parent_instance;
  GtkRevealer *revealer;
  GtkSpinner *spinner;
  GtkLabel *label;
  GtkWidget *buttons;
  GtkButton *other;
  GtkButton *button;
};

enum
{
  PROP_TITLE = 1,
  PROP_BUTTON_LABEL,
  PROP_REVEALED,
  PROP_BUSY,
};

G_DEFINE_FINAL_TYPE (SpBanner, sp_banner, ADW_TYPE_BIN)

void
sp_banner_set_title (SpBanner *banner, const char *title)
{
  gtk_label_set_label (banner->label, title != NULL ? title : "");
}

static void
set_label (SpBanner *banner, GtkButton *button, const char *label)
{
  gboolean some = label != NULL && label[0] != '\0';

  gtk_widget_set_visible (GTK_WIDGET (button), some);
  gtk_button_set_label (button, some ? label : "");
  gtk_widget_set_visible (banner->buttons, gtk_widget_get_visible (GTK_WIDGET (banner->button)) ||
                                               gtk_widget_get_visible (GTK_WIDGET (banner->other)));
}

void
sp_banner_set_button_label (SpBanner *banner, const char *label)
{
  set_label (banner, banner->button, label);
}

void
sp_banner_set_other_label (SpBanner *banner, const char *label)
{
  set_label (banner, banner->other, label);
}

void
sp_banner_set_revealed (SpBanner *banner, gboolean revealed)
{
  gtk_revealer_set_reveal_child (banner->revealer, revealed);
  /* What is hidden must not be reached by the keyboard either. */
  gtk_widget_set_can_focus (GTK_WIDGET (banner->button), revealed);
  gtk_widget_set_can_focus (GTK_WIDGET (banner->other), revealed);
}

void
sp_banner_set_busy (SpBanner *banner, gboolean busy)
{
  gtk_widget_set_visible (GTK_WIDGET (banner->spinner), busy);
  gtk_spinner_set_spinning (banner->spinner, busy);
}

static void
on_clicked (SpBanner *banner)
{
  g_signal_emit_by_name (banner, "button-clicked");
}

static void
on_other_clicked (SpBanner *banner)
{
  g_signal_emit_by_name (banner, "other-clicked");
}

static void
sp_banner_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  SpBanner *banner = SP_BANNER (object);

  switch (id)
    {
      case PROP_TITLE:
        sp_banner_set_title (banner, g_value_get_string (value));
        break;
      case PROP_BUTTON_LABEL:
        sp_banner_set_button_label (banner, g_value_get_string (value));
        break;
      case PROP_REVEALED:
        sp_banner_set_revealed (banner, g_value_get_boolean (value));
        break;
      case PROP_BUSY:
        sp_banner_set_busy (banner, g_value_get_boolean (value));
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
sp_banner_dispose (GObject *object)
{
  adw_bin_set_child (ADW_BIN (object), NULL);
  G_OBJECT_CLASS (sp_banner_parent_class)->dispose (object);
}

GtkWidget *
sp_banner_new (void)
{
  return g_object_new (SP_TYPE_BANNER, NULL);
}

static void
sp_banner_class_init (SpBannerClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  const GParamFlags flags = G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS;

  object_class->set_property = sp_banner_set_property;
  object_class->dispose = sp_banner_dispose;
  g_object_class_install_property (object_class, PROP_TITLE,
                                   g_param_spec_string ("title", NULL, NULL, "", flags));
  g_object_class_install_property (object_class, PROP_BUTTON_LABEL,
                                   g_param_spec_string ("button-label", NULL, NULL, "", flags));
  g_object_class_install_property (object_class, PROP_REVEALED,
                                   g_param_spec_boolean ("revealed", NULL, NULL, FALSE, flags));
  g_object_class_install_property (object_class, PROP_BUSY,
                                   g_param_spec_boolean ("busy", NULL, NULL, FALSE, flags));
  (void) g_signal_new ("button-clicked", SP_TYPE_BANNER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 0);
  (void) g_signal_new ("other-clicked", SP_TYPE_BANNER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 0);
  g_type_ensure (SP_TYPE_FOLD_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "banner.ui");
  gtk_widget_class_bind_template_child (widget_class, SpBanner, revealer);
  gtk_widget_class_bind_template_child (widget_class, SpBanner, spinner);
  gtk_widget_class_bind_template_child (widget_class, SpBanner, label);
  gtk_widget_class_bind_template_child (widget_class, SpBanner, buttons);
  gtk_widget_class_bind_template_child (widget_class, SpBanner, other);
  gtk_widget_class_bind_template_child (widget_class, SpBanner, button);
  gtk_widget_class_bind_template_callback (widget_class, on_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_other_clicked);
}

static void
sp_banner_init (SpBanner *banner)
{
  gtk_widget_init_template (GTK_WIDGET (banner));
  sp_banner_set_revealed (banner, FALSE);
}

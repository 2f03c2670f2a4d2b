/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "navigation-stack.h"

/* Where the keyboard was below a page. */
typedef struct
{
  SpSubpage *page;  /* lent by the stack */
  GtkWidget *focus; /* a weak pointer */
} Layer;

struct _SpNavigationStack
{
  AdwBin parent_instance;
  GtkStack *stack;
  GtkWidget *root;
  GPtrArray *layers;
  GPtrArray *leaving; /* pages that slide out; lent by the stack */
};

enum
{
  PROP_ROOT = 1,
};

G_DEFINE_FINAL_TYPE (SpNavigationStack, sp_navigation_stack, ADW_TYPE_BIN)

static void
free_layer (gpointer data)
{
  Layer *layer = data;

  g_clear_weak_pointer (&layer->focus);
  g_free (layer);
}

/* A page stays until nobody sees it any more. */
static void
drop_leaving (SpNavigationStack *stack)
{
  if (gtk_stack_get_transition_running (stack->stack))
    return;
  while (stack->leaving->len > 0)
    {
      GtkWidget *page = g_ptr_array_steal_index (stack->leaving, stack->leaving->len - 1);

      gtk_stack_remove (stack->stack, page);
    }
}

SpSubpage *
sp_navigation_stack_get_top (SpNavigationStack *stack)
{
  Layer *layer;

  if (stack->layers->len == 0)
    return NULL;
  layer = stack->layers->pdata[stack->layers->len - 1];
  return layer->page;
}

void
sp_navigation_stack_push (SpNavigationStack *stack, SpSubpage *page)
{
  Layer *layer = g_new0 (Layer, 1);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (stack));

  layer->page = page;
  if (root != NULL)
    g_set_weak_pointer (&layer->focus, gtk_root_get_focus (root));
  g_ptr_array_add (stack->layers, layer);
  (void) gtk_stack_add_child (stack->stack, GTK_WIDGET (page));
  gtk_stack_set_transition_type (stack->stack, GTK_STACK_TRANSITION_TYPE_OVER_LEFT);
  gtk_stack_set_visible_child (stack->stack, GTK_WIDGET (page));
  (void) gtk_widget_child_focus (GTK_WIDGET (page), GTK_DIR_TAB_FORWARD);
}

gboolean
sp_navigation_stack_pop (SpNavigationStack *stack)
{
  Layer *layer;
  SpSubpage *below;
  GtkWidget *focus;

  if (stack->layers->len == 0)
    return FALSE;
  layer = stack->layers->pdata[stack->layers->len - 1];
  g_ptr_array_add (stack->leaving, layer->page);
  focus = layer->focus;
  g_ptr_array_set_size (stack->layers, (int) stack->layers->len - 1);
  below = sp_navigation_stack_get_top (stack);
  gtk_stack_set_transition_type (stack->stack, GTK_STACK_TRANSITION_TYPE_UNDER_RIGHT);
  gtk_stack_set_visible_child (stack->stack, below != NULL ? GTK_WIDGET (below) : stack->root);
  if (focus != NULL && gtk_widget_get_mapped (focus))
    (void) gtk_widget_grab_focus (focus);
  drop_leaving (stack);
  return TRUE;
}

void
sp_navigation_stack_pop_all (SpNavigationStack *stack)
{
  while (sp_navigation_stack_pop (stack))
    {
    }
}

static void
on_pop (GtkWidget *widget, const char *action, GVariant *parameter)
{
  (void) sp_navigation_stack_pop (SP_NAVIGATION_STACK (widget));
}

static void
set_root (SpNavigationStack *stack, GtkWidget *root)
{
  if (root == NULL)
    return;
  stack->root = root;
  (void) gtk_stack_add_child (stack->stack, root);
}

static void
sp_navigation_stack_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  if (id == PROP_ROOT)
    set_root (SP_NAVIGATION_STACK (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
sp_navigation_stack_dispose (GObject *object)
{
  SpNavigationStack *stack = SP_NAVIGATION_STACK (object);

  if (stack->stack != NULL)
    (void) g_signal_handlers_disconnect_by_data (stack->stack, stack);
  stack->stack = NULL;
  G_OBJECT_CLASS (sp_navigation_stack_parent_class)->dispose (object);
}

static void
sp_navigation_stack_finalize (GObject *object)
{
  SpNavigationStack *stack = SP_NAVIGATION_STACK (object);

  g_ptr_array_unref (stack->layers);
  g_ptr_array_unref (stack->leaving);
  G_OBJECT_CLASS (sp_navigation_stack_parent_class)->finalize (object);
}

static void
sp_navigation_stack_class_init (SpNavigationStackClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->set_property = sp_navigation_stack_set_property;
  object_class->dispose = sp_navigation_stack_dispose;
  object_class->finalize = sp_navigation_stack_finalize;
  g_object_class_install_property (object_class, PROP_ROOT,
                                   g_param_spec_object ("root", NULL, NULL, GTK_TYPE_WIDGET,
                                                        G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
  gtk_widget_class_install_action (GTK_WIDGET_CLASS (class), "navigation.pop", NULL, on_pop);
}

static void
sp_navigation_stack_init (SpNavigationStack *stack)
{
  stack->layers = g_ptr_array_new_with_free_func (free_layer);
  stack->leaving = g_ptr_array_new ();
  stack->stack = GTK_STACK (gtk_stack_new ());
  (void) g_signal_connect_swapped (stack->stack, "notify::transition-running",
                                   G_CALLBACK (drop_leaving), stack);
  adw_bin_set_child (ADW_BIN (stack), GTK_WIDGET (stack->stack));
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loaded into a window under test (LD_PRELOAD), it tells what no assistive technology sees.  At
 * SIGUSR2 it writes into the file that SALLYPORT_PROBE names, one fact a line: live TYPE COUNT
 * objects of a class of ours or of the toolkit that there are cut TEXT            a label on the
 * screen that shows an ellipsis turn TOTAL PAINT    microseconds of CPU time that one turn of the
 * main loop took, and those in it in which widgets were drawn; since the signal before
 */
#include <adwaita.h>
#include <dlfcn.h>
#include <glib-unix.h>
#include <time.h>

#define KIND_KEY "sallyport-probe-kind"

/* A class whose objects are counted. */
typedef struct
{
  const char *name;
  GQuark mark; /* at each object; goes when that is finalized */
  GInstanceInitFunc init;
  int live; /* atomic */
} Kind;

typedef struct
{
  guint32 total, paint;
} Turn;

/* The program that this is loaded into has no place for it. */
static struct
{
  GMutex lock;
  GPtrArray *kinds;
  GArray *turns;
  GPollFunc poll;
  gint64 turn_began, paint_began, paint;
} probe;

static void
count_down (gpointer data)
{
  Kind *kind = data;

  (void) g_atomic_int_dec_and_test (&kind->live);
}

/* GObject says of what class an object is while it becomes one of that. */
static void
count_up (GTypeInstance *instance, gpointer class)
{
  Kind *kind =
      g_type_get_qdata (G_TYPE_FROM_INSTANCE (instance), g_quark_from_static_string (KIND_KEY));

  g_atomic_int_inc (&kind->live);
  g_object_set_qdata_full (G_OBJECT (instance), kind->mark, kind, count_down);
  if (kind->init != NULL)
    kind->init (instance, class);
}

static gboolean
is_counted (GType parent, const char *name)
{
  return g_type_is_a (parent, G_TYPE_OBJECT) &&
         (g_str_has_prefix (name, "Sp") || g_str_has_prefix (name, "Gtk") ||
          g_str_has_prefix (name, "Adw"));
}

static Kind *
add_kind (const char *name, GInstanceInitFunc init)
{
  g_autofree char *mark = g_strdup_printf ("sallyport-probe-%s", name);
  Kind *kind = g_new0 (Kind, 1);

  kind->name = g_intern_string (name);
  kind->mark = g_quark_from_string (mark);
  kind->init = init;
  g_mutex_lock (&probe.lock);
  if (probe.kinds == NULL)
    probe.kinds = g_ptr_array_new ();
  g_ptr_array_add (probe.kinds, kind);
  g_mutex_unlock (&probe.lock);
  return kind;
}

typedef GType (*Register) (GType, const char *, const GTypeInfo *, GTypeFlags);

static GType
register_counted (GType parent, const char *name, const GTypeInfo *info, GTypeFlags flags)
{
  Register really = (Register) dlsym (RTLD_NEXT, "g_type_register_static");
  GTypeInfo counted = *info;
  Kind *kind;
  GType type;

  if (!is_counted (parent, name))
    return really (parent, name, info, flags);
  kind = add_kind (name, info->instance_init);
  counted.instance_init = count_up;
  type = really (parent, name, &counted, flags);
  g_type_set_qdata (type, g_quark_from_static_string (KIND_KEY), kind);
  return type;
}

/* Instead of GObject's. */
G_MODULE_EXPORT GType
g_type_register_static (GType parent, const char *name, const GTypeInfo *info, GTypeFlags flags)
{
  return register_counted (parent, name, info, flags);
}

/* Instead of GObject's; what G_DEFINE_TYPE calls. */
G_MODULE_EXPORT GType
g_type_register_static_simple (GType parent,
                               const char *name,
                               guint class_size,
                               GClassInitFunc class_init,
                               guint instance_size,
                               GInstanceInitFunc instance_init,
                               GTypeFlags flags)
{
  const GTypeInfo info = { .class_size = (guint16) class_size,
                           .class_init = class_init,
                           .instance_size = (guint16) instance_size,
                           .instance_init = instance_init };

  return register_counted (parent, name, &info, flags);
}

/* --- time --- */

static gint64
get_cpu_time (void)
{
  struct timespec now;

  (void) clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static int
end_turn (GPollFD *descriptors, guint n_descriptors, int timeout)
{
  const Turn turn = { (guint32) (get_cpu_time () - probe.turn_began), (guint32) probe.paint };
  int ready;

  if (probe.turn_began > 0)
    g_array_append_val (probe.turns, turn);
  ready = probe.poll (descriptors, n_descriptors, timeout);
  probe.paint = 0;
  probe.turn_began = get_cpu_time ();
  return ready;
}

static gboolean
on_paint (GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer data)
{
  probe.paint_began = get_cpu_time ();
  return TRUE;
}

static gboolean
on_painted (GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer data)
{
  if (probe.paint_began > 0)
    probe.paint += get_cpu_time () - probe.paint_began;
  probe.paint_began = 0;
  return TRUE;
}

/* --- telling --- */

static void
find_cut (GtkWidget *widget, GString *facts)
{
  if (!gtk_widget_get_mapped (widget))
    return;
  if (GTK_IS_LABEL (widget) &&
      pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (widget))))
    {
      g_autofree char *text =
          g_strdelimit (g_strdup (gtk_label_get_text (GTK_LABEL (widget))), "\n", ' ');

      g_string_append_printf (facts, "cut %s\n", text);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    find_cut (child, facts);
}

static void
tell_labels (GString *facts)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *window = windows; window != NULL; window = window->next)
    find_cut (window->data, facts);
}

static void
tell_objects (GString *facts)
{
  g_mutex_lock (&probe.lock);
  for (guint i = 0; i < probe.kinds->len; i++)
    {
      Kind *kind = probe.kinds->pdata[i];

      g_string_append_printf (facts, "live %s %d\n", kind->name, g_atomic_int_get (&kind->live));
    }
  g_mutex_unlock (&probe.lock);
}

static void
tell_turns (GString *facts)
{
  for (guint i = 0; i < probe.turns->len; i++)
    {
      const Turn *turn = &g_array_index (probe.turns, Turn, i);

      g_string_append_printf (facts, "turn %u %u\n", turn->total, turn->paint);
    }
  g_array_set_size (probe.turns, 0);
}

static gboolean
on_asked (gpointer data)
{
  g_autoptr (GString) facts = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  tell_objects (facts);
  tell_labels (facts);
  tell_turns (facts);
  if (!g_file_set_contents (data, facts->str, (gssize) facts->len, &error))
    g_error ("probe: %s", error->message);
  return G_SOURCE_CONTINUE;
}

static void
watch_frames (void)
{
  (void) g_signal_add_emission_hook (g_signal_lookup ("paint", GDK_TYPE_FRAME_CLOCK), 0, on_paint,
                                     NULL, NULL);
  (void) g_signal_add_emission_hook (g_signal_lookup ("after-paint", GDK_TYPE_FRAME_CLOCK), 0,
                                     on_painted, NULL, NULL);
}

static gboolean
begin (gpointer data)
{
  gpointer class = g_type_class_ref (GDK_TYPE_FRAME_CLOCK);

  watch_frames ();
  g_type_class_unref (class);
  return G_SOURCE_REMOVE;
}

static void __attribute__ ((constructor)) load (void)
{
  GMainContext *context = g_main_context_default ();
  const char *path = g_getenv ("SALLYPORT_PROBE");

  if (path == NULL)
    return;
  probe.turns = g_array_new (FALSE, FALSE, sizeof (Turn));
  probe.poll = g_main_context_get_poll_func (context);
  g_main_context_set_poll_func (context, end_turn);
  /* After all that is under way, such as the end of objects. */
  (void) g_unix_signal_add_full (G_PRIORITY_LOW, SIGUSR2, on_asked, g_strdup (path), g_free);
  (void) g_idle_add_full (G_PRIORITY_HIGH, begin, NULL, NULL);
}

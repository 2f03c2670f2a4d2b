/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "subpage.h"

G_BEGIN_DECLS

/* A root page and those that were opened on top of it, the last one visible.  Property "root"
 * (GtkWidget).  The action "navigation.pop" (also of the back button of a subpage) goes back. */
#define SP_TYPE_NAVIGATION_STACK (sp_navigation_stack_get_type ())
G_DECLARE_FINAL_TYPE (SpNavigationStack, sp_navigation_stack, SP, NAVIGATION_STACK, AdwBin)

/* Shows a page above the others; keeps it until it is gone back from. */
void sp_navigation_stack_push (SpNavigationStack *stack, SpSubpage *page);
/* Whether there was one to go back from. */
gboolean sp_navigation_stack_pop (SpNavigationStack *stack);
/* Goes back to the root. */
void sp_navigation_stack_pop_all (SpNavigationStack *stack);
/* The page on top, lent; NULL: the root. */
SpSubpage *sp_navigation_stack_get_top (SpNavigationStack *stack);

G_END_DECLS

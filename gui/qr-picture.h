/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* A picture that phones read (ISO/IEC 18004, error level M, four modules of light around it), black
 * on white whatever the colours of the window are.  Can have the keyboard, so that its description
 * is read. */
#define SP_TYPE_QR_PICTURE (sp_qr_picture_get_type ())
G_DECLARE_FINAL_TYPE (SpQrPicture, sp_qr_picture, SP, QR_PICTURE, GtkWidget)

/* `text`: what is in it, up to some 2000 bytes; it is wiped with the picture.  `description`: what
 * those hear who do not see it. */
void sp_qr_picture_show (SpQrPicture *picture, const char *text, const char *description);

G_END_DECLS

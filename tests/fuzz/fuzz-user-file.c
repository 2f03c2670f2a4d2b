/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "client/user-file.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (SpUserFile) file = sp_user_file_parse ((const char *) data, size);

  if (file == NULL)
    return 0;
  g_assert_cmpuint (size, <=, SP_USER_FILE_SIZE_MAX);
  g_assert_cmpuint (file->users->len, <=, SP_USER_FILE_ROWS_MAX);
  g_assert_cmpuint (file->users->len, >, 0);
  for (guint i = 0; i < file->users->len; i++)
    {
      const SpFileUser *user = file->users->pdata[i];

      g_assert_true (g_utf8_validate (user->full_name, -1, NULL));
      g_assert_true (user->fault != SP_FILE_USER_GOOD || user->login[0] != '\0' ||
                     file->kind == SP_USER_FILE_CARD);
      g_assert_cmpuint (strlen (user->login), <=, size);
    }
  return 0;
}

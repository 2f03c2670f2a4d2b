/* sample: shared/walls/include/walls/main-door.h */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#define SP_MAIN_DOOR_MESSAGES(MESSAGE, FROM, IN) \
  /*       message           struct             sender       in phases      times         fds answers */ \
  MESSAGE (OPEN_DOOR,        SpOpenDoor,        FROM (MAIN), IN (STARTING), 1,            0,  NOTHING) \
  MESSAGE (LISTENER,         SpListener,        FROM (MAIN), IN (OPEN),     16,           1,  NOTHING) \
  MESSAGE (CLIENT_ADMITTED,  SpClientAdmitted,  FROM (DOOR), IN (OPEN),     SP_TIMES_ANY, 1,  NOTHING)

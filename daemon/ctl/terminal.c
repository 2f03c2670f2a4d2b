/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "terminal.h"

#include "base/io.h"
#include "exit-status.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define TERMINAL "/dev/tty"

/* Removes the last character, which may have several bytes. */
static gsize
rub_out (const char *buffer, gsize used)
{
  while (used > 0 && ((guchar) buffer[used - 1] & 0xc0) == 0x80)
    used--;
  return used > 0 ? used - 1 : 0;
}

/* The terminal gives single characters and makes no signals: whatever is typed, echo comes back. */
static gssize
read_silently (int terminal, const struct termios *usual, char *buffer, gsize size)
{
  gsize used = 0;

  for (;;)
    {
      char typed;
      ssize_t got = read (terminal, &typed, 1);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0 || typed == (char) usual->c_cc[VINTR] || typed == (char) usual->c_cc[VEOF])
        return -1;
      if (typed == '\n' || typed == '\r')
        return (gssize) used;
      if (typed == (char) usual->c_cc[VERASE])
        used = rub_out (buffer, used);
      else if (typed == (char) usual->c_cc[VKILL])
        used = 0;
      else if (used < size)
        buffer[used++] = typed;
    }
}

static void
say (int terminal, const char *text)
{
  ssize_t told = write (terminal, text, strlen (text));

  (void) told; /* a terminal that takes no text will give none either */
}

gssize
sp_terminal_read_secret (const char *prompt, char *buffer, gsize size, GError **error)
{
  sp_autofd int terminal = open (TERMINAL, O_RDWR | O_NOCTTY | O_CLOEXEC);
  struct termios usual;
  struct termios silent;
  gssize used;

  if (terminal < 0 || tcgetattr (terminal, &usual) < 0)
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED, "asking on the terminal: %s",
                   g_strerror (errno));
      return -1;
    }
  silent = usual;
  silent.c_lflag &= ~(tcflag_t) (ECHO | ECHONL | ICANON | ISIG);
  silent.c_cc[VMIN] = 1;
  silent.c_cc[VTIME] = 0;
  if (tcsetattr (terminal, TCSAFLUSH, &silent) < 0)
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED, "the terminal can not be silenced: %s",
                   g_strerror (errno));
      return -1;
    }
  say (terminal, prompt);
  used = read_silently (terminal, &usual, buffer, size);
  (void) tcsetattr (terminal, TCSAFLUSH, &usual);
  say (terminal, "\n");
  if (used < 0)
    g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED, "given up");
  return used;
}

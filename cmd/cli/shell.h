/*
 * Command lines that a message tells, to be pasted into a shell.
 */
#ifndef MM_SHELL_H
#define MM_SHELL_H

#include "base/buf.h"

/* Adds a word of a command line, quoted for the shell where it has to be. */
void shell_word(struct buf *, const char *word);

/* Adds " --NAME VALUE"; nothing for a value of NULL. */
void shell_option(struct buf *, const char *name, const char *value);

#endif

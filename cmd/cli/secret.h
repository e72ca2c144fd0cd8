/*
 * Secrets from files: never from an argument, which other users can see.
 */
#ifndef MM_SECRET_H
#define MM_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/*
 * To be called before the process holds a secret: what it remembers shall not
 * be written to a disk when it crashes, nor be read by other processes of the
 * user.
 */
void secret_guard(void);

/*
 * Reads at most `room` bytes of the file at path into p, after secret_guard.
 * Returns true with *n set, and with a warning where other users can read the
 * file, which is named by `what`: "salt"; false after a message when it can't
 * be read or is larger.
 */
bool secret_read(const char *path, const char *what, char *p, size_t room, size_t *n);

#endif

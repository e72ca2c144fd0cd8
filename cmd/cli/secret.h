/*
 * Secrets from files: never from an argument, which other users can see.
 */
#ifndef MM_SECRET_H
#define MM_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Reads at most `room` bytes of the file at path into p.  Returns true with
 * *n set; false after a message when it can't be read or is larger.
 */
bool secret_read(const char *path, char *p, size_t room, size_t *n);

#endif

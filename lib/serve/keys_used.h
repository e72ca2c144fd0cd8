/*
 * When each key was last used, by the hour: in a file of its own, FILE.used, so
 * that the keys file changes only when somebody changes a key.
 *
 * A line a key: {"key":"pk_live_0a1b2c3d","last_used":"2026-05-16T19:00:00Z"}.
 * What is no such line is left out when the file is written again: it is worth
 * nothing beside.
 */
#ifndef MM_KEYS_USED_H
#define MM_KEYS_USED_H

#include "base/buf.h"

/* Appends a line; ms since 1970, of which the hour is kept. */
void used_add_line(struct buf *lines, struct span id, int64_t ms);

/*
 * Merges lines into FILE.used of the keys file, the later time of each key, and
 * replaces it, mode 0600.  Others that do the same are waited for.  Blocks, and
 * syncs: not for a thread that must not wait.  Returns 0, or an errno.
 */
int used_merge(const char *keys_file, struct span lines);

/* Appends the text of FILE.used; nothing where there is none or it can't be read. */
void used_read(const char *keys_file, struct buf *text);

/* When the key was last used by these lines, ms since 1970; false: it was not. */
bool used_find(struct span lines, struct span id, int64_t *ms);

#endif

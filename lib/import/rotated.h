/*
 * The files beside a log that it was rotated to: those whose names are its name,
 * "." or "-", and digits, as "access.log.1", "access.log-20260516.gz".
 */
#ifndef MM_ROTATED_H
#define MM_ROTATED_H

#include "base/buf.h"

enum { ROTATED_MAX = 256 }; /* files that are looked at */

struct rotated {
	char *name;
	const char *suffix; /* behind the log's name and "." or "-" */
	uint64_t inode;
	int64_t written; /* seconds since 1970 */
};

/* Lists them, oldest first, in memory of the caller's: see rotated_free.  Returns how many. */
size_t rotated_list(const char *path, struct rotated list[ROTATED_MAX]);

void rotated_free(struct rotated *, size_t n);

/* Whether two lists are of the same files, in the same order. */
bool rotated_same(const struct rotated *, size_t n, const struct rotated *, size_t m);

#endif

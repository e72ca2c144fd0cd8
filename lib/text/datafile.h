/*
 * Data files that users write: read whole, then line by line, with errors
 * "FILE:LINE: what is wrong" that are collected, up to a number.
 */
#ifndef MM_DATAFILE_H
#define MM_DATAFILE_H

#include "base/buf.h"

struct datafile {
	const char *name;   /* for the errors */
	struct span rest;   /* lines to come */
	size_t number;      /* of the line at hand, from 1 */
	struct buf *errors; /* a line each */
	size_t error_count; /* also of those that were not written */
};

/*
 * Appends the file's text, at most 64 MiB.  Returns false, with a line in
 * `errors`, when it can't be read.
 */
bool datafile_read(const char *file, struct buf *text, struct buf *errors);

/* Begins to read [p, p+n), without a byte order mark at its start. */
void datafile_open(
    struct datafile *, const char *name, const char *p, size_t n, struct buf *errors);

/* The next line, without blanks and carriage return at its ends; false: none. */
bool datafile_next(struct datafile *, struct span *line);

/* Says what is wrong with a line; beyond a hundred errors they only count. */
void datafile_complain(struct datafile *, size_t number, const char *reason);

/* Says how many more errors there were; whether there were none at all. */
bool datafile_close(struct datafile *);

#endif

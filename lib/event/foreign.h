/*
 * Input that is no NDJSON but looks like something known: what it is, and
 * the command that makes lines of it.
 */
#ifndef MM_FOREIGN_H
#define MM_FOREIGN_H

#include "base/buf.h"

enum foreign_kind { FOREIGN_BINARY, FOREIGN_TEXT, FOREIGN_BODY };

struct foreign {
	const char *what;    /* for people: "gzip" */
	const char *command; /* that reads FILE, to be put before a pipe */
	enum foreign_kind kind;
};

/*
 * What [p, p+n) looks like, a line (or the first bytes of one that is too long)
 * that was refused, the `number`th of its file; NULL: like nothing known.
 */
const struct foreign *foreign_guess(const char *p, size_t n, uint64_t number);

#endif

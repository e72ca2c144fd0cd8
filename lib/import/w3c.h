/*
 * Logs in the W3C's extended format, as IIS and CloudFront write them: a line
 * "#Fields: date time c-ip ..", and lines of so many words.
 */
#ifndef MM_W3C_H
#define MM_W3C_H

#include "event/complaint.h"
#include "import/hit.h"
#include "import/log_keys.h"

enum { W3C_COLUMNS = 256 };

/* Starts as all zero but for the keys; all zero again for each file. */
struct w3c {
	const struct log_keys *keys;
	size_t columns;         /* 0: not told yet */
	int entry[W3C_COLUMNS]; /* of the keys */
	struct buf agent;
};

void w3c_release(struct w3c *);

/*
 * Takes a line that begins with '#': true for one that there can be, of which
 * "#Fields:" tells what follows.
 */
bool w3c_describe(struct w3c *, const char *p, size_t n);

/*
 * Reads the line [p, p+n).  In the agent '+' or %20 is a blank, as these logs
 * have it.  Spans are valid until the line changes or the next call.  False,
 * with a complaint of constant text, when its words are not so many.
 */
bool w3c_parse(struct w3c *, struct hit *, const char *p, size_t n, struct complaint *why);

#endif

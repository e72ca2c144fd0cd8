/*
 * The head of a request: its bytes are checked strictly, then llhttp reads it;
 * and bodies in chunks.
 */
#ifndef MM_HTTP_HEAD_H
#define MM_HTTP_HEAD_H

#include <llhttp.h>

#include "http/http.h"

/* A request while it is read.  The parser's data points to it, so it does not move. */
struct head {
	struct http_request *r;
	struct http_field field[HTTP_FIELDS_MOST];
	llhttp_t parser;
	bool chunked, keep_alive, expects_continue;
	unsigned status; /* with which it is refused; 0: not */

	/* of chunks: where the next bytes of the body go, and how many there may be */
	char *to;
	size_t left;
	bool complete;
	char last; /* the byte before */
};

enum { HEAD_MORE = 0, HEAD_WRONG = -1 };

/*
 * Looks for the end of the head in [p, p+n), of which the first *scanned bytes
 * have been looked at before (0 at first).  Returns the head's length, with the
 * empty line; HEAD_MORE: more is to come; HEAD_WRONG: it has a byte that may
 * not be there (a control character, CR or LF alone) or a line that begins with
 * white space.
 */
int head_scan(const char *p, size_t n, size_t *scanned);

/*
 * Reads a head of n bytes, which head_scan gave, n <= HTTP_HEAD_MOST, into *r,
 * whose spans and fields point into it.  Returns 0, or the status to refuse it
 * with: 400, 417, 431, 501, 505.
 */
unsigned head_read(struct head *, struct http_request *r, const char *p, size_t n);

/* Has r's spans point to where the head has moved. */
void head_moved(struct head *, const char *p);

/*
 * Reads chunks from [p, p+n) and writes what they hold, `left` bytes at most, to
 * `to`, which may be the same memory, at or before p.  Returns how many bytes it
 * took; then `complete` is set, or `status` is not 0 (400, 413), or all were.
 */
size_t head_chunks(struct head *, const char *p, size_t n);

#endif

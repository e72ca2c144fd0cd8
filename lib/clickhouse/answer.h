/*
 * The answer to a request: taken in as it arrives, cut into rows, and judged for
 * what the request has come to.  Moves no bytes itself; for clickhouse.c alone.
 */
#ifndef MM_ANSWER_H
#define MM_ANSWER_H

#include "base/libcurl.h"

#include "clickhouse/exception.h"

struct answer {
	/* set before the request */
	bool (*row)(void *context, const char *p, size_t n); /* a clickhouse_row, or NULL */
	void *context;
	bool quiet; /* the server may quote data: keep its words out */

	/* kept up by the caller */
	long http; /* the status, 0 before there is one */

	/* what has come */
	struct buf body; /* an error's; else the row that has not ended, or the exception */
	bool row_ended;  /* the row callback wanted no more */
	bool row_long;
	bool exception; /* in the middle of the rows; the body holds it */
	bool is_clickhouse;
	bool head_whole; /* the empty line after the headers has come */
	bool body_cut;
	int code;
	uint64_t written; /* rows, by the server's count */
};

/* Makes ready for a request; row, context and quiet stay. */
void answer_begin(struct answer *);

/* Takes one line of the head, its end included. */
void answer_header(struct answer *, const char *p, size_t n);

/*
 * Takes the next bytes of the body; http must be set.  False ends the request:
 * the row callback wants no more, a row is above 64 MiB, or memory is out.
 */
bool answer_body(struct answer *, const char *p, size_t n);

/*
 * Fills the error (status, code, row, text) and returns its status.  `url` and
 * `reason`, libcurl's words for `r`, are for the text.
 */
enum clickhouse_status answer_judge(
    struct answer *, const char *url, CURLcode r, const char *reason, struct clickhouse_error *);

#endif

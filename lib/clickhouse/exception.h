/*
 * What goes wrong with ClickHouse and what is to be done about it: its
 * exceptions as they stand in an answer, and the groups of their codes.
 */
#ifndef MM_EXCEPTION_H
#define MM_EXCEPTION_H

#include "base/buf.h"

/* What is to be done about a failure (the groups are CLICKHOUSE codes'). */
enum clickhouse_status {
	CLICKHOUSE_OK,
	CLICKHOUSE_BAD_DATA,  /* a row was refused: isolate it, go on */
	CLICKHOUSE_CONFIG,    /* stop, keep the data, say what to fix */
	CLICKHOUSE_TRANSIENT, /* overload, no connection, time-out: try again */
	CLICKHOUSE_UNKNOWN,   /* try again a few times, then keep the data */
	CLICKHOUSE_STOPPED,   /* *stop was set */
};

struct clickhouse_error {
	enum clickhouse_status status;
	int code;                /* ClickHouse's, 0 when there is none */
	long http;               /* HTTP status, 0 when none was received */
	uint64_t retry_after_ms; /* from Retry-After, at most a minute, else 0 */
	uint64_t row;            /* of an insert that was refused, from 1; 0: not told */
	/* one line for people; never holds row contents or credentials */
	char text[512];
};

/* Sets status and text, formatted and cut to its room; returns the status. */
enum clickhouse_status clickhouse_fail(struct clickhouse_error *, enum clickhouse_status,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The group that an exception code belongs to; 0 is CLICKHOUSE_UNKNOWN. */
enum clickhouse_status clickhouse_code_status(int code);

/* Whether an exception begins with this line; servers announce one that comes
   after rows in one of two ways. */
bool exception_begins(struct span line);

/* The code of "Code: 60. DB::Exception", which servers say that send no header for
   it; 0: there is none. */
int exception_code(struct span body);

/* The number that the text begins with; 0 when there is none or it is above 64 bits. */
uint64_t exception_number(struct span);

/*
 * Fills the error (status, code, row, text) from an exception, and returns its
 * status.  `quiet`: the server may quote data, so its words are kept out where
 * they could; `cut`: the body is not all of it.
 */
enum clickhouse_status exception_explain(
    struct span body, int code, bool quiet, bool cut, struct clickhouse_error *);

#endif

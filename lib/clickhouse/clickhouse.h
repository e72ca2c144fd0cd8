/*
 * ClickHouse over its HTTP interface, by libcurl: the one transport for the
 * embedded engine, a server, and a cluster.
 *
 * Errors are told apart by ClickHouse's own code (X-ClickHouse-Exception-Code,
 * else "Code: N" in the body), not by the HTTP status, which old servers get
 * wrong.  Redirects are refused.  Credentials travel in headers and occur in
 * no message.
 */
#ifndef MM_CLICKHOUSE_H
#define MM_CLICKHOUSE_H

#include <signal.h>
#include <stdatomic.h>

#include "clickhouse/exception.h"

struct clickhouse; /* one connection, kept alive between requests */

struct clickhouse_config {
	const char *url;                         /* NULL: "http://127.0.0.1:8123/" */
	const char *database;                    /* NULL: "millimetric"; "": none is named */
	const char *user;                        /* NULL: none sent */
	const char *password;                    /* NULL: none sent; copied, wiped on close */
	const char *cacert;                      /* NULL: libcurl's; a file of certificates, PEM */
	uint64_t connect_timeout_ms, timeout_ms; /* of one request; 0: defaults */
	uint64_t silence_ms; /* ends a request in which nothing moves for so long; 0: none does */
	const atomic_int *stop; /* may be NULL; non-zero ends a request .. */
	uint64_t stop_grace_ms; /* .. that much later, all requests together */
};

/* A parameter of a statement: {name:Type} in the SQL, bound, never pasted. */
struct clickhouse_param {
	const char *name;  /* without "param_"; ends a list when NULL */
	struct span value; /* text, as a user would type it; escaped by us */
};

/* A setting sent with a request, e.g. insert_deduplication_token. */
struct clickhouse_setting {
	const char *name, *value; /* ends a list when name is NULL */
};

/*
 * Returns NULL, with the error filled, for an invalid URL (one that is not
 * http or https, or that holds a user, a password, a query or a fragment), for
 * a user or password that no header can carry, or when memory is out.  The
 * first call of a process initialises libcurl and is not thread-safe.  Nothing
 * is sent yet.  A proxy of the environment is used, except for loopback.
 */
struct clickhouse *clickhouse_open(const struct clickhouse_config *, struct clickhouse_error *);
void clickhouse_close(struct clickhouse *);

/* What it was opened with: the database, and what ends a request (may be NULL). */
const char *clickhouse_database(const struct clickhouse *);
const atomic_int *clickhouse_stop(const struct clickhouse *);

/* The URL that requests go to, for messages; it holds no credentials. */
const char *clickhouse_url(const struct clickhouse *);

/*
 * A name for the server that a file may have: HOST:PORT, "localhost" for
 * 127.0.0.1 and [::1], and behind it the URL's path where there is one.  What
 * may mean something in a path leaves as %XX, and a long name ends in a hash,
 * so that two servers never share one.
 */
const char *clickhouse_server(const struct clickhouse *);

/*
 * The name that the spools of versions before had: the host, with odd
 * characters replaced, "localhost" for all of this machine.
 */
const char *clickhouse_host(const struct clickhouse *);

/* Whether that is this machine by its loopback address. */
bool clickhouse_is_local(const struct clickhouse *);

/*
 * Runs a statement that returns nothing (DDL, mutation).  params and settings
 * may be NULL.  `sql` uses the configured database unless it names another.
 * The error's text quotes the server, except where params were given: there a
 * refusal of a value is told by code and name only.
 */
enum clickhouse_status clickhouse_run(struct clickhouse *, const char *sql,
    const struct clickhouse_param *, const struct clickhouse_setting *, struct clickhouse_error *);

/*
 * Runs a SELECT; `sql` ends with the FORMAT it wants, of one row a line.
 * Each line (without '\n') goes to `row`; a false return ends the request,
 * which is then OK.  The server is asked to hold the answer back until it is
 * whole; an exception that arrives in the middle of the rows all the same is
 * reported.  A line is at most 64 MiB.
 */
typedef bool clickhouse_row(void *context, const char *p, size_t n);
enum clickhouse_status clickhouse_select(struct clickhouse *, const char *sql,
    const struct clickhouse_param *, const struct clickhouse_setting *, clickhouse_row *row,
    void *context, struct clickhouse_error *);

/*
 * The same for an answer of any size: rows come as they are found, so that nobody holds
 * them all.  Those that came before an error are out.
 */
enum clickhouse_status clickhouse_stream(struct clickhouse *, const char *sql,
    const struct clickhouse_param *, clickhouse_row *row, void *context, struct clickhouse_error *);

/* A clickhouse_row that appends each line, with a newline, to its context, a struct buf. */
bool clickhouse_collect(void *buf, const char *p, size_t n);

/* The name of the table that clickhouse_select_data sends along. */
#define CLICKHOUSE_DATA "mm_data"

/* Empties the buffer and makes it ready for the rows of clickhouse_select_data. */
void clickhouse_data_begin(struct buf *);

/*
 * As clickhouse_select without parameters, over rows that are sent along: in
 * `sql` they are the table CLICKHOUSE_DATA, of the columns that `structure`
 * tells ("a UInt8, b String").  `data` holds what clickhouse_data_begin put
 * there and then the rows, one JSON object a line; its end is added here.
 * The error's text is as that of clickhouse_insert.
 */
enum clickhouse_status clickhouse_select_data(struct clickhouse *, const char *sql,
    const char *structure, struct buf *data, const struct clickhouse_setting *, clickhouse_row *row,
    void *context, struct clickhouse_error *);

/* The body of an insert: the first bytes of a file, and then the parts. */
struct clickhouse_body {
	int fd;
	size_t in_file; /* how many are in the file; 0: there is none */
	const struct span *parts;
	size_t count;
	const char *encoding; /* NULL, "gzip" or "zstd": what it has been compressed with */
	/* called, on the way, for each part that will not be read again: from then
	   on it may be given up; may be NULL */
	void (*read)(void *context, size_t part);
	void *context;
};

/*
 * Sends the body as the data of the INSERT statement `sql` ("INSERT INTO events
 * FORMAT JSONEachRow").  OK means that a ClickHouse server has said so; the
 * insert is never asynchronous.  *written (may be NULL) is the server's count
 * of rows, those of materialised views included.  The error's text names code,
 * row number and column of a refused row, never its contents.
 */
enum clickhouse_status clickhouse_insert(struct clickhouse *, const char *sql,
    const struct clickhouse_body *, const struct clickhouse_setting *, uint64_t *written,
    struct clickhouse_error *);

#endif

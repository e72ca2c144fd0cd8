/*
 * What the commands that read have in common: their options, and from a
 * question to the rows on standard output.
 *
 *     struct reading r;
 *     reading_init(&r);
 *     const struct opt options[] = {
 *             READING_OPT_ASCII(r),
 *             STORE_OPT_DATABASE(r.store),
 *             ...
 *     };
 *     ...
 *     status = reading_run(&r, &ask);
 */
#ifndef MM_READING_H
#define MM_READING_H

#include "ask/ask.h"
#include "cmd/cli/face.h"
#include "show/output_format.h"
#include "cmd/cli/project.h"
#include "cmd/cli/store.h"

struct reading {
	struct store store;
	/* set by the options; NULL when not given */
	const char *from, *to, *period, *compare, *tz, *project;
	struct opt_list where; /* conditions */
	bool explain, ascii;
	int format; /* enum output_format_kind; READING_AUTO when not given */
};

enum { READING_AUTO = -1 };

/* Before the options are parsed. */
void reading_init(struct reading *);

/* Rows of an option table, one macro each. */
#define READING_OPT_ASCII(r)                                                                    \
	{                                                                                       \
		0, "ascii", OPT_FLAG, NULL, "draw tables and charts in ASCII", &(r).ascii, 0, 0 \
	}
#define READING_OPT_COMPARE(r)                                                          \
	{                                                                               \
		0, "compare", OPT_STRING, "previous|PERIOD",                            \
		    "add the value of the period before, or of PERIOD, and the change", \
		    &(r).compare, 0, 0                                                  \
	}
#define READING_OPT_EXPLAIN(r)                                                                     \
	{                                                                                          \
		0, "explain", OPT_FLAG, NULL, "print the SQL instead of running it", &(r).explain, \
		    0, 0                                                                           \
	}
#define READING_OPT_FORMAT(r, formats)                                                            \
	{                                                                                         \
		0, "format", OPT_CHOICE, formats,                                                 \
		    "output format (default table on a terminal, else ndjson)", &(r).format, 0, 0 \
	}
#define READING_OPT_FROM(r)                                                                      \
	{                                                                                        \
		0, "from", OPT_STRING, "TIME",                                                   \
		    "first instant: 2026-01-31, RFC 3339, -7d, today, this-month ..", &(r).from, \
		    0, 0                                                                         \
	}
#define READING_OPT_PERIOD(r)                                                                   \
	{                                                                                       \
		0, "period", OPT_STRING, "PERIOD",                                              \
		    "last-week, 2026-05, -7d .. in place of --from and --to", &(r).period, 0, 0 \
	}
#define READING_OPT_PROJECT(r) PROJECT_OPTION((r).project)
#define READING_OPT_TO(r)                                                                    \
	{                                                                                    \
		0, "to", OPT_STRING, "TIME", "first instant after the period (default now)", \
		    &(r).to, 0, 0                                                            \
	}
#define READING_OPT_TZ(r)                                                                        \
	{                                                                                        \
		0, "tz", OPT_STRING, "ZONE",                                                     \
		    "time zone of dates and intervals (default $MM_TZ, else UTC)", &(r).tz, 0, 0 \
	}
#define READING_OPT_WHERE(r)                                                                                  \
	{                                                                                                     \
		0, "where", OPT_LIST, "CONDITION",                                                            \
		    "use only events with path=/pricing, country!=DE, properties.amount>=100 ..; repeatable", \
		    &(r).where, 0, 0                                                                          \
	}

/* The event of a question, and conditions on it. */
#define READING_OPT_EVENT(to)                                                                    \
	{                                                                                        \
		0, "event", OPT_STRING, "EVENT[,NAME=VALUE]...", "use only events of this name", \
		    &(to), 0, 0                                                                  \
	}

/* Adds the conditions of --where to what is asked; false with the error filled. */
bool reading_where(const struct reading *, struct ask *, struct refusal *);

/*
 * The period and the project of the options, into what is asked.  Returns
 * false after a message about the project.
 */
bool reading_period(const struct reading *, struct period_text *, struct span *project);

/* Sets a text parameter of the API when the option was given. */
static inline void
reading_filter(struct span *to, const char *option)
{
	if (option)
		*to = span_of(option);
}

/* Says why a question can't be asked, by the names of options, or MM_TZ; STATUS_ERROR. */
int reading_refused(const struct reading *, const struct refusal *);

/*
 * store_complain, about a question in that zone: the zones of this machine and
 * those of the server's need not be the same.
 */
int reading_complain(const struct clickhouse_error *, const struct zone *);

/*
 * Flushes standard output: the status of what was written to it, after a
 * message when that failed; a reader who had enough is no error.
 */
int reading_end_output(struct out *);

/*
 * Asks and prints the rows in the format of the options, or with --explain
 * the question; `limit` is how many rows it asks for at most.  Returns the
 * status to exit with, after a message when that is not STATUS_OK.  The
 * question stays the caller's.
 */
int reading_print(struct reading *, struct question *, uint64_t limit);

/*
 * Ends a command: prints the question's rows as reading_print does or, when it
 * was refused, says why; and releases it.  Returns the status to exit with.
 */
int reading_finish(
    struct reading *, struct question *, const struct refusal *refused, uint64_t limit);

/* The whole of a command: reading_period, ask_question, reading_print. */
int reading_run(struct reading *, struct ask *);

#endif

/*
 * What users say of their events in the jq language: --assert, --where,
 * --select.
 */
#ifndef MM_ASSERTIONS_H
#define MM_ASSERTIONS_H

#include "event/complaint.h"
#include "text/expr.h"
#include "base/lines.h"
#include "base/opt.h"

enum judgement {
	JUDGED_PASS,
	JUDGED_REJECT,    /* with what is wrong in assertions.complaint */
	JUDGED_DROP,      /* not selected */
	JUDGED_STOPPED,   /* by a signal; the end of the run */
	JUDGED_NO_MEMORY, /* told; likewise */
};

struct assertion {
	const char *option, *source; /* its text as a program */
	struct expr *expr;
	struct span name; /* or the expression, where it has none */
	struct buf text;  /* of the complaint */
};

/* Starts as ASSERTIONS_INIT. */
struct assertions {
	/* the options */
	struct opt_list asserted;
	const char *where, *select;
	uint64_t memory; /* bytes for expressions; 1 GiB at most: libjq counts in int */

	/* the answer to assertions_judge */
	struct complaint *complaint;
	size_t complaints;

	/* what follows is the module's */
	struct exprs *exprs;
	struct assertion *assertion; /* asserted.n, then those of where and select */
	struct assertion *checked, *selected;
	size_t count;
	const struct lines *line; /* the event at hand */
	bool read;                /* by libjq */
	enum expr_answer end;     /* EXPR_STOPPED or EXPR_NO_MEMORY, once one came */
};

#define ASSERTIONS_INIT                        \
	{                                      \
		.memory = UINT64_C(256) << 20, \
	}

/* Rows for the command's option table, which is sorted by name. */
#define ASSERTIONS_ASSERT(a)                                                                      \
	{                                                                                         \
		0, "assert", OPT_LIST, "EXPR",                                                    \
		    "reject events of which EXPR is not true; NAME=EXPR names it", &(a).asserted, \
		    0, 0                                                                          \
	}
#define ASSERTIONS_MEMORY(a)                                                                \
	{                                                                                   \
		0, "assert-mem", OPT_SIZE, "SIZE",                                          \
		    "memory that expressions may use (default 256M)", &(a).memory, 1 << 20, \
		    UINT64_C(1) << 30                                                       \
	}
#define ASSERTIONS_SELECT(a)                                                                  \
	{                                                                                     \
		0, "select", OPT_STRING, "EXPR", "pass on only events of which EXPR is true", \
		    &(a).select, 0, 0                                                         \
	}
#define ASSERTIONS_WHERE(a)                                                                 \
	{                                                                                   \
		0, "where", OPT_STRING, "EXPR", "check assertions only where EXPR is true", \
		    &(a).where, 0, 0                                                        \
	}

/*
 * Compiles the expressions.  Returns false after a message; the status is then
 * STATUS_ERROR.
 */
bool assertions_start(struct assertions *);

/*
 * Makes a signal that ends the program, and that comes again every second, end an expression that takes longer; and the program,
 * if the expression can't be ended.  Does nothing without expressions.
 */
void assertions_catch_alarm(struct assertions *);
void assertions_release(struct assertions *);

/*
 * Bounds the memory of the process: what it has now, a.memory, and room for
 * lines of max_line bytes.  Does nothing without expressions.  Returns false
 * after a message.
 */
bool assertions_bound(const struct assertions *, uint64_t max_line);

/*
 * Whether there is anything to judge by; also when all of it is another's that
 * is compiled in a->exprs.
 */
static inline bool
assertions_any(const struct assertions *a)
{
	return a->exprs != NULL;
}

/* As many complaints as there can be about one event. */
static inline size_t
assertions_most(const struct assertions *a)
{
	return a->asserted.n + (a->where != NULL) + (a->select != NULL);
}

/* Takes the line at hand, a valid event, to be judged. */
void assertions_begin(struct assertions *, const struct lines *);

/*
 * What an expression that is compiled in a->exprs says of it.  After
 * EXPR_STOPPED and EXPR_NO_MEMORY it is all that is answered.
 */
enum expr_answer assertions_ask(struct assertions *, struct expr *);

/*
 * Judges it.  One that has `failed` otherwise is judged by the assertions too,
 * and rejected.
 */
enum judgement assertions_judge(struct assertions *, bool failed);

#endif

/*
 * What users say of their events in the jq language: --assert, --assert-if,
 * --select.
 */
#ifndef MM_ASSERTIONS_H
#define MM_ASSERTIONS_H

#include "event/complaint.h"
#include "text/expr_child.h"
#include "base/opt.h"

enum judgement {
	JUDGED_PASS,
	JUDGED_REJECT, /* with what is wrong in assertions.complaint */
	JUDGED_DROP,   /* not selected */
};

struct assertion {
	const char *option, *source; /* its text as a program */
	struct expr *expr;
	struct span name;              /* or the expression, where it has none */
	struct buf text[EXPR_ANSWERS]; /* the complaint for each answer */
};

/* Starts as ASSERTIONS_INIT. */
struct assertions {
	/* the options */
	struct opt_list asserted;
	const char *where, *select;
	uint64_t memory;  /* bytes for expressions; 1 GiB at most: libjq counts in int */
	uint64_t time_ms; /* of processor time for one of them and an event */

	/* the answer to assertions_judge */
	struct complaint *complaint;
	size_t complaints;

	/* set by another whose expressions are compiled in exprs: how many are asked of an event */
	size_t others;

	/* what follows is the module's */
	struct exprs *exprs;
	struct expr_child child;
	struct assertion *assertion; /* asserted.n, then those of where and select */
	struct assertion *checked, *selected;
	size_t count;
};

#define ASSERTIONS_INIT                                         \
	{                                                       \
		.memory = UINT64_C(256) << 20, .time_ms = 1000, \
	}

/* Rows for the command's option table. */
#define ASSERTIONS_ASSERT(a)                                                               \
	{                                                                                  \
		0, "assert", OPT_LIST, "EXPR",                                             \
		    "reject events for which the jq EXPR is not true; NAME=EXPR names it", \
		    &(a).asserted, 0, 0                                                    \
	}
#define ASSERTIONS_MEMORY(a)                                                                \
	{                                                                                   \
		0, "assert-mem", OPT_SIZE, "SIZE",                                          \
		    "memory that expressions may use (default 256M)", &(a).memory, 1 << 20, \
		    UINT64_C(1) << 30                                                       \
	}
#define ASSERTIONS_TIME(a)                                                                         \
	{                                                                                          \
		0, "assert-time", OPT_DURATION, "TIME",                                            \
		    "processor time of an expression for an event (default 1s)", &(a).time_ms, 10, \
		    3600000                                                                        \
	}
#define ASSERTIONS_SELECT(a)                                                                \
	{                                                                                   \
		0, "select", OPT_STRING, "EXPR", "pass only events for which EXPR is true", \
		    &(a).select, 0, 0                                                       \
	}
#define ASSERTIONS_IF(a)                                                                      \
	{ 0, "assert-if", OPT_STRING, "EXPR",                                                 \
		"check assertions only on events for which EXPR is true", &(a).where, 0, 0 }, \
	    OPT_FORMER("where")

/*
 * Compiles the expressions.  Returns false after a message; the status is then
 * STATUS_ERROR.
 */
bool assertions_start(struct assertions *);

void assertions_release(struct assertions *);

/*
 * Makes ready to have lines of max_line bytes judged by `judge` in a child process,
 * see text/expr_child.  Does nothing without expressions.  Returns false after a
 * message.
 */
bool assertions_open(struct assertions *, uint64_t max_line,
    void (*judge)(void *context, const char *p, size_t n), void *context);

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

/* What an expression that is compiled in a->exprs says of the line at hand. */
static inline enum expr_answer
assertions_ask(struct assertions *a, struct expr *x)
{
	return expr_child_ask(&a->child, x);
}

/*
 * Judges the line at hand.  One that has `failed` otherwise is judged by the
 * assertions too, and rejected.
 */
enum judgement assertions_judge(struct assertions *, bool failed);

#endif

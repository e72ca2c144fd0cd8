/*
 * Lines that wait for what expressions say of them: a block is judged in a child
 * process, then each of its lines is at hand again, in the order they came in.
 */
#ifndef MM_WAITING_H
#define MM_WAITING_H

#include "cmd/cli/intake.h"
#include "text/expr_child.h"

/* Starts as all zero, but for what the caller sets. */
struct waiting {
	/* set by the caller */
	struct intake *in;
	struct expr_child *child;
	/* called for each line once its answers are there: it is then at hand */
	void (*take)(void *context);
	void *context;

	/* not all lines could be judged, which was told: the end of the run */
	bool ended;
	bool failed; /* likewise, and not by a signal */

	/* what follows is the module's: two blocks, one is filled while the other is judged */
	struct waiting_block {
		struct waiting_line {
			const char *name, *p;
			uint64_t number;
			size_t n;
		} line[EXPR_CHILD_LINES];
		size_t n;
	} block[2];
	unsigned filled;
};

/*
 * The line at hand waits; or, where intake_next has come back idle, those that
 * wait are taken.  Lines that do are taken before the intake rejects one by itself.
 */
void waiting_next(struct waiting *);

/* Takes the lines that wait. */
void waiting_settle(struct waiting *);

#endif

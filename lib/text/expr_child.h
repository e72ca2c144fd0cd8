/*
 * Expressions asked in a child process, so that none of them can end the
 * program or hold it up: libjq has assertions that abort, divisions that trap,
 * and calls that take for ever.
 *
 * Lines are handed to the child in blocks, in shared memory.  It calls `judge`
 * for each, which asks expressions in whatever order it likes; the answers are
 * noted.  Where one ends the child, that is its answer, and a new child goes on
 * behind it.  The caller then judges each line again, by the same function,
 * and is given the answers that were noted.  While one block is judged the next
 * one is filled.
 */
#ifndef MM_EXPR_CHILD_H
#define MM_EXPR_CHILD_H

#include <stdatomic.h>
#include <sys/types.h>

#include "text/expr.h"

enum {
	EXPR_CHILD_LINES = 512,       /* of a block, at most */
	EXPR_CHILD_BYTES = 256 * 1024 /* likewise, or one line that is longer */
};

struct expr_tape;

/* Starts as all zero. */
struct expr_child {
	/* set by the caller before expr_child_open */
	struct exprs *exprs; /* what is asked was compiled in; not to be asked in this process */
	uint64_t memory;     /* bytes that expressions may use, beside what the process has */
	uint64_t time_ms;    /* of processor time that one may take for a line */
	size_t max_line;     /* bytes */
	size_t most;         /* expressions that are asked of a line, at most */
	/* asks about the line [p, p+n), by expr_child_ask, and does nothing else */
	void (*judge)(void *context, const char *p, size_t n);
	void *context;
	/* when it becomes non-zero, the child has a second to answer; or NULL */
	const atomic_int *stop;

	/* what follows is the module's */
	struct expr_tape *tape[2];
	size_t tape_size;
	unsigned filled, judged; /* which of the two */
	size_t line, next;       /* of the judged one: the line at hand, and its next answer */
	bool is_child, read;
	bool asked; /* the child, and it has not answered yet */
	pid_t pid;  /* 0: none */
	int fd;
	int64_t stop_at; /* on the monotonic clock, ms; 0: not yet known */
};

/* False, with errno, when there is no memory. */
bool expr_child_open(struct expr_child *);

/* Ends the child.  May be called for one that was not opened. */
void expr_child_close(struct expr_child *);

/*
 * Copies a line of at most max_line bytes to the end of the block that is filled.
 * Returns where it is, until that block was judged and the next one is sent; NULL
 * when the block is full.
 */
const char *expr_child_add(struct expr_child *, const char *p, size_t n);

/*
 * Has the child judge the block that was filled, without waiting for it.  The one
 * that was judged before is emptied, to be filled next.
 */
void expr_child_send(struct expr_child *);

/*
 * Waits until the lines of the block that was sent are judged.  Returns how many
 * were: all, or fewer after *stop, or when no child can be made, with errno,
 * which is 0 after *stop.
 */
size_t expr_child_wait(struct expr_child *);

/* What is asked from here on is about the i-th line of the block that was judged. */
void expr_child_line(struct expr_child *, size_t i);

/* For `judge`, in the child, and for the same in this process after expr_child_line. */
enum expr_answer expr_child_ask(struct expr_child *, struct expr *);

#endif

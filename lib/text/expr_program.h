/*
 * Expressions as libjq has them: what expr_ask.c and expr_compile.c share.
 */
#ifndef MM_EXPR_PROGRAM_H
#define MM_EXPR_PROGRAM_H

#include <jq.h>
#include <setjmp.h>

#include "text/expr.h"

struct expr {
	jq_state *jq; /* the program's */
	int number;   /* of those in the program */
	int bits;     /* of such numbers; 0: it is alone */
};

/* One that libjq runs, of one expression or of several. */
struct program {
	jq_state *jq;
	struct program *next;
	struct expr expr[];
};

struct exprs {
	struct program *first;
	jv line;
	jmp_buf memory_is_out;
	bool unsound; /* left in the middle of libjq: nothing of it can be used */
};

/*
 * Calls `work`, which calls libjq: with an empty environment, since libjq has
 * no other way to keep it from expressions, and with a way out when memory is
 * out, where libjq would abort.
 */
enum expr_answer exprs_inside(
    struct exprs *, enum expr_answer (*work)(struct exprs *, void *), void *context);

/* That way out, for states of libjq. */
void exprs_on_no_memory(void *context);

/* Whether it may be part of a name, as "a::b". */
static inline bool
expr_is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '_' || c == ':';
}

#endif

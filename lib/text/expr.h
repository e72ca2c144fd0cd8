/*
 * Expressions of the jq language (jq(1), libjq), asked about one line after
 * the other: is this true of it?  Programs ask by text/expr_child.
 *
 * libjq reads a copy of the line, in which numbers are IEEE 754 doubles; the
 * line itself stays as it is.  Expressions can't leave the line: `env` and
 * $ENV are empty, `input`, `halt` and the like fail, `debug` and `stderr` print
 * nothing, `import` and `include` are syntax errors, ~/.jq is not read.
 */
#ifndef MM_EXPR_H
#define MM_EXPR_H

#include "base/buf.h"

/* What expressions share: the line at hand.  For one thread. */
struct exprs;
struct expr;

enum expr_answer {
	EXPR_TRUE,
	EXPR_FALSE,
	EXPR_ERROR,     /* the expression failed, or the line can't be read */
	EXPR_NO_MEMORY, /* libjq ran out of memory: from here on every answer is this one */
	/* what text/expr_child makes of the end of a child */
	EXPR_NO_TIME,
	EXPR_CRASH,
	EXPR_ANSWERS,
};

/* What is said of an event for which the answer is that: "Not true". */
const char *expr_answer_words(enum expr_answer);

/* Why an expression can't be compiled.  Starts as all zero. */
struct expr_mistake {
	struct buf text; /* libjq's message, one line; to be released by the caller */
	bool placed;     /* `at` is known */
	size_t at;       /* the byte of the expression that the message is about */
};

/* NULL when memory is out. */
struct exprs *exprs_new(void);

/* Frees the expressions as well; NULL is allowed. */
void exprs_free(struct exprs *);

/*
 * Compiles an expression, which is copied.  Returns NULL with the reason in
 * *mistake, whose text is empty when memory was out.  The expression lives as
 * long as the exprs.
 */
struct expr *expr_compile(struct exprs *, const char *text, struct expr_mistake *mistake);

/*
 * Compiles n expressions together, which takes libjq little longer than one:
 * most of the time, some 15 ms, it reads its own definitions.  x[i] answers as
 * if expr_compile had made it; or is NULL, and to be made by expr_compile, which
 * knows what is wrong with it, or that it only can't stand among others.
 */
void exprs_compile(struct exprs *, const char *const *text, size_t n, struct expr **x);

/*
 * The bytes of a name that stands before the expression as "NAME=EXPR": ASCII
 * letters, digits and '_', no digit first.  0 when there is none; "NAME==EXPR"
 * compares.
 */
size_t expr_name(const char *text);

/*
 * Appends the text of an expression that can't be compiled, indented, a line
 * each: where the mistake has a place, the line that it is in, and a caret
 * below it.
 */
void expr_show(struct buf *, const char *text, const struct expr_mistake *);

/*
 * Reads the line [p, p+n), n <= INT_MAX, for the expressions asked after it.
 * Returns EXPR_TRUE, EXPR_ERROR or EXPR_NO_MEMORY.
 */
enum expr_answer exprs_read(struct exprs *, const char *p, size_t n);

/*
 * EXPR_TRUE when the expression has at least one output for the line and none
 * that is false or null.  Memory is bounded by nothing but the process's own
 * limits (setrlimit), time by nothing, and libjq may end the process:
 * text/expr_child bounds all three.
 */
enum expr_answer expr_ask(struct exprs *, struct expr *);

#endif

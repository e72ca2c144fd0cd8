#include "text/expr_program.h"

#include <stdlib.h>

#include "base/banned.h"

/*
 * Stands before every expression, on its first line so that $__loc__ and line
 * numbers are right.  What is redefined here would read another line, end the
 * program, print a value, read a file, or (an assertion of libjq's own) abort.
 */
static const char prelude[] = "def stderr: .; def debug: .; "
			      "def input: error(\"not available\"); def inputs: input; "
			      "def input_filename: input; def input_line_number: input; "
			      "def halt: input; def halt_error: input; def halt_error($x): input; "
			      "def modulemeta: input; def get_search_list: []; ";

/* Longer expressions are shown without a place: finding it is quadratic. */
enum { PLACED_MAX = 4096 };

/*
 * Expressions that are compiled together.  Of a few, each is its own program:
 * among others it takes half a microsecond longer for a line.
 */
enum { TOGETHER_MIN = 5, TOGETHER_MAX = 64 };

struct compilation {
	jq_state *jq;
	struct buf text; /* prelude, expression, NUL */
	struct buf *message;
};

/* Keeps the first message; others follow from it. */
static void
on_message(void *context, jv message)
{
	struct buf *to = context;
	jv text = jq_format_error(message);

	if (to->n == 0 && jv_get_kind(text) == JV_KIND_STRING)
		buf_add(to, jv_string_value(text), (size_t)jv_string_length_bytes(jv_copy(text)));
	jv_free(text);
}

static enum expr_answer
compile(struct exprs *e, void *context)
{
	struct compilation *c = context;

	(void)e;
	c->jq = jq_init();
	if (!c->jq)
		return EXPR_NO_MEMORY;
	jq_set_error_cb(c->jq, on_message, c->message);
	/* libjq makes this one the thread's whenever it works for this state */
	jq_set_nomem_handler(c->jq, exprs_on_no_memory, NULL);
	/* unset, it makes libjq 1.6 abort when a module is looked for */
	jq_set_attr(c->jq, jv_string("JQ_LIBRARY_PATH"), jv_array());
	if (jq_compile(c->jq, c->text.p))
		return EXPR_TRUE;
	jq_teardown(&c->jq);
	return EXPR_ERROR;
}

/* Compiles what stands in c->text. */
static enum expr_answer
compile_text(struct exprs *e, struct compilation *c)
{
	buf_reset(c->message);
	buf_addc(&c->text, '\0');
	if (c->text.failed)
		return EXPR_NO_MEMORY;
	return exprs_inside(e, compile, c);
}

/* Compiles the text's first n bytes. */
static enum expr_answer
compile_prefix(struct exprs *e, struct compilation *c, const char *text, size_t n)
{
	buf_reset(&c->text);
	buf_adds(&c->text, prelude);
	buf_add(&c->text, text, n);
	return compile_text(e, c);
}

/* A program for n expressions, which is the caller's to complete; NULL: no memory. */
static struct program *
new_program(size_t n)
{
	return malloc(sizeof(struct program) + n * sizeof(struct expr));
}

static void
keep_program(struct exprs *e, struct program *p, jq_state *jq)
{
	p->jq = jq;
	p->next = e->first;
	e->first = p;
}

static bool
contains(const struct buf *b, const char *words)
{
	return span_holds((struct span){ b->n ? b->p : "", b->n }, span_of(words));
}

/* Whether more text could still make it a program. */
static bool
may_go_on(const struct buf *message)
{
	return !contains(message, "syntax error") || contains(message, "unexpected $end") ||
	    contains(message, "unexpected end of file");
}

/*
 * libjq 1.6 names the line of a syntax error and not the column.  It is where
 * the longest beginning ends that is not wrong by itself.
 */
static void
place_syntax_error(struct exprs *e, const char *text, struct expr_mistake *m)
{
	struct buf message = BUF_INIT;
	struct compilation c = { .message = &message };
	enum expr_answer answer = EXPR_ERROR;
	size_t n = strlen(text);

	if (n > PLACED_MAX || may_go_on(&m->text)) {
		m->placed = n <= PLACED_MAX;
		m->at = n;
		return;
	}
	while (n > 0 && answer == EXPR_ERROR) {
		answer = compile_prefix(e, &c, text, --n);
		if (answer == EXPR_TRUE)
			jq_teardown(&c.jq);
		if (may_go_on(&message))
			break;
	}
	while (text[n] == ' ' || text[n] == '\t' || text[n] == '\n')
		n++;
	/* the beginning of a word may be one too */
	while (n > 0 && expr_is_name(text[n]) && expr_is_name(text[n - 1]))
		n--;
	m->placed = answer != EXPR_NO_MEMORY;
	m->at = n;
	buf_release(&c.text);
	buf_release(&message);
}

/* "foo/1 is not defined", "$x is not defined": where it is used first. */
static void
place_name(const char *text, struct expr_mistake *m)
{
	const char *name = m->text.p;
	size_t n = 0, i, length = strlen(text);

	while (n < m->text.n && (expr_is_name(name[n]) || (n == 0 && name[n] == '$')))
		n++;
	for (i = 0; n > 0 && i + n <= length; i++) {
		if (memcmp(text + i, name, n) != 0 || expr_is_name(text[i + n]))
			continue;
		if (i > 0 && (expr_is_name(text[i - 1]) || text[i - 1] == '.'))
			continue;
		m->placed = true;
		m->at = i;
		return;
	}
}

static size_t
cut_at(const struct buf *b, const char *words)
{
	return span_find((struct span){ b->n ? b->p : "", b->n }, span_of(words));
}

/* Leaves of "jq: error: WHAT at <top-level>, line 1:\n..." what is wrong. */
static void
trim_message(struct buf *b)
{
	static const char before[] = "jq: error: ";
	size_t skip = sizeof(before) - 1;

	b->n = cut_at(b, "\n");
	b->n = cut_at(b, " at <top-level>");
	b->n = cut_at(b, " (Unix shell quoting issues?)");
	if (b->n > skip && memcmp(b->p, before, skip) == 0) {
		memmove(b->p, b->p + skip, b->n - skip);
		b->n -= skip;
	}
}

struct expr *
expr_compile(struct exprs *e, const char *text, struct expr_mistake *m)
{
	struct compilation c = { .message = &m->text };
	struct program *p = new_program(1);
	enum expr_answer answer = EXPR_NO_MEMORY;

	m->placed = false;
	if (p)
		answer = compile_prefix(e, &c, text, strlen(text));
	buf_release(&c.text);
	if (answer == EXPR_TRUE) {
		p->expr[0] = (struct expr){ c.jq, 0, 0 };
		keep_program(e, p, c.jq);
		return &p->expr[0];
	}
	free(p);
	if (answer == EXPR_NO_MEMORY) {
		buf_reset(&m->text);
		return NULL;
	}
	trim_message(&m->text);
	if (contains(&m->text, "syntax error"))
		place_syntax_error(e, text, m);
	else if (contains(&m->text, " is not defined"))
		place_name(text, m);
	return NULL;
}

/* ---- compiling together ------------------------------------------------ */

/*
 * Whether an expression means the same among others: $__loc__ tells the line
 * that it is on, the functions below are called __mm, and a backslash at the end
 * of a comment has libjq 1.7 take the next line for a part of it.
 */
static bool
may_stand_together(const char *text)
{
	size_t n = strlen(text);

	return !strstr(text, "__") && (n == 0 || text[n - 1] != '\\');
}

/*
 * Each expression is a function.  It stands in brackets of two kinds, so that
 * none can close those around it and be two: "1), (2" is a syntax error in the
 * second one.
 */
static void
add_functions(struct buf *b, const char *const *text, int n)
{
	int i;

	for (i = 0; i < n; i++)
		buf_addf(b, "def __mm%d: (%s\n); def __mm: [%s\n]; ", i, text[i], text[i]);
}

/*
 * Asks the line, .[0], by the function whose bits are .[1] and what follows:
 * numbers to be compared would take libjq longer than a short expression.
 */
static void
add_choice(struct buf *b, int number, int n, int bit)
{
	int high = bit < 0 ? n : number | 1 << bit;

	if (bit < 0) {
		buf_addf(b, ".[0] | __mm%d", number);
	} else if (high >= n) {
		add_choice(b, number, n, bit - 1);
	} else {
		buf_addf(b, "if .[%d] then ", bit + 1);
		add_choice(b, high, n, bit - 1);
		buf_adds(b, " else ");
		add_choice(b, number, n, bit - 1);
		buf_adds(b, " end");
	}
}

static int
bits_of(int n)
{
	int bits = 0;

	while (n > 1 << bits)
		bits++;
	return bits;
}

/* Makes one program of them, whose input is [LINE, BIT...]; false when it is none. */
static bool
compile_program(struct exprs *e, const char *const *text, size_t n, struct expr **x)
{
	struct buf message = BUF_INIT;
	struct compilation c = { .message = &message };
	struct program *p = new_program(n);
	int bits = bits_of((int)n);
	bool good;
	size_t i;

	buf_adds(&c.text, prelude);
	add_functions(&c.text, text, (int)n);
	add_choice(&c.text, 0, (int)n, bits - 1);
	good = p && compile_text(e, &c) == EXPR_TRUE;
	for (i = 0; good && i < n; i++) {
		p->expr[i] = (struct expr){ c.jq, (int)i, bits };
		x[i] = &p->expr[i];
	}
	if (good)
		keep_program(e, p, c.jq);
	else
		free(p);
	buf_release(&c.text);
	buf_release(&message);
	return good;
}

/* Where one is wrong, the halves: of many, few are tried alone. */
static void
compile_some(struct exprs *e, const char *const *text, size_t n, struct expr **x)
{
	size_t half = n / 2;

	if (n < 2 || compile_program(e, text, n, x))
		return;
	compile_some(e, text, half, x);
	compile_some(e, text + half, n - half, x + half);
}

void
exprs_compile(struct exprs *e, const char *const *text, size_t n, struct expr **x)
{
	size_t i = 0, some;

	memset(x, 0, n * sizeof(struct expr *));
	while (n >= TOGETHER_MIN && i < n) {
		for (some = 0; i + some < n && some < TOGETHER_MAX; some++)
			if (!may_stand_together(text[i + some]))
				break;
		compile_some(e, text + i, some, x + i);
		i += some ? some : 1;
	}
}

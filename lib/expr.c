#include "expr.h"

#include <jq.h>
#include <limits.h>
#include <setjmp.h>
#include <stdlib.h>

#include "banned.h"

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

struct expr {
	jq_state *jq;
	struct expr *next;
};

struct exprs {
	struct expr *first;
	jv line;
	jmp_buf memory_is_out;
	jq_state *volatile asked; /* the one that is being asked */
	volatile bool stopped;
	bool unsound; /* left in the middle of libjq: nothing of it can be used */
};

extern char **environ;

/* libjq 1.6 loses the context that it should hand to on_no_memory */
static _Thread_local struct exprs *working;

static void
on_no_memory(void *context)
{
	(void)context;
	longjmp(working->memory_is_out, 1);
}

/*
 * Calls `work`, which calls libjq: with an empty environment, since libjq has
 * no other way to keep it from expressions, and with a way out when memory is
 * out, where libjq would abort.
 */
static enum expr_answer
inside(struct exprs *e, enum expr_answer (*work)(struct exprs *, void *), void *context)
{
	static char *nothing[] = { NULL };
	char **const saved = environ;
	enum expr_answer answer;

	if (e->unsound)
		return EXPR_NO_MEMORY;
	if (setjmp(e->memory_is_out) == 0) {
		working = e;
		environ = nothing;
		jv_nomem_handler(on_no_memory, NULL);
		answer = work(e, context);
	} else {
		e->asked = NULL;
		e->unsound = true;
		answer = EXPR_NO_MEMORY;
	}
	environ = saved;
	return answer;
}

struct exprs *
exprs_new(void)
{
	struct exprs *e = calloc(1, sizeof(*e));

	if (e)
		e->line = jv_null();
	return e;
}

void
exprs_free(struct exprs *e)
{
	struct expr *x, *next;

	for (x = e ? e->first : NULL; x; x = next) {
		next = x->next;
		if (!e->unsound)
			jq_teardown(&x->jq);
		free(x);
	}
	if (e && !e->unsound)
		jv_free(e->line);
	free(e);
}

/* ---- compiling --------------------------------------------------------- */

struct compilation {
	jq_state *jq;
	struct buf program; /* prelude, expression, NUL */
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
	jq_set_nomem_handler(c->jq, on_no_memory, NULL);
	/* unset, it makes libjq 1.6 abort when a module is looked for */
	jq_set_attr(c->jq, jv_string("JQ_LIBRARY_PATH"), jv_array());
	if (jq_compile(c->jq, c->program.p))
		return EXPR_TRUE;
	jq_teardown(&c->jq);
	return EXPR_ERROR;
}

/* Compiles the text's first n bytes. */
static enum expr_answer
compile_prefix(struct exprs *e, struct compilation *c, const char *text, size_t n)
{
	buf_reset(&c->program);
	buf_reset(c->message);
	buf_adds(&c->program, prelude);
	buf_add(&c->program, text, n);
	buf_addc(&c->program, '\0');
	if (c->program.failed)
		return EXPR_NO_MEMORY;
	return inside(e, compile, c);
}

static bool
contains(const struct buf *b, const char *words)
{
	size_t n = strlen(words), i;

	for (i = 0; i + n <= b->n; i++)
		if (memcmp(b->p + i, words, n) == 0)
			return true;
	return false;
}

/* Whether more text could still make it a program. */
static bool
may_go_on(const struct buf *message)
{
	return !contains(message, "syntax error") || contains(message, "unexpected $end") ||
	    contains(message, "unexpected end of file");
}

static bool
is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '_' || c == ':';
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
	while (n > 0 && is_name(text[n]) && is_name(text[n - 1]))
		n--;
	m->placed = answer != EXPR_NO_MEMORY;
	m->at = n;
	buf_release(&c.program);
	buf_release(&message);
}

/* "foo/1 is not defined", "$x is not defined": where it is used first. */
static void
place_name(const char *text, struct expr_mistake *m)
{
	const char *name = m->text.p;
	size_t n = 0, i, length = strlen(text);

	while (n < m->text.n && (is_name(name[n]) || (n == 0 && name[n] == '$')))
		n++;
	for (i = 0; n > 0 && i + n <= length; i++) {
		if (memcmp(text + i, name, n) != 0 || is_name(text[i + n]))
			continue;
		if (i > 0 && (is_name(text[i - 1]) || text[i - 1] == '.'))
			continue;
		m->placed = true;
		m->at = i;
		return;
	}
}

static size_t
cut_at(const struct buf *b, const char *words)
{
	size_t n = strlen(words), i;

	for (i = 0; i + n <= b->n; i++)
		if (memcmp(b->p + i, words, n) == 0)
			return i;
	return b->n;
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
	struct expr *x = calloc(1, sizeof(*x));
	enum expr_answer answer = EXPR_NO_MEMORY;

	m->placed = false;
	if (x)
		answer = compile_prefix(e, &c, text, strlen(text));
	buf_release(&c.program);
	if (answer == EXPR_TRUE) {
		x->jq = c.jq;
		x->next = e->first;
		e->first = x;
		return x;
	}
	free(x);
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

/* ---- text -------------------------------------------------------------- */

size_t
expr_name(const char *text)
{
	size_t n = 0;

	while (is_name(text[n]) && text[n] != ':' && (n > 0 || text[n] < '0' || text[n] > '9'))
		n++;
	return n > 0 && text[n] == '=' && text[n + 1] != '=' ? n : 0;
}

/* The line of the expression that holds the byte `at`, and a caret below it. */
static void
show_place(struct buf *b, const char *text, size_t at)
{
	size_t start = at, end = at, i;

	while (start > 0 && text[start - 1] != '\n')
		start--;
	while (text[end] && text[end] != '\n')
		end++;
	buf_adds(b, "    ");
	buf_add_scrubbed(b, text + start, end - start);
	buf_adds(b, "\n    ");
	for (i = start; i < at; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			buf_addc(b, ' ');
	buf_adds(b, "^\n");
}

void
expr_show(struct buf *b, const char *text, const struct expr_mistake *m)
{
	const char *p, *end;

	if (m->placed) {
		show_place(b, text, m->at);
		return;
	}
	for (p = text; *p; p = *end ? end + 1 : end) {
		end = p + strcspn(p, "\n");
		buf_adds(b, "    ");
		buf_add_scrubbed(b, p, (size_t)(end - p));
		buf_addc(b, '\n');
	}
}

/* ---- asking ------------------------------------------------------------ */

static enum expr_answer
read_line(struct exprs *e, void *context)
{
	const struct span *line = context;

	jv_free(e->line);
	e->line = jv_null();
	e->line = jv_parse_sized(line->p, (int)line->n);
	return jv_get_kind(e->line) == JV_KIND_INVALID ? EXPR_ERROR : EXPR_TRUE;
}

enum expr_answer
exprs_read(struct exprs *e, const char *p, size_t n)
{
	struct span line = { p, n };

	if (n > INT_MAX)
		return EXPR_ERROR;
	return inside(e, read_line, &line);
}

/* The next output's kind; JV_KIND_INVALID behind the last one. */
static jv_kind
next_output(jq_state *jq, bool *error)
{
	jv value = jq_next(jq);
	jv_kind kind = jv_get_kind(value);

	*error = kind == JV_KIND_INVALID && jv_invalid_has_msg(jv_copy(value));
	jv_free(value);
	return kind;
}

static enum expr_answer
ask(struct exprs *e, void *context)
{
	struct expr *x = context;
	enum expr_answer answer = EXPR_FALSE;
	bool error;

	e->stopped = false;
	jq_start(x->jq, jv_copy(e->line), 0);
	e->asked = x->jq;
	for (;;) {
		jv_kind kind = next_output(x->jq, &error);

		if (kind == JV_KIND_INVALID)
			break;
		answer = EXPR_TRUE;
		if (kind == JV_KIND_NULL || kind == JV_KIND_FALSE) {
			answer = EXPR_FALSE;
			break;
		}
	}
	e->asked = NULL;
	if (e->stopped)
		return EXPR_STOPPED;
	return error ? EXPR_ERROR : answer;
}

/* jq_halt only stores what it is given. */
void
exprs_stop(struct exprs *e)
{
	jq_state *jq = e->asked;

	if (!jq || jq_halted(jq))
		return;
	e->stopped = true;
	jq_halt(jq, jv_null(), jv_null());
}

enum expr_answer
expr_ask(struct exprs *e, struct expr *x)
{
	if (!e->unsound && jv_get_kind(e->line) == JV_KIND_INVALID)
		return EXPR_ERROR;
	return inside(e, ask, x);
}

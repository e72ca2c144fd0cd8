#include "text/expr_program.h"

#include <limits.h>
#include <stdlib.h>

#include "base/banned.h"

extern char **environ;

/* libjq 1.6 loses the context that it should hand to exprs_on_no_memory */
static _Thread_local struct exprs *working;

const char *
expr_answer_words(enum expr_answer answer)
{
	static const char *const words[EXPR_ANSWERS] = {
		[EXPR_TRUE] = "True",
		[EXPR_FALSE] = "Not true",
		[EXPR_ERROR] = "Not true",
		[EXPR_NO_MEMORY] = "Out of memory",
		[EXPR_NO_TIME] = "Out of time",
		[EXPR_CRASH] = "Crash of libjq",
	};

	return words[answer];
}

void
exprs_on_no_memory(void *context)
{
	(void)context;
	longjmp(working->memory_is_out, 1);
}

enum expr_answer
exprs_inside(struct exprs *e, enum expr_answer (*work)(struct exprs *, void *), void *context)
{
	static char *nothing[] = { NULL };
	char **const saved = environ;
	enum expr_answer answer;

	if (e->unsound)
		return EXPR_NO_MEMORY;
	if (setjmp(e->memory_is_out) == 0) {
		working = e;
		environ = nothing;
		jv_nomem_handler(exprs_on_no_memory, NULL);
		answer = work(e, context);
	} else {
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
	struct program *p, *next;

	for (p = e ? e->first : NULL; p; p = next) {
		next = p->next;
		if (!e->unsound)
			jq_teardown(&p->jq);
		free(p);
	}
	if (e && !e->unsound)
		jv_free(e->line);
	free(e);
}

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
	return exprs_inside(e, read_line, &line);
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

static jv
input_of(const struct exprs *e, const struct expr *x)
{
	jv input;
	int bit;

	if (x->bits == 0)
		return jv_copy(e->line);
	input = jv_array_append(jv_array_sized(x->bits + 1), jv_copy(e->line));
	for (bit = 0; bit < x->bits; bit++)
		input = jv_array_append(input, jv_bool(x->number >> bit & 1));
	return input;
}

static enum expr_answer
ask(struct exprs *e, void *context)
{
	struct expr *x = context;
	enum expr_answer answer = EXPR_FALSE;
	bool error;

	jq_start(x->jq, input_of(e, x), 0);
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
	return error ? EXPR_ERROR : answer;
}

enum expr_answer
expr_ask(struct exprs *e, struct expr *x)
{
	if (!e->unsound && jv_get_kind(e->line) == JV_KIND_INVALID)
		return EXPR_ERROR;
	return exprs_inside(e, ask, x);
}

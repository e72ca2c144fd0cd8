#include "cmd/validate/assertions.h"

#include <errno.h>
#include <stdlib.h>

#include "cmd/cli/face.h"
#include "text/json.h"
#include "base/msg.h"

#include "base/banned.h"

/* ---- start ------------------------------------------------------------- */

static void
tell_mistake(const char *option, const char *text, const struct expr_mistake *m)
{
	struct buf b = BUF_INIT;

	if (m->text.n == 0) {
		msg("out of memory");
		return;
	}
	msg("--%s: %.*s", option, (int)m->text.n, m->text.p);
	expr_show(&b, text, m);
	if (b.n)
		msg_raw(b.p, b.n);
	buf_release(&b);
}

/* The complaints about it: "Not true: NAME", "Out of time in --assert-if: EXPR". */
static bool
add_texts(struct assertion *x, bool in_option)
{
	int answer;

	for (answer = EXPR_FALSE; answer < EXPR_ANSWERS; answer++) {
		struct buf *b = &x->text[answer];

		buf_adds(b,
		    in_option && answer <= EXPR_ERROR
			? "Error"
			: expr_answer_words((enum expr_answer)answer));
		if (in_option)
			buf_addf(b, " in --%s", x->option);
		buf_adds(b, ": ");
		buf_add(b, x->name.p, x->name.n);
		if (b->failed)
			return false;
	}
	return true;
}

/* Takes one, to be compiled. */
static bool
add_expression(struct assertions *a, const char *option, struct span name, const char *text)
{
	struct assertion *x = &a->assertion[a->count];

	/* it would be true of everything */
	if (text[strspn(text, " \t\n")] == '\0') {
		msg("--%s: expected an expression, not an empty text", option);
		return false;
	}
	if (!utf8_valid(text, strlen(text), NULL)) {
		msg("--%s: the expression is not UTF-8", option);
		return false;
	}
	a->count++;
	x->option = option;
	x->name = name;
	x->source = text;
	if (add_texts(x, strcmp(option, "assert") != 0))
		return true;
	msg("out of memory");
	return false;
}

static bool
compile(struct assertions *a, struct assertion *x)
{
	struct expr_mistake mistake = { .placed = false };

	x->expr = expr_compile(a->exprs, x->source, &mistake);
	if (!x->expr)
		tell_mistake(x->option, x->source, &mistake);
	buf_release(&mistake.text);
	return x->expr != NULL;
}

/* Compiles what was taken: together, and what can't be so by itself, up to a mistake. */
static bool
compile_all(struct assertions *a)
{
	const char **text = calloc(a->count, sizeof(*text));
	struct expr **x = calloc(a->count, sizeof(struct expr *));
	bool good = text && x;
	size_t i;

	for (i = 0; good && i < a->count; i++)
		text[i] = a->assertion[i].source;
	if (good)
		exprs_compile(a->exprs, text, a->count, x);
	else
		msg("out of memory");
	for (i = 0; good && i < a->count; i++) {
		a->assertion[i].expr = x[i];
		good = x[i] || compile(a, &a->assertion[i]);
	}
	free(text);
	free(x);
	return good;
}

static bool
add_assertion(struct assertions *a, const char *text)
{
	size_t n = expr_name(text), i;
	struct span name = { text, n };

	for (i = 0; n && i < a->count; i++) {
		if (span_eq(a->assertion[i].name, name)) {
			msg("--assert: two are named %.*s; give each a name of its own", (int)n,
			    text);
			return false;
		}
	}
	if (!n)
		return add_expression(a, "assert", span_of(text), text);
	return add_expression(a, "assert", name, text + n + 1);
}

bool
assertions_start(struct assertions *a)
{
	size_t i, most = assertions_most(a);

	if (most == 0)
		return true;
	if (!a->exprs)
		a->exprs = exprs_new();
	a->assertion = calloc(most, sizeof(*a->assertion));
	a->complaint = calloc(most, sizeof(*a->complaint));
	if (!a->exprs || !a->assertion || !a->complaint) {
		msg("out of memory");
		return false;
	}
	for (i = 0; i < a->asserted.n; i++)
		if (!add_assertion(a, a->asserted.v[i]))
			return false;
	if (a->where) {
		a->checked = &a->assertion[a->count];
		if (!add_expression(a, "assert-if", span_of(a->where), a->where))
			return false;
	}
	if (a->select) {
		a->selected = &a->assertion[a->count];
		if (!add_expression(a, "select", span_of(a->select), a->select))
			return false;
	}
	return compile_all(a);
}

void
assertions_release(struct assertions *a)
{
	size_t i;
	int answer;

	for (i = 0; i < a->count; i++)
		for (answer = 0; answer < EXPR_ANSWERS; answer++)
			buf_release(&a->assertion[i].text[answer]);
	expr_child_close(&a->child);
	free(a->assertion);
	free(a->complaint);
	free(a->asserted.v);
	exprs_free(a->exprs);
}

bool
assertions_open(struct assertions *a, uint64_t max_line,
    void (*judge)(void *context, const char *p, size_t n), void *context)
{
	if (!assertions_any(a))
		return true;
	a->child.exprs = a->exprs;
	a->child.memory = a->memory;
	a->child.time_ms = a->time_ms;
	a->child.max_line = (size_t)max_line;
	a->child.most = a->others + assertions_most(a);
	a->child.judge = judge;
	a->child.context = context;
	a->child.stop = &face_stop;
	if (expr_child_open(&a->child))
		return true;
	msg_errno(errno, "the memory that expressions share");
	return false;
}

/* ---- one event --------------------------------------------------------- */

/* What the expression says of the event; what is no answer is complained of. */
static enum expr_answer
ask(struct assertions *a, const struct assertion *x, bool must_be_true)
{
	enum expr_answer answer = assertions_ask(a, x->expr);

	if (answer > EXPR_FALSE || (answer == EXPR_FALSE && must_be_true))
		a->complaint[a->complaints++] = (struct complaint){
			.field = SPAN("assert"),
			.text = { x->text[answer].p, x->text[answer].n },
		};
	return answer;
}

enum judgement
assertions_judge(struct assertions *a, bool failed)
{
	bool selected = true;
	size_t i;

	a->complaints = 0;
	if (!a->checked || ask(a, a->checked, false) == EXPR_TRUE)
		for (i = 0; i < a->asserted.n; i++)
			ask(a, &a->assertion[i], true);
	if (!failed && a->complaints == 0 && a->selected)
		selected = ask(a, a->selected, false) != EXPR_FALSE;
	if (failed || a->complaints)
		return JUDGED_REJECT;
	return selected ? JUDGED_PASS : JUDGED_DROP;
}

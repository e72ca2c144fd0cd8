#include "cmd/validate/assertions.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cmd/cli/face.h"
#include "text/json.h"
#include "base/msg.h"

#include "base/banned.h"

/*
 * Lines are kept in buffers that double as they grow: as read, as the record
 * of a reject (six bytes a byte at most), as output.
 */
enum { LINE_COPIES = 16 };

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

/* Takes one, to be compiled; complaints about it begin with `words`. */
static bool
add_expression(
    struct assertions *a, const char *option, const char *words, struct span name, const char *text)
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
	buf_adds(&x->text, words);
	buf_add(&x->text, name.p, name.n);
	if (x->text.failed)
		msg("out of memory");
	return !x->text.failed;
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
		return add_expression(a, "assert", "Not true: ", span_of(text), text);
	return add_expression(a, "assert", "Not true: ", name, text + n + 1);
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
		if (!add_expression(a, "where", "Error in --where: ", span_of(a->where), a->where))
			return false;
	}
	if (a->select) {
		a->selected = &a->assertion[a->count];
		if (!add_expression(
			a, "select", "Error in --select: ", span_of(a->select), a->select))
			return false;
	}
	return compile_all(a);
}

void
assertions_release(struct assertions *a)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		buf_release(&a->assertion[i].text);
	free(a->assertion);
	free(a->complaint);
	free(a->asserted.v);
	exprs_free(a->exprs);
}

/* ---- memory ------------------------------------------------------------ */

/* The address space that the process has, in bytes; 0 where it can't be known. */
static uint64_t
memory_now(void)
{
	char text[64];
	int fd = open("/proc/self/statm", O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	return strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

bool
assertions_bound(const struct assertions *a, uint64_t max_line)
{
	uint64_t bound = memory_now() + a->memory + max_line * LINE_COPIES;
	struct rlimit limit;

	if (!assertions_any(a))
		return true;
	if (getrlimit(RLIMIT_AS, &limit) == 0) {
		if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > bound)
			limit.rlim_cur = (rlim_t)bound;
		if (setrlimit(RLIMIT_AS, &limit) == 0)
			return true;
	}
	msg_errno(errno, "the memory of expressions cannot be bounded");
	return false;
}

/* What follows needs memory too, of which libjq has left none. */
static void
unbound(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_AS, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_AS, &limit) != 0)
			msg_errno(errno, "setrlimit");
	}
}

/* ---- signals ----------------------------------------------------------- */

/* Signals, a second apart, until an expression is given up with the program. */
enum { ALARMS_MAX = 3 };

static struct exprs *asked; /* for the signal handler */
static atomic_int alarms;

static void
on_again(void)
{
	if (alarms++ == ALARMS_MAX) {
		struct sigaction sa = { .sa_handler = SIG_DFL };

		sigaction(face_stop, &sa, NULL);
		raise(face_stop);
	}
	exprs_stop(asked);
}

void
assertions_catch_alarm(struct assertions *a)
{
	if (!assertions_any(a))
		return;
	asked = a->exprs;
	face_when_asked_again(on_again);
}

/* ---- one event --------------------------------------------------------- */

static void
complain(struct assertions *a, const struct assertion *x)
{
	a->complaint[a->complaints++] = (struct complaint){
		.field = SPAN("assert"),
		.text = { x->text.p, x->text.n },
	};
}

static bool
is_end(enum expr_answer answer)
{
	return answer == EXPR_NO_MEMORY || answer == EXPR_STOPPED;
}

void
assertions_begin(struct assertions *a, const struct lines *line)
{
	a->line = line;
	a->read = false;
	a->complaints = 0;
}

enum expr_answer
assertions_ask(struct assertions *a, struct expr *x)
{
	enum expr_answer answer = a->end;

	/* where libjq can't read the line, each expression fails */
	if (!is_end(answer) && !a->read)
		answer = exprs_read(a->exprs, a->line->p, a->line->n);
	a->read = true;
	if (!is_end(answer))
		answer = expr_ask(a->exprs, x);
	if (is_end(answer))
		a->end = answer;
	return answer;
}

/* What the expression says of the event; an error is complained of. */
static enum expr_answer
ask(struct assertions *a, const struct assertion *x)
{
	enum expr_answer answer = assertions_ask(a, x->expr);

	if (answer == EXPR_ERROR)
		complain(a, x);
	return answer;
}

/* Asks all assertions, as far as there is an answer. */
static void
check(struct assertions *a)
{
	size_t i;

	if (a->checked && ask(a, a->checked) != EXPR_TRUE)
		return;
	for (i = 0; i < a->asserted.n; i++)
		if (ask(a, &a->assertion[i]) == EXPR_FALSE)
			complain(a, &a->assertion[i]);
}

static void
tell_memory(const struct assertions *a)
{
	unbound();
	msg("%s:%llu: expressions need more memory for this line than --assert-mem allows "
	    "(%llu bytes); nothing was read beyond it",
	    a->line->name, (unsigned long long)a->line->number, (unsigned long long)a->memory);
}

enum judgement
assertions_judge(struct assertions *a, bool failed)
{
	bool selected = true;

	check(a);
	if (!failed && a->complaints == 0 && a->selected)
		selected = ask(a, a->selected) != EXPR_FALSE;
	if (a->end == EXPR_STOPPED)
		return JUDGED_STOPPED;
	if (a->end == EXPR_NO_MEMORY) {
		tell_memory(a);
		return JUDGED_NO_MEMORY;
	}
	if (failed || a->complaints)
		return JUDGED_REJECT;
	return selected ? JUDGED_PASS : JUDGED_DROP;
}

#include "quality/plan_reader.h"

#include "base/banned.h"

struct plan_pending {
	struct plan_assert *assert;
	const char *text, *at;
	const struct json_path *path;
	struct plan_pending *next;
};

static const struct json_path *
keep_path(struct plan_reader *r, const struct json_path *path)
{
	struct json_path *copy = path ? arena_get(r->arena, sizeof(*copy)) : NULL;

	if (!copy)
		return NULL;
	*copy = *path;
	copy->up = keep_path(r, path->up);
	return copy;
}

/* Notes it, to be compiled with the others. */
static void
put_off(struct plan_reader *r, const struct json_value *v, const struct json_path *path,
    struct plan_assert *x, const char *text)
{
	struct plan_pending *p = arena_get(r->arena, sizeof(*p));

	if (!p)
		return;
	*p = (struct plan_pending){ x, text, v->raw.p, keep_path(r, path), NULL };
	*r->last = p;
	r->last = &p->next;
	r->pendings++;
}

/* Compiles it; what is wrong with it is an error of the file. */
static void
compile(struct plan_reader *r, const struct plan_pending *p)
{
	struct expr_mistake mistake = { .placed = false };
	struct jsonfile_error *e = NULL;

	p->assert->expr = expr_compile(*r->exprs, p->text, &mistake);
	if (!p->assert->expr && mistake.text.n == 0)
		r->arena->failed = true;
	else if (!p->assert->expr)
		e = jsonfile_error(&r->file, p->at, p->path);
	if (e) {
		e->what = arena_copy(&r->file.errors->arena, mistake.text.p, mistake.text.n);
		buf_reset(&r->file.work);
		expr_show(&r->file.work, p->text, &mistake);
		e->shown = jsonfile_keep(&r->file, &r->file.errors->arena);
	}
	buf_release(&mistake.text);
}

/* Compiles what was put off: together, and what can't be so by itself. */
void
plan_compile_asserts(struct plan_reader *r)
{
	const struct plan_pending *p;
	const char **text;
	struct expr **x;
	size_t n = 0;

	if (!r->exprs || !r->pending)
		return;
	text = arena_array(r->arena, r->pendings, sizeof(*text));
	x = arena_array(r->arena, r->pendings, sizeof(struct expr *));
	if (!*r->exprs)
		*r->exprs = exprs_new();
	if (!*r->exprs || !text || !x) {
		r->arena->failed = true;
		return;
	}
	for (p = r->pending; p; p = p->next)
		text[n++] = p->text;
	exprs_compile(*r->exprs, text, n, x);
	for (n = 0, p = r->pending; p; p = p->next) {
		p->assert->expr = x[n++];
		if (!p->assert->expr)
			compile(r, p);
	}
}

/* Whether an assertion before it has that name. */
static bool
is_named(const struct plan_event *event, struct span name)
{
	size_t i;

	for (i = 0; i < event->asserts; i++)
		if (span_eq(event->assert[i].name, name))
			return true;
	return false;
}

static void
read_assert(struct plan_reader *r, const struct json_value *v, const struct json_path *path,
    struct plan_event *event)
{
	struct plan_assert *x = &event->assert[event->asserts];
	struct span text;
	size_t n;
	int answer;

	if (!jsonfile_expect(&r->file, v, path, JSON_STRING))
		return;
	text = plan_text(r, v);
	if (!text.p)
		return;
	if (strlen(text.p) != text.n) {
		jsonfile_complain(
		    &r->file, v->raw.p, path, "an expression can't hold the character U+0000");
		return;
	}
	n = expr_name(text.p);
	x->name = n ? (struct span){ text.p, n } : text;
	if (n && is_named(event, x->name))
		jsonfile_complain(
		    &r->file, v->raw.p, path, "another assertion of this event has the same name");
	text.p += n ? n + 1 : 0;
	if (text.p[strspn(text.p, " \t\r\n")] == '\0') {
		jsonfile_complain(
		    &r->file, v->raw.p, path, "expected an expression, not an empty text");
		return;
	}
	for (answer = EXPR_FALSE; answer < EXPR_ANSWERS; answer++) {
		buf_reset(&r->file.work);
		buf_addf(&r->file.work, "%s: ", expr_answer_words((enum expr_answer)answer));
		buf_add(&r->file.work, x->name.p, x->name.n);
		x->text[answer] = jsonfile_keep(&r->file, r->arena);
	}
	put_off(r, v, path, x, text.p);
	event->asserts++;
}

void
plan_read_asserts(struct plan_reader *r, const struct json_field *f, struct plan_event *event)
{
	struct json_scan s;
	struct json_value v;
	struct json_path here = { .up = &f->path };

	if (!f->present || !jsonfile_expect(&r->file, &f->value, &f->path, JSON_ARRAY))
		return;
	event->assert = arena_array(r->arena, jsonfile_elements(&f->value), sizeof(*event->assert));
	if (!event->assert)
		return;
	json_open(&s, f->value.raw.p, f->value.raw.n);
	json_enter_array(&s);
	for (; json_next_element(&s, &v); here.index++)
		read_assert(r, &v, &here, event);
}

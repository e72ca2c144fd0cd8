#include "text/json.h"
#include "base/msg.h"
#include "quality/name_advice.h"
#include "cmd/validate/quality.h"

#include "base/banned.h"

enum { WARNINGS_TOLD = 10 };

/* Tells of a name, which `count` lines bear; the first ones on standard error. */
static void
tell_name(struct quality *q, struct span event, struct span property, const char *text,
    uint64_t count, unsigned *told)
{
	struct finding_kind k = {
		.severity = SEVERITY_WARN, .event = event, .text = span_of(text)
	};
	struct buf field = BUF_INIT;
	struct finding *g;
	char *w;

	buf_adds(&field, property.p ? "properties." : "event");
	w = property.p ? buf_room(&field, property.n * JSON_ESCAPE_MAX) : NULL;
	if (w)
		field.n += (size_t)(json_escape(w, property.p, property.n) - w);
	k.field = (struct span){ field.p, field.n };
	g = field.failed ? NULL : findings_add(&q->findings, &k);
	if (g)
		g->count += count - 1;
	if (!q->report && !q->in->quiet && ++*told <= WARNINGS_TOLD)
		msg("warning: event %.*s: %.*s: %s", (int)text_cut(event, FINDING_TEXT_MAX).n,
		    event.p, (int)(property.p ? property.n : 4), property.p ? property.p : "name",
		    text);
	buf_release(&field);
}

static void
lint_properties(struct quality *q, const struct profile_event *e, struct span event, unsigned *told)
{
	const struct profile *p = &q->profile;
	bool currency = profile_find_field(p, e, true, SPAN("currency")) != NULL;
	const struct profile_field *f;

	for (f = profile_at(p, e->first); f; f = profile_at(p, f->next)) {
		struct span name = dict_text(&p->field_names, f->name);
		uint64_t count = profile_present(f) + f->of[PROFILE_NULL];
		const char *text = f->property ? name_advice_property(name) : NULL;

		if (text)
			tell_name(q, event, name, text, count, told);
		if (f->property && !currency && name_advice_is_cents(name))
			tell_name(q, event, name, name_advice_no_currency, count, told);
	}
}

void
quality_lint(struct quality *q)
{
	const struct profile *p = &q->profile;
	unsigned told = 0;
	uint32_t i;

	for (i = 0; i < p->names.n; i++) {
		struct span name = dict_text(&p->names, i);
		const char *text = name_advice_event(name);

		if (text)
			tell_name(
			    q, name, (struct span){ NULL, 0 }, text, p->event[i].lines, &told);
		lint_properties(q, &p->event[i], name, &told);
	}
	if (told > WARNINGS_TOLD)
		msg("%u more warnings of names; --report FILE lists them", told - WARNINGS_TOLD);
	if (p->more && !q->report && !q->in->quiet)
		msg("%llu lines have names of events beyond the first %d, which were not looked at",
		    (unsigned long long)p->more, PROFILE_EVENTS_MAX);
}

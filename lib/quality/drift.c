#include "quality/drift.h"

#include "base/banned.h"

struct drift {
	struct findings *out;
	const struct profile *before, *now;
	double max;
	uint64_t all_before, all_now; /* events */
	struct buf field, text;

	/* the event at hand */
	struct span event;
	const struct profile_event *was, *is;
};

/* ---- numbers ---- */

static double
percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

/* The rate with one more success and one more failure, and its variance. */
static double
rate(uint64_t part, uint64_t whole, double *variance)
{
	double n = (double)whole + 2, p = ((double)part + 1) / n;

	*variance = p * (1 - p) / n;
	return p;
}

/*
 * Whether the rate has grown by more than chance explains, also in samples of a
 * few: the difference of two proportions by Agresti and Caffo (2000).
 */
static bool
is_sure(uint64_t part_was, uint64_t was, uint64_t part_is, uint64_t is)
{
	double variance_was, variance_is;
	double grown = rate(part_is, is, &variance_is) - rate(part_was, was, &variance_was);

	return grown > 0 &&
	    grown * grown > DRIFT_SIGMAS * DRIFT_SIGMAS * (variance_was + variance_is);
}

/* A baseline that was edited need not add up. */
static uint64_t
rest(uint64_t whole, uint64_t part)
{
	return whole > part ? whole - part : 0;
}

static uint64_t
count_all(const struct profile *p)
{
	uint64_t n = p->more;
	uint32_t i;

	for (i = 0; i < p->names.n; i++)
		n += p->event[i].count;
	return n;
}

/* ---- findings ---- */

/* Adds the finding that d->text tells, and begins a new one. */
static void
tell(struct drift *d, bool severe, uint64_t count)
{
	struct finding_kind k = {
		.severity = severe ? SEVERITY_ERROR : SEVERITY_WARN,
		.event = d->event,
		.field = { d->field.p, d->field.n },
		.text = { d->text.p, d->text.n },
	};
	struct finding *g;

	if (!d->field.failed && !d->text.failed) {
		g = findings_add(d->out, &k);
		if (g)
			g->count += count - 1;
	}
	buf_reset(&d->text);
}

static void
name_field(struct drift *d, const struct profile *p, const struct profile_field *f)
{
	struct span name = dict_text(&p->field_names, f->name);
	char *w;

	buf_reset(&d->field);
	if (f->property)
		buf_adds(&d->field, "properties.");
	w = buf_room(&d->field, name.n * JSON_ESCAPE_MAX);
	if (w)
		d->field.n += (size_t)(json_escape(w, name.p, name.n) - w);
}

/* ---- fields of an event that both profiles have ---- */

static void
find_absent(struct drift *d, const struct profile_field *was, const struct profile_field *is)
{
	uint64_t there_was = profile_present(was), there_is = is ? profile_present(is) : 0;
	uint64_t gone_was = rest(d->was->count, there_was), gone_is = rest(d->is->count, there_is);
	bool beyond = percent(gone_is, d->is->count) - percent(gone_was, d->was->count) > d->max;
	bool sure = is_sure(gone_was, d->was->count, gone_is, d->is->count) && !d->is->more;

	if (there_was == 0 || (is && !beyond))
		return;
	if (!is) {
		buf_adds(&d->text, "Vanished: was there in ");
		buf_add_percent(&d->text, there_was, d->was->count);
		buf_adds(&d->text, " of the events");
	} else {
		buf_adds(&d->text, "Absent or null in ");
		buf_add_percent(&d->text, gone_is, d->is->count);
		buf_adds(&d->text, " of the events, before in ");
		buf_add_percent(&d->text, gone_was, d->was->count);
	}
	tell(d, beyond && sure, gone_is);
}

static void
add_types(struct buf *b, const struct profile_field *f)
{
	const char *separator = "";
	int t;

	for (t = PROFILE_NULL + 1; t < PROFILE_TYPES; t++) {
		if (!f->of[t])
			continue;
		buf_addf(b, "%s%s", separator, profile_type_name((enum profile_type)t));
		separator = " or ";
	}
}

static void
find_types(struct drift *d, const struct profile_field *was, const struct profile_field *is)
{
	uint64_t there = profile_present(is), there_was = profile_present(was);
	bool sure;
	int t;

	if (there_was == 0)
		return;
	for (t = PROFILE_NULL + 1; t < PROFILE_TYPES; t++) {
		/* an integer is a number too */
		if (!is->of[t] || was->of[t] || (t == PROFILE_INTEGER && was->of[PROFILE_NUMBER]))
			continue;
		buf_addf(&d->text, "Type %s in ", profile_type_name((enum profile_type)t));
		buf_add_percent(&d->text, is->of[t], there);
		buf_adds(&d->text, " of the values, before ");
		add_types(&d->text, was);
		sure = is_sure(0, there_was, is->of[t], there);
		tell(d, percent(is->of[t], there) > d->max && sure, is->of[t]);
	}
}

static void
find_new_fields(struct drift *d)
{
	const struct profile_field *is = profile_at(d->now, d->is->first);

	for (; is; is = profile_at(d->now, is->next)) {
		struct span name = dict_text(&d->now->field_names, is->name);
		const struct profile_field *was =
		    profile_find_field(d->before, d->was, is->property, name);

		if ((was && (profile_present(was) || was->of[PROFILE_NULL])) || d->was->more)
			continue;
		name_field(d, d->now, is);
		buf_adds(&d->text, "New: there in ");
		buf_add_percent(&d->text, profile_present(is), d->is->count);
		buf_adds(&d->text, " of the events");
		tell(d, false, profile_present(is));
	}
}

static void
compare_fields(struct drift *d)
{
	const struct profile_field *was = profile_at(d->before, d->was->first);

	for (; was; was = profile_at(d->before, was->next)) {
		struct span name = dict_text(&d->before->field_names, was->name);
		const struct profile_field *is =
		    profile_find_field(d->now, d->is, was->property, name);

		name_field(d, d->before, was);
		find_absent(d, was, is);
		if (is)
			find_types(d, was, is);
	}
	find_new_fields(d);
}

/* ---- events ---- */

static void
find_gone(struct drift *d)
{
	/* how many a sample of this size should have */
	double expected =
	    d->all_before ? (double)d->was->count * (double)d->all_now / (double)d->all_before : 0;

	buf_reset(&d->field);
	buf_adds(&d->text, "Vanished: was ");
	buf_add_percent(&d->text, d->was->count, d->all_before);
	buf_adds(&d->text, " of all events");
	tell(d, expected >= DRIFT_EVENTS_MIN && !d->now->more, d->was->count);
}

/* A feed that has dried up is told once, not for each of its events. */
static void
find_silence(struct drift *d)
{
	d->event = SPAN("");
	buf_adds(&d->text, "No valid event at all: before ");
	buf_addu(&d->text, d->all_before);
	tell(d, d->all_before >= DRIFT_EVENTS_MIN, d->all_before);
}

static void
find_new(struct drift *d)
{
	buf_reset(&d->field);
	buf_adds(&d->text, "New: ");
	buf_add_percent(&d->text, d->is->count, d->all_now);
	buf_adds(&d->text, " of all events");
	tell(d, false, d->is->count);
}

static void
compare_events(struct drift *d)
{
	uint32_t i;

	for (i = 0; i < d->before->names.n; i++) {
		d->event = dict_text(&d->before->names, i);
		d->was = &d->before->event[i];
		d->is = profile_find(d->now, d->event);
		if (d->was->count == 0)
			continue;
		if (!d->is || d->is->count == 0)
			find_gone(d);
		else
			compare_fields(d);
	}
}

static void
find_new_events(struct drift *d)
{
	uint32_t i;

	for (i = 0; i < d->now->names.n; i++) {
		d->event = dict_text(&d->now->names, i);
		d->is = &d->now->event[i];
		d->was = profile_find(d->before, d->event);
		if (d->is->count > 0 && (!d->was || d->was->count == 0) && !d->before->more)
			find_new(d);
	}
}

void
drift_find(
    struct findings *out, const struct profile *before, const struct profile *now, double max)
{
	struct drift d = { .out = out, .before = before, .now = now, .max = max };

	d.all_before = count_all(before);
	d.all_now = count_all(now);
	if (d.all_now == 0 && d.all_before > 0) {
		find_silence(&d);
	} else {
		compare_events(&d);
		find_new_events(&d);
	}
	buf_release(&d.field);
	buf_release(&d.text);
}

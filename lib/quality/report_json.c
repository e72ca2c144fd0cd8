#include <stdlib.h>

#include "text/json.h"
#include "quality/report.h"

#include "base/banned.h"

/* ---- small things ---- */

static void
add_string(struct buf *b, struct span s)
{
	struct buf clean = BUF_INIT;

	quality_report_add_utf8(&clean, s.p, s.n);
	json_add_string(b, clean.n ? clean.p : "", clean.n);
	if (clean.failed)
		b->failed = true;
	buf_release(&clean);
}

static void
add_string_or_null(struct buf *b, struct span s)
{
	if (s.p && s.n)
		add_string(b, s);
	else
		buf_adds(b, "null");
}

static void
add_count(struct buf *b, const char *key, uint64_t n)
{
	buf_addf(b, ",\"%s\":%llu", key, (unsigned long long)n);
}

/* What begins the next element of an array, a line each. */
static const char *
separator(size_t i)
{
	return i ? ",\n" : "\n";
}

/* ---- findings ---- */

static void
add_examples(struct buf *b, const struct findings *f, const struct finding *g)
{
	unsigned i;

	for (i = 0; i < g->examples; i++) {
		const struct finding_example *e = &g->example[i];

		buf_adds(b, i ? ",{\"file\":" : "{\"file\":");
		add_string(b, span_of(e->file));
		add_count(b, "line", e->line);
		buf_adds(b, ",\"excerpt\":");
		add_string_or_null(b, finding_excerpt(f, e));
		buf_addc(b, '}');
	}
}

static void
add_finding(struct buf *b, const struct findings *f, const struct finding *g, bool examples)
{
	struct finding_kind k = finding_kind(f, g);

	buf_addf(b, "{\"severity\":\"%s\",\"event\":", severity_name(k.severity));
	add_string_or_null(b, k.event);
	buf_adds(b, ",\"field\":");
	if (k.field.n) {
		/* it stands as in a JSON string already */
		buf_addc(b, '"');
		buf_add(b, k.field.p, k.field.n);
		buf_addc(b, '"');
	} else {
		buf_adds(b, "null");
	}
	buf_adds(b, ",\"message\":");
	add_string(b, k.text);
	add_count(b, "count", g->count);
	if (examples) {
		buf_adds(b, ",\"examples\":[");
		add_examples(b, f, g);
		buf_addc(b, ']');
	}
	buf_addc(b, '}');
}

static void
add_findings(struct buf *b, const char *key, const struct findings *f, bool examples)
{
	uint32_t i;

	buf_addf(b, ",\n\"%s\":[", key);
	for (i = 0; i < f->n; i++) {
		buf_adds(b, separator(i));
		add_finding(b, f, &f->finding[i], examples);
	}
	buf_addf(b, "],\n\"%s_more\":%llu", key,
	    (unsigned long long)(f->more[SEVERITY_ERROR] + f->more[SEVERITY_WARN]));
}

/* ---- events ---- */

static void
add_types(struct buf *b, const struct profile_field *f)
{
	const char *begin = "";
	int t;

	add_count(b, "null", f->of[PROFILE_NULL]);
	buf_adds(b, ",\"types\":{");
	for (t = PROFILE_NULL + 1; t < PROFILE_TYPES; t++) {
		if (!f->of[t])
			continue;
		buf_addf(b, "%s\"%s\":%llu", begin, profile_type_name((enum profile_type)t),
		    (unsigned long long)f->of[t]);
		begin = ",";
	}
	buf_addc(b, '}');
}

static void
add_field(struct buf *b, const struct profile_field *f, struct span name)
{
	buf_adds(b, " {\"field\":");
	if (f->property) {
		struct buf whole = BUF_INIT;

		buf_adds(&whole, "properties.");
		buf_add(&whole, name.p, name.n);
		add_string(b, (struct span){ whole.p, whole.n });
		buf_release(&whole);
	} else {
		add_string(b, name);
	}
	add_types(b, f);
	buf_addc(b, '}');
}

/* Fields of the event itself come before properties, both by name. */
static size_t
sort_fields(const struct profile *p, const struct profile_event *e, struct quality_report_row *row)
{
	const struct profile_field *f;
	size_t n = 0;

	for (f = profile_at(p, e->first); f; f = profile_at(p, f->next)) {
		row[n++] = (struct quality_report_row){
			.name = dict_text(&p->field_names, f->name),
			.worse = { !f->property },
			.number = f->name,
		};
	}
	quality_report_sort(row, n);
	return n;
}

static void
add_event(struct buf *b, const struct profile *p, const struct quality_report_row *of,
    struct quality_report_row *fields)
{
	const struct profile_event *e = &p->event[of->number];
	size_t i, n = sort_fields(p, e, fields);

	buf_adds(b, "{\"event\":");
	add_string(b, of->name);
	add_count(b, "lines", e->lines);
	add_count(b, "rejected", e->rejected);
	add_count(b, "warned", e->warned);
	add_count(b, "counted", e->count);
	add_count(b, "fields_more", e->more);
	buf_adds(b, ",\"fields\":[");
	for (i = 0; i < n; i++) {
		buf_adds(b, separator(i));
		add_field(b, profile_at(p, fields[i].number), fields[i].name);
	}
	buf_adds(b, "]}");
}

static void
add_events(struct buf *b, const struct profile *p)
{
	struct quality_report_row *events = quality_report_events(p, true);
	struct quality_report_row *fields = calloc(PROFILE_EVENT_FIELDS_MAX, sizeof(*fields));
	uint32_t i;

	buf_adds(b, ",\n\"events\":[");
	for (i = 0; events && fields && i < p->names.n; i++) {
		buf_adds(b, separator(i));
		add_event(b, p, &events[i], fields);
	}
	if (!events || !fields)
		b->failed = true;
	buf_addf(b, "],\n\"events_more\":%llu", (unsigned long long)p->more);
	free(events);
	free(fields);
}

void
quality_report_json(const struct quality_report *r, struct buf *b)
{
	buf_addf(b, "{\"report\":1,\n\"failed\":%s", r->failed ? "true" : "false");
	buf_adds(b, ",\"plan_version\":");
	add_string_or_null(b, r->plan_version);
	buf_adds(b, ",\"max_errors\":");
	add_string_or_null(b, r->allowed ? span_of(r->allowed) : (struct span){ NULL, 0 });
	add_count(b, "lines", r->lines);
	add_count(b, "valid", r->valid);
	add_count(b, "rejected", r->rejected);
	add_count(b, "warned", r->warned);
	add_count(b, "blank", r->blank);
	add_findings(b, "findings", r->findings, true);
	if (r->drift)
		add_findings(b, "drift", r->drift, false);
	else
		buf_adds(b, ",\n\"drift\":null");
	add_events(b, r->profile);
	buf_adds(b, "}\n");
}

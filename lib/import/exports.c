#include "import/exports.h"

#include "base/banned.h"

void
exports_release(struct exports *x)
{
	draft_release(&x->work.draft);
	buf_release(&x->work.id);
	csv_release(&x->csv);
}

bool
exports_has(enum import_format f)
{
	switch (f) {
	case IMPORT_GA4:
	case IMPORT_MATOMO:
	case IMPORT_PLAUSIBLE:
	case IMPORT_RUDDERSTACK:
	case IMPORT_SEGMENT:
	case IMPORT_UMAMI:
		return true;
	default:
		return false;
	}
}

static void
reject(struct export_sink *s, struct span record, const char *text)
{
	struct complaint c = { .text = span_of(text) };

	s->reject(s->context, record, &c, 1);
}

void
exports_begin_file(struct exports *x, struct export_sink *s)
{
	struct span left = csv_left(&x->csv);

	if (left.n)
		reject(s, left, "Quotes that do not end");
	csv_begin(&x->csv);
	x->begun = x->is_csv = false;
}

/* A record whose members w->top has. */
static void
take_fields(struct export_work *w, enum import_format f, struct span record, struct span sent_at,
    struct export_sink *s)
{
	if (!draft_begin(&w->draft, record.n)) {
		reject(s, record, "Out of memory");
		return;
	}
	switch (f) {
	case IMPORT_GA4:
		export_ga4(w, s, record);
		break;
	case IMPORT_MATOMO:
		export_matomo(w, s, record);
		break;
	case IMPORT_PLAUSIBLE:
		export_plausible(w, s, record);
		break;
	case IMPORT_UMAMI:
		export_umami(w, s, record);
		break;
	default:
		export_segment(w, s, record, sent_at);
	}
}

static void
take_elements(struct export_work *w, enum import_format f, struct json_scan *scan,
    struct span sent_at, struct export_sink *s)
{
	struct json_value v;
	struct json_scan inner;

	while (json_next_element(scan, &v)) {
		if (v.type != JSON_OBJECT)
			reject(s, v.raw, "Expected an object");
		else if (!json_fields_read(&w->top, v.raw, &inner))
			reject(s, v.raw, "More than 512 keys");
		else
			take_fields(w, f, v.raw, sent_at, s);
	}
}

static void
take_no_object(struct export_work *w, struct json_scan *scan, enum json_type type, struct span line,
    struct export_sink *s)
{
	struct complaint c;

	buf_reset(&w->id);
	c = complaint_no_object(scan, type, &w->id);
	s->reject(s->context, line, &c, 1);
}

/* A line of JSON that may stand for more than one record. */
static void
take_json(struct export_work *w, enum import_format f, struct span line, struct span record,
    struct export_sink *s)
{
	const struct json_value *batch;
	struct json_scan scan;
	enum json_type type = json_skim(&scan, line.p, line.n);

	if (scan.reason || (type != JSON_OBJECT && type != JSON_ARRAY)) {
		take_no_object(w, &scan, type, record, s);
		return;
	}
	json_open(&scan, line.p, line.n);
	if (type == JSON_ARRAY) {
		json_enter_array(&scan);
		take_elements(w, f, &scan, (struct span){ NULL, 0 }, s);
		return;
	}
	if (!json_fields_read(&w->top, line, &scan)) {
		reject(s, record, "More than 512 keys");
		return;
	}
	batch = json_fields_get(&w->top, "batch");
	if (batch && batch->type == JSON_ARRAY) {
		struct span sent_at = json_fields_text(&w->top, "sentat");

		json_open(&scan, batch->raw.p, batch->raw.n);
		json_enter_array(&scan);
		take_elements(w, f, &scan, sent_at, s);
		return;
	}
	take_fields(w, f, record, (struct span){ NULL, 0 }, s);
}

static void
take_row(struct exports *x, enum import_format f, const char *p, size_t n, struct export_sink *s)
{
	switch (csv_line(&x->csv, p, n)) {
	case CSV_MORE:
		break;
	case CSV_HEADER:
		s->headers++;
		break;
	case CSV_ROW:
		take_json(&x->work, f, x->csv.json, x->csv.row, s);
		break;
	case CSV_BAD:
		reject(s, x->csv.row, x->csv.why);
		break;
	}
}

void
exports_take(
    struct exports *x, enum import_format f, const char *p, size_t n, struct export_sink *s)
{
	if (!x->begun)
		x->is_csv = *p != '{' && *p != '[' && *p != ' ';
	x->begun = true;
	if (x->is_csv)
		take_row(x, f, p, n, s);
	else
		take_json(&x->work, f, (struct span){ p, n }, (struct span){ p, n }, s);
}

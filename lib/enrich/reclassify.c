#include "enrich/reclassify.h"

#include "base/banned.h"

static const struct span names[RECLASSIFY_KEYS] = {
	[RECLASSIFY_SOURCE] = { "source", 6 },
	[RECLASSIFY_MEDIUM] = { "medium", 6 },
	[RECLASSIFY_CAMPAIGN] = { "campaign", 8 },
	[RECLASSIFY_CONFIDENCE] = { "source_confidence", 17 },
	[RECLASSIFY_RULE] = { "source_rule_id", 14 },
	[RECLASSIFY_PREVIOUS] = { "previous", 8 },
};

void
reclassify_init(struct reclassifier *r, unsigned rules, const struct hosts *hosts)
{
	memset(r, 0, sizeof(*r));
	r->rules = rules;
	r->hosts = hosts;
}

void
reclassify_release(struct reclassifier *r)
{
	buf_release(&r->text);
	buf_release(&r->url_scratch);
	buf_release(&r->reason);
}

/* ---- reading ---- */

static struct json_value *
place_of(struct reclassifier *r, struct span key)
{
	int i;

	switch (key.n) { /* most keys are none of these: by length, few are compared */
	case 3:
		return span_eq(key, SPAN("url")) ? &r->url : NULL;
	case 4:
		return span_eq(key, SPAN("host")) ? &r->host : NULL;
	case 6:
	case 14:
	case 17:
		break;
	case 8:
		if (span_eq(key, SPAN("referrer")))
			return &r->referrer;
		break;
	default:
		return NULL;
	}
	for (i = 0; i < RECLASSIFY_KEYS; i++)
		if (span_eq(key, names[i]))
			return &r->old[i];
	return NULL;
}

/* Reads the value of a member, to where it stays; false when it is none. */
static bool
take_member(struct reclassifier *r, struct json_scan *scan, const struct json_value *key)
{
	/* the longest name, each of its characters as a \u escape */
	char room[17 * JSON_ESCAPE_MAX + 2];
	struct json_value other, *place = place_of(r, json_short_text(key, room, sizeof(room)));

	if (!place)
		place = &other;
	if (!json_key_value(scan, place))
		return false;
	r->empty = false;
	r->end_of_members = place->raw.p + place->raw.n;
	return true;
}

static bool
parse(struct reclassifier *r)
{
	struct json_scan scan;
	struct json_value key, other;
	enum json_type type = json_open(&scan, r->line.p, r->line.n);

	buf_reset(&r->reason);
	if (type == JSON_OBJECT) {
		r->end_of_members = memchr(r->line.p, '{', r->line.n);
		r->end_of_members++;
		while (json_next_key(&scan, &key) && take_member(r, &scan, &key))
			;
	} else if (scan.reason == JSON_OK) {
		json_whole(&scan, &other); /* for what is wrong with it */
	}
	if (type == JSON_OBJECT && scan.reason == JSON_OK)
		return true;
	r->why = complaint_no_object(&scan, type, &r->reason);
	return false;
}

/* The text of a string, unescaped into r->text where it must be. */
static struct span
text_of(struct reclassifier *r, const struct json_value *v)
{
	struct span text = { NULL, 0 };

	if (!v->raw.p || v->type != JSON_STRING)
		return text;
	if (!v->escaped)
		return (struct span){ v->raw.p + 1, v->raw.n - 2 };
	text.p = r->text.p + r->text.n;
	text.n = json_unescape(v->raw, r->text.p + r->text.n);
	r->text.n += text.n;
	return text;
}

static void
answer(struct reclassifier *r)
{
	struct visit v = { NULL, text_of(r, &r->referrer), text_of(r, &r->host) };
	struct span text = text_of(r, &r->url);
	struct url url;

	if (text.p && !url_split(&url, text.p, text.n, &r->url_scratch))
		v.url = &url;
	classify(&v, r->rules, r->hosts, &r->answer);
}

static struct span
answer_to(const struct attribution *a, enum reclassify_key key)
{
	switch (key) {
	case RECLASSIFY_SOURCE:
		return a->source;
	case RECLASSIFY_MEDIUM:
		return a->medium;
	case RECLASSIFY_CAMPAIGN:
		return a->campaign;
	case RECLASSIFY_CONFIDENCE:
		return a->confidence;
	default:
		return a->rule_id;
	}
}

static bool
is_same(struct reclassifier *r, enum reclassify_key key)
{
	struct json_value *old = &r->old[key];
	struct span new = answer_to(&r->answer, key);

	if (!new.p)
		return !old->raw.p || old->type == JSON_NULL;
	return old->raw.p && old->type == JSON_STRING && span_eq(text_of(r, old), new);
}

enum reclassified
reclassify_read(struct reclassifier *r, const char *p, size_t n)
{
	const struct json_value none = { .raw = { NULL, 0 } };
	int key;

	r->line = (struct span){ p, n };
	r->url = r->referrer = r->host = none;
	for (key = 0; key < RECLASSIFY_KEYS; key++)
		r->old[key] = none;
	r->why = (struct complaint){ .field = { NULL, 0 } };
	r->empty = true;
	buf_reset(&r->text);
	if (!parse(r))
		return RECLASSIFY_BAD;
	/* no text is longer unescaped, and each is unescaped once */
	if (!buf_room(&r->text, n)) {
		r->why.text = SPAN("Out of memory");
		return RECLASSIFY_BAD;
	}
	answer(r);
	for (key = 0; key < RECLASSIFY_PREVIOUS; key++)
		if (!is_same(r, (enum reclassify_key)key))
			return RECLASSIFY_CHANGED;
	return RECLASSIFY_SAME;
}

/* ---- writing ---- */

static char *
put(char *w, const char *p, size_t n)
{
	memcpy(w, p, n);
	return w + n;
}

static char *
put_span(char *w, struct span s)
{
	return put(w, s.p, s.n);
}

static char *
put_key(char *w, struct span name)
{
	*w++ = '"';
	w = put_span(w, name);
	*w++ = '"';
	*w++ = ':';
	return w;
}

static char *
put_previous(char *w, const struct reclassifier *r)
{
	const char *start = w;
	int key;

	*w++ = '{';
	for (key = 0; key < RECLASSIFY_PREVIOUS; key++) {
		if (!r->old[key].raw.p)
			continue;
		if (w - start > 1)
			*w++ = ',';
		w = put_key(w, names[key]);
		w = put_span(w, r->old[key].raw);
	}
	*w++ = '}';
	return w;
}

static char *
put_value(char *w, const struct reclassifier *r, enum reclassify_key key)
{
	struct span value;

	if (key == RECLASSIFY_PREVIOUS)
		return put_previous(w, r);
	value = answer_to(&r->answer, key);
	if (!value.p)
		return put(w, "null", 4);
	*w++ = '"';
	if (key == RECLASSIFY_CONFIDENCE || key == RECLASSIFY_RULE)
		w = put_span(w, value); /* constants, that need no escape */
	else
		w = json_escape(w, value.p, value.n);
	*w++ = '"';
	return w;
}

/* The keys that the line has, in the order in which it has them. */
static int
keys_in_order(const struct reclassifier *r, int keys, enum reclassify_key order[RECLASSIFY_KEYS])
{
	int count = 0, key, i;

	for (key = 0; key < keys; key++) {
		if (!r->old[key].raw.p)
			continue;
		for (i = count++; i > 0 && r->old[order[i - 1]].raw.p > r->old[key].raw.p; i--)
			order[i] = order[i - 1];
		order[i] = (enum reclassify_key)key;
	}
	return count;
}

/* Room for the line, the old values again, and the new ones. */
static size_t
room_for(const struct reclassifier *r)
{
	enum { NAMES_AND_MARKS = 512 };
	const struct attribution *a = &r->answer;

	return 2 * r->line.n + NAMES_AND_MARKS +
	    JSON_ESCAPE_MAX * (a->source.n + a->medium.n + a->campaign.n);
}

static char *
put_missing(char *w, const struct reclassifier *r, int keys)
{
	bool empty = r->empty;
	int key;

	for (key = 0; key < keys; key++) {
		if (r->old[key].raw.p)
			continue;
		if (!empty)
			*w++ = ',';
		empty = false;
		w = put_key(w, names[key]);
		w = put_value(w, r, (enum reclassify_key)key);
	}
	return w;
}

void
reclassify_write(const struct reclassifier *r, bool previous, struct out *out)
{
	enum reclassify_key order[RECLASSIFY_KEYS];
	int keys = previous ? RECLASSIFY_KEYS : RECLASSIFY_PREVIOUS;
	int count = keys_in_order(r, keys, order), i;
	const char *from = r->line.p, *end = r->line.p + r->line.n;
	char *w = out_room(out, room_for(r)), *start = w;

	if (!w)
		return;
	for (i = 0; i < count; i++) {
		struct span old = r->old[order[i]].raw;

		w = put(w, from, (size_t)(old.p - from));
		w = put_value(w, r, order[i]);
		from = old.p + old.n;
	}
	w = put(w, from, (size_t)(r->end_of_members - from));
	w = put_missing(w, r, keys);
	w = put(w, r->end_of_members, (size_t)(end - r->end_of_members));
	*w++ = '\n';
	out_advance(out, (size_t)(w - start));
}

void
reclassify_add_answer(struct buf *b, const struct attribution *a)
{
	int key;

	for (key = 0; key < RECLASSIFY_PREVIOUS; key++) {
		struct span value = answer_to(a, (enum reclassify_key)key);

		buf_addc(b, key == 0 ? '{' : ',');
		json_add_string(b, names[key].p, names[key].n);
		buf_addc(b, ':');
		if (value.p)
			json_add_string(b, value.p, value.n);
		else
			buf_adds(b, "null");
	}
	buf_addc(b, '}');
}

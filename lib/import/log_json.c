#include "import/log_json.h"

#include "base/ascii.h"

#include "base/banned.h"

void
log_json_release(struct log_json *j)
{
	buf_release(&j->scratch);
	buf_release(&j->mended);
	buf_release(&j->words);
}

/* ---- what is no JSON but stands in logs ---- */

enum { MENDED_KEPT = 256 << 10 }; /* bytes of memory from one line to the next */

/* Bytes that are no UTF-8 pass the scanner as U+10FF00 to U+10FFFF. */
static char *
put_raw(char *w, unsigned char byte)
{
	*w++ = '\xf4';
	*w++ = '\x8f';
	*w++ = (char)(0xbc | byte >> 6);
	*w++ = (char)(0x80 | (byte & 0x3f));
	return w;
}

/* And come back from there; in place. */
static size_t
take_raw(char *p, size_t n)
{
	char *w = p;
	size_t i = 0;

	while (i < n) {
		if (n - i >= 4 && memcmp(p + i, "\xf4\x8f", 2) == 0 &&
		    (unsigned char)p[i + 2] >= 0xbc) {
			*w++ = (char)((p[i + 2] & 3) << 6 | (p[i + 3] & 0x3f));
			i += 4;
		} else {
			*w++ = p[i++];
		}
	}
	return (size_t)(w - p);
}

static char *
put_byte(char *w, unsigned char c)
{
	char one = (char)c;

	return c >= 0x80 ? put_raw(w, c) : json_escape(w, &one, 1);
}

/* The escape at p, as JSON has it; returns what follows it. */
static const char *
mend_escape(char **w, const char *p, const char *end)
{
	if (end - p >= 4 && p[1] == 'x' && ascii_is_hex(p[2]) && ascii_is_hex(p[3])) {
		*w = put_byte(*w, (unsigned char)(ascii_hex(p[2]) << 4 | ascii_hex(p[3])));
		return p + 4;
	}
	if (end - p >= 2 && p[1] == 'v') {
		*w = put_byte(*w, '\v');
		return p + 2;
	}
	if (end - p >= 2 && memchr("\"\\/bfnrtu", p[1], 9)) {
		*(*w)++ = *p;
		*(*w)++ = p[1];
		return p + 2;
	}
	*(*w)++ = '\\';
	*(*w)++ = '\\';
	return p + 1;
}

static struct span
mend(struct log_json *j, const char *p, size_t n)
{
	const char *end = p + n;
	bool inside = false;
	char *w;

	buf_reset(&j->mended);
	w = buf_room(&j->mended, n * JSON_ESCAPE_MAX);
	if (!w)
		return (struct span){ p, n };
	while (p < end) {
		size_t k = utf8_sequence(p, end);

		if (*p == '"')
			inside = !inside;
		if (inside && *p == '\\') {
			p = mend_escape(&w, p, end);
		} else if (k == 0) {
			w = put_raw(w, (unsigned char)*p++);
		} else if (inside && k == 1 && *p != '"') {
			w = put_byte(w, (unsigned char)*p++);
		} else {
			memcpy(w, p, k);
			w += k;
			p += k;
		}
	}
	return (struct span){ j->mended.p, (size_t)(w - j->mended.p) };
}

/* ---- the walk ---- */

/* What the key means, at this place of the line most likely what it did before. */
static int
meaning(struct log_json *j, int parent, const struct json_value *key)
{
	struct span k = { key->raw.p + 1, key->raw.n - 2 };
	struct log_json_key *c = j->at < LOG_JSON_CACHED ? &j->cache[j->at++] : NULL;
	char room[LOG_KEY_MAX * JSON_ESCAPE_MAX];
	int entry;

	if (c && c->n == k.n && k.n && c->parent == parent && memcmp(c->text, k.p, k.n) == 0)
		return c->entry;
	k = json_short_text(key, room, sizeof(room));
	if (!k.p)
		return LOG_KEYS_NONE;
	entry = log_keys_find(j->keys, parent, k);
	if (c && k.n <= sizeof(c->text) && !key->escaped) {
		memcpy(c->text, k.p, k.n);
		c->n = (uint8_t)k.n;
		c->parent = (int16_t)parent;
		c->entry = (int16_t)entry;
	}
	return entry;
}

/* The text of a string, without its escapes; of a number or word as it stands. */
static struct span
text_of(struct log_json *j, const struct json_value *v)
{
	struct span s = v->raw;
	char *w = j->scratch.p + j->scratch.n;

	if (!j->is_mended && v->type != JSON_STRING)
		return s;
	if (!j->is_mended && !v->escaped)
		return (struct span){ s.p + 1, s.n - 2 };
	/* of a mended line all is copied: its memory is let go before the event is written */
	if (v->type != JSON_STRING)
		memcpy(w, s.p, s.n);
	else
		s.n = json_unescape(v->raw, w);
	s.p = w;
	if (j->is_mended)
		s.n = take_raw(w, s.n);
	j->scratch.n += s.n;
	return s;
}

/* Of a list, as Caddy has headers, the first. */
static bool
first_of(struct json_value *v)
{
	struct json_scan s;

	if (v->type != JSON_ARRAY)
		return true;
	json_open(&s, v->raw.p, v->raw.n);
	return json_enter_array(&s) && json_next_element(&s, v);
}

static void
walk(struct log_json *j, struct hit *h, struct json_scan *s, int parent, int depth)
{
	struct json_member m;

	while (json_next(s, &m)) {
		int entry = meaning(j, parent, &m.key);
		const struct log_keys_entry *e;
		struct json_scan below;

		if (entry == LOG_KEYS_NONE || m.value.type == JSON_NULL)
			continue;
		e = &j->keys->entry[entry];
		if (m.value.type == JSON_OBJECT) {
			if (!e->inner || depth == LOG_JSON_DEPTH)
				continue;
			json_open(&below, m.value.raw.p, m.value.raw.n);
			walk(j, h, &below, entry, depth + 1);
		} else if (e->key.field != HIT_FIELDS && first_of(&m.value) &&
		    m.value.type != JSON_OBJECT && m.value.type != JSON_ARRAY) {
			hit_offer(h, e->key.field, e->rank, text_of(j, &m.value));
		}
	}
}

static enum json_type
read_object(struct log_json *j, struct hit *h, struct json_scan *s, struct span line)
{
	enum json_type type = json_open(s, line.p, line.n);

	memset(h, 0, sizeof(*h));
	j->at = 0;
	j->scratch.n = 0;
	if (type == JSON_OBJECT)
		walk(j, h, s, LOG_KEYS_NONE, 1);
	return type;
}

static bool
can_be_mended(enum json_reason r)
{
	return r == JSON_CONTROL || r == JSON_ESCAPE || r == JSON_UTF8 || r == JSON_SURROGATE;
}

bool
log_json_parse(struct log_json *j, struct hit *h, const char *p, size_t n, struct complaint *why)
{
	struct span line = { p, n };
	struct json_scan s;
	enum json_type type;

	while (line.n > 0 && (p[line.n - 1] == ' ' || p[line.n - 1] == ','))
		line.n--;
	j->is_mended = false;
	buf_reset(&j->scratch);
	/* texts never grow, and a line inside may be read once more */
	if (!buf_room(&j->scratch, 2 * n)) {
		*why = (struct complaint){ .text = SPAN("Out of memory") };
		return false;
	}
	type = read_object(j, h, &s, line);
	if (can_be_mended(s.reason)) {
		line = mend(j, line.p, line.n);
		j->is_mended = true;
		if (!buf_room(&j->scratch, 2 * line.n)) {
			*why = (struct complaint){ .text = SPAN("Out of memory") };
			return false;
		}
		type = read_object(j, h, &s, line);
	}
	if (type != JSON_OBJECT || s.reason) {
		buf_reset(&j->words);
		*why = complaint_no_object(&s, type, &j->words);
	}
	if (j->mended.cap > MENDED_KEPT)
		buf_release(&j->mended);
	return type == JSON_OBJECT && !s.reason;
}

bool
log_json_inner(struct log_json *j, struct hit *h, struct span text)
{
	struct json_scan s;

	if (json_skim(&s, text.p, text.n) != JSON_OBJECT || s.reason)
		return false;
	json_open(&s, text.p, text.n);
	walk(j, h, &s, LOG_KEYS_NONE, 1);
	return true;
}

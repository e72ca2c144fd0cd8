#include "enrich/anonymise.h"

#include "base/timestamp.h"
#include "text/ip_find.h"
#include "text/log_time.h"

#include "base/banned.h"

/* What a line says, before anything of it is written. */
struct found {
	struct json_value ip, received_at, timestamp; /* the last of each */
	struct json_value date;                       /* at the path of date_key */
	bool has_ip;
};

enum key { KEY_OTHER, KEY_IP, KEY_IP_HASH, KEY_RECEIVED_AT, KEY_TIMESTAMP };

static enum key
key_of(const struct json_value *key)
{
	/* the longest name, each of its characters as a \u escape */
	char room[11 * JSON_ESCAPE_MAX + 2];
	struct span k = json_short_text(key, room, sizeof(room));

	if (span_eq(k, SPAN("ip")))
		return KEY_IP;
	if (span_eq(k, SPAN("ip_hash")))
		return KEY_IP_HASH;
	if (span_eq(k, SPAN("received_at")))
		return KEY_RECEIVED_AT;
	return span_eq(k, SPAN("timestamp")) ? KEY_TIMESTAMP : KEY_OTHER;
}

static bool
look(struct anonymiser *a, const char *p, size_t n, struct found *seen)
{
	struct json_value none = { .raw = { NULL, 0 }, .type = JSON_NULL };
	struct json_scan scan;
	struct json_member m;
	enum json_type type = json_open(&scan, p, n);

	*seen = (struct found){ none, none, none, none, false };
	if (type == JSON_OBJECT) {
		while (json_next(&scan, &m)) {
			enum key key = key_of(&m.key);

			if (key == KEY_IP) {
				seen->ip = m.value;
				seen->has_ip = true;
			} else if (key == KEY_RECEIVED_AT) {
				seen->received_at = m.value;
			} else if (key == KEY_TIMESTAMP) {
				seen->timestamp = m.value;
			}
		}
	} else {
		json_whole(&scan, &m.value);
	}
	if (type == JSON_OBJECT && !scan.reason)
		return true;
	buf_reset(&a->words);
	a->why[0] = complaint_no_object(&scan, type, &a->words);
	a->whys = 1;
	return false;
}

/* The text of a short string, unescaped into `room`; p NULL: no such string. */
static struct span
short_text(const struct json_value *v, char *room, size_t n)
{
	if (v->type != JSON_STRING || v->raw.n > n)
		return (struct span){ NULL, 0 };
	return (struct span){ room, json_unescape(v->raw, room) };
}

static bool
complain(struct anonymiser *a, struct span field, struct span text)
{
	a->why[0] = (struct complaint){ .field = field, .text = text };
	a->whys = 1;
	return false;
}

/* The same about a path, which is copied. */
static bool
complain_of(struct anonymiser *a, struct span path, struct span text)
{
	char *w;

	buf_reset(&a->words);
	w = buf_room(&a->words, JSON_ESCAPE_MAX * path.n + 1);
	if (!w)
		return complain(a, (struct span){ NULL, 0 }, SPAN("Out of memory"));
	a->words.n = (size_t)(json_escape(w, path.p, path.n) - w);
	return complain(a, (struct span){ w, a->words.n }, text);
}

static bool
find_day(struct anonymiser *a, const struct found *seen, int64_t *ms)
{
	bool keyed = a->date_key.n > 0, received = seen->received_at.type != JSON_NULL;
	const struct json_value *v = keyed ? &seen->date
	    : received                     ? &seen->received_at
					   : &seen->timestamp;
	char room[64 * JSON_ESCAPE_MAX];
	struct span text;

	*ms = a->date;
	if (a->has_date)
		return true;
	if (keyed) {
		text = v->type == JSON_NUMBER ? v->raw : short_text(v, room, sizeof(room));
		return (text.p && log_time_parse(text.p, text.n, ms)) ||
		    complain_of(a, a->date_key,
			SPAN("Expected a date: the hash needs a day, which --date gives as well"));
	}
	if (v->type == JSON_NULL)
		return complain(a, SPAN("timestamp"),
		    SPAN("Required, or received_at: the hash needs a day, which --date gives as "
			 "well"));
	text = short_text(v, room, sizeof(room));
	if (text.p && timestamp_parse(text.p, text.n, ms) && *ms >= TIMESTAMP_MIN &&
	    *ms <= TIMESTAMP_MAX)
		return true;
	return complain(a, received ? SPAN("received_at") : SPAN("timestamp"),
	    SPAN("Invalid date-time: the hash needs a day, which --date gives as well"));
}

static bool
find_hash(struct anonymiser *a, const struct found *seen, struct span *hash)
{
	const struct address *known;
	char room[64 * JSON_ESCAPE_MAX];
	struct span text = short_text(&seen->ip, room, sizeof(room));
	struct ip ip;
	int64_t ms;

	*hash = SPAN("");
	if (seen->ip.type == JSON_NULL || (text.p && text.n == 0))
		return true;
	if (!text.p || !ip_parse(&ip, text.p, text.n))
		return complain(a, SPAN("ip"), SPAN("Invalid IP address"));
	if (!find_day(a, seen, &ms))
		return false;
	known = addresses_find(a->addresses, &ip, ms);
	*hash = (struct span){ known->hash, known->hash_n };
	return true;
}

/* Copies the line, known to be an object, with hashes for addresses. */
static void
rewrite(const char *p, size_t n, struct span hash, struct buf *to)
{
	const char *copied = p;
	struct json_scan scan;
	struct json_member m;

	json_open(&scan, p, n);
	while (json_next(&scan, &m)) {
		enum key key = key_of(&m.key);

		if (key != KEY_IP && key != KEY_IP_HASH)
			continue;
		buf_add(to, copied, (size_t)(m.key.raw.p - copied));
		buf_adds(to, "\"ip_hash\":\"");
		buf_add(to, hash.p, hash.n);
		buf_addc(to, '"');
		copied = m.value.raw.p + m.value.raw.n;
	}
	buf_add(to, copied, (size_t)(p + n - copied));
}

/* Appends the text with hashes for addresses; whether there were any. */
static bool
replace_all(struct anonymiser *a, const char *p, size_t n, int64_t ms, struct buf *to)
{
	const char *end = p + n, *copied = p, *from = p;
	struct ip_place place;

	while (ip_find(p, from, end, &place)) {
		const struct address *known = addresses_find(a->addresses, &place.ip, ms);

		buf_add(to, copied, (size_t)(place.p - copied));
		buf_add(to, known->hash, known->hash_n);
		copied = from = place.p + place.n;
	}
	buf_add(to, copied, (size_t)(end - copied));
	return copied > p;
}

/* ---- keys by path ------------------------------------------------------ */

static bool
is_key(const struct anonymiser *a, struct span path)
{
	size_t i;

	for (i = 0; i < a->key_count; i++)
		if (span_eq(path, a->keys[i]))
			return true;
	return false;
}

/* What a walk over a line works with. */
struct rewriting {
	struct anonymiser *a;
	struct found *seen;
	struct buf *to;
	const char *copied;    /* what is before it has been copied */
	const char *key_start; /* of the key at hand */
	struct span hash;      /* of `ip` */
	int64_t ms;
	bool has_day, failed;
};

static void
note_date(void *context, struct span path, const struct json_value *v)
{
	struct rewriting *w = context;

	if (span_eq(path, w->a->date_key))
		w->seen->date = *v;
}

static void
note_key(void *context, struct span path, const struct json_value *key)
{
	struct rewriting *w = context;

	(void)path;
	w->key_start = key->raw.p;
}

static bool
is_nothing(const struct json_value *v)
{
	return v->type == JSON_NULL ||
	    (v->type == JSON_STRING &&
		(v->raw.n == 2 || span_eq(v->raw, SPAN("\"-\"")) ||
		    span_eq(v->raw, SPAN("\"unknown\""))));
}

/* The string with hashes for addresses, quotes and all. */
static bool
replace_string(struct rewriting *w, const struct json_value *v)
{
	struct anonymiser *a = w->a;
	size_t before = w->to->n;
	char *room;
	bool found;

	if (!v->escaped) {
		buf_addc(w->to, '"');
		found = replace_all(a, v->raw.p + 1, v->raw.n - 2, w->ms, w->to);
		buf_addc(w->to, '"');
	} else {
		buf_reset(&a->scratch);
		room = buf_room(&a->scratch, v->raw.n);
		buf_reset(&a->words);
		if (!room)
			return false;
		found = replace_all(a, room, json_unescape(v->raw, room), w->ms, &a->words);
		json_add_string(w->to, a->words.p, a->words.n);
	}
	if (!found)
		w->to->n = before;
	return found;
}

static void
rewrite_value(void *context, struct span path, const struct json_value *v)
{
	struct rewriting *w = context;
	bool keyed = is_key(w->a, path);

	if (w->failed || (keyed && is_nothing(v)))
		return;
	if (keyed) {
		w->a->replaced = true;
		if (!w->has_day && !find_day(w->a, w->seen, &w->ms)) {
			w->failed = true;
			return;
		}
		w->has_day = true;
		buf_add(w->to, w->copied, (size_t)(v->raw.p - w->copied));
		if (v->type != JSON_STRING || !replace_string(w, v)) {
			complain_of(w->a, path, SPAN("Invalid IP address"));
			w->failed = true;
		}
	} else if (w->seen->has_ip &&
	    (span_eq(path, SPAN("ip")) || span_eq(path, SPAN("ip_hash")))) {
		buf_add(w->to, w->copied, (size_t)(w->key_start - w->copied));
		buf_adds(w->to, "\"ip_hash\":\"");
		buf_add(w->to, w->hash.p, w->hash.n);
		buf_addc(w->to, '"');
	} else {
		return;
	}
	w->copied = v->raw.p + v->raw.n;
}

/* Copies the line, known to be an object, with hashes at all paths. */
static bool
rewrite_paths(struct anonymiser *a, const char *p, size_t n, struct found *seen, struct buf *to)
{
	struct rewriting w = { .a = a, .seen = seen, .to = to, .copied = p };

	a->walk.context = &w;
	a->walk.key = NULL;
	a->walk.value = note_date;
	if (a->date_key.n > 0 && !json_walk(&a->walk, p, n))
		to->failed = true;
	if (is_key(a, SPAN("ip")))
		seen->has_ip = false;
	if (seen->has_ip && !find_hash(a, seen, &w.hash))
		return false;
	a->replaced = seen->has_ip;
	a->walk.key = note_key;
	a->walk.value = rewrite_value;
	if (!json_walk(&a->walk, p, n))
		to->failed = true;
	buf_add(to, w.copied, (size_t)(p + n - w.copied));
	return !w.failed;
}

bool
anonymise(struct anonymiser *a, const char *p, size_t n, struct buf *to)
{
	struct found seen;
	struct span hash;

	a->replaced = false;
	if (!look(a, p, n, &seen))
		return false;
	if (a->key_count > 0 || a->date_key.n > 0) {
		if (!rewrite_paths(a, p, n, &seen, to))
			return false;
	} else if (seen.has_ip) {
		if (!find_hash(a, &seen, &hash))
			return false;
		a->replaced = true;
		rewrite(p, n, hash, to);
	} else {
		buf_add(to, p, n);
	}
	if (to->failed)
		return complain(a, (struct span){ NULL, 0 }, SPAN("Out of memory"));
	return true;
}

/* ---- any text ---------------------------------------------------------- */

bool
anonymise_text(struct anonymiser *a, const char *p, size_t n, struct buf *to)
{
	struct ip_place place;
	int64_t ms = a->date;

	a->replaced = ip_find(p, p, p + n, &place);
	if (!a->replaced) {
		buf_add(to, p, n);
	} else {
		if (!a->has_date && !log_time_find(p, n, &ms))
			return complain(a, (struct span){ NULL, 0 },
			    SPAN("No date that is understood: the hash needs a day, which --date "
				 "gives as well"));
		replace_all(a, p, n, ms, to);
	}
	if (to->failed)
		return complain(a, (struct span){ NULL, 0 }, SPAN("Out of memory"));
	return true;
}

/* ---- checking ---------------------------------------------------------- */

static const struct span holds = { "Holds an IP address", 19 };

/* What a check has found; the paths of the complaints lie in the words, one after the other. */
struct checking {
	struct anonymiser *a;
	size_t at[ANONYMISE_COMPLAINTS];
	bool in_key;
};

static bool
has_address(struct anonymiser *a, const struct json_value *string)
{
	struct span text = string->raw;
	struct ip_place place;
	char *room;

	if (string->escaped) {
		buf_reset(&a->scratch);
		room = buf_room(&a->scratch, text.n);
		if (room)
			text = (struct span){ room, json_unescape(string->raw, room) };
	}
	return ip_find(text.p, text.p, text.p + text.n, &place);
}

static void
check_key(void *context, struct span path, const struct json_value *key)
{
	struct checking *c = context;

	(void)path;
	c->in_key = c->in_key || has_address(c->a, key);
}

static void
check_value(void *context, struct span path, const struct json_value *v)
{
	struct checking *c = context;
	struct anonymiser *a = c->a;
	struct ip_place place;
	char *w;

	/* a path that holds an address can't be told, but its key is */
	if (v->type != JSON_STRING || a->whys == ANONYMISE_COMPLAINTS - 1 || !has_address(a, v) ||
	    ip_find(path.p, path.p, path.p + path.n, &place))
		return;
	w = buf_room(&a->words, JSON_ESCAPE_MAX * path.n);
	if (!w)
		return;
	c->at[a->whys] = a->words.n;
	a->words.n += (size_t)(json_escape(w, path.p, path.n) - w);
	a->whys++;
}

bool
anonymise_check(struct anonymiser *a, const char *p, size_t n)
{
	struct checking c = { .a = a };
	struct found seen;
	size_t i, end;

	a->whys = 0;
	if (!look(a, p, n, &seen))
		return false;
	buf_reset(&a->words);
	a->walk.context = &c;
	a->walk.key = check_key;
	a->walk.value = check_value;
	if (!json_walk(&a->walk, p, n) || a->words.failed)
		return complain(a, (struct span){ NULL, 0 }, SPAN("Out of memory"));
	for (i = 0; i < a->whys; i++) {
		end = i + 1 < a->whys ? c.at[i + 1] : a->words.n;
		a->why[i] = (struct complaint){ .field = { a->words.p + c.at[i], end - c.at[i] },
			.text = holds };
	}
	if (c.in_key)
		a->why[a->whys++] = (struct complaint){ .text = SPAN("A key holds an IP address") };
	return a->whys == 0;
}

bool
anonymise_check_text(struct anonymiser *a, const char *p, size_t n)
{
	struct ip_place place;

	return !ip_find(p, p, p + n, &place) || complain(a, (struct span){ NULL, 0 }, holds);
}

void
anonymise_release(struct anonymiser *a)
{
	buf_release(&a->words);
	buf_release(&a->scratch);
	json_walk_release(&a->walk);
}

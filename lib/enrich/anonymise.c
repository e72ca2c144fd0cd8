#include "enrich/anonymise.h"

#include "base/timestamp.h"

#include "base/banned.h"

/* What a line says, before anything of it is written. */
struct found {
	struct json_value ip, received_at, timestamp; /* the last of each */
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

	*seen = (struct found){ none, none, none, false };
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
	a->why = complaint_no_object(&scan, type, &a->words);
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
	a->why = (struct complaint){ .field = field, .text = text };
	return false;
}

static bool
find_day(struct anonymiser *a, const struct found *seen, int64_t *ms)
{
	bool received = seen->received_at.type != JSON_NULL;
	const struct json_value *v = received ? &seen->received_at : &seen->timestamp;
	char room[64 * JSON_ESCAPE_MAX];
	struct span text;

	*ms = a->date;
	if (a->has_date)
		return true;
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

bool
anonymise(struct anonymiser *a, const char *p, size_t n, struct buf *to)
{
	struct found seen;
	struct span hash;

	a->replaced = false;
	if (!look(a, p, n, &seen) || !find_hash(a, &seen, &hash))
		return false;
	a->replaced = seen.has_ip;
	if (seen.has_ip)
		rewrite(p, n, hash, to);
	else
		buf_add(to, p, n);
	if (to->failed)
		return complain(a, (struct span){ NULL, 0 }, SPAN("Out of memory"));
	return true;
}

void
anonymise_release(struct anonymiser *a)
{
	buf_release(&a->words);
}

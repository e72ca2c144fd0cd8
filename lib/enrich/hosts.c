#include "enrich/hosts.h"

#include <stdlib.h>

#include "text/datalist.h"
#include "text/url.h"

#include "base/banned.h"

#include "hosts-table.h"

const char *const host_kind_names[HOST_KINDS] = { "search", "social", "email", "ai", "other",
	"paid", "spam", "internal" };

struct hosts {
	const struct host_entry *entries;
	size_t count;
	const uint32_t *slots; /* index into entries, plus 1; 0: free */
	uint32_t mask;
	struct arena texts; /* of the entries that are a user's */
};

static const struct hosts builtin = {
	.entries = builtin_entries,
	.count = sizeof(builtin_entries) / sizeof(builtin_entries[0]),
	.slots = builtin_slots,
	.mask = sizeof(builtin_slots) / sizeof(builtin_slots[0]) - 1,
};

/* --- public suffixes -------------------------------------------------- */

/* The country code domains, by their first letter. */
static const char *const countries[26] = { "cdefgilmoqrstuwxz", "abdefghijmnorstwyz",
	"acdfghiklmnoruvwxyz", "ejkmoz", "cegrstu", "ijkmor", "abdefghilmnpqrstuwy", "kmnrtu",
	"delmnoqrst", "emop", "eghimnprwyz", "abcikrstuvy", "acdeghklmnopqrstuvwxyz",
	"acefgiloprtuz", "m", "aefghklmnrstwy", "a", "eosuw", "abcdeghijklmnorstuvxyz",
	"cdfghjklmnortvwz", "agksyz", "aceginu", "fs", "", "et", "amw" };

static bool
is_country(const char *p)
{
	return p[0] >= 'a' && p[0] <= 'z' && p[1] != '\0' && strchr(countries[p[0] - 'a'], p[1]);
}

/* The labels that registries put between a name and their country. */
static bool
is_second_level(struct span label)
{
	static const struct span known[] = { { "co", 2 }, { "com", 3 }, { "net", 3 }, { "org", 3 },
		{ "ne", 2 }, { "or", 2 } };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (span_eq(label, known[i]))
			return true;
	return false;
}

/* What `*` stands for; `suffix` is one that suffix_start found. */
static bool
is_public_suffix(struct span suffix)
{
	if (suffix.n == 3)
		return !memcmp(suffix.p, "com", 3) || !memcmp(suffix.p, "net", 3) ||
		    !memcmp(suffix.p, "org", 3);
	if (suffix.n < 2 || !is_country(suffix.p + suffix.n - 2))
		return false;
	return suffix.n == 2 || suffix.p[suffix.n - 3] == '.';
}

static size_t
label_start(const char *p, size_t end)
{
	while (end > 0 && p[end - 1] != '.')
		end--;
	return end;
}

/*
 * Where the suffix of a name begins: its last label, or its last two when they
 * look like "co.uk" and something is before them.
 */
static size_t
suffix_start(struct span name)
{
	size_t last = label_start(name.p, name.n), second;

	if (last == 0 || name.n - last != 2)
		return last;
	second = label_start(name.p, last - 1);
	if (second == 0 || !is_second_level((struct span){ name.p + second, last - 1 - second }))
		return last;
	return second;
}

/* --- looking up ------------------------------------------------------- */

enum { HASH_START = 5381 };

/* From the last byte of a name to its first, so that it grows label by label. */
static uint32_t
hash_byte(uint32_t hash, char c)
{
	return hash * 33 + (unsigned char)c;
}

/* Of the text before what has been hashed. */
static uint32_t
hash_before(uint32_t hash, struct span name)
{
	while (name.n > 0)
		hash = hash_byte(hash, name.p[--name.n]);
	return hash;
}

static uint32_t
hash_name(struct span name)
{
	return hash_before(HASH_START, name);
}

static bool
is_app(const struct host_entry *e)
{
	return e->suffix.n == 0;
}

static bool
suffix_fits(const struct host_entry *e, struct span suffix)
{
	if (e->suffix.n == 1 && e->suffix.p[0] == '*')
		return is_public_suffix(suffix);
	return !is_app(e) && span_eq(e->suffix, suffix);
}

/* Which of the entries that fit at the same label counts. */
static int
rank(const struct host_entry *e)
{
	return (e->user ? 4 : 0) + (e->exact ? 2 : 0) + (e->suffix.p[0] == '*' ? 0 : 1);
}

/* whole: there is nothing before `name` but perhaps "www.". */
static const struct host_entry *
probe(const struct hosts *h, uint32_t hash, struct span name, struct span suffix, bool whole)
{
	const struct host_entry *best = NULL;
	uint32_t slot, i;

	for (i = hash & h->mask; (slot = h->slots[i]) != 0; i = (i + 1) & h->mask) {
		const struct host_entry *e = &h->entries[slot - 1];

		if (e->hash != hash || !span_eq(e->name, name) || !suffix_fits(e, suffix))
			continue;
		if (e->exact && !whole)
			continue;
		if (!best || rank(e) > rank(best))
			best = e;
	}
	return best;
}

static const struct span alias_prefix = { "utm_source=", 11 };
static const struct span service_prefix = { "{search}.", 9 }; /* of "calendar.{search}" */

static bool
begins_with(struct span text, struct span start)
{
	return text.n >= start.n && memcmp(text.p, start.p, start.n) == 0;
}

/* The entry without a suffix that is called prefix and name, one after the other. */
static const struct host_entry *
find_name(const struct hosts *hosts, struct span prefix, struct span name)
{
	const struct hosts *h = hosts ? hosts : &builtin;
	const struct host_entry *best = NULL;
	uint32_t hash = hash_before(hash_name(name), prefix), slot, i;

	for (i = hash & h->mask; (slot = h->slots[i]) != 0; i = (i + 1) & h->mask) {
		const struct host_entry *e = &h->entries[slot - 1];

		if (e->hash != hash || !is_app(e) || !begins_with(e->name, prefix))
			continue;
		if (span_eq((struct span){ e->name.p + prefix.n, e->name.n - prefix.n }, name) &&
		    (!best || e->user))
			best = e;
	}
	return best;
}

/* What is listed for one of the labels, whichever search engine is behind them. */
static const struct host_entry *
find_service(const struct hosts *hosts, struct span labels)
{
	const struct host_entry *found = NULL;
	size_t end = labels.n, start;

	for (; !found; end = start - 1) {
		start = label_start(labels.p, end);
		found = find_name(
		    hosts, service_prefix, (struct span){ labels.p + start, end - start });
		if (start == 0)
			break;
	}
	return found;
}

const struct host_entry *
hosts_find(const struct hosts *hosts, struct span name)
{
	const struct hosts *h = hosts ? hosts : &builtin;
	size_t start = suffix_start(name), end = start ? start - 1 : 0, i = end;
	struct span suffix = { name.p + start, name.n - start };
	const struct host_entry *found, *best = NULL;
	size_t covered = 0; /* where the best one's labels begin */
	uint32_t hash = HASH_START;

	for (;; i--) {
		if (i == 0 || name.p[i - 1] == '.') {
			bool whole = i == 0 || (i == 4 && memcmp(name.p, "www", 3) == 0);

			found = probe(h, hash, (struct span){ name.p + i, end - i }, suffix, whole);
			if (found) {
				best = found;
				covered = i;
			}
		}
		if (i == 0)
			break;
		hash = hash_byte(hash, name.p[i - 1]);
	}
	if (best && best->kind == HOST_SEARCH && covered > 0) {
		found = find_service(hosts, (struct span){ name.p, covered - 1 });
		best = found ? found : best;
	}
	return best;
}

const struct host_entry *
hosts_find_app(const struct hosts *hosts, struct span package)
{
	return find_name(hosts, (struct span){ "", 0 }, package);
}

const struct host_entry *
hosts_find_alias(const struct hosts *hosts, struct span name)
{
	return find_name(hosts, alias_prefix, name);
}

size_t
hosts_count(const struct hosts *hosts)
{
	return hosts ? hosts->count : builtin.count;
}

const struct host_entry *
hosts_at(const struct hosts *hosts, size_t index)
{
	return (hosts ? hosts : &builtin)->entries + index;
}

static const struct span app_scheme = { "android-app://", 14 };
static const struct span ios_scheme = { "ios-app://", 10 };

/* What the files write before the name of an entry without a suffix. */
static struct span
scheme_of(struct span name)
{
	if (begins_with(name, alias_prefix))
		return (struct span){ "", 0 };
	return name.p[0] >= '0' && name.p[0] <= '9' ? ios_scheme : app_scheme;
}

void
hosts_pattern(const struct host_entry *e, struct buf *b)
{
	if (begins_with(e->name, service_prefix)) {
		buf_add(b, e->name.p + service_prefix.n, e->name.n - service_prefix.n);
		buf_adds(b, ".{search}");
		return;
	}
	if (is_app(e))
		buf_add(b, scheme_of(e->name).p, scheme_of(e->name).n);
	if (e->exact)
		buf_addc(b, '=');
	buf_add(b, e->name.p, e->name.n);
	if (e->name.n > 0 && e->suffix.n > 0)
		buf_addc(b, '.');
	buf_add(b, e->suffix.p, e->suffix.n);
}

/* --- a user's file ---------------------------------------------------- */

enum {
	SOURCE_MAX = 128,
	SUFFIXES_MAX = 1000, /* of one name */
};

struct line {
	struct span host, kind, source;
	bool more; /* columns than three */
};

/* The entries read so far, which own their text. */
static struct span
next_column(struct span *line)
{
	const char *p = line->p, *end = line->p + line->n, *start;
	struct span column;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (p < end && *p == '#')
		p = end;
	for (start = p; p < end && *p != ' ' && *p != '\t'; p++)
		;
	column = (struct span){ start, (size_t)(p - start) };
	*line = (struct span){ p, (size_t)(end - p) };
	return column;
}

static struct line
columns_of(struct span text)
{
	struct line l;

	l.host = next_column(&text);
	l.kind = next_column(&text);
	l.source = next_column(&text);
	l.more = next_column(&text).n > 0;
	if (span_eq(l.source, SPAN("-")))
		l.source.n = 0;
	return l;
}

/* The patterns of the first column; name and suffix lie in `to`. */
static const char *
read_ios_app(struct span number, struct host_entry *e, char *to)
{
	size_t i;

	if (number.n == 0 || number.n > URL_NAME_MAX)
		return "no number after ios-app://";
	for (i = 0; i < number.n; i++)
		if (number.p[i] < '0' || number.p[i] > '9')
			return "an app of iOS is named by the digits of its number";
	memcpy(to, number.p, number.n);
	e->name = (struct span){ to, number.n };
	e->suffix = (struct span){ to + number.n, 0 };
	return NULL;
}

/* "calendar.{search}", kept the other way round, so that the hash ends with what is fixed. */
static const char *
read_service(struct span label, struct host_entry *e, char *to)
{
	const char *reason;
	size_t n;

	if (label.n == 0 || label.n + service_prefix.n > URL_NAME_MAX ||
	    memchr(label.p, '.', label.n))
		return "expected one label before .{search}";
	memcpy(to, service_prefix.p, service_prefix.n);
	reason = url_name(label, to + service_prefix.n, &n);
	if (reason)
		return reason;
	e->name = (struct span){ to, service_prefix.n + n };
	e->suffix = (struct span){ to + e->name.n, 0 };
	return NULL;
}

/* utm_source= and all. */
static const char *
read_alias(struct span text, struct host_entry *e, char *to)
{
	size_t i;

	if (text.n == alias_prefix.n || text.n > URL_NAME_MAX)
		return "no value after utm_source=";
	for (i = 0; i < text.n; i++)
		to[i] = (char)(text.p[i] >= 'A' && text.p[i] <= 'Z' ? text.p[i] + 32 : text.p[i]);
	e->name = (struct span){ to, text.n };
	e->suffix = (struct span){ to + text.n, 0 };
	return NULL;
}

static const char *
read_app(struct span package, struct host_entry *e, char *to)
{
	size_t i;

	if (package.n == 0 || package.n > URL_NAME_MAX)
		return "no package after android-app://";
	for (i = 0; i < package.n; i++) {
		unsigned char c = (unsigned char)package.p[i];
		bool upper = c >= 'A' && c <= 'Z';

		if (!upper && (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '_')
			return "a package has letters, digits, '.' and '_' only";
		to[i] = (char)(upper ? c + 32 : c);
	}
	e->name = (struct span){ to, package.n };
	e->suffix = (struct span){ to + package.n, 0 };
	return NULL;
}

static const char *
read_host(struct span host, struct host_entry *e, char *to)
{
	const char *reason;
	struct span name = { to, 0 };
	size_t start;
	bool any = host.n > 2 && memcmp(host.p + host.n - 2, ".*", 2) == 0;

	if (any)
		host.n -= 2;
	if (host.n == 0)
		return "no host";
	if (memchr(host.p, '*', host.n))
		return "'*' stands for a public suffix only: example.*";
	if (memchr(host.p, '/', host.n) || (memchr(host.p, ':', host.n) && host.p[0] != '['))
		return "write the host alone, without scheme, port and path";
	reason = url_name(host, to, &name.n);
	if (reason || name.n == 0 || to[name.n - 1] == '.')
		return reason ? reason : "no host";
	if (any) {
		e->name = name;
		e->suffix = SPAN("*");
		return NULL;
	}
	start = suffix_start(name);
	e->name = (struct span){ to, start ? start - 1 : 0 };
	e->suffix = (struct span){ to + start, name.n - start };
	if (is_second_level(e->name) && e->suffix.n == 2)
		return "this is a public suffix, not a site";
	return NULL;
}

static const char *
read_pattern(struct span host, struct host_entry *e, char *to)
{
	if (begins_with(host, alias_prefix))
		return read_alias(host, e, to);
	if (host.n >= 9 && memcmp(host.p + host.n - 9, ".{search}", 9) == 0)
		return read_service((struct span){ host.p, host.n - 9 }, e, to);
	if (begins_with(host, app_scheme))
		return read_app(
		    (struct span){ host.p + app_scheme.n, host.n - app_scheme.n }, e, to);
	if (begins_with(host, ios_scheme))
		return read_ios_app(
		    (struct span){ host.p + ios_scheme.n, host.n - ios_scheme.n }, e, to);
	if (host.n > 0 && host.p[0] == '=') {
		e->exact = true;
		host = (struct span){ host.p + 1, host.n - 1 };
	}
	return read_host(host, e, to);
}

static const char *
read_kind(const struct line *l, struct host_entry *e)
{
	int kind;

	for (kind = 0; kind < HOST_KINDS; kind++)
		if (span_eq(l->kind, span_of(host_kind_names[kind])))
			break;
	if (kind == HOST_KINDS)
		return "the kind is none of search, social, email, ai, other, paid, spam, internal";
	e->kind = (enum host_kind)kind;
	if (l->source.n == 0 && e->kind != HOST_OTHER && e->kind != HOST_SPAM &&
	    e->kind != HOST_INTERNAL)
		return "a line of this kind needs a source";
	return NULL;
}

static const char *
read_source(struct span source, char to[SOURCE_MAX])
{
	size_t i;

	if (source.n > SOURCE_MAX)
		return "the source is longer than 128 bytes";
	for (i = 0; i < source.n; i++) {
		unsigned char c = (unsigned char)source.p[i];

		if (c <= ' ' || c >= 0x7f)
			return "the source has other characters than printable ASCII";
		to[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	return NULL;
}

/* Adds the entry, with a copy of its text. */
static void
add_entry(struct datalist *l, struct host_entry e, struct span source)
{
	e.name = datalist_text(l, e.name);
	e.suffix = datalist_text(l, e.suffix);
	e.source = datalist_text(l, source);
	if (!e.name.p || !e.suffix.p || !e.source.p)
		return;
	e.hash = hash_name(e.name);
	e.user = true;
	datalist_add(l, &e);
}

static void
read_line(struct datalist *list, struct span text)
{
	struct line l = columns_of(text);
	char host[URL_NAME_MAX], source[SOURCE_MAX];
	struct host_entry e = { .exact = false };
	const char *reason;

	if (l.host.n == 0)
		return;
	if (l.kind.n == 0 || l.more)
		reason = "expected HOST, KIND and SOURCE";
	else
		reason = read_pattern(l.host, &e, host);
	if (!reason)
		reason = read_kind(&l, &e);
	if (!reason)
		reason = read_source(l.source, source);
	if (reason)
		datalist_complain(list, reason);
	else
		add_entry(list, e, (struct span){ source, l.source.n });
}

static bool
same_pattern(const struct host_entry *a, const struct host_entry *b)
{
	return a->hash == b->hash && a->exact == b->exact && a->user == b->user &&
	    span_eq(a->name, b->name) && span_eq(a->suffix, b->suffix);
}

/*
 * Enters entries[index], which may be a user's that is refused: so no probe is
 * longer than SUFFIXES_MAX, whatever the file holds.
 */
static void
enter(struct datalist *l, uint32_t *slots, uint32_t mask, size_t index)
{
	const struct host_entry *entries = l->entries, *e = &entries[index];
	unsigned namesakes = 0;
	uint32_t i;

	for (i = e->hash & mask; slots[i] != 0; i = (i + 1) & mask) {
		const struct host_entry *other = &entries[slots[i] - 1];

		if (other->hash != e->hash)
			continue;
		if (same_pattern(other, e)) {
			if (e->user)
				datalist_same(l, index, (size_t)(other - entries), "host");
			return;
		}
		if (e->user && ++namesakes == SUFFIXES_MAX) {
			datalist_fault(l, index,
			    "more than 1000 hosts that differ in their last label only: write "
			    "NAME.*");
			return;
		}
	}
	slots[i] = (uint32_t)index + 1;
}

/* Makes the table of the user's entries and the built-in ones; NULL: memory is out. */
static struct hosts *
build(struct datalist *l)
{
	size_t count = l->count + builtin.count, size = 64, i;
	struct hosts *h = calloc(1, sizeof(*h));
	uint32_t *slots;

	while (size < 2 * count)
		size *= 2;
	slots = calloc(size, sizeof(*slots));
	if (!h || !slots || !datalist_append(l, builtin.entries, builtin.count)) {
		free(h);
		free(slots);
		return NULL;
	}
	for (i = 0; i < count; i++)
		enter(l, slots, (uint32_t)size - 1, i);
	*h = (struct hosts){
		.entries = l->entries, .count = count, .slots = slots, .mask = (uint32_t)size - 1
	};
	return h;
}

void
hosts_free(struct hosts *h)
{
	if (!h)
		return;
	arena_release(&h->texts);
	free((void *)(uintptr_t)h->entries);
	free((void *)(uintptr_t)h->slots);
	free(h);
}

struct hosts *
hosts_parse(const char *file, const char *p, size_t n, struct buf *errors)
{
	struct datalist l;
	struct hosts *h;

	datalist_read(&l, file, p, n, sizeof(struct host_entry), read_line, errors);
	h = build(&l);
	if (datalist_end(&l, h != NULL)) {
		h->texts = l.texts;
		return h;
	}
	if (h)
		free((void *)(uintptr_t)h->slots);
	free(h);
	return NULL;
}

struct hosts *
hosts_load(const char *file, struct buf *errors)
{
	struct buf text = BUF_INIT;
	struct hosts *h = NULL;

	if (datafile_read(file, &text, errors))
		h = hosts_parse(file, text.p, text.n, errors);
	buf_release(&text);
	return h;
}

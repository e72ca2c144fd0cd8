#include "enrich/bots.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "text/datalist.h"

#include "base/banned.h"

#include "agent-table.h"

const char *const bot_kind_names[BOT_KINDS] = { "none", "search", "ai", "seo", "preview", "feed",
	"monitor", "ads", "archive", "security", "library", "browser", "other", "app" };

struct bots {
	const struct agent_word *words;
	size_t count;
	const uint32_t *slots; /* index into words, plus 1; 0: free */
	uint32_t mask;
	unsigned shift;     /* of a hash, so that a slot is left */
	struct arena texts; /* of the words that are a user's */
};

static const struct bots builtin = {
	.words = builtin_words,
	.count = sizeof(builtin_words) / sizeof(builtin_words[0]),
	.slots = builtin_slots,
	.mask = sizeof(builtin_slots) / sizeof(builtin_slots[0]) - 1,
	.shift = BUILTIN_SHIFT,
};

/* --- looking ---------------------------------------------------------- */

/*
 * A key has the first eight letters of a word in lower case, the first in the
 * lowest byte; the key of "*bot" has the last three and a star.
 */
enum { KEY_LETTERS = 8, TAIL_LETTERS = 3 };

#define TAIL_STAR ((uint64_t)'*' << 56)

static uint32_t
hash_key(uint64_t key)
{
	return (uint32_t)key * 915737u + (uint32_t)(key >> 32) * 606559u;
}

/* Whether [p, end) begins with the text, of which `same` bytes are known to be there. */
static bool
begins_with(const char *p, const char *end, struct span text, size_t same)
{
	size_t i;

	if ((size_t)(end - p) < text.n)
		return false;
	for (i = same; i < text.n; i++)
		if (ascii_lower(p[i]) != text.p[i])
			return false;
	return true;
}

/* A word of the header, and the robot that it shows so far. */
struct word {
	const char *p, *end; /* of the header, not of the word */
	size_t letters;
	const struct agent_word *robot;
};

static bool
is_better(const struct agent_word *w, const struct agent_word *than)
{
	if (!than || w->text.n > than->text.n)
		return true;
	return w->text.n == than->text.n && w->user && !than->user;
}

/* Whether the word, whose key is the entry's, is the entry's. */
static bool
is_entry(const struct agent_word *w, const struct word *word)
{
	size_t before;

	if (!w->suffix)
		return word->letters == w->letters &&
		    begins_with(word->p, word->end, w->text,
			w->letters < KEY_LETTERS ? w->letters : KEY_LETTERS);
	if (word->letters < w->text.n)
		return false;
	before = word->letters - w->text.n;
	return begins_with(word->p + before, word->end, w->text, 0);
}

/* Tries the entries that have the key; returns what they show. */
static uint32_t
probe(const struct bots *b, uint64_t key, struct word *word)
{
	uint32_t slot, i, saw = 0;

	for (i = hash_key(key) >> b->shift; (slot = b->slots[i]) != 0; i = (i + 1) & b->mask) {
		const struct agent_word *w = &b->words[slot - 1];

		if (w->key != key || !is_entry(w, word))
			continue;
		saw |= w->saw;
		if (w->saw == 0 && is_better(w, word->robot))
			word->robot = w;
	}
	return saw;
}

/*
 * Reads the letters at p, one at least, and makes the keys of their head and
 * tail on the way: this is the loop that the time goes into.
 */
static size_t
read_word(const char *p, const char *end, uint64_t *head, uint64_t *tail)
{
	const char *start = p;
	uint64_t key = 0;
	uint32_t last = 0;
	unsigned shift = 0;

	do {
		uint32_t c = (unsigned char)(*p | 0x20);

		if (shift < 8 * KEY_LETTERS)
			key |= (uint64_t)c << shift;
		shift += 8;
		last = last >> 8 | c << 8 * (TAIL_LETTERS - 1);
	} while (++p < end && ascii_is_letter(*p));
	*head = key;
	*tail = last | TAIL_STAR;
	return (size_t)(p - start);
}

static void
note_robot(struct sighting *s, const struct agent_word *robot)
{
	if (!robot || s->bot == BOT_APP)
		return;
	if (s->bot == BOT_NONE || robot->bot == BOT_APP)
		s->bot = robot->bot;
}

struct sighting
bots_look(const struct bots *bots, const char *p, size_t n)
{
	const struct bots *b = bots ? bots : &builtin;
	const char *end = p + n;
	struct sighting s = { 0, BOT_NONE };

	while (p < end) {
		struct word word = { p, end, 0, NULL };
		uint64_t head, tail;

		if (!ascii_is_letter(*p)) {
			p++;
			continue;
		}
		word.letters = read_word(p, end, &head, &tail);
		s.saw |= probe(b, head, &word);
		if (!word.robot && word.letters >= TAIL_LETTERS)
			probe(b, tail, &word);
		note_robot(&s, word.robot);
		p += word.letters;
	}
	return s;
}

size_t
bots_count(const struct bots *bots)
{
	return bots ? bots->count : builtin.count;
}

const struct agent_word *
bots_at(const struct bots *bots, size_t index)
{
	return (bots ? bots : &builtin)->words + index;
}

/* --- a user's file ---------------------------------------------------- */

enum { WORD_MAX = 255 };

/* The entries read so far, which own their text. */
static uint64_t
word_key(const struct agent_word *w)
{
	size_t from = w->suffix ? w->text.n - TAIL_LETTERS : 0, n = w->letters - from, i;
	uint64_t key = w->suffix ? TAIL_STAR : 0;

	for (i = 0; i < n && i < KEY_LETTERS; i++)
		key |= (uint64_t)(unsigned char)w->text.p[from + i] << 8 * i;
	return key;
}

/* The first column, in lower case, without its star, goes to `to`. */
static const char *
read_pattern(struct span text, struct agent_word *w, char to[WORD_MAX])
{
	size_t i;

	if (text.n > 0 && text.p[0] == '*') {
		w->suffix = true;
		text = (struct span){ text.p + 1, text.n - 1 };
	}
	if (text.n > WORD_MAX)
		return "the word is longer than 255 bytes";
	for (i = 0; i < text.n; i++) {
		if (text.p[i] < ' ' || text.p[i] > '~')
			return "the word has other characters than printable ASCII";
		to[i] = ascii_lower(text.p[i]);
	}
	w->text = (struct span){ to, text.n };
	for (i = 0; i < text.n && ascii_is_letter(to[i]); i++)
		;
	w->letters = (unsigned char)i;
	if (i == 0)
		return "a word begins with a letter";
	if (w->suffix && (i < TAIL_LETTERS || i < text.n))
		return "after a star stand three letters or more, and nothing else";
	return NULL;
}

static const char *
read_kind(struct span text, struct agent_word *w)
{
	int kind;

	for (kind = 0; kind < BOT_KINDS; kind++)
		if (span_eq(text, span_of(bot_kind_names[kind])))
			break;
	if (kind == BOT_KINDS)
		return "the kind is none of search, ai, seo, preview, feed, monitor, ads, archive, "
		       "security, library, browser, other, none, app";
	w->bot = (unsigned char)kind;
	return NULL;
}

static void
read_line(struct datalist *l, struct span line)
{
	struct agent_word w = { .saw = 0 };
	char text[WORD_MAX];
	const char *tab, *kind, *end = line.p + line.n, *reason;

	if (line.n == 0 || line.p[0] == '#')
		return;
	tab = memchr(line.p, '\t', line.n);
	if (!tab) {
		datalist_complain(l, "expected WORD, a tab, and KIND");
		return;
	}
	for (kind = tab; kind < end && (*kind == '\t' || *kind == ' '); kind++)
		;
	reason = read_pattern((struct span){ line.p, (size_t)(tab - line.p) }, &w, text);
	if (!reason)
		reason = read_kind((struct span){ kind, (size_t)(end - kind) }, &w);
	if (reason) {
		datalist_complain(l, reason);
		return;
	}
	w.text = datalist_text(l, w.text);
	if (!w.text.p)
		return;
	w.key = word_key(&w);
	w.user = true;
	datalist_add(l, &w);
}

/* Enters words[index]; returns the user's one that is the same already. */
static const struct agent_word *
enter(const struct agent_word *words, uint32_t *slots, const struct bots *b, size_t index)
{
	const struct agent_word *w = &words[index], *same = NULL;
	uint32_t i;

	for (i = hash_key(w->key) >> b->shift; slots[i] != 0; i = (i + 1) & b->mask) {
		const struct agent_word *other = &words[slots[i] - 1];

		if (w->user && other->key == w->key && other->suffix == w->suffix &&
		    span_eq(other->text, w->text))
			same = other;
	}
	slots[i] = (uint32_t)index + 1;
	return same;
}

/* Makes the table of the user's words and the built-in ones; NULL: memory is out. */
static struct bots *
build(struct datalist *l)
{
	size_t count = l->count + builtin.count, size = 64, i;
	struct bots *b = calloc(1, sizeof(*b));
	unsigned shift = 26;
	uint32_t *slots;

	for (; size < 4 * count; size *= 2)
		shift--;
	slots = calloc(size, sizeof(*slots));
	if (!b || !slots || !datalist_append(l, builtin.words, builtin.count)) {
		free(b);
		free(slots);
		return NULL;
	}
	*b = (struct bots){ .words = l->entries,
		.count = count,
		.slots = slots,
		.mask = (uint32_t)size - 1,
		.shift = shift };
	for (i = 0; i < count; i++) {
		const struct agent_word *same = enter(b->words, slots, b, i);

		if (same)
			datalist_same(l, i, (size_t)(same - b->words), "word");
	}
	return b;
}

void
bots_free(struct bots *b)
{
	if (!b)
		return;
	arena_release(&b->texts);
	free((void *)(uintptr_t)b->words);
	free((void *)(uintptr_t)b->slots);
	free(b);
}

struct bots *
bots_parse(const char *file, const char *p, size_t n, struct buf *errors)
{
	struct datalist l;
	struct bots *b;

	datalist_read(&l, file, p, n, sizeof(struct agent_word), read_line, errors);
	b = build(&l);
	if (datalist_end(&l, b != NULL)) {
		b->texts = l.texts;
		return b;
	}
	if (b)
		free((void *)(uintptr_t)b->slots);
	free(b);
	return NULL;
}

struct bots *
bots_load(const char *file, struct buf *errors)
{
	struct buf text = BUF_INIT;
	struct bots *b = NULL;

	if (datafile_read(file, &text, errors))
		b = bots_parse(file, text.p, text.n, errors);
	buf_release(&text);
	return b;
}

#include "cmd/mm/index.h"

#include "base/ascii.h"
#include "base/near.h"

#include "base/banned.h"

/* A command, or with `option` one of its options. */
struct entry {
	const char *command, *option, *text;
};

static const struct entry entries[] = {
#define ENTRY(command, option, text) { command, option, text },
#include "commands-table.h"
#undef ENTRY
};

enum { ENTRIES = sizeof(entries) / sizeof(entries[0]) };

const char index_words[] = INDEX_WORDS;

static const struct entry *
find(const char *name)
{
	size_t i;

	for (i = 0; i < ENTRIES; i++)
		if (!entries[i].option && strcmp(entries[i].command + strlen("mm-"), name) == 0)
			return &entries[i];
	return NULL;
}

static void
add_entry(struct buf *b, const struct entry *e)
{
	buf_addf(b, "  %-14s %s\n", e->command, e->text);
}

bool
index_find(const char *name)
{
	return find(name) != NULL;
}

void
index_add(struct buf *b, const char *name)
{
	add_entry(b, find(name));
}

struct span
index_nearest(const char *name)
{
	struct near near;
	size_t i;

	near_begin(&near, span_of(name));
	for (i = 0; i < ENTRIES; i++)
		if (!entries[i].option)
			near_try(&near, span_of(entries[i].command + strlen("mm-")));
	return near.best;
}

static bool
has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (; text && *text; text++) {
		size_t i = 0;

		while (i < n && text[i] && ascii_lower(text[i]) == ascii_lower(word[i]))
			i++;
		if (i == n)
			return true;
	}
	return false;
}

static bool
has_all(const struct entry *e, char **words, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!has_word(e->text, words[i]) && !has_word(e->option, words[i]) &&
		    !has_word(e->command, words[i]))
			return false;
	return true;
}

size_t
index_search(struct buf *b, char **words, size_t n)
{
	const struct entry *last = NULL, *e;
	size_t found = 0;

	for (e = entries; e < entries + ENTRIES; e++) {
		/* an option whose words stand only in its command's name says nothing */
		if (!has_all(e, words, n) ||
		    (e->option && has_all(find(e->command + strlen("mm-")), words, n)))
			continue;
		found++;
		if (!e->option) {
			add_entry(b, e);
			last = e;
			continue;
		}
		if (!last || strcmp(last->command, e->command) != 0) {
			last = find(e->command + strlen("mm-"));
			add_entry(b, last);
		}
		buf_addf(b, "      %-18s %s\n", e->option, e->text);
	}
	return found;
}

/*
 * The table of texts: as a plain list would have it, and never beyond its bounds.
 */
#include "base/dict.h"

#include "check.h"

#include "base/banned.h"

enum { TEXTS = 400, ROUNDS = 20000 };

static struct span
text_of(unsigned number, char *room, size_t n)
{
	/* the first is empty; lengths differ */
	return (struct span){ room,
		number ? (size_t)snprintf(room, n, "%0*u", (int)(number % 17), number) : 0 };
}

static void
test_list(void)
{
	static struct {
		uint32_t scope;
		unsigned text;
	} list[TEXTS * 3];
	uint64_t state = 1;
	uint32_t n = 0, k;
	struct dict d;
	char room[32];
	int i;

	CHECK(dict_init(&d, TEXTS * 3, 1 << 20), "init");
	for (i = 0; i < ROUNDS; i++) {
		uint32_t scope = (uint32_t)(check_random(&state) % 3), got;
		unsigned text = (unsigned)(check_random(&state) % TEXTS);
		struct span s = text_of(text, room, sizeof(room)), back;
		bool put = check_random(&state) % 2;

		for (k = 0; k < n && (list[k].scope != scope || list[k].text != text); k++)
			;
		got = put ? dict_put(&d, scope, s) : dict_get(&d, scope, s);
		if (k == n && !put) {
			CHECK(got == DICT_NONE, "%u is there, and was never put", text);
			continue;
		}
		CHECK(got == k, "%u in %u: got %u, want %u", text, scope, got, k);
		if (k == n) {
			list[n].scope = scope;
			list[n++].text = text;
		}
		back = dict_text(&d, got);
		CHECK(span_eq(back, s), "%u: another text", text);
		CHECK(dict_is(&d, got, scope, s), "%u: is not itself", text);
		CHECK(!dict_is(&d, got, scope + 1, s), "%u: is in another scope", text);
	}
	CHECK(d.n == n, "%u texts, want %u", d.n, n);
	dict_release(&d);
}

static void
test_bounds(void)
{
	struct dict d;
	char room[32];
	unsigned i;

	CHECK(dict_init(&d, 10, 1 << 20), "init");
	for (i = 0; i < 1000; i++) {
		uint32_t got = dict_put(&d, 0, text_of(i, room, sizeof(room)));

		CHECK(got == (i < 10 ? i : DICT_NONE), "%u of 10: %u", i, got);
	}
	CHECK(d.n == 10, "%u texts of 10", d.n);
	dict_release(&d);

	CHECK(dict_init(&d, 1000, 25), "init");
	for (i = 0; i < 1000; i++)
		dict_put(&d, i, SPAN("1234567890"));
	CHECK(d.n == 2 && d.bytes <= 25, "%u texts of 10 bytes in 25", d.n);
	CHECK(dict_put(&d, 0, SPAN("12345")) == 2, "what is short still fits");
	CHECK(dict_get(&d, 1, SPAN("1234567890")) == 1, "what is there is found when it is full");
	dict_release(&d);
}

static void
test_trusted(void)
{
	struct arena arena = { .block = NULL };
	struct dict t;
	char text[500][24];
	int i, n;

	CHECK(dict_init_trusted(&t, &arena, 500), "memory");
	for (i = 0; i < 500; i++) {
		/* every length, so that each way of comparing is gone */
		n = snprintf(text[i], sizeof(text[i]), "%.*s%d", i % 17, "abcdefghijklmnopq", i);
		CHECK(dict_put(&t, 0, (struct span){ text[i], (size_t)n }) == (uint32_t)i, "%d", i);
	}
	for (i = 0; i < 500; i++) {
		char *copy = exact_copy(text[i], strlen(text[i]));
		struct span name = { copy, strlen(text[i]) };

		CHECK(dict_get(&t, 0, name) == (uint32_t)i, "%s", text[i]);
		CHECK(dict_put(&t, 0, name) == (uint32_t)i && t.n == 500, "%s twice", text[i]);
		copy[name.n - 1] = '!';
		CHECK(dict_get(&t, 0, name) == DICT_NONE, "%s with another end", text[i]);
		copy[0] = '!';
		CHECK(dict_get(&t, 0, name) == DICT_NONE, "%s with another start", text[i]);
		free(copy);
	}
	CHECK(dict_put(&t, 0, SPAN("more")) == DICT_NONE, "no room");
	CHECK(dict_put(&t, 1, SPAN("more")) == DICT_NONE && t.n == 500, "no room");
	dict_release(&t); /* which may be done, and does nothing */
	arena_release(&arena);
}

static void
test_empty(void)
{
	struct dict d = { 0 };

	CHECK(dict_get(&d, 0, SPAN("a")) == DICT_NONE && !dict_is(&d, 0, 0, SPAN("a")), "nothing");
	CHECK(dict_put(&d, 0, SPAN("a")) == DICT_NONE, "no room");
	dict_release(&d);
	CHECK(dict_init(&d, 2, 10) && dict_put(&d, 0, SPAN("")) == 0, "an empty text");
	CHECK(dict_get(&d, 0, SPAN("")) == 0 && dict_get(&d, 1, SPAN("")) == DICT_NONE, "found");
	dict_release(&d);
}

int
main(void)
{
	test_list();
	test_bounds();
	test_trusted();
	test_empty();
	return check_end("test_dict");
}

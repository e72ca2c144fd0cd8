/* Agents: the table of cases, client hints, robots' files, the cache. */
#include "enrich/agent.h"

#include <unistd.h>

#include "check.h"
#include "text/datafile.h"

#include "base/banned.h"

/* The tests run in the repository's folder. */
static const char table[] = "tests/data/agents.tsv";

static struct span
next_column(struct span *line)
{
	const char *tab = line->n ? memchr(line->p, '\t', line->n) : NULL;
	struct span column = *line;

	if (!tab) {
		*line = SPAN("");
		return column;
	}
	column.n = (size_t)(tab - line->p);
	*line = (struct span){ tab + 1, line->n - column.n - 1 };
	return column;
}

static bool
is(struct span have, struct span want)
{
	return span_eq(want, SPAN("-")) ? have.n == 0 : span_eq(have, want);
}

static void
test_case(size_t number, struct span line)
{
	struct span text = next_column(&line), browser = next_column(&line);
	struct span os = next_column(&line), device = next_column(&line), bot = next_column(&line);
	char *copy = exact_copy(text.p, text.n);
	struct agent a;

	agent_parse(&a, copy, text.n);
	CHECK(is(a.browser, browser), "%s:%zu: browser is '%.*s'", table, number, (int)a.browser.n,
	    a.browser.p);
	CHECK(is(a.os, os), "%s:%zu: os is '%.*s'", table, number, (int)a.os.n, a.os.p);
	CHECK(is(a.device, device), "%s:%zu: device is '%.*s'", table, number, (int)a.device.n,
	    a.device.p);
	CHECK(span_eq(span_of(bot_kind_names[a.bot]), bot.n ? bot : SPAN("none")),
	    "%s:%zu: robot is '%s'", table, number, bot_kind_names[a.bot]);
	free(copy);
}

static void
test_table(void)
{
	struct buf text = BUF_INIT, errors = BUF_INIT;
	struct datafile file;
	struct span line;
	size_t cases = 0;

	CHECK(datafile_read(table, &text, &errors), "%s can't be read", table);
	datafile_open(&file, table, text.p, text.n, &errors);
	while (datafile_next(&file, &line))
		if (line.n > 0 && line.p[0] != '#') {
			test_case(file.number, line);
			cases++;
		}
	CHECK(cases > 80, "only %zu cases", cases);
	buf_release(&text);
	buf_release(&errors);
}

/* Each word alone shows what its line says: the table made by awk is C's. */
static void
test_words(void)
{
	size_t i;

	CHECK(bots_count(NULL) > 700, "%zu words", bots_count(NULL));
	for (i = 0; i < bots_count(NULL); i++) {
		const struct agent_word *w = bots_at(NULL, i);
		char *copy = exact_copy(w->text.p, w->text.n);
		struct sighting s = bots_look(NULL, copy, w->text.n);

		CHECK((s.saw & w->saw) == w->saw, "'%s' is not found", w->text.p);
		if (w->saw == 0)
			CHECK(s.bot == w->bot, "'%s' is '%s'", w->text.p, bot_kind_names[s.bot]);
		free(copy);
	}
}

static enum bot_kind
kind_of(const struct bots *b, const char *text)
{
	struct agent a;

	agent_parse_with(&a, b, text, strlen(text));
	return a.bot;
}

static void
test_boundaries(void)
{
	struct agent a;

	CHECK(kind_of(NULL, "X11 Linux abbot") == BOT_OTHER, "a suffix");
	CHECK(kind_of(NULL, "X11 Linux bottle") == BOT_NONE, "letters after it");
	CHECK(kind_of(NULL, "X11 Linux bot2") == BOT_OTHER, "a digit after it");
	CHECK(kind_of(NULL, "X11 Linux curlew") == BOT_NONE, "a longer word");
	CHECK(kind_of(NULL, "X11 Linux CURL/8") == BOT_LIBRARY, "capitals");
	CHECK(kind_of(NULL, "X11 Linux a@b.example") == BOT_OTHER, "a mailbox");
	CHECK(kind_of(NULL, "X11 Linux a@1") == BOT_NONE, "a version");
	CHECK(kind_of(NULL, "X11 Linux a@b") == BOT_NONE, "no domain");
	CHECK(kind_of(NULL, "X11 Linux a@b.c") == BOT_NONE, "no top-level domain");
	CHECK(kind_of(NULL, "X11 Linux a@.example") == BOT_NONE, "an empty label");
	CHECK(kind_of(NULL, "X11 Linux a@x b@c.example") == BOT_OTHER, "the second one");
	CHECK(kind_of(NULL, "X11 Linux a@") == BOT_NONE, "nothing after @");
	CHECK(kind_of(NULL, "") == BOT_NONE, "no header");
	agent_parse(&a, "XChrome/1 Windows\xffNT", 20);
	CHECK(a.browser.n == 0 && is(a.os, SPAN("windows")), "bytes that are no letters");
	agent_parse(&a, "Chrome", 6);
	CHECK(a.browser.n == 0, "without its slash");
}

/* ---- a user's robots ---- */

static struct bots *
parse(const char *text, struct buf *errors)
{
	return bots_parse("my.tsv", text, strlen(text), errors);
}

static void
test_user_words(void)
{
	struct buf errors = BUF_INIT;
	struct bots *b = parse("\xef\xbb\xbf# mine\r\n\r\nMyPinger\tmonitor\r\nCurl\tapp\n"
			       "*wurst\tseo\nbetter one\tai\nbetter\tads\nGooglebot\tnone\n",
	    &errors);

	if (!CHECK(b != NULL, "%.*s", (int)errors.n, errors.p))
		return;
	CHECK(kind_of(b, "X11 mypinger/1") == BOT_MONITOR, "a word of the user's");
	CHECK(kind_of(NULL, "X11 mypinger/1") == BOT_NONE, "... is not built in");
	CHECK(kind_of(b, "curl/8 (+http://example.org) Spider") == BOT_APP, "an app");
	CHECK(kind_of(b, "X11 Bratwurst") == BOT_SEO, "a suffix of the user's");
	CHECK(kind_of(b, "X11 better one") == BOT_AI, "the longest counts");
	CHECK(kind_of(b, "X11 better two") == BOT_ADS, "... and the shorter one alone");
	CHECK(kind_of(b, "X11 Googlebot") == BOT_NONE, "none wins over the built-in line");
	CHECK(kind_of(b, "X11 wget/1") == BOT_LIBRARY, "the built-in ones are there");
	bots_free(b);
	b = bots_parse("my.tsv", NULL, 0, &errors);
	CHECK(b && bots_count(b) == bots_count(NULL), "an empty file adds nothing");
	bots_free(b);
	buf_release(&errors);
}

static void
test_user_errors(void)
{
	static const struct {
		const char *text, *error;
	} row[] = {
		{ "foo ai\n", "my.tsv:1: expected WORD, a tab, and KIND\n" },
		{ "\n1foo\tai", "my.tsv:2: a word begins with a letter\n" },
		{ "*ab\tai\n",
		    "my.tsv:1: after a star stand three letters or more, and nothing else\n" },
		{ "*abc1\tai\n",
		    "my.tsv:1: after a star stand three letters or more, and nothing else\n" },
		{ "f\xc3\xbc\tai\n",
		    "my.tsv:1: the word has other characters than printable ASCII\n" },
		{ "Foo\tai\nfoo\tseo\n", "my.tsv:2: the same word as line 1\n" },
	};
	struct buf errors = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		buf_reset(&errors);
		CHECK(!parse(row[i].text, &errors), "row %zu is accepted", i);
		CHECK(is_text(errors.p, errors.n, row[i].error), "row %zu: %.*s", i, (int)errors.n,
		    errors.p);
	}
	buf_reset(&errors);
	CHECK(!parse("foo\tnonsense\n", &errors) && errors.n > 0, "an unknown kind");
	buf_reset(&errors);
	CHECK(!bots_load("/nonexistent/file", &errors) && errors.n > 0, "no such file");
	buf_release(&errors);
}

/* ---- client hints ---- */

static void
test_hints(void)
{
	static const char windows[] =
	    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
	    "(KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36";
	static const char linux_view[] =
	    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, "
	    "like Gecko) Chrome/126.0.0.0 Safari/537.36";
	static const char bravia[] = "Mozilla/5.0 (Linux; Android 9; BRAVIA 4K) AppleWebKit/537.36 "
				     "(KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36";
	static const struct {
		const char *agent, *hints, *browser, *os, *device;
		enum bot_kind bot;
	} row[] = {
		{ windows, "{\"platform\":\"Windows\",\"mobile\":false}", "chrome", "windows",
		    "desktop", BOT_NONE },
		{ windows, "{}", "chrome", "windows", "desktop", BOT_NONE },
		{ windows,
		    "{\"brands\":[{\"brand\":\"Chromium\",\"version\":\"126\"},"
		    "{\"brand\":\"Brave\",\"version\":\"126\"}]}",
		    "chrome", "windows", "desktop", BOT_NONE },
		{ windows,
		    "{\"brands\":[{\"brand\":\"Not/A)Brand\",\"version\":\"8\"},"
		    "{\"brand\":\"Microsoft Edge\",\"version\":\"126\"}]}",
		    "edge", "windows", "desktop", BOT_NONE },
		{ windows,
		    "{\"sec-ch-ua\":\"\\\"Opera\\\";v=\\\"112\\\", \\\"Chromium\\\";v=\\\"126\\\"\"}",
		    "opera", "windows", "desktop", BOT_NONE },
		{ linux_view, "{\"platform\":\"Android\",\"mobile\":false}", "chrome", "android",
		    "tablet", BOT_NONE },
		{ linux_view,
		    "{\"sec-ch-ua-platform\":\"\\\"Android\\\"\",\"sec-ch-ua-mobile\":\"?1\"}",
		    "chrome", "android", "mobile", BOT_NONE },
		{ linux_view, "{\"platform\":\"Chrome OS\",\"mobile\":\"?0\"}", "chrome", "linux",
		    "desktop", BOT_NONE },
		{ linux_view, "{\"platform\":\"Unknown\",\"mobile\":null,\"brands\":7}", "chrome",
		    "linux", "desktop", BOT_NONE },
		{ linux_view, "{\"brands\":[{\"brand\":\"HeadlessChrome\",\"version\":\"126\"}]}",
		    "chrome", "linux", "desktop", BOT_BROWSER },
		{ bravia, "{\"platform\":\"Android\",\"mobile\":false}", "chrome", "android", "-",
		    BOT_NONE },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct agent a;

		agent_parse(&a, row[i].agent, strlen(row[i].agent));
		CHECK(agent_hints(&a, span_of(row[i].hints)), "row %zu is refused", i);
		CHECK(is(a.browser, span_of(row[i].browser)) && is(a.os, span_of(row[i].os)) &&
			is(a.device, span_of(row[i].device)) && a.bot == row[i].bot,
		    "row %zu: %.*s %.*s %.*s", i, (int)a.browser.n, a.browser.p, (int)a.os.n,
		    a.os.p, (int)a.device.n, a.device.p);
	}
}

static void
test_bad_hints(void)
{
	static const char *const bad[] = { "", "[]", "null", "\"x\"", "{", "{\"mobile\":true",
		"{\"platform\":\"Windows\"}x" };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct agent a;

		agent_parse(&a, "Firefox/1 X11 Linux", 19);
		CHECK(!agent_hints(&a, span_of(bad[i])), "%s is accepted", bad[i]);
		CHECK(is(a.browser, SPAN("firefox")) && is(a.os, SPAN("linux")) &&
			is(a.device, SPAN("desktop")),
		    "%s changed something", bad[i]);
	}
}

/* ---- the cache ---- */

static bool
same(const struct agent *a, const struct agent *b)
{
	return span_eq(a->browser, b->browser) && span_eq(a->os, b->os) &&
	    span_eq(a->device, b->device) && a->bot == b->bot;
}

/* However the headers collide, the answer is that of the parser. */
static void
test_cache(void)
{
	static const char *const part[] = { "Chrome/1 ", "Firefox/2 ", "Windows ", "Android ",
		"Mobile ", "Googlebot ", "iPad ", "x " };
	struct agents cache;
	uint64_t state = 1;
	unsigned i, wrong = 0;

	if (!CHECK(agents_init(&cache, NULL), "out of memory"))
		return;
	for (i = 0; i < 20000; i++) {
		char text[300];
		uint64_t r = check_random(&state);
		struct agent found, parsed;
		int n = snprintf(text, sizeof(text), "%s%s%s%*u", part[r % 8], part[r / 8 % 8],
		    part[r / 64 % 8], i % 2 ? 3 : (int)(r / 512 % 4 * 70),
		    (unsigned)(r / 4096 % 2));

		found = agents_find(&cache, text, (size_t)n);
		agent_parse(&parsed, text, (size_t)n);
		wrong += !same(&found, &parsed);
	}
	CHECK(wrong == 0, "%u wrong answers", wrong);
	CHECK(cache.hits + cache.misses == 20000, "%llu and %llu", (unsigned long long)cache.hits,
	    (unsigned long long)cache.misses);
	CHECK(
	    cache.hits > 1000 && cache.misses > 1000, "%llu hits", (unsigned long long)cache.hits);
	agents_release(&cache);
}

int
main(void)
{
	test_table();
	test_words();
	test_boundaries();
	test_user_words();
	test_user_errors();
	test_hints();
	test_bad_hints();
	test_cache();
	return check_end("agent");
}

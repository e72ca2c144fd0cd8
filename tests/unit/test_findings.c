/*
 * Findings: counted apart and worst first, with three examples, and bounded;
 * texts are cut where they may be.
 */
#include "quality/findings.h"

#include "check.h"
#include "text/json.h"

#include "base/banned.h"

static struct finding_kind
kind(enum severity severity, const char *event, const char *field, const char *text)
{
	return (struct finding_kind){ severity, span_of(event), span_of(field), span_of(text) };
}

static void
test_apart(void)
{
	static const struct {
		enum severity severity;
		const char *event, *field, *text;
		unsigned count;
	} want[] = {
		{ SEVERITY_ERROR, "a", "b", "c", 9 },
		{ SEVERITY_ERROR, "ab", "", "c", 7 },
		{ SEVERITY_ERROR, "", "ab", "c", 7 },
		{ SEVERITY_ERROR, "", "", "abc", 5 },
		{ SEVERITY_WARN, "a", "b", "c", 20 },
		{ SEVERITY_WARN, "a", "bc", "", 1 },
	};
	size_t n = sizeof(want) / sizeof(want[0]), i;
	struct findings f;
	unsigned round;

	CHECK(findings_init(&f), "init");
	for (round = 0; round < 20; round++) {
		for (i = 0; i < n; i++) {
			struct finding_kind k =
			    kind(want[i].severity, want[i].event, want[i].field, want[i].text);

			if (round < want[i].count)
				findings_add(&f, &k);
		}
	}
	findings_sort(&f);
	CHECK(f.n == n, "%u findings, want %zu", f.n, n);
	for (i = 0; i < f.n && i < n; i++) {
		struct finding_kind k = finding_kind(&f, &f.finding[i]);

		CHECK(k.severity == want[i].severity && f.finding[i].count == want[i].count &&
			is_text(k.event.p, k.event.n, want[i].event) &&
			is_text(k.field.p, k.field.n, want[i].field) &&
			is_text(k.text.p, k.text.n, want[i].text),
		    "place %zu: %.*s", i, (int)k.text.n, k.text.p);
	}
	findings_release(&f);
}

static void
test_examples(void)
{
	struct finding_kind k = kind(SEVERITY_ERROR, "e", "f", "t");
	struct findings f;
	struct finding *g;
	unsigned i, taken = 0;

	CHECK(findings_init(&f), "init");
	for (i = 1; i <= 10; i++) {
		g = findings_add(&f, &k);
		if (!finding_wants_example(g))
			continue;
		taken++;
		findings_example(&f, g, "file", i, i == 2 ? SPAN("") : SPAN("{\"event\":1}"));
	}
	g = &f.finding[0];
	CHECK(taken == FINDING_EXAMPLES && g->examples == 3, "%u examples", taken);
	CHECK(g->example[2].line == 3, "the first three");
	CHECK(finding_excerpt(&f, &g->example[1]).n == 0, "an empty one");
	CHECK(span_eq(finding_excerpt(&f, &g->example[2]), SPAN("{\"event\":1}")), "the third");
	findings_release(&f);
}

/* However many kinds there are, each is counted somewhere. */
static void
test_bounded(void)
{
	enum { KINDS = 5000 };
	uint64_t counted = 0;
	struct findings f;
	char name[32];
	bool others = false;
	uint32_t i;

	CHECK(findings_init(&f), "init");
	for (i = 0; i < KINDS; i++) {
		struct finding_kind k;

		snprintf(name, sizeof(name), "field_%u", i);
		k = kind(SEVERITY_ERROR, "e", name, "Unknown key");
		findings_add(&f, &k);
	}
	for (i = 0; i < KINDS; i++) {
		struct finding_kind k;

		snprintf(name, sizeof(name), "text %u", i);
		k = kind(SEVERITY_WARN, "e", "field", name);
		findings_add(&f, &k);
	}
	for (i = 0; i < f.n; i++) {
		struct finding_kind k = finding_kind(&f, &f.finding[i]);

		counted += f.finding[i].count;
		if (k.severity == SEVERITY_ERROR && is_text(k.field.p, k.field.n, FINDING_OTHERS)) {
			others = true;
			CHECK(f.finding[i].count == KINDS - FINDINGS_MAX, "the others: %llu",
			    (unsigned long long)f.finding[i].count);
		}
	}
	CHECK(others, "what does not fit is counted by its text");
	CHECK(f.n < FINDINGS_MAX + 100, "%u findings", f.n);
	CHECK(f.more[SEVERITY_WARN] > 0, "there are more warnings");
	CHECK(counted + f.more[0] + f.more[1] == 2 * KINDS, "%llu counted",
	    (unsigned long long)counted);
	findings_release(&f);
}

/* A text with escapes and characters of all lengths, cut anywhere, is still a string. */
static void
test_cut(void)
{
	const char *text = "a\\u00e9\xc3\xa9\\\\\xe2\x82\xac\\\"\\ud83d\\ude00\xf0\x9f\x98\x80\\n"
			   "\\uD83D\\uDE00z";
	struct span s = span_of(text);
	size_t max;

	for (max = 0; max <= s.n + 3; max++) {
		struct span cut = text_cut(s, max);
		struct buf b = BUF_INIT;
		struct json_scan scan;

		CHECK(cut.p == s.p && cut.n <= max && cut.n <= s.n, "at %zu", max);
		CHECK(cut.n == s.n || cut.n + 12 > max, "at %zu: %zu is too short", max, cut.n);
		buf_addc(&b, '"');
		buf_add(&b, cut.p, cut.n);
		buf_addc(&b, '"');
		json_skim(&scan, b.p, b.n);
		CHECK(scan.reason == JSON_OK, "at %zu: %s", max, json_reason_text(scan.reason));
		buf_release(&b);
	}
}

int
main(void)
{
	test_apart();
	test_examples();
	test_bounded();
	test_cut();
	return check_end("test_findings");
}

#include "quality/name_advice.h"

#include "base/banned.h"

const char name_advice_no_currency[] = "An amount in _cents has a currency beside it";

/* mm-event(5) */
static const char *const system_events[] = { "$pageview", "$identify" };

/* Past tense, or participle, of verbs that do not form it with -ed. */
static const char *const irregular[] = { "became", "begun", "began", "bought", "broken", "brought",
	"built", "caught", "chosen", "cut", "done", "drawn", "driven", "found", "forgotten",
	"given", "gone", "got", "grown", "held", "hidden", "hit", "kept", "known", "learnt", "left",
	"lent", "lost", "made", "met", "paid", "put", "read", "reset", "risen", "run", "said",
	"seen", "sent", "set", "shown", "shut", "sold", "spent", "split", "spoken", "stolen",
	"struck", "swept", "taken", "taught", "thrown", "told", "understood", "undone", "unsent",
	"won", "withdrawn", "written" };

static bool
is_snake(struct span s)
{
	size_t i;
	bool word = false; /* inside of one */

	if (s.n == 0 || s.p[0] < 'a' || s.p[0] > 'z')
		return false;
	for (i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '_' && !word)
			return false;
		if (c != '_' && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
			return false;
		word = c != '_';
	}
	return word;
}

static bool
is_one_of(struct span s, const char *const *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (span_eq(s, span_of(list[i])))
			return true;
	return false;
}

#define IS_ONE_OF(s, list) is_one_of((s), (list), sizeof(list) / sizeof((list)[0]))

static bool
ends_with(struct span s, struct span end)
{
	return s.n >= end.n && memcmp(s.p + s.n - end.n, end.p, end.n) == 0;
}

static bool
is_past(struct span word)
{
	/* need, speed, feed: no past tense; agreed, freed are */
	static const char *const eed[] = { "agreed", "disagreed", "freed", "guaranteed", "refereed",
		"decreed" };

	if (IS_ONE_OF(word, irregular))
		return true;
	if (ends_with(word, SPAN("eed")))
		return IS_ONE_OF(word, eed);
	return word.n > 3 && ends_with(word, SPAN("ed"));
}

/* Whether a word of the name is in the past tense: "trial_started_by_admin" too. */
static bool
has_past(struct span name)
{
	size_t i, start = 0;

	for (i = 0; i <= name.n; i++) {
		if (i < name.n && name.p[i] != '_')
			continue;
		if (is_past((struct span){ name.p + start, i - start }))
			return true;
		start = i + 1;
	}
	return false;
}

const char *
name_advice_event(struct span name)
{
	if (name.n && name.p[0] == '$')
		return IS_ONE_OF(name, system_events)
		    ? NULL
		    : "$ is reserved for system events, and this is none of them";
	if (!is_snake(name))
		return "Not snake_case, as signup_completed";
	if (!has_past(name))
		return "Not in the past tense, as signup_completed (not complete_signup)";
	return NULL;
}

const char *
name_advice_property(struct span name)
{
	if (name.n && name.p[0] == '$')
		return "$ is reserved for the properties of system events";
	return is_snake(name) ? NULL : "Not snake_case, as plan_name";
}

bool
name_advice_is_cents(struct span name)
{
	return ends_with(name, SPAN("_cents"));
}

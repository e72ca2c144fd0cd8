/*
 * Conventions of names, as a table of names and what is to be said of them.
 */
#include "quality/name_advice.h"

#include "check.h"

#include "base/banned.h"

enum said { GOOD, SNAKE, PAST, RESERVED };

static bool
is_said(const char *text, enum said said)
{
	switch (said) {
	case GOOD:
		return text == NULL;
	case SNAKE:
		return text && strstr(text, "snake_case") != NULL;
	case PAST:
		return text && strstr(text, "past tense") != NULL;
	case RESERVED:
		return text && strstr(text, "reserved") != NULL;
	}
	return false;
}

int
main(void)
{
	static const struct {
		const char *name;
		enum said said;
	} events[] = {
		{ "signup_completed", GOOD },
		{ "complete_signup", PAST },
		{ "signup", PAST },
		{ "checked_out", GOOD },
		{ "signed_up", GOOD },
		{ "email_sent", GOOD },
		{ "item_bought", GOOD },
		{ "trial_started_by_admin", GOOD },
		{ "retried", GOOD },
		{ "terms_agreed", GOOD },
		{ "newsletter_feed", PAST },
		{ "show_red", PAST },
		{ "step2_viewed", GOOD },
		{ "SignupCompleted", SNAKE },
		{ "signupCompleted", SNAKE },
		{ "Signup Completed", SNAKE },
		{ "signup-completed", SNAKE },
		{ "signup__completed", SNAKE },
		{ "_completed", SNAKE },
		{ "signup_completed_", SNAKE },
		{ "2_completed", SNAKE },
		{ "\xe8\xb3\xbc\xe5\x85\xa5", SNAKE },
		{ "", SNAKE },
		{ "$pageview", GOOD },
		{ "$identify", GOOD },
		{ "$signup_completed", RESERVED },
		{ "$", RESERVED },
	}, properties[] = {
		{ "plan", GOOD },
		{ "amount_cents", GOOD },
		{ "utm_source2", GOOD },
		{ "planName", SNAKE },
		{ "plan name", SNAKE },
		{ "plan.name", SNAKE },
		{ "", SNAKE },
		{ "$plan", RESERVED },
	};
	size_t i;

	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		const char *text = name_advice_event(span_of(events[i].name));

		CHECK(
		    is_said(text, events[i].said), "%s: %s", events[i].name, text ? text : "good");
	}
	for (i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
		const char *text = name_advice_property(span_of(properties[i].name));

		CHECK(is_said(text, properties[i].said), "%s: %s", properties[i].name,
		    text ? text : "good");
	}
	CHECK(name_advice_is_cents(SPAN("amount_cents")), "amount_cents");
	CHECK(!name_advice_is_cents(SPAN("cents_amount")), "cents_amount");
	CHECK(!name_advice_is_cents(SPAN("accents")), "accents");
	return check_end("test_name_advice");
}

/*
 * An event: one line of input, checked against the fields and bounds of
 * SPEC 1 and the context keys of SPEC 2, as spans into the line.
 */
#ifndef MM_EVENT_H
#define MM_EVENT_H

#include "base/buf.h"
#include "event/complaint.h"
#include "text/ip.h"
#include "text/json.h"
#include "text/url.h"

enum event_field {
	EVENT_EVENT,
	EVENT_EVENT_ID,
	EVENT_TIMESTAMP,
	EVENT_ANONYMOUS_ID,
	EVENT_USER_ID,
	EVENT_SESSION_ID,
	EVENT_URL,
	EVENT_PATH,
	EVENT_REFERRER,
	EVENT_PROPERTIES,
	/* context keys, set by a collector */
	EVENT_IP,
	EVENT_USER_AGENT,
	EVENT_HOST,
	EVENT_RECEIVED_AT,
	EVENT_PROJECT_ID,
	EVENT_SENT_AT,
	EVENT_UA_HINTS,
	EVENT_FIELDS,
};

enum {
	EVENT_UNKNOWN_MAX = 32, /* unknown keys that are named one by one */
	EVENT_COMPLAINTS_MAX = EVENT_FIELDS * 3 + EVENT_UNKNOWN_MAX + 1,
};

struct event {
	/* set by the owner before event_parse */
	bool strict_keys; /* a key that is not known is an error */
	/* the line comes from outside: ip, user_agent, host, received_at and
	   project_id in it are ignored, whatever they are */
	bool outside;

	/* the answer; spans are valid until the line's memory changes */
	unsigned present;                        /* a bit for each field that is there */
	unsigned ignored;                        /* of those that are not, as `outside` has it */
	struct json_value value[EVENT_FIELDS];   /* of the fields present */
	int64_t timestamp, received_at, sent_at; /* ms; of the fields present */
	struct ip ip;                            /* when present */
	struct url url;                          /* when present */

	/* what is wrong, when event_parse returns false */
	struct complaint complaint[EVENT_COMPLAINTS_MAX];
	size_t complaints;

	/* what follows is the module's */
	struct span text[EVENT_FIELDS];
	unsigned unescaped;
	struct buf scratch, url_scratch, words;
	struct span unknown[EVENT_UNKNOWN_MAX];
	size_t unknown_count;
};

void event_init(struct event *);
void event_release(struct event *);

/*
 * Parses and checks the line [p, p+n).  Returns true for a valid event; else
 * false, with all that is wrong in e->complaint (at least one).
 */
bool event_parse(struct event *e, const char *p, size_t n);

/* What a collector knows of an event beside its line. */
struct event_context {
	const struct ip *ip;          /* NULL: unknown */
	struct span user_agent, host; /* p NULL: unknown */
	int64_t received_at;          /* ms, within TIMESTAMP_MIN and TIMESTAMP_MAX */
};

/*
 * Sets the context keys of an event that event_parse found valid, in the place
 * of what stood in its line; not that of the project.  The texts are not copied.
 */
void event_put_context(struct event *, const struct event_context *);

/* The field's name, as in the input. */
struct span event_field_name(enum event_field);

static inline bool
event_has(const struct event *e, enum event_field f)
{
	return (e->present >> f & 1) != 0;
}

/*
 * The unescaped text of a string field that is present; p is NULL when it is
 * absent.  Valid until the next event_parse.
 */
struct span event_text(struct event *, enum event_field);

/* The inside of a string field as it stands in the line, escapes and all. */
struct span event_raw(const struct event *, enum event_field);

#endif

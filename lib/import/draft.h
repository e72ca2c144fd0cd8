/*
 * An event in the making, out of the parts of an export's record: bytes of
 * JSON strings and objects stay as they are.
 */
#ifndef MM_DRAFT_H
#define MM_DRAFT_H

#include "base/out.h"
#include "event/event.h"
#include "import/json_fields.h"
#include "import/repeats.h"

/* Starts as all zero. */
struct draft {
	/* strings without their quotes, escapes as in JSON; objects; p is NULL: absent */
	struct span v[EVENT_FIELDS];

	/* what is made anew; has the room that draft_begin made */
	struct buf text;

	/* the module's */
	struct event event;
	struct buf line;
};

void draft_release(struct draft *);

/* A new event, for whose texts there is room of n bytes and a few more.  False: no memory. */
bool draft_begin(struct draft *, size_t n);

/*
 * Sets a time of any form (log_time.h).  False when the text, escapes and all,
 * is none; p may be NULL, which leaves the field as it is.
 */
bool draft_time(struct draft *, enum event_field, struct span text);

/* Sets the address of the client, where the text is one. */
void draft_ip(struct draft *, struct span text);

/*
 * Begins an object in d->text that becomes `properties`; each member is added
 * with draft_member, and draft_end_object ends it.  An empty one is none.
 */
size_t draft_object(struct draft *);
/* `key` and `value` as they stand in JSON, the key with quotes. */
void draft_member(struct draft *, struct span key, struct span value);
/* The same for a text without quotes, escapes as in JSON, where it is there. */
void draft_text_member(struct draft *, const char *key, struct span text);
/* A text likewise, or a number as it stands. */
void draft_value_member(struct draft *, const char *key, const struct json_value *);
void draft_end_object(struct draft *, size_t start);

/*
 * Writes the event to `out`, with an id of the record where it has none.
 * False, with all that is wrong in d->event, when it would be no valid event.
 */
bool draft_write(struct draft *, struct repeats *, struct span record, struct out *out);

#endif

/*
 * A request out of a JSON object, whose keys log_keys knows.
 */
#ifndef MM_LOG_JSON_H
#define MM_LOG_JSON_H

#include "event/complaint.h"
#include "import/hit.h"
#include "import/log_keys.h"
#include "text/json.h"

enum {
	LOG_JSON_DEPTH = 6,   /* objects in objects that are looked into */
	LOG_JSON_CACHED = 64, /* keys of a line whose meaning is remembered by place */
	LOG_JSON_KEY = 30,
};

/* A key that stood at this place in the line before: lines are alike. */
struct log_json_key {
	char text[LOG_JSON_KEY];
	uint8_t n;
	int16_t parent, entry;
};

/* Starts as all zero but for the keys. */
struct log_json {
	const struct log_keys *keys;
	/* the module's */
	struct log_json_key cache[LOG_JSON_CACHED];
	size_t at;
	struct buf scratch, mended, words;
	bool is_mended;
};

void log_json_release(struct log_json *);

/*
 * Reads the line [p, p+n), an object.  Apache's \xNN and \v, nginx's without
 * escape=json, control characters and bytes that are no UTF-8 are taken as
 * what they stand for, though they are no JSON; so is a comma at the end.
 * Spans are valid until the line changes or the next call.  False, with a
 * complaint that is valid as long, when it is no object.
 */
bool log_json_parse(
    struct log_json *, struct hit *, const char *p, size_t n, struct complaint *why);

/*
 * Reads one more object, of which the line that was read held the text, in
 * addition to what is known of it.  False: it is none, and adds nothing.
 */
bool log_json_inner(struct log_json *, struct hit *, struct span);

#endif

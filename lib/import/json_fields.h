/*
 * The members of a JSON object, to be asked for by name.
 */
#ifndef MM_JSON_FIELDS_H
#define MM_JSON_FIELDS_H

#include "text/json.h"

enum { JSON_FIELDS_MAX = 512 };

struct json_fields {
	size_t n;
	struct json_member m[JSON_FIELDS_MAX];
};

/*
 * Reads the members of the text; what is no object has none.  False when there
 * are more than JSON_FIELDS_MAX; the scan tells what is no JSON.
 */
bool json_fields_read(struct json_fields *, struct span text, struct json_scan *);

/* The same of a value; NULL has no members. */
bool json_fields_of(struct json_fields *, const struct json_value *object);

/* Whether the key is that name, as json_fields_get compares them. */
bool json_key_is(const struct json_value *key, const char *name, size_t n);

/*
 * The value of the first member with that name, lower-case and without "_",
 * whatever its case and underscores: "messageid" finds messageId and
 * message_id; NULL when there is none, or it is null.
 */
const struct json_value *json_fields_get(const struct json_fields *, const char *name);

/*
 * The inside of the string, or the number as it stands, that is the value of
 * the first of the names, with blanks between, that has one which is neither
 * empty nor "-"; p is NULL when none has.
 */
struct span json_fields_text(const struct json_fields *, const char *names);

/* The same of a value, which may be NULL. */
struct span json_value_text(const struct json_value *);

#endif

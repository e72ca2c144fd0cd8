#include "ask/property.h"

#include "base/ascii.h"

#include "base/banned.h"

/*
 * Strings and all else that is no number, then a number: each match begins where the one
 * before ended, so that digits inside of strings are never taken for one.  The 0 that
 * is added to the text makes its end one, too, and is cut off again.
 */
#define REPLACED                                     \
	"replaceRegexpAll(concat(properties, '0'), " \
	"'((?:\"(?:[^\"\\\\\\\\]|\\\\\\\\.)*\"|[^\"0-9-])*)(-?[0-9][-+.eE0-9]*)', "
#define QUOTED "left(" REPLACED "'\\\\1\"\\\\2\"'), -3)"
#define ZEROED "left(" REPLACED "'\\\\10'), -1)"

bool
property_parse(struct property *property, struct span text)
{
	static const char prefix[] = "properties.";
	const char *p = text.p, *end = p + text.n;
	size_t depth;

	property->depth = 0;
	if (text.n > strlen(prefix) && memcmp(p, prefix, strlen(prefix)) == 0)
		p += strlen(prefix);
	for (depth = 0; depth < PROPERTY_DEPTH_MAX; depth++) {
		const char *dot = memchr(p, '.', (size_t)(end - p));

		property->key[depth] = (struct span){ p, (size_t)((dot ? dot : end) - p) };
		if (property->key[depth].n == 0)
			return false;
		if (!dot) {
			property->depth = depth + 1;
			return true;
		}
		p = dot + 1;
	}
	return false;
}

size_t
property_bind(struct question *q, const struct property *property)
{
	size_t first = question_bind(q, property->key[0]), k;

	question_note_property(q, property->key[0]);
	for (k = 1; k < property->depth; k++)
		question_bind(q, property->key[k]);
	return first;
}

/* Adds ", {p1:String}, {p2:String}". */
static void
add_keys(struct question *q, const struct property *property, size_t bound)
{
	size_t k;

	for (k = 0; k < property->depth; k++) {
		buf_adds(&q->sql, ", ");
		question_add_bound(q, "String", bound + k);
	}
}

/* Adds function(json, {p1:String}, {p2:String} */
static void
add_call(struct question *q, const char *function, const char *json,
    const struct property *property, size_t bound)
{
	buf_addf(&q->sql, "%s(%s", function, json);
	add_keys(q, property, bound);
}

/* The same of a text that can be read.  Used once in an expression: ClickHouse then quotes
   where that is needed only, else for all rows. */
static void
add_exact_call(
    struct question *q, const char *function, const struct property *property, size_t bound)
{
	buf_addf(&q->sql, "%s(if(", function);
	add_call(q, "JSONType", "properties", property, bound);
	buf_adds(&q->sql, ") = 'Double' OR NOT isValidJSON(properties), " QUOTED ", properties)");
	add_keys(q, property, bound);
}

void
property_add_text(struct question *q, const struct property *property, size_t bound)
{
	add_exact_call(q, "JSONExtract", property, bound);
	buf_adds(&q->sql, ", 'Nullable(String)')");
}

void
property_add_number(struct question *q, const struct property *property, size_t bound)
{
	buf_adds(&q->sql, "multiIf(");
	add_call(q, "JSONType", "properties", property, bound);
	buf_adds(&q->sql, ") IN ('Int64', 'UInt64'), toDecimal256OrNull(");
	add_call(q, "JSONExtractRaw", "properties", property, bound);
	buf_adds(&q->sql, "), 18), ");
	add_call(q, "JSONType", "properties", property, bound);
	buf_adds(&q->sql, ") = 'Double' OR (NOT isValidJSON(properties) AND ");
	add_call(q, "JSONType", ZEROED, property, bound);
	buf_adds(&q->sql, ") = 'Int64'), toDecimal256OrNull(");
	add_call(q, "JSONExtractString", QUOTED, property, bound);
	buf_adds(&q->sql, "), 18), NULL)");
}

void
property_add_names(struct question *q)
{
	buf_adds(&q->sql, "JSONExtractKeys(if(isValidJSON(properties), properties, " QUOTED "))");
}

void
property_add_listing(struct question *q)
{
	/* both texts hold the same keys in the same order; one has the types, the other the digits */
	buf_adds(&q->sql,
	    "arrayMap((typed, exact) -> (typed.1, transform(substring(typed.2, 1, 1), "
	    "['\"', 't', 'f', 'n', '{', '['], "
	    "['string', 'boolean', 'boolean', 'null', 'object', 'array'], 'number'), "
	    "leftUTF8(if(startsWith(exact.2, '\"'), JSONExtractString(exact.2), exact.2), 64)), "
	    "JSONExtractKeysAndValuesRaw(if(isValidJSON(properties), properties, " ZEROED ")), "
	    "JSONExtractKeysAndValuesRaw(if(isValidJSON(properties), properties, " QUOTED ")))");
}

static bool
may_be_number(struct span s)
{
	return s.n > 0 && (s.p[0] == '-' || ascii_is_digit(s.p[0]));
}

void
property_add_equals(struct question *q, const struct property *property, struct span value)
{
	size_t bound = property_bind(q, property), v = question_bind(q, value);

	buf_adds(&q->sql, "(ifNull(");
	property_add_text(q, property, bound);
	buf_adds(&q->sql, ", '') = ");
	question_add_bound(q, "String", v);
	if (may_be_number(value)) {
		buf_adds(&q->sql, " OR ifNull(");
		property_add_number(q, property, bound);
		buf_adds(&q->sql, " = toDecimal256OrNull(");
		question_add_bound(q, "String", v);
		buf_adds(&q->sql, ", 18), 0)");
	} else if (span_eq(value, SPAN("null"))) {
		buf_adds(&q->sql, " OR ");
		add_exact_call(q, "JSONExtractRaw", property, bound);
		buf_adds(&q->sql, ") = 'null'");
	}
	buf_adds(&q->sql, ")");
}

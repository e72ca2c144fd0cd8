#include "ask/condition.h"

#include "base/ascii.h"

#include "base/banned.h"

/* Longer ones first. */
static const struct {
	const char *text;
	enum condition_op op;
} ops[] = {
	{ "!=", CONDITION_NOT_EQUAL },
	{ "^=", CONDITION_BEGINS },
	{ "<=", CONDITION_AT_MOST },
	{ ">=", CONDITION_AT_LEAST },
	{ "=", CONDITION_EQUAL },
	{ "~", CONDITION_CONTAINS },
	{ "<", CONDITION_LESS },
	{ ">", CONDITION_MORE },
};

enum { OPS = sizeof(ops) / sizeof(ops[0]) };

static const char *const compared[] = {
	[CONDITION_EQUAL] = "=",
	[CONDITION_NOT_EQUAL] = "!=",
	[CONDITION_LESS] = "<",
	[CONDITION_AT_MOST] = "<=",
	[CONDITION_MORE] = ">",
	[CONDITION_AT_LEAST] = ">=",
};

size_t
condition_find_op(struct span text, enum condition_op *op, size_t *length)
{
	size_t at, i, n;

	for (at = 0; at < text.n; at++) {
		for (i = 0; i < OPS; i++) {
			n = strlen(ops[i].text);
			if (text.n - at < n || memcmp(text.p + at, ops[i].text, n) != 0)
				continue;
			*op = ops[i].op;
			*length = n;
			return at;
		}
	}
	return at;
}

static bool
is_order(enum condition_op op)
{
	return op >= CONDITION_LESS;
}

/* A decimal number: 12, -0.5, at most 58 digits before the point and 18 behind it. */
static bool
is_number(struct span s)
{
	enum { WHOLE_MAX = 58, BEHIND_MAX = 18 };
	size_t i = s.n > 0 && s.p[0] == '-', whole = i, behind;

	while (i < s.n && ascii_is_digit(s.p[i]))
		i++;
	whole = i - whole;
	if (whole == 0 || whole > WHOLE_MAX)
		return false;
	if (i == s.n)
		return true;
	if (s.p[i++] != '.')
		return false;
	behind = i;
	while (i < s.n && ascii_is_digit(s.p[i]))
		i++;
	return i == s.n && i > behind && i - behind <= BEHIND_MAX;
}

static bool
parse_name(
    struct condition *c, struct span name, bool bare, const char *parameter, struct refusal *r)
{
	static const char prefix[] = "properties.";
	bool is_property = name.n >= strlen(prefix) && memcmp(name.p, prefix, strlen(prefix)) == 0;

	c->field = is_property ? NULL : field_find(name);
	c->property = (struct property){ .depth = 0 };
	if (c->field && bare && !condition_is_of_events(c))
		c->field = NULL;
	if (c->field)
		return true;
	if (!is_property && !bare)
		return refuse(r, REFUSAL_INVALID_PARAMS, parameter,
		    "character 1: no such name; expected one of " FIELD_CONDITIONS
		    ", properties.NAME");
	if (!property_parse(&c->property, name))
		return refuse(r, REFUSAL_INVALID_PARAMS, parameter,
		    "character 1: a property is a name, or up to %d with dots between",
		    PROPERTY_DEPTH_MAX);
	return true;
}

bool
condition_parse(
    struct condition *c, struct span text, bool bare, const char *parameter, struct refusal *r)
{
	size_t at, length = 0, place;

	if (text.n > CONDITION_LENGTH_MAX)
		return refuse(r, REFUSAL_INVALID_PARAMS, parameter, "expected at most %d bytes",
		    CONDITION_LENGTH_MAX);
	at = condition_find_op(text, &c->op, &length);
	if (at == text.n)
		return refuse(r, REFUSAL_INVALID_PARAMS, parameter,
		    "character %zu: no operator; " CONDITION_EXPECTED, at + 1);
	if (at == 0)
		return refuse(r, REFUSAL_INVALID_PARAMS, parameter,
		    "character 1: a name is missing; " CONDITION_EXPECTED);
	if (!parse_name(c, (struct span){ text.p, at }, bare, parameter, r))
		return false;
	place = at + length;
	c->value = (struct span){ text.p + place, text.n - place };
	if (!is_order(c->op))
		return (c->op != CONDITION_BEGINS && c->op != CONDITION_CONTAINS) ||
		    c->value.n > 0 ||
		    refuse(r, REFUSAL_INVALID_PARAMS, parameter,
			"character %zu: a text is missing, which all begin with; = with "
			"nothing is for empty or null",
			place + 1);
	if (c->field && c->field->type != FIELD_NUMBER)
		return refuse(r, REFUSAL_INVALID_PARAMS, parameter,
		    "character %zu: %s is a text; expected one of =, !=, ^=, ~ (weekday, "
		    "hour_of_day and properties can be compared as numbers)",
		    at + 1, c->field->name);
	return is_number(c->value) ||
	    refuse(r, REFUSAL_INVALID_PARAMS, parameter,
		"character %zu: expected a number, such as 12 or -0.5", place + 1);
}

enum field_of
condition_of(const struct condition *c)
{
	return c->field ? c->field->of : OF_ANY;
}

bool
condition_is_of_events(const struct condition *c)
{
	enum field_of of = condition_of(c);

	return of == OF_FIRST || of == OF_ANY;
}

/* ---- SQL ------------------------------------------------------------------------ */

/* Adds the field, or the property, as a text without null. */
static void
add_text(struct question *q, const struct condition *c)
{
	if (!c->field) {
		buf_adds(&q->sql, "ifNull(");
		property_add_text(q, &c->property, property_bind(q, &c->property));
		buf_adds(&q->sql, ", '')");
		return;
	}
	if (c->field->type != FIELD_TEXT)
		buf_adds(&q->sql, c->field->type == FIELD_NULL ? "ifNull(" : "toString(");
	field_add(q, c->field);
	if (c->field->type != FIELD_TEXT)
		buf_adds(&q->sql, c->field->type == FIELD_NULL ? ", '')" : ")");
}

static void
add_order(struct question *q, const struct condition *c)
{
	buf_adds(&q->sql, "ifNull(");
	if (c->field) {
		buf_adds(&q->sql, "toDecimal256(");
		field_add(q, c->field);
		buf_adds(&q->sql, ", 18)");
	} else {
		property_add_number(q, &c->property, property_bind(q, &c->property));
	}
	buf_addf(&q->sql, " %s toDecimal256OrNull(", compared[c->op]);
	question_add_value(q, "String", c->value);
	buf_adds(&q->sql, ", 18), 0)");
}

void
condition_add(struct question *q, const struct condition *c)
{
	bool equality = c->op == CONDITION_EQUAL || c->op == CONDITION_NOT_EQUAL;

	if (is_order(c->op)) {
		add_order(q, c);
	} else if (equality && !c->field) {
		if (c->op == CONDITION_NOT_EQUAL)
			buf_adds(&q->sql, "NOT ");
		property_add_equals(q, &c->property, c->value);
	} else if (equality) {
		add_text(q, c);
		buf_addf(&q->sql, " %s ", compared[c->op]);
		question_add_value(q, "String", c->value);
	} else {
		buf_adds(&q->sql, c->op == CONDITION_BEGINS ? "startsWith(" : "position(");
		add_text(q, c);
		buf_adds(&q->sql, ", ");
		question_add_value(q, "String", c->value);
		buf_adds(&q->sql, c->op == CONDITION_BEGINS ? ")" : ") > 0");
	}
}

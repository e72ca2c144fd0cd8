/*
 * A plan in the making: what plan_events.c, plan_property.c, plan_check.c and
 * plan_assert.c share.
 */
#ifndef MM_PLAN_READER_H
#define MM_PLAN_READER_H

#include "quality/plan_read.h"

enum { PLAN_NAME_UNITS = 128 }; /* of an event's name, as an event may have it */

/* An assertion that is yet to be compiled, and where it stands. */
struct plan_pending;

struct plan_reader {
	struct jsonfile file;
	struct plan *plan;
	struct arena *arena; /* the plan's */
	struct exprs **exprs;
	struct plan_pending *pending, **last;
	size_t pendings;
	enum plan_severity severity, unknown_properties; /* of the plan */
	const struct span *unexpected[PLAN_TYPES];
};

/* The text of a string, kept with a NUL behind it; p is NULL when memory is out. */
struct span plan_text(struct plan_reader *, const struct json_value *);

/* Complains of a description that is no string. */
void plan_description(struct plan_reader *, const struct json_field *);

/* The severity that a field names; `otherwise` when it is absent or wrong. */
enum plan_severity plan_severity_of(
    struct plan_reader *, const struct json_field *, enum plan_severity otherwise);

/* The index of a name that is new to the table; DICT_NONE, with an error, else. */
uint32_t plan_add_name(
    struct plan_reader *, struct dict *, const struct json_path *, struct span name);

/* The keys of a property; those from const to format are checks, in plan_check_kind's order. */
enum property_key {
	PROPERTY_DESCRIPTION,
	PROPERTY_SEVERITY,
	PROPERTY_REQUIRED,
	PROPERTY_TYPE,
	PROPERTY_CONST,
	PROPERTY_ENUM,
	PROPERTY_MINIMUM,
	PROPERTY_MAXIMUM,
	PROPERTY_MIN_LENGTH,
	PROPERTY_MAX_LENGTH,
	PROPERTY_PATTERN,
	PROPERTY_FORMAT,
	PROPERTY_PROPERTIES,
	PROPERTY_UNKNOWN,
	PROPERTY_ITEMS,
	PROPERTY_KEYS,
};

/* What is around a property that is read. */
struct plan_inside {
	enum plan_severity severity, unknown;
	struct span prefix; /* of the fields of its properties; empty inside of an array */
	size_t path;        /* bytes of a path before that prefix, at most */
	size_t properties;  /* of the objects around it */
	unsigned depth;     /* of properties around it */
	bool element;       /* it is what an array has */
};

/* What becomes of unknown things; `otherwise` when the field is absent or wrong. */
enum plan_severity plan_unknown_of(
    struct plan_reader *, const struct json_field *, enum plan_severity otherwise);

/*
 * Reads the field "properties" of an event, or of what is inside of one, to an
 * object that is all zero but for `unknown` (plan_property.c).
 */
void plan_read_properties(struct plan_reader *, const struct json_field *,
    const struct plan_inside *, struct plan_object *);

/* The bits of a type or of a list of types; 0 when it is absent or wrong (plan_check.c). */
unsigned plan_read_types(struct plan_reader *, const struct json_field *);

/* The complaints about values of other types, by json_type; made once for each set. */
const struct span *plan_unexpected(struct plan_reader *, unsigned types);

/* Reads the checks among the fields of a property, whose types are known. */
void plan_read_checks(
    struct plan_reader *, const struct json_field field[PROPERTY_KEYS], struct plan_property *);

/* Reads its field "assert"; what it holds is compiled later, all of it together (plan_assert.c). */
void plan_read_asserts(struct plan_reader *, const struct json_field *, struct plan_event *);
void plan_compile_asserts(struct plan_reader *);

#endif

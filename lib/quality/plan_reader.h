/*
 * A plan in the making: what plan_events.c, plan_property.c and plan_assert.c share.
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

/* Reads the field "properties" of an event (plan_property.c). */
void plan_read_properties(struct plan_reader *, const struct json_field *, struct plan_event *);

/* Reads its field "assert"; what it holds is compiled later, all of it together (plan_assert.c). */
void plan_read_asserts(struct plan_reader *, const struct json_field *, struct plan_event *);
void plan_compile_asserts(struct plan_reader *);

#endif

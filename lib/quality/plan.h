/*
 * A tracking plan, mm-plan(5): which events there are, which properties they
 * have, and of what form; and what it says of one event.
 *
 * quality/plan_read makes plans of their text.
 */
#ifndef MM_PLAN_H
#define MM_PLAN_H

#include "base/decimal.h"
#include "event/event.h"
#include "text/expr.h"
#include "base/dict.h"
#include "quality/plan_format.h"
#include "text/pattern.h"

enum plan_severity {
	PLAN_ALLOW,
	PLAN_WARN,
	PLAN_ERROR,
};

/* What a value may be: bits.  An integer is a number without fractional part. */
enum plan_type {
	PLAN_NULL = 1 << JSON_NULL,
	PLAN_BOOLEAN = 1 << JSON_BOOLEAN,
	PLAN_NUMBER = 1 << JSON_NUMBER,
	PLAN_STRING = 1 << JSON_STRING,
	PLAN_ARRAY = 1 << JSON_ARRAY,
	PLAN_OBJECT = 1 << JSON_OBJECT,
	PLAN_INTEGER = 1 << (JSON_OBJECT + 1),
	PLAN_TYPES = 1 << (JSON_OBJECT + 2), /* one more than all bits */
};

/* The values of an enum. */
struct plan_list {
	struct dict strings;
	struct decimal *number; /* ascending */
	size_t numbers;
	bool null, yes, no;
};

/*
 * Whether the number is in the list: *at is then its index, else that of the
 * first greater one.
 */
bool plan_list_find(const struct plan_list *, const struct decimal *number, size_t *at);

enum plan_check_kind {
	PLAN_CONST, /* these two for all types; a list of one */
	PLAN_ENUM,
	PLAN_MINIMUM, /* these two for numbers */
	PLAN_MAXIMUM,
	PLAN_MIN_LENGTH, /* these for strings, in UTF-16 units */
	PLAN_MAX_LENGTH,
	PLAN_PATTERN,
	PLAN_FORMAT,
};

struct plan_check {
	enum plan_check_kind kind;
	struct span text; /* the complaint, when it does not hold */
	union {
		struct plan_list list;
		struct decimal number;
		size_t length;
		const struct pattern *pattern;
		enum plan_format format;
	};
};

struct plan_property {
	struct span field;             /* as it may stand in a JSON string: "properties.cart.id",
	                                  or, inside of an array's elements, "id" */
	enum plan_severity severity;   /* never PLAN_ALLOW */
	bool required;                 /* the key must be there */
	unsigned types;                /* 0: any */
	const struct span *unexpected; /* the complaint for each json_type, when types are given */
	struct plan_check *check;
	size_t checks;
	const struct plan_object *object;  /* what an object must hold; NULL: anything */
	const struct plan_property *items; /* what each element must be; NULL: anything */
};

/* What is said of the properties of an event, or of what is inside of one of them. */
struct plan_object {
	enum plan_severity unknown; /* of those that are not named */
	struct dict names;
	struct plan_property *property; /* by index of the name */
	size_t first;                   /* where its part of plan_answer.next begins */
};

struct plan_assert {
	struct span name;               /* or the expression, where it has none */
	struct expr *expr;              /* NULL when it was not compiled */
	struct span text[EXPR_ANSWERS]; /* the complaint for each answer: "Not true: NAME" */
};

/* What is said of the events of a name, or of those that match a glob. */
struct plan_event {
	struct span name;
	enum plan_severity severity; /* of its assertions; never PLAN_ALLOW */
	struct plan_object object;   /* its properties */
	struct plan_assert *assert;
	size_t asserts;
};

struct plan {
	struct span version; /* p is NULL when there is none */
	enum plan_severity unknown_events;
	struct dict names;        /* of events, globs among them */
	struct plan_event *event; /* by index of the name */
	struct plan_event **glob; /* those with a '*', in the order to try them */
	size_t globs;
	size_t most_properties; /* of an event, at each depth the object that has most */
	size_t most_path;       /* bytes of a property's path, with its indices */
	size_t next;            /* of plan_answer.next */
	struct arena arena;     /* of all this */
};

void plan_release(struct plan *);

enum {
	PLAN_DEPTH = 16,          /* objects and arrays that are described inside one another */
	PLAN_UNKNOWN_MAX = 32,    /* unknown properties that are named one by one */
	PLAN_COMPLAINTS_MAX = 64, /* of each severity; then one more says that there are more */
};

struct plan_complaints {
	struct complaint complaint[PLAN_COMPLAINTS_MAX + 1];
	size_t n;
};

/* What a plan says of one event. */
struct plan_answer {
	const struct plan_event *event; /* what the plan has for it, or NULL */
	/* complaints about one field stand next to one another */
	struct plan_complaints errors, warnings;

	/* what follows is the module's */
	const struct plan *plan;
	struct json_value *value; /* of properties, by index; those of the objects that are
	                             being judged lie behind one another */
	uint64_t *seen;           /* a bit for each; an object begins with a word */
	uint32_t *next;           /* for each object of the plan: the index of the property
	                             that came first, and behind each of its properties */
	struct buf scratch, words;
	struct span unknown[PLAN_UNKNOWN_MAX];
	size_t unknowns;
	enum plan_severity unknowns_more; /* of those that there was no room for */
};

/* The plan stays the caller's.  False when memory is out. */
bool plan_answer_init(struct plan_answer *, const struct plan *);
void plan_answer_release(struct plan_answer *);

/*
 * Judges an event that event_parse found valid, by all but assertions.  The
 * answer's spans are valid until the event's are not, or until the next call.
 */
void plan_judge(struct plan_answer *, struct event *);

/* Adds the complaint about an assertion of answer->event of which that came, not EXPR_TRUE. */
void plan_not_true(struct plan_answer *, const struct plan_assert *, enum expr_answer);

#endif

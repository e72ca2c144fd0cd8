/*
 * What events look like: their names, their fields and properties, how often
 * each is there, and of what types.  Bounded, whatever the input holds.
 */
#ifndef MM_PROFILE_H
#define MM_PROFILE_H

#include "base/dict.h"
#include "event/event.h"

enum {
	PROFILE_EVENTS_MAX = 1000,  /* names of events */
	PROFILE_FIELDS_MAX = 20000, /* fields, of all events together */
	PROFILE_EVENT_FIELDS_MAX = 500,
	PROFILE_NAME_MAX = 256,  /* bytes of a property's name */
	PROFILE_VALUES_MAX = 10, /* distinct values that are kept of a property */
	PROFILE_VALUE_MAX = 40,  /* bytes of one */
};

/* Types as a tracking plan has them: a number written without fraction and exponent is
   an integer. */
enum profile_type {
	PROFILE_NULL,
	PROFILE_BOOLEAN,
	PROFILE_INTEGER,
	PROFILE_NUMBER,
	PROFILE_STRING,
	PROFILE_ARRAY,
	PROFILE_OBJECT,
	PROFILE_TYPES,
};

/* "integer" and so on. */
const char *profile_type_name(enum profile_type);

struct profile_field {
	uint32_t name;              /* in `names` */
	bool property;              /* a member of `properties`, else a field of the event */
	uint64_t of[PROFILE_TYPES]; /* events in which it has the type */
	unsigned types;             /* a bit for each type that it ever had */
	uint32_t next;              /* the event's next field; DICT_NONE: none */

	/* of the strings, when the profile learns */
	uint64_t dates, date_times, strings;
	uint32_t value[PROFILE_VALUES_MAX]; /* in `values` */
	unsigned value_count;
	bool many; /* more values than fit, or others than plain words */

	/* what follows is the module's */
	uint64_t last; /* the event that it was seen in last */
	enum profile_type last_type;
};

struct profile_event {
	uint64_t lines; /* that bear the name */
	uint64_t count; /* events that the fields were counted in */
	uint64_t rejected, warned;
	uint64_t more;  /* times that a property was there which is not among the fields */
	uint32_t first; /* its fields, as a list; DICT_NONE: none */
	uint32_t fields;
	/* what follows is the module's */
	uint32_t last;
};

struct profile {
	struct dict names;           /* of events: a name's number is its event's */
	struct profile_event *event; /* names.n of them */
	struct dict field_names;     /* a name's number is its field's */
	struct profile_field *field;
	uint64_t more; /* lines of which the event's name did not fit */
	struct dict values;
	bool learns; /* keeps values, and tells dates */

	/* what follows is the module's */
	uint64_t sequence;
	struct buf scratch;
};

/* False when memory is out. */
bool profile_init(struct profile *, bool learns);
void profile_release(struct profile *);

/* The event of that name, unescaped; NULL when it does not fit, which is counted. */
struct profile_event *profile_name(struct profile *, struct span name);
struct profile_event *profile_find(const struct profile *, struct span name);

/*
 * Counts the fields of an event that is valid; `row` is the event's.  ip,
 * user_agent and ua_hints are not looked at.
 */
void profile_add(struct profile *, struct profile_event *row, const struct event *);

/* The field of an event, added when it is not there; NULL when it does not fit. */
struct profile_field *profile_field(
    struct profile *, struct profile_event *row, bool property, struct span name);
const struct profile_field *profile_find_field(
    const struct profile *, const struct profile_event *row, bool property, struct span name);

/* For a walk through an event's fields. */
static inline const struct profile_field *
profile_at(const struct profile *p, uint32_t field)
{
	return field == DICT_NONE ? NULL : &p->field[field];
}

/* Events in which the field is there and not null. */
uint64_t profile_present(const struct profile_field *);

#endif

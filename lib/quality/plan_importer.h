/*
 * A plan that is made of schemas: what plan_import_file.c (events, files) and
 * plan_import_schema.c (a schema of properties) share.
 */
#ifndef MM_PLAN_IMPORTER_H
#define MM_PLAN_IMPORTER_H

#include "quality/plan_import.h"
#include "quality/plan_read.h"

enum { IMPORT_NAME_BYTES = 256 }; /* of a property's name */

struct import {
	struct jsonfile file;
	struct buf trial; /* a plan of one check, to see what is said of it */
	struct json_value root;
	struct arena names;
};

/* The keywords of a schema that are looked at; from const to format as a plan has them. */
enum keyword {
	KEY_DESCRIPTION,
	KEY_TYPE,
	KEY_CONST,
	KEY_ENUM,
	KEY_MINIMUM,
	KEY_MAXIMUM,
	KEY_MIN_LENGTH,
	KEY_MAX_LENGTH,
	KEY_PATTERN,
	KEY_FORMAT,
	KEY_PROPERTIES,
	KEY_REQUIRED,
	KEY_ADDITIONAL,
	KEY_ITEMS,
	KEY_REF,
	KEYWORDS,
};

/* An object of a plan that is being written, and how deep in the plan it is. */
struct object {
	struct buf *b;
	unsigned indent;
	bool any; /* it has a member */
};

/* Tells that what is there is not in the plan, and why: a constant. */
extern const char import_no_word[];
void import_lose(
    struct import *, const struct json_path *, const struct json_value *, const char *why);

/* Whether the keyword says nothing about values. */
bool import_is_annotation(struct span key);

/* Whether the value is a string with that text, of less than 64 bytes. */
bool import_value_is(const struct json_value *, const char *text);

/* The last member of that name of what may be an object; false when there is none. */
bool import_find(const struct json_value *, struct span name, struct json_member *found);

/*
 * Replaces a schema, an object, that is a reference by the object that it refers
 * to; false, told, when there is none.
 */
bool import_resolve(struct import *, struct json_value *, const struct json_path *);

/* Sorts the members of a schema into field[KEYWORDS]; tells what a plan can't say. */
void import_read_schema(
    struct import *, const struct json_value *, const struct json_path *, struct json_field *field);

/* Whether the schema says something of what is inside of objects. */
bool import_has_inside(const struct json_field *field);

/* Begins a line, with the key, "quoted", when there is one. */
void import_add_line(struct object *, struct span key);

/* Adds the key description, when the field is a string. */
void import_add_description(const struct json_field *, struct object *);

/* Adds the keys unknownProperties and properties for a schema that is so deep in an event. */
void import_add_properties(
    struct import *, const struct json_field *field, unsigned depth, struct object *);

#endif

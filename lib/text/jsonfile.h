/*
 * JSON files that users write: objects of known keys, and all that is wrong
 * with them, by line and by path.
 *
 * Other than in events, a key that is not known or that stands twice is an
 * error: it is a slip of the one who wrote the file.
 */
#ifndef MM_JSONFILE_H
#define MM_JSONFILE_H

#include "base/arena.h"
#include "text/json.h"

enum { JSONFILE_ERRORS_MAX = 1000 };

struct jsonfile_error {
	size_t line;       /* from 1 */
	struct span where; /* "events.signup.properties.plan.type"; n is 0 for the whole file */
	struct span what;  /* "expected a string, not a number" */
	struct span shown; /* further lines, indented, each with its end; or n is 0 */
};

/* Starts as all zero. */
struct jsonfile_errors {
	struct jsonfile_error *error;
	size_t n, more; /* more: those that did not fit */
	struct arena arena;
};

void jsonfile_errors_release(struct jsonfile_errors *);

struct jsonfile {
	const char *start, *end;
	struct jsonfile_errors *errors;
	struct buf work; /* for texts in the making; errors use it too */
	/* the last place whose line was asked for */
	const char *counted;
	size_t line;
};

/* Where in the file a value is. */
struct json_path {
	const struct json_path *up;
	struct span key; /* with its quotes; p is NULL for an element */
	size_t index;
};

/* Keys that an object may have, or words that a string may be. */
struct json_keys {
	const char *const *name;
	size_t n;
};
#define JSON_KEYS(names)                                    \
	{                                                   \
		(names), sizeof(names) / sizeof((names)[0]) \
	}

/* A member that was found. */
struct json_field {
	bool present;
	struct json_path path;
	struct json_value value;
};

/* Begins with [p, p+n), less a byte order mark at its start. */
void jsonfile_open(struct jsonfile *, const char *p, size_t n, struct jsonfile_errors *);

/* Frees what is not the errors', and puts these in the order of lines. */
void jsonfile_close(struct jsonfile *);

/* Scans the whole text; false, with an error, when it is no JSON. */
bool jsonfile_scan(struct jsonfile *, struct json_value *);

/* Whether there are errors. */
bool jsonfile_failed(const struct jsonfile *);

/*
 * An error about what is at that byte of the text, at that path: its text by
 * printf's rules, at most 511 bytes of it; or to be filled by the caller, with
 * memory of the errors' arena.  NULL when it only counts.
 */
void jsonfile_complain(struct jsonfile *, const char *at, const struct json_path *path,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
struct jsonfile_error *jsonfile_error(
    struct jsonfile *, const char *at, const struct json_path *path);

/* A copy of the bytes in file->work. */
struct span jsonfile_keep(struct jsonfile *, struct arena *);

/* Whether the value is of that type; else false, with an error. */
bool jsonfile_expect(struct jsonfile *, const struct json_value *, const struct json_path *path,
    enum json_type wanted);

/*
 * Reads an object's members into field[keys->n].  Keys that are not known or
 * stand twice are errors.  False, with an error, when it is no object.
 */
bool jsonfile_fields(struct jsonfile *, const struct json_path *path, const struct json_value *,
    const struct json_keys *keys, struct json_field *field);

/*
 * The index of the word, of two at least, that a field is; `otherwise` when it
 * is absent, or, with an error, none of them.
 */
size_t jsonfile_word(
    struct jsonfile *, const struct json_field *, const struct json_keys *words, size_t otherwise);

/* Whether the field is true; false when it is absent or, with an error, no boolean. */
bool jsonfile_boolean(struct jsonfile *, const struct json_field *);

/* How many members an object, elements an array has. */
size_t jsonfile_members(const struct json_value *object);
size_t jsonfile_elements(const struct json_value *array);

#endif

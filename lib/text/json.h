/*
 * A strict scanner of one JSON text, zero-copy and single-pass: it checks
 * everything and hands out spans of what stands at the top level.
 *
 * Accepted is exactly RFC 8259's grammar in valid UTF-8 (RFC 3629), without
 * lone surrogate escapes (RFC 7493, I-JSON) and nested at most JSON_DEPTH
 * containers deep.  Nothing is converted: numbers and strings stay the bytes
 * that were sent.
 */
#ifndef MM_JSON_H
#define MM_JSON_H

#include "base/buf.h"
#include "base/utf8.h"

enum { JSON_DEPTH = 64 };

enum json_type {
	JSON_NULL,
	JSON_BOOLEAN,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

/* "object", "null" and so on. */
const char *json_type_name(enum json_type);

struct json_value {
	struct span raw; /* the text as it stands; a string with its quotes */
	enum json_type type;
	bool escaped;    /* strings: holds a backslash escape */
	size_t utf16;    /* strings: length in UTF-16 code units, unescaped */
	size_t minified; /* bytes of `raw` without white space outside strings */
};

struct json_member {
	struct json_value key; /* a string */
	struct json_value value;
};

/* Why a text is no JSON.  Reasons are few and constant: they can be counted. */
enum json_reason {
	JSON_OK,
	JSON_END,   /* the text ends too early */
	JSON_VALUE, /* a value was expected */
	JSON_KEY,   /* a string (a key) was expected */
	JSON_COLON,
	JSON_COMMA,
	JSON_LITERAL, /* no true, false or null */
	JSON_BAD_NUMBER,
	JSON_CONTROL,   /* an unescaped control character in a string */
	JSON_ESCAPE,    /* an unknown escape */
	JSON_SURROGATE, /* a surrogate without its partner */
	JSON_UTF8,
	JSON_TOO_DEEP,
	JSON_TRAILING, /* something follows the value */
	JSON_REASONS,
};

/* The reason in plain words, without position: "invalid UTF-8". */
const char *json_reason_text(enum json_reason);

struct json_scan {
	const char *start, *p, *end;
	enum json_reason reason; /* JSON_OK until something is wrong */
	bool first, done;        /* before the first member; after the last */
	size_t blanks;           /* white space passed outside strings */
};

/* Byte offset (from 0) of what is wrong, once reason is set. */
static inline size_t
json_offset(const struct json_scan *s)
{
	return (size_t)(s->p - s->start);
}

/*
 * Begins to scan [p, p+n).  Returns the type of the value that the text
 * begins with, without having checked more than its first character; on
 * JSON_OBJECT go on with json_next, on everything else with json_whole.
 * When there is no value, s->reason is set and JSON_NULL returned.
 */
enum json_type json_open(struct json_scan *s, const char *p, size_t n);

/*
 * The next member of the top-level object.  Returns true with *m filled;
 * false at the end of the text (s->reason is JSON_OK) or on an error.
 */
bool json_next(struct json_scan *s, struct json_member *m);

/*
 * json_next in two steps, for a member whose value is an array that is read
 * element by element: the key, and then its value by json_key_value, or by
 * json_enter_array and json_next_element to the array's end.
 */
bool json_next_key(struct json_scan *s, struct json_value *key);
bool json_key_value(struct json_scan *s, struct json_value *v);

/* Enters the value at hand when it is an array; false when it is none. */
bool json_enter_array(struct json_scan *s);

/*
 * The next element of the array that was entered.  Returns true with *v
 * filled; false once at its end, where json_next_key goes on (s->reason is
 * JSON_OK), or on an error.  An element may be nested JSON_DEPTH deep, as if
 * it stood alone.
 */
bool json_next_element(struct json_scan *s, struct json_value *v);

/* Scans the value at hand (not by json_next) and the end of the text. */
bool json_whole(struct json_scan *s, struct json_value *v);

/* Opens and scans all of [p, p+n): its type, and s->reason. */
enum json_type json_skim(struct json_scan *s, const char *p, size_t n);

/* ---- strings (json_string.c) ---- */

/*
 * Unescapes the inside of a string that the scanner accepted (raw, with its
 * quotes) and writes it at w, which has room for raw.n bytes.  Returns the
 * number of bytes written, never more than raw.n.  UTF-8 out.
 */
size_t json_unescape(struct span raw, char *w);

/*
 * Scans and unescapes at once the inside of a string that goes on at *from,
 * behind its opening quote, and moves *from behind the closing one.  w has
 * room for end - *from bytes.  Returns the end of what was written; NULL, with
 * *from as it was, for a string that holds a \u escape or is none.
 */
char *json_take_string(char *w, const char **from, const char *end);

/*
 * The text of a string that is short, as a key is: its inside as it stands
 * when nothing is escaped, else unescaped into `room`, of n bytes; p is NULL
 * when an escaped one (raw, with quotes) is longer than that.
 */
struct span json_short_text(const struct json_value *string, char *room, size_t n);

/*
 * The inside of a key without needless escapes, as it may stand in a JSON
 * string, so that one key has one spelling.  Where it differs from what was
 * sent it is written at w, which has room for raw.n bytes.
 */
struct span json_plain_key(const struct json_value *key, char *w);

/*
 * Writes the inside of a JSON string (no quotes) for n bytes of valid UTF-8:
 * quote, backslash and control characters are escaped, all else is copied.
 * w has room for JSON_ESCAPE_MAX * n bytes.  Returns the end of the output.
 */
enum { JSON_ESCAPE_MAX = 6 };
char *json_escape(char *w, const char *p, size_t n);

/* The same, into a buffer, with the quotes. */
void json_add_string(struct buf *, const char *p, size_t n);

/*
 * Whether p is valid UTF-8 (RFC 3629: no overlong forms, no surrogates,
 * nothing above U+10FFFF).  *good (may be NULL): bytes before the first fault.
 */
bool utf8_valid(const char *p, size_t n, size_t *good);

#endif

/*
 * One JSON value as the bytes that a column of the Native format holds of it.
 *
 * Written is only what ClickHouse, reading the same as JSON, surely makes the
 * same bytes of; all else is refused here and left to the server.
 */
#ifndef MM_NATIVE_VALUE_H
#define MM_NATIVE_VALUE_H

#include "store/columns.h"
#include "text/json.h"

/*
 * Appends a value that is not null, by the type's kind, size and scale alone.
 * False when it is not surely encodable; the buffer is then as it was.
 */
bool native_value(struct buf *, const struct column_type *, const struct json_value *);

/* Bytes that native_value appends at most. */
size_t native_room(const struct column_type *, const struct json_value *);

/*
 * Appends the string at *p as native_value does one of COLUMN_STRING, as
 * json_take_string reads it: false, with nothing done, where that does not.
 * The buffer has room for NATIVE_LENGTH_MAX + (end - *p) bytes.
 */
enum { NATIVE_LENGTH_MAX = 10 }; /* bytes of a length */
bool native_take_string(struct buf *, const char **p, const char *end);

/* Bytes of the type's default value, all zero; 0 when it is not known here. */
size_t native_default_size(const struct column_type *);

/* Appends a number in LEB128: seven bits a byte, the low ones first. */
void native_add_length(struct buf *, uint64_t);

#endif

/*
 * The formats that a plan may ask of a string, mm-plan(5): strict, in linear time.
 */
#ifndef MM_PLAN_FORMAT_H
#define MM_PLAN_FORMAT_H

#include "text/jsonfile.h"

enum plan_format {
	PLAN_FORMAT_DATE,      /* RFC 3339, full-date */
	PLAN_FORMAT_DATE_TIME, /* RFC 3339, as base/timestamp reads it */
	PLAN_FORMAT_UUID,      /* RFC 9562 */
	PLAN_FORMAT_EMAIL,     /* RFC 5321: a Dot-string, and a host name of two labels or more */
	PLAN_FORMAT_URI,       /* RFC 3986, with a scheme */
	PLAN_FORMAT_IPV4,      /* RFC 2673, dotted quad */
	PLAN_FORMAT_IPV6,      /* RFC 4291, section 2.2 */
	PLAN_FORMAT_HOSTNAME,  /* RFC 1123 */
	PLAN_FORMATS,
};

/* Their names in JSON Schema, in that order. */
extern const struct json_keys plan_format_names;

/* Whether the text, without escapes, is of that format. */
bool plan_format_holds(enum plan_format, struct span text);

/* The complaint about a text that is not: a constant. */
struct span plan_format_complaint(enum plan_format);

#endif

/*
 * Times as logs and exports write them, to milliseconds since 1970.
 */
#ifndef MM_LOG_TIME_H
#define MM_LOG_TIME_H

#include "base/timestamp.h"

/*
 * Reads, all of [p, p+n) and nothing around it but brackets:
 *   17/May/2015:08:05:32 +0000      web servers' (the zone may lack: UTC)
 *   2015-05-17T08:05:32.123+02:00   RFC 3339 and its kin: a blank or 't' for
 *                                   'T', "/" in the date, "," before the
 *                                   fraction, +0200, +02, " UTC", no zone: UTC
 *   Sun, 17 May 2015 08:05:32 GMT   RFC 9110; also "Sun May 17 08:05:32 2015"
 *   1431849932.123                  seconds since 1970; also in milli-, micro-
 *                                   or nanoseconds, told apart by size; with
 *                                   an exponent too
 * Fractions are rounded down; decimals are read as such, not as doubles.
 * False: it is none of these, does not exist, lies outside of TIMESTAMP_MIN
 * and TIMESTAMP_MAX, or is a number below 1990 (which is a duration).
 */
bool log_time_parse(const char *p, size_t n, int64_t *ms);

/*
 * The first time in a line of a log: one in brackets, or one of the first three
 * kinds above between other things, or a number at the line's start.  False:
 * there is none.
 */
bool log_time_find(const char *p, size_t n, int64_t *ms);

/* "08:05:32" or "08:05:32.123", to milliseconds of a day. */
bool log_time_of_day(const char *p, size_t n, int64_t *ms);

enum { LOG_TIME_TEXT = 24 };

/* Writes "2015-05-17T08:05:32Z", with ".123" where there is a fraction; at
   most LOG_TIME_TEXT bytes, no NUL.  Returns the end. */
char *log_time_format(char *w, int64_t ms);

#endif

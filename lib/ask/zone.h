/*
 * Time zones of the IANA database: offsets from UTC, in both directions.
 *
 * Zones are read from the system's files (RFC 8536, TZif of version 2 and
 * later, in TZDIR or /usr/share/zoneinfo), with the POSIX rule at their end for the years to come.
 * Nothing of the C library's own zone is used or changed.  UTC needs no file.
 */
#ifndef MM_ZONE_H
#define MM_ZONE_H

#include "base/buf.h"

struct zone;

enum { ZONE_NAME_MAX = 64 };

/*
 * Opens the zone of that name ("Europe/Berlin"), at most ZONE_NAME_MAX bytes.
 * Returns NULL with a sentence in `error` when there is none of that name,
 * its file is damaged, or memory is out.  zone_close takes NULL too.
 */
struct zone *zone_open(struct span name, struct buf *error);
void zone_close(struct zone *);

/* NUL-terminated; as it was given. */
const char *zone_name(const struct zone *);

/* Whether it has always been UTC, by whatever name. */
bool zone_is_utc(const struct zone *);

/* Seconds east of UTC at that instant (seconds since 1970). */
int zone_offset(const struct zone *, int64_t seconds);

/*
 * The first instant at which clocks there show `local` (seconds since
 * 1970-01-01T00:00 on that clock).  Of a time that clocks skip: the instant of
 * the jump, so that a day without midnight begins with its first minute.
 */
int64_t zone_instant(const struct zone *, int64_t local);

#endif

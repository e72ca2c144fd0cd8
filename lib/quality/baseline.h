/*
 * An earlier report, read back as the profile that it was made of.
 */
#ifndef MM_BASELINE_H
#define MM_BASELINE_H

#include "quality/profile.h"

/*
 * Reads the JSON report [p, p+n), of quality_report_json, into a profile that was
 * just made.  Of what it says only the events and their fields are looked at.
 * Returns NULL, or what is wrong with it, in constant words.
 */
const char *baseline_read(struct profile *, const char *p, size_t n);

#endif

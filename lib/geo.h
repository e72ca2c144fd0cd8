/*
 * The country of an address, from a database in MaxMind's format (SPEC 7).
 */
#ifndef MM_GEO_H
#define MM_GEO_H

#include "buf.h"
#include "ip.h"

struct geo;

/* Returns NULL with a reason (a constant string) when the file can't be used. */
struct geo *geo_open(const char *path, const char **reason);
void geo_close(struct geo *);

/*
 * Writes the ISO 3166-1 alpha-2 code, two capital letters, and returns true;
 * false when the database has no country for the address, or is damaged.
 * Looks at country.iso_code, registered_country.iso_code, country_code.
 */
bool geo_country(struct geo *, const struct ip *, char code[2]);

#endif

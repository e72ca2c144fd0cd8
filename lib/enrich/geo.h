/*
 * The country of an address, from a database in MaxMind's format, version 2
 * (SPEC 7), whose file may be replaced at any time.
 *
 * The file's contents are copied once, into memory of the process' own, and
 * looked up there: the copy can't change or shrink under a lookup when the
 * file is overwritten or cut off in place.  A file that has changed is copied
 * anew by geo_refresh; those who still look into the copy before it keep it
 * until they let go of it.
 *
 * Threads: a struct geo may be shared.  geo_open, geo_close, geo_refresh and
 * geo_check are for its owner, one thread at a time.  At the same time, in any
 * number of threads: geo_generation, geo_damaged, geo_acquire, geo_release and
 * geo_country, also several with the same struct geo_db.
 */
#ifndef MM_GEO_H
#define MM_GEO_H

#include "base/buf.h"
#include "text/ip.h"

enum {
	GEO_CHECK_MS = 500,     /* how often geo_refresh looks at the file */
	GEO_FILE_MAX = 1 << 30, /* bytes; larger files are refused */
};

struct geo;    /* a file, and what it held when it was last read */
struct geo_db; /* one content of it, which never changes */

/*
 * Reads the database in the regular file `path`; the text is copied.  Returns
 * NULL with a reason when it can't be used: a text that is valid until the
 * next call of a function of this module by this thread.
 */
struct geo *geo_open(const char *path, const char **reason);

/* Every geo_db that was acquired must have been released; NULL is allowed. */
void geo_close(struct geo *);

/*
 * Reads the file again if it is another one than before, or has changed: its
 * device, inode, size or times.  Looks for that every GEO_CHECK_MS at most, so
 * that it may be called for each event; costs a look at the clock otherwise.
 *
 * Returns false, with a reason as above, when the file can't be used now; what
 * was read before stays in use.  This is said once, until the file could be
 * used again.  It is read again when it changes again.
 */
bool geo_refresh(struct geo *, const char **reason);

/* The same, but looks at the file at once. */
bool geo_check(struct geo *, const char **reason);

/* Counts the contents: another number than before says that geo_acquire would
   give another database.  Never 0. */
unsigned geo_generation(const struct geo *);

/* How many lookups met damage in the database, since geo_open. */
uint64_t geo_damaged(const struct geo *);

/*
 * The content at this time and its generation, to be looked up until
 * geo_release.  Never fails; takes a lock for a moment, so this is not for
 * each lookup.
 */
struct geo_db *geo_acquire(struct geo *, unsigned *generation);

/* NULL is allowed. */
void geo_release(struct geo_db *);

/*
 * Writes the ISO 3166-1 alpha-2 code, two capital letters, and returns true;
 * false when there is none, which is not an error: the database does not know
 * the address, or is one of IPv4 only and the address is not.
 *
 * The code is the first of country.iso_code, registered_country.iso_code and
 * country_code that is a string of two ASCII letters, in either case; anything
 * else there ("", "GBR", a number) counts as absent.  IPv4 addresses are
 * looked up under ::/96 in a database of IPv6, as its format wants it.
 *
 * Also false when the database is damaged where the lookup leads, which
 * geo_damaged counts.
 */
bool geo_country(const struct geo_db *, const struct ip *, char code[2]);

#endif

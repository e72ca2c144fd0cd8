/*
 * Text of others, for people: what would command a terminal, or show something
 * else than is there, is made visible.
 */
#ifndef MM_SCRUB_H
#define MM_SCRUB_H

#include <stddef.h>

/* How many bytes one may become. */
enum { SCRUB_MOST = 4 };

/*
 * Copies [p, p+n) to w, which has room for SCRUB_MOST * n bytes; returns the
 * bytes written.  As \xNN leave the control characters of ASCII and of ISO 6429
 * (U+0080 to U+009F) and every byte that is not UTF-8; as \uNNNN characters
 * that reorder what is around them, end lines, or have no width at all.  The
 * joiners U+200C and U+200D stay behind what is not ASCII: Persian, the scripts
 * of India and emoji are written with them.
 */
size_t scrub(char *w, const char *p, size_t n);

#endif

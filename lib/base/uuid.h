/*
 * UUIDs as text (RFC 9562): 8-4-4-4-12 hex digits.
 */
#ifndef MM_UUID_H
#define MM_UUID_H

#include "base/buf.h"

enum { UUID_TEXT = 36 };

/* Whether s is a UUID, in either case, of any version. */
bool uuid_valid(struct span s);

/* Writes s in lower case, UUID_TEXT bytes, no NUL.  False: it is no UUID. */
bool uuid_read(struct span s, char *w);

/* The 16 bytes of a UUID that uuid_valid finds one. */
void uuid_bytes(const char *text, unsigned char bytes[16]);

/* Writes UUID_TEXT characters for 16 bytes whose version and variant bits are
   replaced; no NUL. */
void uuid_format(char *w, const unsigned char bytes[16], unsigned version);

#endif

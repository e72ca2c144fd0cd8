/*
 * Messages of mail: RFC 5322, 2045 and 2047, with lines that end as files' do, which is
 * what sendmail reads.
 */
#ifndef MM_MIME_H
#define MM_MIME_H

#include "base/buf.h"

enum { MIME_LINE = 76 }; /* bytes of a line, at most */

/*
 * Adds a header field with a text, in lines of at most MIME_LINE bytes.  What is not printable
 * ASCII, and what would be read as such, becomes encoded words; control characters are among
 * them, so that no text can begin another field.
 */
void mime_add_field(struct buf *, const char *name, struct span text);

/* Adds the same instant as Date has it, in UTC: ms within TIMESTAMP_MIN and TIMESTAMP_MAX. */
void mime_add_date(struct buf *, int64_t ms);

/*
 * Whether it is one address as programs write it: NAME or NAME@HOST, of printable ASCII
 * without blanks, quotes, brackets, commas and the like, at most 254 bytes.
 */
bool mime_is_address(struct span);

/* Adds a field of addresses that have been found to be such, one a line. */
void mime_add_addresses(struct buf *, const char *name, const struct span *, size_t n);

/*
 * Adds a text, UTF-8 with '\n' at the end of lines, as quoted-printable: in lines of at most
 * MIME_LINE bytes, none of which is "." or begins with "From ".
 */
void mime_add_quoted(struct buf *, struct span text);

#endif

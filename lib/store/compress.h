/*
 * Compression of a request's body, for the header Content-Encoding.
 */
#ifndef MM_COMPRESS_H
#define MM_COMPRESS_H

#include "base/buf.h"

enum compress_kind {
	COMPRESS_NONE,
	COMPRESS_GZIP, /* RFC 1952, level 1 */
	COMPRESS_ZSTD, /* RFC 8878, level 1 */
};

struct compressor; /* keeps its memory from body to body */

/* Returns NULL when memory is out.  kind is not COMPRESS_NONE. */
struct compressor *compressor_new(enum compress_kind kind);
void compressor_free(struct compressor *);

/* The name for Content-Encoding; NULL for COMPRESS_NONE. */
const char *compress_encoding(enum compress_kind kind);

/*
 * A body, part by part: `to` is emptied, and gets what each part becomes; the
 * last one, which may be empty, ends it.  `bytes`: of all parts together.
 * False when memory is out.
 */
bool compress_begin(struct compressor *, uint64_t bytes, struct buf *to);
bool compress_part(struct compressor *, struct span part, bool last, struct buf *to);

#endif

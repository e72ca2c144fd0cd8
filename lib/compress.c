#include "compress.h"

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "banned.h"

/* Higher levels cost more time than the bytes they save are worth here. */
enum { LEVEL = 1, GZIP_WINDOW = 15 + 16, GZIP_MEMORY = 8, STEP = 1 << 20 };

struct compressor {
	enum compress_kind kind;
	ZSTD_CCtx *zstd;
	z_stream gzip;
	bool gzip_ready;
};

struct compressor *
compressor_new(enum compress_kind kind)
{
	struct compressor *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->kind = kind;
	if (kind == COMPRESS_ZSTD)
		c->zstd = ZSTD_createCCtx();
	else
		c->gzip_ready = deflateInit2(&c->gzip, LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
				    Z_DEFAULT_STRATEGY) == Z_OK;
	if (c->zstd || c->gzip_ready)
		return c;
	free(c);
	return NULL;
}

void
compressor_free(struct compressor *c)
{
	if (!c)
		return;
	ZSTD_freeCCtx(c->zstd);
	if (c->gzip_ready)
		deflateEnd(&c->gzip);
	free(c);
}

const char *
compress_encoding(enum compress_kind kind)
{
	static const char *const names[] = { NULL, "gzip", "zstd" };

	return names[kind];
}

static bool
to_zstd(struct compressor *c, const char *p, size_t n, struct buf *to)
{
	char *w = buf_room(to, ZSTD_compressBound(n));
	size_t k;

	if (!w)
		return false;
	k = ZSTD_compressCCtx(c->zstd, w, to->cap - to->n, p, n, LEVEL);
	if (ZSTD_isError(k))
		return false;
	to->n += k;
	return true;
}

static bool
to_gzip(struct compressor *c, const char *p, size_t n, struct buf *to)
{
	int r = Z_OK;

	if (deflateReset(&c->gzip) != Z_OK)
		return false;
	/* zlib counts in unsigned int: hand it a step at a time */
	while (r != Z_STREAM_END) {
		size_t step = n < STEP ? n : STEP;
		uLong bound = deflateBound(&c->gzip, (uLong)step) + 64;
		char *w = buf_room(to, bound);

		if (!w)
			return false;
		c->gzip.next_in = (Bytef *)(uintptr_t)p;
		c->gzip.avail_in = (uInt)step;
		c->gzip.next_out = (Bytef *)w;
		c->gzip.avail_out = (uInt)bound;
		r = deflate(&c->gzip, step == n ? Z_FINISH : Z_NO_FLUSH);
		if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
			return false;
		to->n += bound - c->gzip.avail_out;
		p += step - c->gzip.avail_in;
		n -= step - c->gzip.avail_in;
	}
	return true;
}

bool
compress_body(struct compressor *c, const char *p, size_t n, struct buf *to)
{
	buf_reset(to);
	return c->kind == COMPRESS_ZSTD ? to_zstd(c, p, n, to) : to_gzip(c, p, n, to);
}

#include "store/compress.h"

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "base/banned.h"

/* Higher levels cost more time than the bytes they save are worth here. */
enum { LEVEL = 1, GZIP_WINDOW = 15 + 16, GZIP_MEMORY = 8, STEP = 1 << 20, OUT = 1 << 18 };

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

/* Compresses one part; the last one ends the body. */
static bool
to_zstd(struct compressor *c, struct span part, bool last, struct buf *to)
{
	ZSTD_inBuffer in = { part.p, part.n, 0 };
	ZSTD_EndDirective then = last ? ZSTD_e_end : ZSTD_e_continue;
	size_t left;

	do {
		ZSTD_outBuffer out = { buf_room(to, OUT), OUT, 0 };

		if (!out.dst)
			return false;
		left = ZSTD_compressStream2(c->zstd, &out, &in, then);
		if (ZSTD_isError(left))
			return false;
		to->n += out.pos;
	} while (in.pos < in.size || (last && left));
	return true;
}

static bool
to_gzip(struct compressor *c, struct span part, bool last, struct buf *to)
{
	int r;

	do {
		/* zlib counts in unsigned int: hand it a step at a time */
		size_t step = part.n < STEP ? part.n : STEP;
		char *w = buf_room(to, OUT);

		if (!w)
			return false;
		c->gzip.next_in = (Bytef *)(uintptr_t)part.p;
		c->gzip.avail_in = (uInt)step;
		c->gzip.next_out = (Bytef *)w;
		c->gzip.avail_out = OUT;
		r = deflate(&c->gzip, last && step == part.n ? Z_FINISH : Z_NO_FLUSH);
		if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
			return false;
		to->n += OUT - c->gzip.avail_out;
		step -= c->gzip.avail_in;
		part = (struct span){ part.p + step, part.n - step };
	} while (part.n > 0 || (last && r != Z_STREAM_END));
	return true;
}

bool
compress_begin(struct compressor *c, uint64_t bytes, struct buf *to)
{
	buf_reset(to);
	if (c->kind != COMPRESS_ZSTD)
		return deflateReset(&c->gzip) == Z_OK;
	return !ZSTD_isError(ZSTD_CCtx_reset(c->zstd, ZSTD_reset_session_and_parameters)) &&
	    !ZSTD_isError(ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_compressionLevel, LEVEL)) &&
	    !ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(c->zstd, bytes));
}

bool
compress_part(struct compressor *c, struct span part, bool last, struct buf *to)
{
	return c->kind == COMPRESS_ZSTD ? to_zstd(c, part, last, to) : to_gzip(c, part, last, to);
}

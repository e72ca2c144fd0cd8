#include "import/unpack.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/banned.h"

enum kind { UNKNOWN, PLAIN, GZIP, ZSTANDARD };

enum { MAGIC = 4 };

struct unpack_state {
	z_stream z;
	bool z_open;
	ZSTD_DStream *zstd;
};

void
unpack_begin(struct unpack *u)
{
	u->reason = NULL;
	u->ready = u->eof = u->inside = false;
	u->kind = UNKNOWN;
	u->start = u->end = 0;
}

void
unpack_release(struct unpack *u)
{
	if (!u->state)
		return;
	if (u->state->z_open)
		inflateEnd(&u->state->z);
	ZSTD_freeDStream(u->state->zstd);
	free(u->state);
	u->state = NULL;
}

static ssize_t
fail(struct unpack *u, const char *reason)
{
	u->reason = reason;
	errno = EBADMSG;
	return -1;
}

static ssize_t
out_of_memory(void)
{
	errno = ENOMEM;
	return -1;
}

/* One read; false, with errno, when it failed. */
static bool
refill(struct unpack *u, int fd)
{
	ssize_t k;

	if (u->start == u->end)
		u->start = u->end = 0;
	k = read(fd, u->in + u->end, sizeof(u->in) - u->end);
	if (k < 0)
		return false;
	u->eof = k == 0;
	u->end += (size_t)k;
	return true;
}

static bool
is_magic(const struct unpack *u, const char *magic, size_t n)
{
	return u->end - u->start >= n && memcmp(u->in + u->start, magic, n) == 0;
}

/* zstd's frames that hold nothing: 0x184D2A50 to 0x184D2A5F */
static bool
is_skippable(const struct unpack *u)
{
	return u->end - u->start >= MAGIC && (u->in[u->start] & 0xf0) == 0x50 &&
	    memcmp(u->in + u->start + 1, "\x2a\x4d\x18", 3) == 0;
}

static bool
begin_kind(struct unpack *u)
{
	if (is_magic(u, "\x1f\x8b", 2))
		u->kind = GZIP;
	else if (is_magic(u, "\x28\xb5\x2f\xfd", MAGIC) || is_skippable(u))
		u->kind = ZSTANDARD;
	else
		u->kind = PLAIN;
	if (u->kind == PLAIN)
		return true;
	if (!u->state)
		u->state = calloc(1, sizeof(*u->state));
	if (!u->state)
		return false;
	if (u->kind == GZIP) {
		if (u->state->z_open)
			return inflateReset(&u->state->z) == Z_OK;
		u->state->z_open = inflateInit2(&u->state->z, 16 + MAX_WBITS) == Z_OK;
		return u->state->z_open;
	}
	if (!u->state->zstd)
		u->state->zstd = ZSTD_createDStream();
	return u->state->zstd &&
	    !ZSTD_isError(ZSTD_DCtx_reset(u->state->zstd, ZSTD_reset_session_only)) &&
	    !ZSTD_isError(
		ZSTD_DCtx_setParameter(u->state->zstd, ZSTD_d_windowLogMax, UNPACK_WINDOW_LOG));
}

/* Bytes behind a member of gzip: zeros are padding, as tapes leave them. */
static bool
is_padding(struct unpack *u)
{
	while (u->start < u->end && u->in[u->start] == 0)
		u->start++;
	return u->start == u->end;
}

static ssize_t
read_gzip(struct unpack *u, char *p, size_t n)
{
	z_stream *z = &u->state->z;
	int result;

	if (!u->inside) {
		if (is_padding(u))
			return 0;
		if (u->in[u->start] != 0x1f)
			return fail(u, "something follows the gzip data");
		inflateReset(z);
		u->inside = true;
	}
	z->next_in = u->in + u->start;
	z->avail_in = (uInt)(u->end - u->start);
	z->next_out = (unsigned char *)p;
	z->avail_out = (uInt)(n < 1u << 30 ? n : 1u << 30);
	n = z->avail_out;
	result = inflate(z, Z_NO_FLUSH);
	u->start = u->end - z->avail_in;
	if (result == Z_STREAM_END)
		u->inside = false;
	else if (result == Z_MEM_ERROR)
		return out_of_memory();
	else if (result != Z_OK && result != Z_BUF_ERROR)
		return fail(u, "the gzip data is damaged");
	u->ready = z->avail_out == 0 || u->start < u->end;
	return (ssize_t)(n - z->avail_out);
}

static ssize_t
read_zstd(struct unpack *u, char *p, size_t n)
{
	ZSTD_inBuffer in = { u->in, u->end, u->start };
	ZSTD_outBuffer out = { p, n, 0 };
	size_t result = ZSTD_decompressStream(u->state->zstd, &out, &in);

	u->start = in.pos;
	if (ZSTD_isError(result)) {
		if (ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge)
			return fail(u,
			    "the zstd data needs a window of more than 8 MiB: unpack it with zstd "
			    "-dc --long=31");
		return fail(u, "the zstd data is damaged");
	}
	u->inside = result != 0;
	u->ready = out.pos == out.size || u->start < u->end;
	return (ssize_t)out.pos;
}

static ssize_t
read_plain(struct unpack *u, int fd, char *p, size_t n)
{
	size_t have = u->end - u->start;

	if (have == 0)
		return u->eof ? 0 : read(fd, p, n);
	if (have > n)
		have = n;
	memcpy(p, u->in + u->start, have);
	u->start += have;
	u->ready = u->start < u->end;
	return (ssize_t)have;
}

ssize_t
unpack_read(struct unpack *u, int fd, char *p, size_t n)
{
	ssize_t got;

	u->ready = false;
	while (u->kind == UNKNOWN) {
		if (!refill(u, fd))
			return -1;
		if (u->end - u->start < MAGIC && !u->eof)
			continue;
		if (!begin_kind(u))
			return out_of_memory();
	}
	if (u->kind == PLAIN)
		return read_plain(u, fd, p, n);
	for (;;) {
		if (u->start < u->end || u->inside) {
			got = u->kind == GZIP ? read_gzip(u, p, n) : read_zstd(u, p, n);
			if (got != 0)
				return got;
			if (u->start < u->end)
				continue;
		}
		if (u->eof)
			return u->inside ? fail(u, "the compressed data ends in the middle") : 0;
		break;
	}
	if (!refill(u, fd))
		return -1;
	u->ready = u->eof;
	errno = EAGAIN;
	return -1;
}

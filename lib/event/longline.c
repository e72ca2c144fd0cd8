#include "event/longline.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "text/json.h"

#include "base/banned.h"

/* A multiple of 3, so that the base64 of the pieces is that of the whole. */
enum { PIECE = 48 * 1024 };

static int
open_unnamed(void)
{
	const char *dir = getenv("TMPDIR");

	return fd_unnamed(dir && *dir ? dir : "/tmp");
}

int
longline_add(struct longline *l, const char *p, size_t n)
{
	if (l->error)
		return l->error;
	if (l->fd < 0) {
		l->fd = open_unnamed();
		if (l->fd < 0)
			return l->error = errno;
	}
	return l->error = fd_write(l->fd, p, n);
}

/* Reads up to PIECE bytes after those kept in l->b; -1 on error, 0 at the end. */
static ssize_t
read_piece(struct longline *l)
{
	size_t want = PIECE - l->b.n;
	size_t got;
	char *w = buf_room(&l->b, want);

	l->error = w ? fd_read(l->fd, w, want, &got) : ENOMEM;
	if (l->error)
		return -1;
	l->b.n += got;
	return (ssize_t)got;
}

static bool
rewind_file(struct longline *l)
{
	buf_reset(&l->b);
	if (lseek(l->fd, 0, SEEK_SET) == 0)
		return true;
	l->error = errno;
	return false;
}

/* Whether the whole line is UTF-8; a character may straddle two pieces. */
static bool
is_utf8(struct longline *l)
{
	size_t good;
	ssize_t k;

	if (!rewind_file(l))
		return false;
	while ((k = read_piece(l)) > 0) {
		if (!utf8_valid(l->b.p, l->b.n, &good) && l->b.n - good >= 4)
			return false;
		l->b.n -= good;
		memmove(l->b.p, l->b.p + good, l->b.n);
	}
	return k == 0 && l->b.n == 0;
}

static void
write_input(struct longline *l, struct out *out, bool utf8)
{
	struct buf text = BUF_INIT;

	if (!rewind_file(l))
		return;
	while (read_piece(l) > 0 && !out->error) {
		buf_reset(&text);
		if (utf8) {
			char *w = buf_room(&text, l->b.n * JSON_ESCAPE_MAX);

			if (w)
				text.n = (size_t)(json_escape(w, l->b.p, l->b.n) - w);
		} else {
			buf_add_base64(&text, l->b.p, l->b.n);
		}
		if (text.failed)
			l->error = ENOMEM;
		out_write(out, text.p, text.n);
		buf_reset(&l->b);
	}
	buf_release(&text);
}

int
longline_reject(struct longline *l, const struct reject *r, struct out *out)
{
	struct buf head = BUF_INIT;
	int error;

	if (!l->error) {
		bool utf8 = is_utf8(l);

		reject_add_head(&head, r);
		buf_adds(&head, utf8 ? "\"input\":\"" : "\"input_base64\":\"");
		if (head.failed)
			l->error = ENOMEM;
		if (!l->error) {
			out_write(out, head.p, head.n);
			write_input(l, out, utf8);
			out_write(out, "\"}\n", 3);
		}
	}
	error = l->error;
	buf_release(&head);
	longline_release(l);
	return error;
}

void
longline_release(struct longline *l)
{
	if (l->fd >= 0)
		close(l->fd);
	buf_release(&l->b);
	*l = (struct longline)LONGLINE_INIT;
}

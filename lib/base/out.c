#include "base/out.h"

#include <limits.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

#include "base/banned.h"

enum { PATIENCE_MS = 900 }; /* after a signal, for each piece */

void
out_init(struct out *o, int fd, const atomic_int *stop)
{
	o->fd = fd;
	o->error = 0;
	o->stop = stop;
	o->appends = o->held = false;
	o->full = OUT_BLOCK;
	o->b = (struct buf)BUF_INIT;
	o->lent = NULL;
	o->lent_n = 0;
	buf_room(&o->b, 2 * OUT_BLOCK);
	fd_enlarge_pipe(fd);
}

void
out_init_memory(struct out *o)
{
	*o = (struct out){ .fd = -1, .full = SIZE_MAX, .b = BUF_INIT };
}

void
out_release(struct out *o)
{
	buf_release(&o->b);
}

static bool
stopped(const struct out *o)
{
	return o->stop && *o->stop;
}

static int
wait_writable(const struct out *o)
{
	struct pollfd p = { .fd = o->fd, .events = POLLOUT };

	if (poll(&p, 1, -1) >= 0)
		return 0;
	return errno == EINTR && !stopped(o) ? 0 : errno;
}

/* Once *stop is set nobody may be reading any more: who reads on gets all, but
   is waited for only so long. */
static ssize_t
write_some(const struct out *o, const char *p, size_t n)
{
	struct pollfd ready = { .fd = o->fd, .events = POLLOUT };

	if (stopped(o)) {
		if (poll(&ready, 1, PATIENCE_MS) <= 0) {
			errno = ECANCELED;
			return -1;
		}
		if (n > PIPE_BUF)
			n = PIPE_BUF;
	}
	return write(o->fd, p, n);
}

/* Whether the lock is held; it is not where the file system has none. */
static bool
lock(struct out *o)
{
	while (flock(o->fd, LOCK_EX) != 0) {
		if (errno != EINTR)
			return false;
		if (stopped(o)) {
			o->error = EINTR;
			return false;
		}
	}
	return true;
}

/* Ends the line that a process left behind which was killed while it wrote. */
static void
end_torn_line(struct out *o)
{
	struct stat st;
	char last = '\n';

	if (fstat(o->fd, &st) == 0 && st.st_size > 0 &&
	    pread(o->fd, &last, 1, st.st_size - 1) == 1 && last != '\n')
		o->error = fd_write(o->fd, "\n", 1);
}

/* Writes 64 KiB at a time at most; the first error stays. */
static void
write_pieces(struct out *o, const char *p, size_t left)
{
	while (left > 0 && !o->error) {
		ssize_t k = write_some(o, p, left < OUT_BLOCK ? left : OUT_BLOCK);

		if (k >= 0) {
			p += k;
			left -= (size_t)k;
		} else if (errno == ECANCELED) {
			o->error = EINTR;
		} else if (errno == EINTR) {
			continue;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			o->error = wait_writable(o);
		} else {
			o->error = errno;
		}
	}
}

static void
write_all(struct out *o, const char *p, size_t n)
{
	bool locked = false;

	if (n == 0 || o->error)
		return;
	if (o->appends && !o->held) {
		locked = lock(o);
		if (!o->error)
			end_torn_line(o);
	}
	write_pieces(o, p, n);
	if (locked)
		flock(o->fd, LOCK_UN);
}

int
out_flush(struct out *o)
{
	if (o->lent_n)
		out_settle(o);
	if (o->b.failed && !o->error)
		o->error = ENOMEM;
	write_all(o, o->b.p, o->b.n);
	o->b.n = 0;
	return o->error;
}

void
out_write_through(struct out *o, const char *p, size_t n)
{
	if (out_flush(o) == 0)
		write_all(o, p, n);
}

void
out_write(struct out *o, const char *p, size_t n)
{
	char *w;

	if (n == 0)
		return; /* p may be NULL then */
	if (n >= o->full) {
		out_write_through(o, p, n);
		return;
	}
	w = out_room(o, n);
	if (w) {
		memcpy(w, p, n);
		out_advance(o, n);
	}
}

void
out_lend(struct out *o, const char *p, size_t n)
{
	if (o->full != OUT_BLOCK) { /* it stays in memory: whoever takes b does not settle */
		out_write(o, p, n);
		return;
	}
	if (o->lent_n && p == o->lent + o->lent_n) {
		o->lent_n += n;
	} else {
		out_settle(o);
		o->lent = p;
		o->lent_n = n;
	}
	if (o->lent_n >= OUT_BLOCK)
		out_settle(o);
}

void
out_settle(struct out *o)
{
	enum { WORTH_A_WRITE = OUT_BLOCK / 4 };
	size_t n = o->lent_n;

	if (n == 0)
		return;
	o->lent_n = 0; /* or those who write would come back here */
	if (n >= WORTH_A_WRITE)
		out_write_through(o, o->lent, n);
	else
		out_write(o, o->lent, n);
}

void
out_hold(struct out *o)
{
	out_flush(o);
	if (!o->appends || o->error)
		return;
	o->held = lock(o);
	if (!o->error)
		end_torn_line(o);
}

void
out_let_go(struct out *o)
{
	out_flush(o);
	if (o->held)
		flock(o->fd, LOCK_UN);
	o->held = false;
}

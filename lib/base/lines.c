#define _GNU_SOURCE /* ppoll */
#include "base/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

#include "base/banned.h"

/* What is handed over at once: about half a block, so that what comes of it stays in the
   processor's cache, too. */
enum { SHARED_BLOCK = LINES_BLOCK / 8 * 5 };

bool
lines_init(struct lines *l, char *const *files, size_t file_count, size_t max_line, struct out *out,
    const atomic_int *stop)
{
	static char dash[] = "-";
	static char *const standard_input[] = { dash };

	*l = (struct lines){
		.wait_ms = -1,
		.files = file_count ? files : standard_input,
		.file_count = file_count ? file_count : 1,
		.max_line = max_line,
		.out = out,
		.stop = stop,
		.fd = -1,
	};
	l->cap = LINES_BLOCK;
	l->block = malloc(l->cap);
	return l->block != NULL;
}

static void
close_file(struct lines *l)
{
	if (l->fd > STDIN_FILENO)
		close(l->fd);
	l->fd = -1;
}

void
lines_release(struct lines *l)
{
	close_file(l);
	free(l->block);
	l->block = NULL;
}

/* Opens the next file; 0 or an errno. */
static int
open_next(struct lines *l)
{
	const char *name = l->files[l->next_file++];
	struct stat st;

	l->number = 0;
	l->start = l->end = l->scanned = 0;
	l->eof = l->in_long = false;
	l->fresh = true;
	l->ready = false;
	l->reason = NULL;
	if (l->source)
		l->source->begin(l->source->context);
	if (strcmp(name, "-") == 0) {
		l->name = "<stdin>";
		l->fd = STDIN_FILENO;
	} else {
		l->name = name;
		l->fd = fd_open(name, O_RDONLY | O_CLOEXEC, 0, l->stop);
		if (l->fd < 0)
			return errno;
	}
	if (fstat(l->fd, &st) != 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	fd_enlarge_pipe(l->fd);
#ifdef POSIX_FADV_SEQUENTIAL
	posix_fadvise(l->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
#endif
	return 0;
}

static bool
stopped(const struct lines *l)
{
	return l->enough || (l->stop && *l->stop);
}

enum wait_result { WAIT_READY, WAIT_IDLE, WAIT_STOP };

/*
 * Waits until the descriptor can be read.  Signals are blocked between the
 * look at *stop and the wait, so that none slips in between unseen.
 */
static enum wait_result
wait_readable(struct lines *l)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };
	struct timespec ts = { l->wait_ms / 1000, (l->wait_ms % 1000) * 1000000L };
	sigset_t caught, before;
	enum wait_result r = WAIT_READY;
	int k;

	if (poll(&p, 1, 0) > 0)
		return stopped(l) ? WAIT_STOP : WAIT_READY;
	if (l->out)
		out_flush(l->out);
	if (l->also)
		out_flush(l->also);
	sigemptyset(&caught);
	sigaddset(&caught, SIGINT);
	sigaddset(&caught, SIGTERM);
	sigaddset(&caught, SIGHUP);
	sigprocmask(SIG_BLOCK, &caught, &before);
	if (stopped(l)) {
		r = WAIT_STOP;
	} else {
		k = ppoll(&p, 1, l->wait_ms < 0 ? NULL : &ts, &before);
		if (k == 0)
			r = WAIT_IDLE;
		else if (k < 0 && stopped(l))
			r = WAIT_STOP;
		else if (k < 0 && l->wait_ms >= 0)
			r = WAIT_IDLE; /* a read would wait for longer */
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}

/* Makes room for a read after what is kept; false when memory is out. */
static bool
make_room(struct lines *l)
{
	size_t kept = l->end - l->start;
	size_t want = kept + LINES_BLOCK / 2;
	char *p;

	if (kept == 0)
		l->start = l->end = l->scanned = 0;
	if (l->cap - l->end >= LINES_BLOCK / 2)
		return true;
	if (l->start > 0) {
		memmove(l->block, l->block + l->start, kept);
		l->scanned -= l->start;
		l->end = kept;
		l->start = 0;
	}
	if (l->cap >= want)
		return true;
	want = l->cap * 2;
	p = realloc(l->block, want);
	if (!p)
		return false;
	l->block = p;
	l->cap = want;
	return true;
}

static void
skip_byte_order_mark(struct lines *l)
{
	if (!l->fresh || l->end < 3)
		return;
	l->fresh = false;
	if (l->number > 0 || memcmp(l->block, "\xef\xbb\xbf", 3) != 0)
		return;
	l->start = 3;
	if (l->scanned < 3)
		l->scanned = 3;
}

static ssize_t
read_some(struct lines *l, char *p, size_t n)
{
	const struct lines_source *s = l->source;

	l->ready = false;
	return s ? s->read(s->context, l->fd, p, n, &l->ready, &l->reason) : read(l->fd, p, n);
}

/* One read into the block.  Sets eof; LINES_LINE stands for "go on". */
static enum lines_event
fill(struct lines *l)
{
	size_t room;
	ssize_t k;

	if (l->out)
		out_settle(l->out); /* what it was lent is moved, or overwritten */
	if (!make_room(l)) {
		l->error = ENOMEM;
		return LINES_ERROR;
	}
	switch (l->ready ? WAIT_READY : wait_readable(l)) {
	case WAIT_READY:
		break;
	case WAIT_IDLE:
		return LINES_IDLE;
	case WAIT_STOP:
		return LINES_END;
	}
	room = l->cap - l->end;
	k = read_some(l, l->block + l->end, room < LINES_BLOCK ? room : LINES_BLOCK);
	if (k < 0) {
		if (errno == EAGAIN && l->source)
			return LINES_IDLE;
		if (errno == EINTR || errno == EAGAIN)
			return LINES_LINE;
		l->error = errno;
		return LINES_ERROR;
	}
	if (k == 0)
		l->eof = true;
	l->end += (size_t)k;
	l->bytes += (size_t)k;
	return LINES_LINE;
}

size_t
lines_unread(const struct lines *l)
{
	return l->end - l->start;
}

static enum lines_event
hand_out(struct lines *l, size_t n, size_t with_end)
{
	l->p = l->block + l->start;
	l->n = n;
	l->start += with_end;
	l->scanned = l->start;
	return LINES_LINE;
}

/* A piece of an overlong line; the newline's byte is not part of it. */
static enum lines_event
hand_out_piece(struct lines *l, size_t n, bool last, size_t with_end)
{
	if (!l->in_long)
		l->number++;
	hand_out(l, n, with_end);
	l->in_long = !last;
	l->last = last;
	return LINES_LONG;
}

static size_t
without_cr(const struct lines *l, size_t n)
{
	return n > 0 && l->block[l->start + n - 1] == '\r' ? n - 1 : n;
}

/* The next line that lies in the block whole; LINES_IDLE: more is needed. */
static enum lines_event
from_block(struct lines *l)
{
	char *newline = memchr(l->block + l->scanned, '\n', l->end - l->scanned);
	size_t have = l->end - l->start, n;

	if (newline) {
		n = (size_t)(newline - (l->block + l->start));
		have = without_cr(l, n);
		if (l->in_long || have > l->max_line)
			return hand_out_piece(l, have, true, n + 1);
		l->number++;
		return hand_out(l, have, n + 1);
	}
	l->scanned = l->end;
	if (l->eof) {
		if (have == 0 && !l->in_long)
			return LINES_IDLE;
		n = without_cr(l, have);
		if (l->in_long || n > l->max_line)
			return hand_out_piece(l, n, true, have);
		l->number++;
		return hand_out(l, n, have);
	}
	/* one byte is held back: it may be the '\r' of the line's end */
	if (have > 1 && (l->in_long || have - 1 > l->max_line))
		return hand_out_piece(l, have - 1, false, have - 1);
	return LINES_IDLE;
}

/* Hands over n bytes, and goes on in the memory of *b; LINES_ERROR: there is none. */
static enum lines_event
hand_over(struct lines *l, size_t n, struct lines_block *b)
{
	size_t left = l->end - l->start - n;
	size_t cap = left > SHARED_BLOCK ? left : SHARED_BLOCK;
	char *p = b->p;

	if (b->cap < cap)
		p = realloc(p, cap);
	else
		cap = b->cap;
	if (!p) {
		l->error = ENOMEM;
		return LINES_ERROR;
	}
	memcpy(p, l->block + l->start + n, left);
	*b = (struct lines_block){ l->block, l->cap, l->start, n, l->name, l->next_file };
	l->block = p;
	l->cap = cap;
	l->start = 0;
	l->end = l->scanned = left;
	l->fresh = false;
	return LINES_LINE;
}

/* All lines that lie in the block whole; LINES_IDLE: more is needed. */
static enum lines_event
all_from_block(struct lines *l, struct lines_block *b)
{
	size_t have = l->end - l->start;
	const char *newline;

	if (l->in_long || have == 0)
		return from_block(l);
	if (l->eof)
		return hand_over(l, have, b);
	newline = memrchr(l->block + l->scanned, '\n', l->end - l->scanned);
	if (newline)
		return hand_over(l, (size_t)(newline + 1 - (l->block + l->start)), b);
	return from_block(l);
}

static enum lines_event
next(struct lines *l, struct lines_block *b)
{
	for (;;) {
		enum lines_event e;

		if (l->fd < 0) {
			if (l->next_file >= l->file_count || stopped(l))
				return LINES_END;
			l->error = open_next(l);
			if (l->error == EINTR && stopped(l))
				return LINES_END;
			if (l->error) {
				close_file(l);
				return LINES_ERROR;
			}
		}
		e = b ? all_from_block(l, b) : from_block(l);
		if (e == LINES_ERROR)
			close_file(l);
		if (e != LINES_IDLE)
			return e;
		if (l->eof) {
			close_file(l);
			continue;
		}
		e = fill(l);
		if (e == LINES_ERROR)
			close_file(l);
		if (e != LINES_LINE)
			return e;
		/* a mark may arrive in pieces: look once three bytes are there */
		skip_byte_order_mark(l);
	}
}

enum lines_event
lines_next(struct lines *l)
{
	return next(l, NULL);
}

enum lines_event
lines_next_block(struct lines *l, struct lines_block *b)
{
	return next(l, b);
}

void
lines_of_block(struct lines *l, const struct lines_block *b, size_t max_line)
{
	*l = (struct lines){
		.name = b->name,
		.max_line = max_line,
		.fd = STDIN_FILENO, /* which is not read: this is the end */
		.eof = true,
		.block = b->p,
		.cap = b->cap,
		.start = b->start,
		.end = b->start + b->n,
		.scanned = b->start,
	};
}

bool
line_is_blank(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] != ' ' && p[i] != '\t' && p[i] != '\r')
			return false;
	return true;
}

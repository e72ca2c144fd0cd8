#include "mcp/inbox.h"

#include <errno.h>
#include <time.h>

#include "base/banned.h"

enum { SLOTS = INBOX_MAX + 1 };

static struct inbox_line *
slot(struct inbox *in, size_t i)
{
	return &in->line[(in->first + i) % SLOTS];
}

const struct inbox_line *
inbox_at_work(const struct inbox *in)
{
	return in->working ? &in->line[(in->first + SLOTS - 1) % SLOTS] : NULL;
}

void
inbox_end(struct inbox *in)
{
	in->count = in->bytes = 0;
	in->ended = true;
	pthread_cond_broadcast(&in->changed);
}

struct inbox_line *
inbox_waiting(struct inbox *in, size_t i)
{
	return i < in->count ? slot(in, i) : NULL;
}

/* ---- on the reading thread ---- */

static bool
is_full(const struct inbox *in)
{
	return in->count == INBOX_MAX || (in->count > 0 && in->bytes >= INBOX_BYTES_MAX);
}

/* A signal does not end a wait for a condition, so *stop is looked at in between. */
static void
wait_for_room(struct inbox *in)
{
	enum { LOOK_MS = 100 };
	struct timespec until;

	while (is_full(in) && !*in->stop && !in->ended) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += LOOK_MS * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000L;
		until.tv_nsec %= 1000000000L;
		pthread_cond_timedwait(&in->changed, &in->lock, &until);
	}
}

/* Copies the line at hand, or notes that it is too long; false: memory is out. */
static bool
take(struct inbox *in, bool long_one)
{
	struct inbox_line *line;
	bool good;

	pthread_mutex_lock(&in->lock);
	if (!long_one && in->urgent(in->context, in, in->lines.p, in->lines.n)) {
		pthread_mutex_unlock(&in->lock);
		return true;
	}
	wait_for_room(in);
	if (*in->stop || in->ended) {
		pthread_mutex_unlock(&in->lock);
		return true; /* nobody will take it */
	}
	line = slot(in, in->count);
	buf_reset(&line->text);
	line->long_one = long_one;
	if (!long_one)
		buf_add(&line->text, in->lines.p, in->lines.n);
	good = !line->text.failed;
	in->count += good;
	in->bytes += good ? line->text.n : 0;
	pthread_cond_broadcast(&in->changed);
	pthread_mutex_unlock(&in->lock);
	return good;
}

static void
end(struct inbox *in, int error)
{
	pthread_mutex_lock(&in->lock);
	in->ended = true;
	in->error = error;
	if (*in->stop) {
		in->count = in->bytes = 0;
		in->stop_work = 1;
	}
	pthread_cond_broadcast(&in->changed);
	pthread_mutex_unlock(&in->lock);
}

static void *
read_all(void *context)
{
	struct inbox *in = context;

	for (;;) {
		switch (lines_next(&in->lines)) {
		case LINES_LINE:
			if (!take(in, false)) {
				end(in, ENOMEM);
				return NULL;
			}
			break;
		case LINES_LONG:
			if (in->lines.last)
				take(in, true);
			break;
		case LINES_ERROR:
			end(in, in->lines.error);
			return NULL;
		case LINES_END:
			end(in, 0);
			return NULL;
		case LINES_IDLE:
			break;
		}
	}
}

/* ---- on the working thread ---- */

bool
inbox_start(struct inbox *in, size_t max_line, const atomic_int *stop,
    bool (*urgent)(void *, struct inbox *, const char *, size_t), void *context)
{
	memset(in, 0, sizeof(*in));
	in->stop = stop;
	in->urgent = urgent;
	in->context = context;
	if (!lines_init(&in->lines, NULL, 0, max_line, NULL, stop))
		return false;
	if (pthread_mutex_init(&in->lock, NULL) != 0)
		goto no_lock;
	if (pthread_cond_init(&in->changed, NULL) != 0)
		goto no_condition;
	if (pthread_create(&in->thread, NULL, read_all, in) == 0)
		return true;
	pthread_cond_destroy(&in->changed);
no_condition:
	pthread_mutex_destroy(&in->lock);
no_lock:
	lines_release(&in->lines);
	return false;
}

const struct inbox_line *
inbox_next(struct inbox *in)
{
	const struct inbox_line *line = NULL;

	pthread_mutex_lock(&in->lock);
	in->working = false;
	while (in->count == 0 && !in->ended)
		pthread_cond_wait(&in->changed, &in->lock);
	in->stop_work = *in->stop != 0;
	if (in->stop_work)
		in->count = in->bytes = 0;
	if (in->count) {
		line = slot(in, 0);
		in->bytes -= line->text.n < in->bytes ? line->text.n : in->bytes;
		in->first = (in->first + 1) % SLOTS;
		in->count--;
		in->working = true;
	}
	pthread_cond_broadcast(&in->changed);
	pthread_mutex_unlock(&in->lock);
	return line;
}

void
inbox_release(struct inbox *in)
{
	size_t i;

	pthread_join(in->thread, NULL);
	pthread_cond_destroy(&in->changed);
	pthread_mutex_destroy(&in->lock);
	lines_release(&in->lines);
	for (i = 0; i < SLOTS; i++)
		buf_release(&in->line[i].text);
}

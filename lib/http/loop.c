#define _GNU_SOURCE /* CLOCK_MONOTONIC_COARSE */
#include "http/loop.h"

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "base/banned.h"

enum { LINGER_MS = 2000 };

static void
set_defaults(struct http_config *c)
{
	if (!c->body_most)
		c->body_most = 64 * 1024;
	if (!c->connections_most)
		c->connections_most = 16 * 1024;
	if (!c->memory_most)
		c->memory_most = 256 * 1024 * 1024;
	if (!c->head_ms)
		c->head_ms = 10 * 1000;
	if (!c->body_ms)
		c->body_ms = 30 * 1000;
	if (!c->idle_ms)
		c->idle_ms = 75 * 1000;
	if (!c->write_ms)
		c->write_ms = 30 * 1000;
	if (!c->stop_ms)
		c->stop_ms = 30 * 1000;
	if (!c->tick_ms)
		c->tick_ms = 500;
}

int
loop_init(struct http_loop *l, const struct http_config *config)
{
	*l = (struct http_loop){ .config = *config, .date_second = -1 };
	set_defaults(&l->config);
	l->ready_last = &l->ready;
	blocks_init(&l->blocks, l->config.memory_most);
	due_queue_init(&l->queue[DUE_IDLE], l->config.idle_ms);
	due_queue_init(&l->queue[DUE_HEAD], l->config.head_ms);
	due_queue_init(&l->queue[DUE_BODY], l->config.body_ms);
	due_queue_init(&l->queue[DUE_WRITE], l->config.write_ms);
	due_queue_init(&l->queue[DUE_LINGER], LINGER_MS);
	loop_look_at_clock(l);
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	return l->epoll < 0 ? errno : 0;
}

void
loop_release(struct http_loop *l)
{
	if (l->epoll >= 0)
		close(l->epoll);
	blocks_release(&l->blocks);
}

void
loop_look_at_clock(struct http_loop *l)
{
	struct timespec t;

	if (l->config.clock) {
		l->now = l->config.clock(l->config.context);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	l->now = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct span
loop_date(struct http_loop *l)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct timespec t;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME_COARSE, &t);
	if (t.tv_sec != l->date_second && gmtime_r(&t.tv_sec, &tm)) {
		snprintf(l->date, sizeof(l->date), "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
		    days + 3 * tm.tm_wday, (unsigned)tm.tm_mday % 100, months + 3 * tm.tm_mon,
		    (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)tm.tm_hour % 100,
		    (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
		l->date_second = t.tv_sec;
	}
	return span_of(l->date);
}

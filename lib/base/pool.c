#include "base/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "base/banned.h"

struct worker {
	struct pool *pool;
	void *thread;
	pthread_t id;
};

/*
 * A ring: items [collected, submitted) are out of the caller's hands, those
 * below `taken` with a thread or done.
 */
struct pool {
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	pool_work *run;
	bool stop;
	size_t items, workers;
	uint64_t submitted, taken, collected;
	void **item;
	bool *finished;
	struct worker *worker;
};

static void *
work(void *argument)
{
	struct worker *w = argument;
	struct pool *p = w->pool;
	size_t i;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (!p->stop && p->taken == p->submitted)
			pthread_cond_wait(&p->work, &p->lock);
		if (p->stop)
			break;
		i = (size_t)(p->taken++ % p->items);
		pthread_mutex_unlock(&p->lock);
		p->run(w->thread, p->item[i]);
		pthread_mutex_lock(&p->lock);
		p->finished[i] = true;
		pthread_cond_signal(&p->done);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static void
release(struct pool *p)
{
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->work);
	pthread_cond_destroy(&p->done);
	free(p->item);
	free(p->finished);
	free(p->worker);
	free(p);
}

/* Signals go to the thread that waits for them. */
static bool
start_threads(struct pool *p, size_t threads, void *const *thread)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (; p->workers < threads; p->workers++) {
		struct worker *w = &p->worker[p->workers];

		w->pool = p;
		w->thread = thread[p->workers];
		if (pthread_create(&w->id, NULL, work, w) != 0)
			break;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return p->workers == threads;
}

struct pool *
pool_start(size_t threads, void *const *thread, size_t items, void *const *item, pool_work *run)
{
	struct pool *p = calloc(1, sizeof(*p));
	pthread_condattr_t monotonic;
	size_t i;

	if (!p)
		return NULL;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&p->done, &monotonic);
	pthread_condattr_destroy(&monotonic);
	p->run = run;
	p->items = items;
	p->item = calloc(items, sizeof(*p->item));
	p->finished = calloc(items, sizeof(*p->finished));
	p->worker = calloc(threads, sizeof(*p->worker));
	if (!p->item || !p->finished || !p->worker) {
		release(p);
		return NULL;
	}
	for (i = 0; i < items; i++)
		p->item[i] = item[i];
	if (!start_threads(p, threads, thread)) {
		pool_stop(p);
		return NULL;
	}
	return p;
}

void *
pool_next(struct pool *p)
{
	/* only the caller moves these two */
	if (p->submitted - p->collected == p->items)
		return NULL;
	return p->item[p->submitted % p->items];
}

void
pool_submit(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->finished[p->submitted % p->items] = false;
	p->submitted++;
	pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->lock);
}

void *
pool_collect(struct pool *p, bool wait)
{
	size_t i = (size_t)(p->collected % p->items);
	bool finished;

	if (p->collected == p->submitted)
		return NULL;
	pthread_mutex_lock(&p->lock);
	while (wait && !p->finished[i])
		pthread_cond_wait(&p->done, &p->lock);
	finished = p->finished[i];
	pthread_mutex_unlock(&p->lock);
	if (!finished)
		return NULL;
	p->collected++;
	return p->item[i];
}

bool
pool_wait(struct pool *p, unsigned ms)
{
	size_t i = (size_t)(p->collected % p->items);
	struct timespec until;
	bool finished;

	if (p->collected == p->submitted)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_mutex_lock(&p->lock);
	while (!p->finished[i] && pthread_cond_timedwait(&p->done, &p->lock, &until) == 0)
		;
	finished = p->finished[i];
	pthread_mutex_unlock(&p->lock);
	return finished;
}

void
pool_stop(struct pool *p)
{
	size_t i;

	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (i = 0; i < p->workers; i++)
		pthread_join(p->worker[i].id, NULL);
	release(p);
}

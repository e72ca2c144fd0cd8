/*
 * Threads that work on items while these keep their order: an item is handed
 * in, worked on by one of the threads, and handed back when all before it have
 * been.
 */
#ifndef MM_POOL_H
#define MM_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct pool;

/* Does the work on an item; `thread` is that of the thread it runs on. */
typedef void pool_work(void *thread, void *item);

/*
 * Starts `threads` threads, each with its own of the `thread` pointers, and
 * takes `items` items, which go round.  The arrays' pointers are copied; what
 * they point to stays the caller's.  Signals are left to the caller's thread.
 * Returns NULL when memory or threads are out.
 */
struct pool *pool_start(
    size_t threads, void *const *thread, size_t items, void *const *item, pool_work *);

/* The item to fill next; NULL: all are handed in, collect one first. */
void *pool_next(struct pool *);

/* Hands in the item that pool_next gave. */
void pool_submit(struct pool *);

/*
 * The oldest item handed in, once it is done; NULL when there is none or, with
 * wait false, when it is not done yet.  It is free to be filled again after
 * the next call of pool_collect or pool_next.
 */
void *pool_collect(struct pool *, bool wait);

/*
 * Waits until the oldest item handed in is done, `ms` milliseconds at most.
 * Returns whether it is; false at once when there is none.
 */
bool pool_wait(struct pool *, unsigned ms);

/* Ends the threads after what they are at, and frees the pool. */
void pool_stop(struct pool *);

#endif

#define _GNU_SOURCE /* O_DIRECTORY, flock */
#include "serve/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/timestamp.h"
#include "serve/segment.h"

#include "base/banned.h"

enum {
	DOORS_MAX = 1000,
	QUEUE_MAX = 64,  /* segments that wait to be sealed */
	AGAIN_MS = 1000, /* until what failed is tried again */
	ROOM_MS = 100,   /* between looks whether there is room in the spool again */
};

struct group {
	struct buf entries, rows;
};

struct segment {
	char stem[SEGMENT_STEM_MAX];
	int fd;         /* -1: there is none */
	size_t durable; /* bytes of it that are synced */
	uint64_t opened_ms, retry_ms;
	int error;     /* of the last try to seal it, or 0 */
	bool given_up; /* nothing may be written to it any more .. */
	bool replaced; /* .. and what was acknowledged of it has a file of its own */
};

struct journal {
	struct journal_config config;
	struct spool spool;
	unsigned char key[IDS_KEY];
	int lock, log;
	unsigned door;
	pthread_t committer, sealer;
	pthread_mutex_t mutex;
	pthread_cond_t wake, to_seal; /* for the one, and for the other */

	/* under the mutex */
	struct ids *ids;
	struct group *gathering, *writing, groups[2];
	uint64_t number;  /* of the group that gathers */
	uint64_t settled; /* all up to this one are durable or refused */
	uint64_t failures;
	uint64_t bytes; /* of the spool when it was measured, and written since */
	struct segment queue[QUEUE_MAX];
	size_t queued;
	int keep_error; /* of the last try to keep what a segment that was given up had, or 0 */
	bool stop, committed; /* committed: nothing more will come to seal */

	/* the committer's */
	struct segment at; /* what is written to */
	unsigned segments;
	struct buf kept;

	/* the sealer's */
	struct buf room[2];
	uint64_t log_most; /* bytes of the log of ids, from which on it is written anew */
};

/* ---- the files beside the segments ---- */

static int
fill_key(int fd, void *key)
{
	return fd_write(fd, key, IDS_KEY);
}

static int
take_key(struct journal *j)
{
	int fd = openat(j->spool.fd, "ids.key", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int error;

	if (fd < 0 && errno != ENOENT)
		return errno;
	if (fd < 0) {
		randombytes_buf(j->key, sizeof(j->key));
		return fd_replace_at(j->spool.fd, "ids.key", 0600, fill_key, j->key);
	}
	error = fd_read_at(fd, j->key, sizeof(j->key), 0);
	close(fd);
	return error;
}

/* The first number that no other process has. */
static int
take_door(struct journal *j)
{
	char name[32];

	for (j->door = 0; j->door < DOORS_MAX; j->door++) {
		snprintf(name, sizeof(name), "door-%u.lock", j->door);
		j->lock =
		    openat(j->spool.fd, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (j->lock < 0)
			return errno;
		if (flock(j->lock, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK)
			return errno;
		close(j->lock);
		j->lock = -1;
	}
	return EBUSY;
}

/* The log's name. */
static void
name_log(const struct journal *j, char name[32])
{
	snprintf(name, 32, "door-%u.ids", j->door);
}

/* What there is of entries, a piece at a time. */
static int
read_entries(int fd, struct ids *ids)
{
	struct ids_entry entries[512];
	size_t got, i;
	int error;

	do {
		error = fd_read(fd, entries, sizeof(entries), &got);
		for (i = 0; !error && i < got / sizeof(entries[0]); i++)
			if (!ids_note(ids, &entries[i]))
				error = ENOMEM;
	} while (!error && got == sizeof(entries));
	return error;
}

static int
load_ids(struct journal *j, struct ids *ids)
{
	char name[32];
	int fd, error;

	name_log(j, name);
	fd = openat(j->spool.fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? 0 : errno;
	error = read_entries(fd, ids);
	close(fd);
	return error;
}

/* Opens the log for appending, at the end of its last whole entry. */
static int
open_log(struct journal *j)
{
	char name[32];
	struct stat st;

	name_log(j, name);
	if (j->log >= 0)
		close(j->log);
	j->log =
	    openat(j->spool.fd, name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (j->log < 0 || fstat(j->log, &st) != 0 ||
	    ftruncate(j->log, st.st_size - st.st_size % (off_t)sizeof(struct ids_entry)) != 0)
		return errno;
	return fd_sync(j->spool.fd);
}

static int
open_ids(struct journal *j)
{
	int error = load_ids(j, j->ids);

	j->log_most = j->config.log_bytes;
	return error ? error : open_log(j);
}

static int
fill_log(int fd, void *ids)
{
	return ids_write(ids, fd);
}

/*
 * Writes the log anew once it is long: with a window for each project, so that a busy
 * one pushes out no other's ids.  From the log itself: what `ids` knows besides may lie
 * in segments that are not sealed, whose rows would be taken for known ones.  Where it
 * can't be, it goes on growing until the next try.
 */
static int
shorten_log(struct journal *j)
{
	struct ids *ids;
	struct stat st;
	char name[32];
	int error;

	if (fstat(j->log, &st) != 0 || (uint64_t)st.st_size <= j->log_most)
		return 0;
	name_log(j, name);
	ids = ids_new();
	error = ids ? load_ids(j, ids) : ENOMEM;
	if (!error)
		error = fd_replace_at(j->spool.fd, name, 0600, fill_log, ids);
	ids_free(ids);
	/* also after a failure: its name may be another file's now */
	error = open_log(j);
	if (!error && fstat(j->log, &st) == 0)
		j->log_most = (uint64_t)st.st_size + j->config.log_bytes;
	return error;
}

/* ---- what a former run left ---- */

static bool
stem_of(const char *name, const char *suffix, char stem[SEGMENT_STEM_MAX])
{
	size_t n = strlen(name), k = strlen(suffix);

	if (name[0] == '.' || n <= k || n - k >= SEGMENT_STEM_MAX ||
	    strcmp(name + n - k, suffix) != 0)
		return false;
	memcpy(stem, name, n - k);
	stem[n - k] = '\0';
	return true;
}

static int
compare_stems(const void *a, const void *b)
{
	return strcmp(a, b);
}

/*
 * Locks a segment, so that no other process takes it for one that a dead run left:
 * EWOULDBLOCK when one has it, ENOENT when one had it meanwhile, and the name is gone
 * or another file's.
 */
static int
lock_segment(struct journal *j, int fd, const char *name)
{
	struct stat it, there;

	if (flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &it) != 0 ||
	    fstatat(j->spool.fd, name, &there, AT_SYMLINK_NOFOLLOW) != 0)
		return errno;
	return it.st_dev == there.st_dev && it.st_ino == there.st_ino ? 0 : ENOENT;
}

static int
recover_stem(struct journal *j, const char *stem)
{
	char name[SEGMENT_STEM_MAX + 16];
	int fd, error = 0;

	snprintf(name, sizeof(name), "%s.open", stem);
	fd = openat(j->spool.fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno != ENOENT)
		return errno;
	if (fd >= 0)
		error = lock_segment(j, fd, name);
	if (!error)
		error = segment_seal(j->spool.fd, stem, SIZE_MAX, j->ids, true, j->log, j->room);
	if (fd >= 0)
		close(fd);
	/* another process has it, or just had it */
	return error == EWOULDBLOCK || error == ENOENT ? 0 : error;
}

struct stems {
	char (*at)[SEGMENT_STEM_MAX];
	size_t n, cap;
};

static int
add_stem(struct stems *to, const char stem[SEGMENT_STEM_MAX])
{
	if (to->n == to->cap) {
		void *more = realloc(to->at, (2 * to->cap + 16) * sizeof(*to->at));

		if (!more)
			return ENOMEM;
		to->at = more;
		to->cap = 2 * to->cap + 16;
	}
	memcpy(to->at[to->n++], stem, SEGMENT_STEM_MAX);
	return 0;
}

/* The stems of the folder's files that end so, in order; twice where both are there. */
static int
list_stems(struct journal *j, const char *suffix, const char *or_suffix, struct stems *to)
{
	int fd = openat(j->spool.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), error = 0;
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;

	to->n = 0;
	if (!d) {
		error = errno;
		if (fd >= 0)
			close(fd);
		return error;
	}
	while (!error && (errno = 0, e = readdir(d))) {
		char stem[SEGMENT_STEM_MAX] = { 0 };

		if (stem_of(e->d_name, suffix, stem) || stem_of(e->d_name, or_suffix, stem))
			error = add_stem(to, stem);
	}
	if (!error)
		error = errno;
	closedir(d);
	if (to->n)
		qsort(to->at, to->n, sizeof(*to->at), compare_stems);
	return error;
}

/* What was to take a segment's place when its run was killed; one that works has the segment as well. */
static void
clear_temporary(struct journal *j, const char *stem)
{
	char name[SEGMENT_STEM_MAX + 16];

	snprintf(name, sizeof(name), "%s.open", stem);
	if (faccessat(j->spool.fd, name, F_OK, 0) == 0 || errno != ENOENT)
		return;
	snprintf(name, sizeof(name), "%s.open.tmp", stem);
	unlinkat(j->spool.fd, name, 0);
}

static int
recover(struct journal *j)
{
	struct stems stems = { 0 };
	size_t i;
	int error = list_stems(j, ".open", ".ready", &stems);

	for (i = 0; !error && i < stems.n; i++)
		if (i == 0 || strcmp(stems.at[i], stems.at[i - 1]) != 0)
			error = recover_stem(j, stems.at[i]);
	if (!error)
		error = list_stems(j, ".open.tmp", ".open.tmp", &stems);
	for (i = 0; !error && i < stems.n; i++)
		clear_temporary(j, stems.at[i]);
	/* from the folder: a run that was killed when it had kept one told nobody */
	if (!error)
		error = list_stems(j, ".damaged", ".damaged", &stems);
	for (i = 0; !error && j->config.damaged && i < stems.n; i++) {
		char name[SEGMENT_STEM_MAX + 16];

		snprintf(name, sizeof(name), "%s.damaged", stems.at[i]);
		j->config.damaged(j->config.context, name);
	}
	free(stems.at);
	return error;
}

/* ---- the thread that commits ---- */

static int
create_segment(struct journal *j)
{
	struct segment *at = &j->at;
	char name[SEGMENT_STEM_MAX + 16];

	*at = (struct segment){ .opened_ms = timestamp_monotonic() };
	snprintf(at->stem, sizeof(at->stem), "%s-j%08u", j->spool.run, ++j->segments);
	snprintf(name, sizeof(name), "%s.open", at->stem);
	at->fd =
	    openat(j->spool.fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	return at->fd < 0 ? errno : lock_segment(j, at->fd, name);
}

/* Another process that starts may have sealed it, empty as it is, before it was locked. */
static int
open_segment(struct journal *j)
{
	int error;

	while ((error = create_segment(j)) == EWOULDBLOCK || (error == ENOENT && j->at.fd >= 0))
		close(j->at.fd);
	return error ? error : fd_sync(j->spool.fd);
}

static int
commit(struct journal *j, const struct group *g)
{
	struct span entries = { g->entries.p, g->entries.n }, rows = { g->rows.p, g->rows.n };
	struct segment *at = &j->at;
	struct segment_head head;
	size_t n = sizeof(head) + entries.n + rows.n;
	int error = at->fd < 0 ? open_segment(j) : at->given_up ? EIO : 0;

	/* what can't be read back must not be written */
	if (!error && at->durable + n > SEGMENT_MAX)
		return EFBIG;
	segment_head_of(&head, entries, rows);
	if (!error)
		error = fd_write(at->fd, &head, sizeof(head));
	if (!error)
		error = fd_write(at->fd, entries.p, entries.n);
	if (!error)
		error = fd_write(at->fd, rows.p, rows.n);
	/* never again after a failure: the kernel may have dropped what it could not write */
	if (!error && fdatasync(at->fd) != 0)
		error = errno;
	if (!error)
		at->durable += n;
	else if (at->fd >= 0)
		at->given_up = true;
	return error;
}

/* With the mutex held: the ids of the entries from there on may come again. */
static void
drop_ids(struct journal *j, const struct group *g, size_t from)
{
	size_t i;

	for (i = from; i < g->entries.n; i += sizeof(struct ids_entry)) {
		struct ids_entry e;

		memcpy(&e, g->entries.p + i, sizeof(e));
		if (!ids_entry_is_none(&e))
			ids_drop(j->ids, &e);
	}
}

static void
reset_group(struct group *g)
{
	buf_reset(&g->entries);
	buf_reset(&g->rows);
}

/* With the mutex held, which it lets go meanwhile. */
static void
commit_gathered(struct journal *j)
{
	uint64_t number = j->number++;
	struct group *g = j->gathering;
	int error;

	j->gathering = j->writing;
	j->writing = g;
	pthread_mutex_unlock(&j->mutex);
	error = commit(j, g);
	pthread_mutex_lock(&j->mutex);
	if (error) {
		/* what gathered since may wait for ids of this group: it fails, too */
		drop_ids(j, g, 0);
		drop_ids(j, j->gathering, 0);
		reset_group(j->gathering);
		j->failures++;
		number = j->number++;
	} else {
		j->bytes += g->entries.n + g->rows.n + sizeof(struct segment_head);
		if (j->bytes >= j->config.max)
			pthread_cond_signal(&j->to_seal);
	}
	j->settled = number;
	reset_group(g);
	pthread_mutex_unlock(&j->mutex);
	if (j->config.settled)
		j->config.settled(j->config.context, number, error);
	pthread_mutex_lock(&j->mutex);
}

struct keeping {
	struct journal *j;
	int fd;
};

/* What was acknowledged of a segment, into a new file that is locked as well. */
static int
fill_kept(int fd, void *context)
{
	struct keeping *k = context;
	struct segment *at = &k->j->at;
	struct buf *b = &k->j->kept;
	int error = ENOMEM;
	char *to;

	buf_reset(b);
	to = buf_room(b, at->durable);
	if (to)
		error = fd_read_at(at->fd, to, at->durable, 0);
	if (!error)
		error = fd_write(fd, to, at->durable);
	if (k->fd >= 0)
		close(k->fd);
	k->fd = error ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (!error && (k->fd < 0 || flock(k->fd, LOCK_EX | LOCK_NB) != 0))
		error = errno;
	return error;
}

/*
 * A segment that was given up may hold groups that were refused and came again:
 * what was acknowledged of it takes its place, before anything is written to another.
 */
static int
keep_acknowledged(struct journal *j)
{
	struct keeping k = { j, -1 };
	char name[SEGMENT_STEM_MAX + 16];
	int error;

	snprintf(name, sizeof(name), "%s.open", j->at.stem);
	error = fd_replace_at(j->spool.fd, name, 0600, fill_kept, &k);
	if (error) {
		if (k.fd >= 0)
			close(k.fd);
		return error == ENOENT ? EIO : error;
	}
	close(j->at.fd);
	j->at.fd = k.fd;
	j->at.replaced = true;
	return 0;
}

static bool
is_due(const struct journal *j, uint64_t now)
{
	const struct segment *at = &j->at;

	if (at->fd < 0 || now < at->retry_ms || j->queued == QUEUE_MAX)
		return false;
	return at->given_up || j->stop || at->durable >= j->config.segment_bytes ||
	    now >= at->opened_ms + j->config.segment_ms;
}

/*
 * With the mutex held, which it lets go meanwhile: gives the segment to the sealer.
 * Nothing is written to it any more, so that what is sealed of it is all of it.
 */
static void
hand_over(struct journal *j)
{
	int error = 0;

	if (j->at.given_up && !j->at.replaced && j->at.durable > 0) {
		pthread_mutex_unlock(&j->mutex);
		error = keep_acknowledged(j);
		if (error && j->config.sealed)
			j->config.sealed(j->config.context, error);
		pthread_mutex_lock(&j->mutex);
		j->keep_error = error;
	}
	if (error) {
		j->at.retry_ms = timestamp_monotonic() + AGAIN_MS;
		return;
	}
	j->queue[j->queued++] = j->at;
	j->at.fd = -1;
	pthread_cond_signal(&j->to_seal);
}

/* With the mutex held: for so many milliseconds at most, or 0: as long as it takes. */
static void
wait_for(struct journal *j, pthread_cond_t *condition, uint64_t ms)
{
	struct timespec until;

	if (ms == 0) {
		pthread_cond_wait(condition, &j->mutex);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(ms / 1000);
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_cond_timedwait(condition, &j->mutex, &until);
}

static void *
run_committer(void *context)
{
	struct journal *j = context;

	pthread_mutex_lock(&j->mutex);
	for (;;) {
		if (is_due(j, timestamp_monotonic()))
			hand_over(j);
		else if (j->gathering->entries.n > 0)
			commit_gathered(j);
		else if (j->stop)
			break;
		else
			wait_for(j, &j->wake, j->at.fd < 0 ? 0 : ROOM_MS);
	}
	j->committed = true;
	pthread_cond_signal(&j->to_seal);
	pthread_mutex_unlock(&j->mutex);
	return NULL;
}

/* ---- the thread that seals ---- */

static void
look_for_room(struct journal *j)
{
	uint64_t looked = j->spool.looked_ms;

	spool_full(&j->spool);
	pthread_mutex_lock(&j->mutex);
	/* else it says nothing of what was written since */
	if (j->spool.looked_ms != looked)
		j->bytes = j->spool.bytes;
	pthread_mutex_unlock(&j->mutex);
}

/* Without the mutex. */
static int
seal(struct journal *j, const struct segment *segment)
{
	char name[SEGMENT_STEM_MAX + 16];
	int error;

	if (segment->durable == 0) {
		/* nothing of it was ever acknowledged */
		snprintf(name, sizeof(name), "%s.open", segment->stem);
		return unlinkat(j->spool.fd, name, 0) != 0 && errno != ENOENT ? errno : 0;
	}
	/* a former try to open the next one failed */
	error = j->log < 0 ? open_log(j) : 0;
	if (!error)
		error = segment_seal(
		    j->spool.fd, segment->stem, segment->durable, j->ids, false, j->log, j->room);
	return error ? error : shorten_log(j);
}

/* With the mutex held: what the last try failed with, of all that waits. */
static int
sealing_error(const struct journal *j)
{
	int error = j->keep_error;
	size_t i;

	for (i = 0; i < j->queued && !error; i++)
		error = j->queue[i].error;
	return error;
}

/* With the mutex held, which it lets go meanwhile: the segment of the queue. */
static void
seal_queued(struct journal *j, size_t i)
{
	struct segment segment = j->queue[i];
	int error;

	pthread_mutex_unlock(&j->mutex);
	error = seal(j, &segment);
	if (!error)
		close(segment.fd);
	look_for_room(j);
	pthread_mutex_lock(&j->mutex);
	j->queue[i].error = error;
	j->queue[i].retry_ms = timestamp_monotonic() + AGAIN_MS;
	if (!error) {
		memmove(&j->queue[i], &j->queue[i + 1], (j->queued - i - 1) * sizeof(segment));
		/* the committer may have one that found no place */
		if (j->queued-- == QUEUE_MAX)
			pthread_cond_signal(&j->wake);
	}
	error = sealing_error(j);
	pthread_mutex_unlock(&j->mutex);
	if (j->config.sealed && (error || segment.durable > 0))
		j->config.sealed(j->config.context, error);
	pthread_mutex_lock(&j->mutex);
}

/* With the mutex held: the first segment that is to be sealed now, or `queued`. */
static size_t
next_to_seal(const struct journal *j, uint64_t now)
{
	size_t i = 0;

	while (i < j->queued && now < j->queue[i].retry_ms)
		i++;
	return i;
}

static void *
run_sealer(void *context)
{
	struct journal *j = context;

	pthread_mutex_lock(&j->mutex);
	for (;;) {
		size_t i = next_to_seal(j, timestamp_monotonic());
		bool full = j->bytes >= j->config.max;

		if (i < j->queued) {
			seal_queued(j, i);
			continue;
		}
		/* what is left is sealed by the next journal_open */
		if (j->committed)
			break;
		wait_for(j, &j->to_seal, j->queued > 0 || full ? ROOM_MS : 0);
		/* others may have delivered what filled it */
		if (full) {
			pthread_mutex_unlock(&j->mutex);
			look_for_room(j);
			pthread_mutex_lock(&j->mutex);
		}
	}
	pthread_mutex_unlock(&j->mutex);
	return NULL;
}

/* ---- the callers' ---- */

/* Lets the threads end that were started. */
static void
end_threads(struct journal *j, bool committer)
{
	pthread_mutex_lock(&j->mutex);
	j->stop = true;
	j->committed = !committer;
	pthread_cond_signal(&j->wake);
	pthread_cond_signal(&j->to_seal);
	pthread_mutex_unlock(&j->mutex);
	if (committer)
		pthread_join(j->committer, NULL);
	pthread_join(j->sealer, NULL);
}

static void
destroy_conditions(struct journal *j)
{
	pthread_cond_destroy(&j->wake);
	pthread_cond_destroy(&j->to_seal);
	pthread_mutex_destroy(&j->mutex);
}

static bool
start_threads(struct journal *j)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&j->wake, &attributes);
	pthread_cond_init(&j->to_seal, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&j->mutex, NULL);
	if (pthread_create(&j->sealer, NULL, run_sealer, j) == 0) {
		if (pthread_create(&j->committer, NULL, run_committer, j) == 0)
			return true;
		end_threads(j, false);
	}
	destroy_conditions(j);
	return false;
}

static void
free_journal(struct journal *j)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		buf_release(&j->groups[i].entries);
		buf_release(&j->groups[i].rows);
		buf_release(&j->room[i]);
	}
	buf_release(&j->kept);
	if (j->at.fd >= 0)
		close(j->at.fd);
	for (i = 0; i < j->queued; i++)
		close(j->queue[i].fd);
	if (j->log >= 0)
		close(j->log);
	if (j->lock >= 0)
		close(j->lock);
	ids_free(j->ids);
	spool_release(&j->spool);
	free(j);
}

/*
 * The names of the table's folder and of the spool: who made them may have failed to
 * sync them, or not have come to it yet.
 */
static int
sync_folders(struct journal *j)
{
	static const char *const parents[] = { "..", "../.." };
	size_t i;
	int error = 0;

	for (i = 0; !error && i < sizeof(parents) / sizeof(parents[0]); i++) {
		int fd = openat(j->spool.fd, parents[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		/* where one may not read what is above */
		if (fd < 0 && errno == EACCES)
			break;
		error = fd < 0 ? errno : fd_sync(fd);
		if (fd >= 0)
			close(fd);
	}
	return error;
}

/* Takes what is this process's, and what is nobody's; others wait meanwhile. */
static int
settle_in(struct journal *j)
{
	int fd = openat(j->spool.fd, "doors.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int error = 0;

	if (fd < 0)
		return errno;
	while (flock(fd, LOCK_EX) != 0)
		if (errno != EINTR) {
			error = errno;
			break;
		}
	if (!error)
		error = sync_folders(j);
	if (!error)
		error = take_key(j);
	if (!error)
		error = take_door(j);
	if (!error)
		error = open_ids(j);
	if (!error)
		error = recover(j);
	close(fd);
	return error;
}

int
journal_open(struct journal **to, const struct journal_config *config)
{
	struct journal *j = calloc(1, sizeof(*j));
	int error;

	if (!j)
		return ENOMEM;
	j->config = *config;
	if (!j->config.segment_bytes)
		j->config.segment_bytes = 8 << 20;
	if (!j->config.segment_ms)
		j->config.segment_ms = 1000;
	if (!j->config.log_bytes)
		j->config.log_bytes = 32 << 20;
	j->at.fd = j->lock = j->log = -1;
	j->number = 1;
	j->gathering = &j->groups[0];
	j->writing = &j->groups[1];
	error = spool_open(&j->spool, config->dir, config->database, config->table, config->max);
	if (!error && (sodium_init() < 0 || !(j->ids = ids_new())))
		error = ENOMEM;
	if (!error)
		error = settle_in(j);
	j->bytes = j->spool.bytes;
	if (!error && !start_threads(j))
		error = EAGAIN;
	if (error) {
		free_journal(j);
		return error;
	}
	*to = j;
	return 0;
}

/* With the mutex held: takes back what was added behind these ends. */
static void
take_back(struct journal *j, size_t entries, size_t rows)
{
	struct group *g = j->gathering;

	drop_ids(j, g, entries);
	g->entries.n = entries;
	g->rows.n = rows;
	g->entries.failed = g->rows.failed = false;
}

static bool
add_event(struct journal *j, const struct journal_event *event, uint64_t *ticket)
{
	struct group *g = j->gathering;
	struct ids_entry e;
	uint64_t group;

	ids_entry_of(&e, j->key, event->project, event->id);
	if (!ids_entry_is_none(&e) && ids_find(j->ids, &e, &group)) {
		if (group > j->settled && group > *ticket)
			*ticket = group;
		return true;
	}
	*ticket = j->number;
	buf_add(&g->rows, event->row.p, event->row.n);
	/* the entry last: what has none is not taken back */
	if (g->rows.failed || (!ids_entry_is_none(&e) && !ids_put(j->ids, &e, j->number)))
		return false;
	buf_add(&g->entries, (const char *)&e, sizeof(e));
	if (g->entries.failed && !ids_entry_is_none(&e))
		ids_drop(j->ids, &e);
	return !g->entries.failed;
}

enum journal_result
journal_add(struct journal *j, const struct journal_event *events, size_t n, uint64_t *ticket)
{
	enum journal_result result = JOURNAL_TAKEN;
	size_t i, entries, rows;

	*ticket = 0;
	pthread_mutex_lock(&j->mutex);
	entries = j->gathering->entries.n;
	rows = j->gathering->rows.n;
	if (j->bytes >= j->config.max || entries + rows > JOURNAL_GROUP_MAX)
		result = JOURNAL_FULL;
	for (i = 0; i < n && result == JOURNAL_TAKEN; i++)
		if (!add_event(j, &events[i], ticket))
			result = JOURNAL_DOWN;
	if (result == JOURNAL_DOWN)
		take_back(j, entries, rows);
	else if (*ticket == j->number && !j->config.in_turns)
		pthread_cond_signal(&j->wake);
	pthread_mutex_unlock(&j->mutex);
	return result;
}

void
journal_commit(struct journal *j)
{
	pthread_mutex_lock(&j->mutex);
	if (j->gathering->entries.n)
		pthread_cond_signal(&j->wake);
	pthread_mutex_unlock(&j->mutex);
}

uint64_t
journal_failures(struct journal *j)
{
	uint64_t failures;

	pthread_mutex_lock(&j->mutex);
	failures = j->failures;
	pthread_mutex_unlock(&j->mutex);
	return failures;
}

void
journal_close(struct journal *j)
{
	end_threads(j, true);
	destroy_conditions(j);
	free_journal(j);
}

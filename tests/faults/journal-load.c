/*
 * Adds to a journal what power-cut.mjs tells it to, and says what was acknowledged:
 *
 *     journal-load DIR STORE SEED go-on|end < IDS > ACKNOWLEDGED
 *
 * DIR is a spool's.  Each line of IDS is an event, by threads in batches of up to
 * five; one that begins with "n" is sent without its id.  A batch that is refused is
 * sent again.  Another thread is ClickHouse: it takes sealed files to the folder
 * STORE, by the hash of their bytes, as a token would tell them apart.  At the end it
 * waits to be killed, or closes the journal.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "serve/journal.h"

#include "base/banned.h"

enum { THREADS = 4, BATCH = 5, PAD = 1500, ROW = PAD + 100, GROUPS = 1 << 20, TRIES = 6 };

static struct journal *journal;
static char *next;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct {
	uint64_t group;
	int error;
} results[GROUPS];
static size_t count;
static atomic_bool over;
static const char *spool_dir, *store_dir;
static uint64_t seed;

static void
nap(long us)
{
	const struct timespec t = { 0, us * 1000 };

	nanosleep(&t, NULL);
}

static void
on_settled(void *context, uint64_t group, int error)
{
	(void)context;
	pthread_mutex_lock(&mutex);
	if (count == GROUPS)
		abort();
	results[count].group = group;
	results[count++].error = error;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&mutex);
}

/* What became of the group that the answer waits for. */
static int
await(uint64_t ticket)
{
	size_t i = 0;
	int error;

	if (ticket == 0)
		return 0;
	pthread_mutex_lock(&mutex);
	for (;;) {
		while (i < count && results[i].group < ticket)
			i++;
		if (i < count)
			break;
		pthread_cond_wait(&changed, &mutex);
	}
	error = results[i].error;
	pthread_mutex_unlock(&mutex);
	return error;
}

static unsigned
chance(uint64_t *state, unsigned n)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (unsigned)((*state >> 20) % n);
}

/* The next lines, at most n of them. */
static size_t
take(char *ids[BATCH], size_t n)
{
	size_t k = 0;

	pthread_mutex_lock(&mutex);
	while (k < n && *next) {
		char *end = strchr(next, '\n');

		*end = '\0';
		ids[k++] = next;
		next = end + 1;
	}
	pthread_mutex_unlock(&mutex);
	return k;
}

static bool
send_batch(char *ids[BATCH], size_t n, uint64_t *state)
{
	struct journal_event events[BATCH];
	char rows[BATCH][ROW], text[PAD];
	uint64_t ticket;
	size_t i;

	memset(text, 'x', sizeof(text));
	for (i = 0; i < n; i++) {
		int k = snprintf(rows[i], ROW, "{\"event_id\":\"%s\",\"pad\":\"%.*s\"}\n", ids[i],
		    (int)chance(state, PAD), text);

		memset(events[i].project, 1 + (int)(ids[i][strlen(ids[i]) - 1] % 3), IDS_PROJECT);
		events[i].row = (struct span){ rows[i], (size_t)k };
		events[i].id = ids[i][0] == 'n' ? (struct span){ NULL, 0 } : span_of(ids[i]);
	}
	return journal_add(journal, events, n, &ticket) == JOURNAL_TAKEN && await(ticket) == 0;
}

static void *
client(void *arg)
{
	uint64_t state = (seed + 1) * 2654435761u + (uint64_t)(size_t)arg * 40503u;
	char *ids[BATCH], line[BATCH * 64];
	size_t n, i, k;
	int tries;

	while ((n = take(ids, 1 + chance(&state, BATCH))) > 0) {
		for (tries = 0; tries < TRIES; tries++) {
			/* what has no id is not sent again: it might be there twice */
			if (send_batch(ids, n, &state))
				break;
			for (i = k = 0; i < n; i++)
				if (ids[i][0] != 'n')
					ids[k++] = ids[i];
			n = k;
			nap(1000);
		}
		for (i = k = 0; i < n; i++)
			k += (size_t)snprintf(line + k, sizeof(line) - k, "%s\n", ids[i]);
		if (k > 0 && tries < TRIES && fd_write(STDOUT_FILENO, line, k) != 0)
			abort();
		if (chance(&state, 3) == 0)
			nap(chance(&state, 3000));
	}
	return NULL;
}

/* ---- ClickHouse ---- */

static int
fill(int fd, void *bytes)
{
	const struct buf *b = bytes;

	return fd_write(fd, b->p, b->n);
}

static void
store(int store_fd, const struct buf *b)
{
	unsigned char hash[16];
	char name[2 * sizeof(hash) + 1];

	crypto_generichash(hash, sizeof(hash), (const unsigned char *)b->p, b->n, NULL, 0);
	sodium_bin2hex(name, sizeof(name), hash, sizeof(hash));
	if (fd_replace_at(store_fd, name, 0600, fill, (void *)b) != 0)
		abort();
}

static void
deliver(int folder, int store_fd, const char *name)
{
	struct buf b = BUF_INIT;
	int fd = openat(folder, name, O_RDWR | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && fd_read_all(fd, &b, 1 << 30) == 0) {
		store(store_fd, &b);
		if (unlinkat(folder, name, 0) == 0)
			fd_sync(folder);
	}
	if (fd >= 0)
		close(fd);
	buf_release(&b);
}

static void *
clickhouse(void *arg)
{
	int store_fd = open(store_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint64_t state = seed | 1;
	char path[4096];

	(void)arg;
	snprintf(path, sizeof(path), "%s/d.t", spool_dir);
	while (!over) {
		DIR *d = opendir(path);
		struct dirent *e;

		while (d && (e = readdir(d)) != NULL)
			if (strlen(e->d_name) > 7 &&
			    strcmp(e->d_name + strlen(e->d_name) - 7, ".ndjson") == 0 &&
			    chance(&state, 3) > 0)
				deliver(dirfd(d), store_fd, e->d_name);
		if (d)
			closedir(d);
		nap(1000 + chance(&state, 4000));
	}
	close(store_fd);
	return NULL;
}

int
main(int argc, char **argv)
{
	struct journal_config config = {
		.database = "d",
		.table = "t",
		.max = 1 << 30,
		.segment_bytes = 16 << 10,
		.segment_ms = 25,
		.log_bytes = 2 << 10,
		.settled = on_settled,
	};
	pthread_t clients[THREADS], server;
	struct buf lines = BUF_INIT;
	size_t i;
	int error;

	if (argc != 5 || sodium_init() < 0)
		return 2;
	config.dir = spool_dir = argv[1];
	store_dir = argv[2];
	seed = strtoull(argv[3], NULL, 10);
	if (fd_read_all(STDIN_FILENO, &lines, 1 << 24) != 0)
		return 2;
	buf_addc(&lines, '\0');
	next = lines.p;
	error = journal_open(&journal, &config);
	if (error) {
		fprintf(stderr, "journal_open: %s\n", strerror(error));
		return 3;
	}
	if (pthread_create(&server, NULL, clickhouse, NULL) != 0)
		return 2;
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&clients[i], NULL, client, (void *)i) != 0)
			return 2;
	for (i = 0; i < THREADS; i++)
		pthread_join(clients[i], NULL);
	while (strcmp(argv[4], "end") != 0)
		pause();
	journal_close(journal);
	over = true;
	pthread_join(server, NULL);
	buf_release(&lines);
	return 0;
}

#define _GNU_SOURCE /* memfd_create, mkostemp, and what <maxminddb.h> includes */
#include "enrich/geo.h"

#include <errno.h>
#include <fcntl.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "enrich/geodata.h"
#include "enrich/geotree.h"

#include "base/banned.h"

#ifdef CLOCK_MONOTONIC_COARSE
#define CLOCK CLOCK_MONOTONIC_COARSE
#else
#define CLOCK CLOCK_MONOTONIC
#endif

enum { FRESH_MS = 100 };

struct geo_db {
	MMDB_s mmdb;
	struct geotree tree;
	atomic_uint holders;
	atomic_ulong *damaged; /* the geo's */
};

struct geo {
	char *path;
	atomic_uint generation;
	atomic_ulong damaged;
	pthread_mutex_t lock; /* of `now` */
	struct geo_db *now;

	/* the owner's */
	struct stat judged; /* the file that was read, be it good or bad; or all 0 */
	bool complained;
	int64_t next_check; /* ms */
};

static bool
copy_file(int from, int to)
{
	char piece[32 * 1024];
	off_t done = 0;
	ssize_t k;

	while ((k = pread(from, piece, sizeof(piece), done)) != 0) {
		if (k < 0 && errno != EINTR)
			return false;
		if (k > 0 && fd_write(to, piece, (size_t)k) != 0)
			return false;
		/* more than there was at the start: somebody appends, perhaps for ever */
		if (k > 0 && (done += k) > GEO_FILE_MAX)
			return false;
	}
	return true;
}

/*
 * The library opens by name only.  A memory file has one where /proc is
 * mounted, leaves nothing behind when the process is killed, and needs no
 * disk.  Returns MMDB_FILE_OPEN_ERROR where the system does not do that.
 */
static int
open_in_memory(int from, MMDB_s *mmdb)
{
	int status = MMDB_FILE_OPEN_ERROR;
#if defined(MFD_CLOEXEC) && !defined(MM_PORTABLE)
	int fd = memfd_create("country", MFD_CLOEXEC);
	char name[32];

	if (fd < 0)
		return status;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (copy_file(from, fd))
		status = MMDB_open(name, MMDB_MODE_MMAP, mmdb);
	close(fd);
#else
	(void)from;
	(void)mmdb;
#endif
	return status;
}

/* The portable way: POSIX and no more, but a kill at the wrong time leaves the file. */
static int
open_in_temporary(int from, MMDB_s *mmdb)
{
	const char *dir = getenv("TMPDIR");
	struct buf name = BUF_INIT;
	int fd, status = MMDB_FILE_OPEN_ERROR;

	buf_addf(&name, "%s/mm-XXXXXX", dir && *dir ? dir : "/tmp");
	buf_addc(&name, '\0');
	if (name.failed) {
		buf_release(&name);
		return MMDB_OUT_OF_MEMORY_ERROR;
	}
	fd = mkostemp(name.p, O_CLOEXEC);
	if (fd >= 0) {
		if (copy_file(from, fd))
			status = MMDB_open(name.p, MMDB_MODE_MMAP, mmdb);
		unlink(name.p);
		close(fd);
	}
	buf_release(&name);
	return status;
}

static int
open_copy(int from, MMDB_s *mmdb)
{
	int status = open_in_memory(from, mmdb);

	return status == MMDB_FILE_OPEN_ERROR ? open_in_temporary(from, mmdb) : status;
}

static bool
same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool
same_content(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && same_time(&a->st_mtim, &b->st_mtim);
}

/* The change time too: what is unpacked from an archive may have the inode and
   the modification time of what it replaces, as npm's files all do. */
static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && same_content(a, b) &&
	    same_time(&a->st_ctim, &b->st_ctim);
}

/*
 * A file's times are those of the kernel's last tick: one that changed a moment
 * ago may change again and look the same.
 */
static bool
is_fresh(const struct stat *file)
{
	struct timespec now;
	int64_t ms;

	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return false;
	ms = ((int64_t)now.tv_sec - file->st_ctim.tv_sec) * 1000 +
	    (now.tv_nsec - file->st_ctim.tv_nsec) / 1000000;
	return ms >= 0 && ms < FRESH_MS;
}

static const char *
refusal(const struct stat *file)
{
	if (!S_ISREG(file->st_mode))
		return "not a regular file";
	if (file->st_size == 0)
		return "empty";
	if (file->st_size > GEO_FILE_MAX)
		return "larger than 1 GiB";
	return NULL;
}

static struct geo_db *
read_db(int fd, const struct stat *before, int *status, const char **reason)
{
	struct geo_db *db = malloc(sizeof(*db));
	struct stat after;

	*status = db ? open_copy(fd, &db->mmdb) : MMDB_OUT_OF_MEMORY_ERROR;
	*reason = *status == MMDB_FILE_OPEN_ERROR
	    ? "can't be copied to memory, nor to a temporary file"
	    : MMDB_strerror(*status);
	if (*status != MMDB_SUCCESS) {
		free(db);
		return NULL;
	}
	geotree_init(&db->tree, &db->mmdb);
	atomic_init(&db->holders, 1);
	if (fstat(fd, &after) != 0 || !same_content(before, &after)) {
		*reason = "changed while it was read";
		*status = MMDB_IO_ERROR;
		geo_release(db);
		return NULL;
	}
	return db;
}

/*
 * Sets g->judged when it was the contents that decided, and will be what they
 * are: only then is there no use in reading the same file again.
 */
static struct geo_db *
load(struct geo *g, const char **reason)
{
	struct geo_db *db = NULL;
	struct stat file;
	/* without O_NONBLOCK, a pipe that took the file's place would block */
	int status, fd = open(g->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	memset(&g->judged, 0, sizeof(g->judged));
	if (fd < 0 || fstat(fd, &file) != 0) {
		*reason = strerror(errno);
	} else if ((*reason = refusal(&file)) == NULL) {
		db = read_db(fd, &file, &status, reason);
		if (status != MMDB_FILE_OPEN_ERROR && status != MMDB_IO_ERROR &&
		    status != MMDB_OUT_OF_MEMORY_ERROR && !is_fresh(&file))
			g->judged = file;
	}
	if (fd >= 0)
		close(fd);
	if (db)
		db->damaged = &g->damaged;
	return db;
}

struct geo *
geo_open(const char *path, const char **reason)
{
	struct geo *g = calloc(1, sizeof(*g));

	if (g)
		g->path = strdup(path);
	if (!g || !g->path || pthread_mutex_init(&g->lock, NULL) != 0) {
		*reason = "out of memory";
		if (g)
			free(g->path);
		free(g);
		return NULL;
	}
	atomic_init(&g->generation, 1);
	atomic_init(&g->damaged, 0);
	g->now = load(g, reason);
	if (!g->now) {
		geo_close(g);
		return NULL;
	}
	return g;
}

void
geo_close(struct geo *g)
{
	if (!g)
		return;
	geo_release(g->now);
	pthread_mutex_destroy(&g->lock);
	free(g->path);
	free(g);
}

/* Once, until the file is good again: it may change many times while it is bad. */
static bool
complain(struct geo *g)
{
	bool first = !g->complained;

	g->complained = true;
	return !first;
}

static void
replace(struct geo *g, struct geo_db *db)
{
	struct geo_db *before;

	pthread_mutex_lock(&g->lock);
	before = g->now;
	g->now = db;
	if (atomic_fetch_add(&g->generation, 1) + 1 == 0)
		atomic_store(&g->generation, 1);
	pthread_mutex_unlock(&g->lock);
	geo_release(before);
}

bool
geo_check(struct geo *g, const char **reason)
{
	struct stat file;
	struct geo_db *db;

	if (stat(g->path, &file) != 0) {
		*reason = strerror(errno);
		memset(&g->judged, 0, sizeof(g->judged));
		return complain(g);
	}
	if (same_file(&file, &g->judged))
		return true;
	db = load(g, reason);
	if (!db)
		return complain(g);
	g->complained = false;
	replace(g, db);
	return true;
}

bool
geo_refresh(struct geo *g, const char **reason)
{
	struct timespec t;
	int64_t now;

	if (clock_gettime(CLOCK, &t) != 0)
		return true;
	now = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
	if (now < g->next_check)
		return true;
	g->next_check = now + GEO_CHECK_MS;
	return geo_check(g, reason);
}

unsigned
geo_generation(const struct geo *g)
{
	return atomic_load_explicit(&g->generation, memory_order_relaxed);
}

uint64_t
geo_damaged(const struct geo *g)
{
	return atomic_load_explicit(&g->damaged, memory_order_relaxed);
}

struct geo_db *
geo_acquire(struct geo *g, unsigned *generation)
{
	struct geo_db *db;

	pthread_mutex_lock(&g->lock);
	db = g->now;
	/* before the lock is released no one can let go of the last hold on it */
	atomic_fetch_add(&db->holders, 1);
	*generation = geo_generation(g);
	pthread_mutex_unlock(&g->lock);
	return db;
}

void
geo_release(struct geo_db *db)
{
	if (!db || atomic_fetch_sub(&db->holders, 1) > 1)
		return;
	geotree_release(&db->tree);
	MMDB_close(&db->mmdb);
	free(db);
}

/* The capital letter, or 0. */
static char
capital(char c)
{
	if (c >= 'a' && c <= 'z')
		return (char)(c - 'a' + 'A');
	return c >= 'A' && c <= 'Z' ? c : 0;
}

static bool
code_at(struct geodata *data, size_t at, const char *key, char code[2])
{
	struct span text;

	if (!geodata_find(data, &at, key) || !geodata_string(data, at, &text) || text.n != 2)
		return false;
	code[0] = capital(text.p[0]);
	code[1] = capital(text.p[1]);
	return code[0] && code[1];
}

static bool
code_in(struct geodata *data, size_t entry, const char *key, char code[2])
{
	return geodata_find(data, &entry, key) && code_at(data, entry, "iso_code", code);
}

static bool
find_code(struct geodata *data, size_t entry, char code[2])
{
	return code_in(data, entry, "country", code) ||
	    code_in(data, entry, "registered_country", code) ||
	    code_at(data, entry, "country_code", code);
}

/* What the library says of an address; its entry's offset. */
static enum geotree_answer
ask_library(const struct geo_db *db, const struct ip *ip, uint32_t *offset)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address;
	MMDB_lookup_result_s found;
	int status;

	memset(&address, 0, sizeof(address));
	if (ip->v4) {
		address.v4.sin_family = AF_INET;
		memcpy(&address.v4.sin_addr, ip->b, 4);
	} else {
		address.v6.sin6_family = AF_INET6;
		memcpy(&address.v6.sin6_addr, ip->b, 16);
	}
	found = MMDB_lookup_sockaddr(&db->mmdb, &address.any, &status);
	if (status != MMDB_SUCCESS)
		return GEOTREE_ASK; /* there is nobody else to ask */
	*offset = found.entry.offset;
	return found.found_entry ? GEOTREE_ENTRY : GEOTREE_NOTHING;
}

bool
geo_country(const struct geo_db *db, const struct ip *ip, char code[2])
{
	struct geodata data = { .p = db->mmdb.data_section, .n = db->mmdb.data_section_size };
	enum geotree_answer answer;
	char letters[2];
	uint32_t offset;

	if (!ip->v4 && db->mmdb.metadata.ip_version == 4)
		return false;
	answer = geotree_find(&db->tree, ip, &offset);
	if (answer == GEOTREE_ASK)
		answer = ask_library(db, ip, &offset);
	if (answer == GEOTREE_ASK) {
		data.damaged = true;
	} else if (answer == GEOTREE_ENTRY && find_code(&data, offset, letters)) {
		memcpy(code, letters, 2);
		return true;
	}
	if (data.damaged)
		atomic_fetch_add_explicit(db->damaged, 1, memory_order_relaxed);
	return false;
}

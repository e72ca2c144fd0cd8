#define _DEFAULT_SOURCE /* scandir */
/*
 * The journal: what was acknowledged is in the spool once, also after a torn
 * tail at every byte of the last group, and ids are known across a restart.
 */
#include "serve/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "check.h"
#include "serve/segment.h"

#include "base/banned.h"

/* Stand in for the C library's: the disk that fails when it is told to, and takes no time. */
static atomic_int failing, syncs;

int
fsync(int fd)
{
	(void)fd;
	return 0;
}

int
fdatasync(int fd)
{
	(void)fd;
	if (failing) {
		errno = EIO;
		return -1;
	}
	syncs++;
	return 0;
}

static char folder[] = "/tmp/test_journal.XXXXXX";
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static uint64_t done;
static int last_error;

static void
on_settled(void *context, uint64_t group, int error)
{
	(void)context;
	pthread_mutex_lock(&mutex);
	done = group;
	last_error = error;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&mutex);
}

static char told[256]; /* of damaged segments, each with a blank behind */

static void
on_damaged(void *context, const char *file)
{
	size_t n = strlen(told);

	(void)context;
	snprintf(told + n, sizeof(told) - n, "%s ", file);
}

static size_t log_bytes;

static struct journal *
open_journal(uint64_t max)
{
	struct journal_config config = {
		.dir = folder,
		.database = "d",
		.table = "t",
		.max = max,
		.log_bytes = log_bytes,
		.settled = on_settled,
		.damaged = on_damaged,
	};
	struct journal *j = NULL;
	int error;

	told[0] = '\0';
	error = journal_open(&j, &config);
	done = 0;
	CHECK(error == 0, "open: %d", error);
	return j;
}

static uint64_t
add(struct journal *j, const char *row, const char *id, unsigned char project)
{
	struct journal_event e = { .row = span_of(row), .id = span_of(id) };
	uint64_t ticket = 0;
	enum journal_result r;

	memset(e.project, project, sizeof(e.project));
	r = journal_add(j, &e, 1, &ticket);
	CHECK(r == JOURNAL_TAKEN, "add: %d", (int)r);
	pthread_mutex_lock(&mutex);
	while (done < ticket)
		pthread_cond_wait(&changed, &mutex);
	pthread_mutex_unlock(&mutex);
	CHECK(ticket == 0 || last_error == 0, "error %d", last_error);
	return ticket;
}

/* The files of the table's folder, by name: their content is added, or they are deleted. */
static void
each_file(const char *suffix, struct buf *content, bool delete)
{
	char path[512];
	struct dirent **names;
	struct stat st;
	int n, i, fd;

	snprintf(path, sizeof(path), "%s/d.t", folder);
	n = scandir(path, &names, NULL, alphasort);
	for (i = 0; i < n; i++) {
		const char *name = names[i]->d_name;
		size_t length = strlen(name), k = strlen(suffix);

		if (name[0] != '.' && length >= k && strcmp(name + length - k, suffix) == 0) {
			snprintf(path, sizeof(path), "%s/d.t/%s", folder, name);
			fd = open(path, O_RDONLY);
			CHECK(fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0600, "mode of %s",
			    name);
			if (content)
				fd_read_all(fd, content, SEGMENT_MAX);
			close(fd);
			if (delete)
				unlink(path);
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

static bool
spool_is(const char *rows)
{
	struct buf b = BUF_INIT;
	bool same;

	each_file(".ndjson", &b, true);
	same = span_eq((struct span){ b.p, b.n }, span_of(rows));
	if (!same)
		fprintf(stderr, "spool: %.*s\n", (int)b.n, b.n ? b.p : "");
	buf_release(&b);
	return same;
}

static void
test_duplicates(void)
{
	struct journal *j = open_journal(1 << 30);

	CHECK(add(j, "1\n", "a", 1) > 0, "new");
	CHECK(add(j, "2\n", "a", 1) == 0, "known and durable");
	CHECK(add(j, "3\n", "a", 2) > 0, "another project");
	add(j, "4\n", "", 1);
	add(j, "5\n", "", 1);
	journal_close(j);
	CHECK(spool_is("1\n3\n4\n5\n"), "rows");
	j = open_journal(1 << 30);
	CHECK(add(j, "6\n", "a", 1) == 0, "known after a restart");
	CHECK(add(j, "7\n", "b", 1) > 0, "new after a restart");
	journal_close(j);
	CHECK(spool_is("7\n"), "rows of the second run");
	j = open_journal(1);
	CHECK(journal_add(j, &(struct journal_event){ .row = SPAN("8\n") }, 1, &(uint64_t){ 0 }) ==
		JOURNAL_FULL,
	    "full");
	journal_close(j);
	CHECK(spool_is(""), "nothing of a full spool");
}

/* Ids of a busy project do not push out those of another, nor grow without end. */
static void
test_log_of_ids(void)
{
	enum { AT_ONCE = 1000, BATCHES = 2 * IDS_GENERATION / AT_ONCE + 2 };
	static struct journal_event events[AT_ONCE];
	static char names[AT_ONCE][16];
	struct journal *j;
	struct buf log = BUF_INIT;
	uint64_t ticket = 0;
	unsigned i, k;

	log_bytes = 1;
	j = open_journal(1 << 30);
	CHECK(add(j, "1\n", "quiet", 1) > 0, "new");
	for (k = 0; k < BATCHES; k++) {
		for (i = 0; i < AT_ONCE; i++) {
			int n = snprintf(names[i], sizeof(names[i]), "%u", k * AT_ONCE + i);

			events[i].row = SPAN("x\n");
			events[i].id = (struct span){ names[i], (size_t)n };
			memset(events[i].project, 2, sizeof(events[i].project));
		}
		CHECK(journal_add(j, events, AT_ONCE, &ticket) == JOURNAL_TAKEN, "batch %u", k);
	}
	journal_close(j);
	each_file(".ids", &log, false);
	CHECK(log.n > IDS_GENERATION * sizeof(struct ids_entry) &&
		log.n <= (2 * IDS_GENERATION + 1) * sizeof(struct ids_entry),
	    "%zu bytes", log.n);
	j = open_journal(1 << 30);
	log_bytes = 0;
	CHECK(add(j, "2\n", "quiet", 1) == 0, "the quiet project's is known");
	CHECK(add(j, "3\n", names[AT_ONCE - 1], 2) == 0, "the busy one's last is known");
	CHECK(add(j, "4\n", "0", 2) > 0, "the busy one's first is forgotten");
	journal_close(j);
	each_file(".ndjson", NULL, true);
	buf_release(&log);
}

/* A group that could not be synced is refused; what was acknowledged before stays. */
static void
test_failing_disk(void)
{
	struct journal *j = open_journal(1 << 30);
	struct journal_event e = { .row = SPAN("refused\n"), .id = SPAN("e") };
	uint64_t ticket;
	int before = syncs;

	add(j, "kept\n", "k", 0);
	CHECK(syncs > before, "acknowledged without fdatasync");
	failing = 1;
	CHECK(journal_add(j, &e, 1, &ticket) == JOURNAL_TAKEN, "taken");
	pthread_mutex_lock(&mutex);
	while (done < ticket)
		pthread_cond_wait(&changed, &mutex);
	CHECK(last_error == EIO, "error %d", last_error);
	pthread_mutex_unlock(&mutex);
	CHECK(journal_failures(j) == 1, "failures");
	failing = 0;
	CHECK(add(j, "sent again\n", "e", 0) > ticket, "its id was taken back");
	CHECK(add(j, "twice\n", "k", 0) == 0, "the kept one's id was not");
	journal_close(j);
	/* what could not be sealed while the disk failed is by the next one */
	journal_close(open_journal(1 << 30));
	CHECK(spool_is("kept\nsent again\n"), "rows");
}

static void
add_group(struct buf *to, const char *row, const char *id, const unsigned char key[IDS_KEY])
{
	unsigned char project[IDS_PROJECT] = { 9 };
	struct segment_head head;
	struct ids_entry e;
	struct span entries = { (const char *)&e, sizeof(e) };

	ids_entry_of(&e, key, project, span_of(id));
	segment_head_of(&head, entries, span_of(row));
	buf_add(to, (const char *)&head, sizeof(head));
	buf_add(to, entries.p, entries.n);
	buf_adds(to, row);
}

static void
put_file(const char *name, const char *p, size_t n)
{
	char path[192];
	int fd;

	snprintf(path, sizeof(path), "%s/d.t/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	CHECK(fd >= 0 && fd_write(fd, p, n) == 0, "%s", path);
	close(fd);
}

static void
test_torn_tail(void)
{
	struct buf key = BUF_INIT, segment = BUF_INIT;
	size_t first, n;

	each_file("ids.key", &key, false);
	CHECK(key.n == IDS_KEY, "key");
	for (n = first = 0; n == 0 || n <= segment.n; n++) {
		char a[32], b[32];

		/* new ids each time, for the former ones are known */
		snprintf(a, sizeof(a), "a%zu", n);
		snprintf(b, sizeof(b), "b%zu", n);
		buf_reset(&segment);
		add_group(&segment, "first\n", a, (unsigned char *)key.p);
		first = segment.n;
		add_group(&segment, "last\n", b, (unsigned char *)key.p);
		put_file("1.open", segment.p, n);
		journal_close(open_journal(1 << 30));
		CHECK(spool_is(n < first      ? ""
			      : n < segment.n ? "first\n"
					      : "first\nlast\n"),
		    "cut at %zu", n);
		CHECK(told[0] == '\0', "cut at %zu, told of %s", n, told);
	}
	/* a damaged byte of the last group: it is as if it were not there */
	for (n = first; n < segment.n; n++) {
		segment.p[n] ^= 1;
		struct span e, r;
		CHECK(segment_next((struct span){ segment.p, segment.n }, first, &e, &r) == 0,
		    "damaged at %zu", n);
		segment.p[n] ^= 1;
	}
	/* a group that was refused, and came again in the next segment */
	buf_reset(&segment);
	add_group(&segment, "once\n", "again", (unsigned char *)key.p);
	put_file("1.open", segment.p, segment.n);
	put_file("2.open", segment.p, segment.n);
	journal_close(open_journal(1 << 30));
	CHECK(spool_is("once\n"), "refused and sent again");
	buf_release(&key);
	buf_release(&segment);
}

static bool
folder_has(const char *file, struct span content)
{
	struct buf b = BUF_INIT;
	bool same;

	each_file(file, &b, false);
	same = span_eq((struct span){ b.p, b.n }, content);
	buf_release(&b);
	return same;
}

/*
 * Each byte of the middle one of three groups damaged: the two others are kept,
 * and the segment; that is told, also by the next that opens the folder.
 */
static void
test_damaged_group(void)
{
	struct buf key = BUF_INIT, segment = BUF_INIT;
	size_t start = 0, end = 1, n;

	each_file("ids.key", &key, false);
	for (n = 0; start + n < end; n++) {
		char a[32], b[32], c[32];
		struct span whole;

		snprintf(a, sizeof(a), "x%zu", n);
		snprintf(b, sizeof(b), "y%zu", n);
		snprintf(c, sizeof(c), "z%zu", n);
		buf_reset(&segment);
		add_group(&segment, "first\n", a, (unsigned char *)key.p);
		start = segment.n;
		/* what looks like the start of a group is none */
		add_group(&segment, "MMgroup1 MMgroup1\n", b, (unsigned char *)key.p);
		end = segment.n;
		add_group(&segment, "last\n", c, (unsigned char *)key.p);
		segment.p[start + n] ^= 1;
		whole = (struct span){ segment.p, segment.n };
		put_file("1.open", segment.p, segment.n);
		journal_close(open_journal(1 << 30));
		CHECK(spool_is("first\nlast\n"), "damaged at %zu", n);
		CHECK(strcmp(told, "1.damaged ") == 0, "damaged at %zu, told: %s", n, told);
		CHECK(folder_has("1.damaged", whole) && folder_has("1.open", SPAN("")),
		    "damaged at %zu: kept", n);
		/* the ids of the groups that were kept are known */
		put_file("2.open", segment.p, segment.n);
		journal_close(open_journal(1 << 30));
		CHECK(spool_is(""), "the same again, damaged at %zu", n);
		CHECK(strcmp(told, "1.damaged 2.damaged ") == 0, "told again: %s", told);
		each_file(".damaged", NULL, true);
	}
	CHECK(n > sizeof(struct segment_head), "bytes damaged: %zu", n);
	/* the first group, of which bytes are missing; then a whole one and a torn tail */
	buf_reset(&segment);
	add_group(&segment, "lost\n", "f1", (unsigned char *)key.p);
	segment.n -= 7;
	add_group(&segment, "found\n", "f2", (unsigned char *)key.p);
	add_group(&segment, "torn\n", "f3", (unsigned char *)key.p);
	put_file("1.open", segment.p, segment.n - 1);
	journal_close(open_journal(1 << 30));
	CHECK(spool_is("found\n") && strcmp(told, "1.damaged ") == 0, "told: %s", told);
	each_file(".damaged", NULL, true);
	/* the run that sealed it was killed before it kept it */
	put_file("1.open", segment.p, segment.n - 1);
	put_file("1.ready", "found\n", 6);
	journal_close(open_journal(1 << 30));
	CHECK(spool_is("found\n") && strcmp(told, "1.damaged ") == 0, "taken up, told: %s", told);
	each_file(".damaged", NULL, true);
	buf_release(&key);
	buf_release(&segment);
}

/* What was to take a segment's place goes with its run, and stays while that works. */
static void
test_temporary(void)
{
	struct buf none = BUF_INIT;
	char path[512];
	int fd;

	put_file("1.open.tmp", "torn", 4);
	put_file("2.open.tmp", "torn", 4);
	put_file("2.open", "", 0);
	put_file("3.open.tmp", "torn", 4);
	put_file("3.open", "", 0);
	snprintf(path, sizeof(path), "%s/d.t/3.open", folder);
	fd = open(path, O_RDWR);
	CHECK(fd >= 0 && flock(fd, LOCK_EX) == 0, "another run's");
	journal_close(open_journal(1 << 30));
	each_file(".tmp", &none, false);
	CHECK(none.n == 4, "left: %zu", none.n);
	CHECK(folder_has("3.open.tmp", span_of("torn")), "that of the other run is left");
	close(fd);
	journal_close(open_journal(1 << 30));
	buf_reset(&none);
	each_file(".tmp", &none, false);
	CHECK(none.n == 0 && spool_is(""), "none is left");
	buf_release(&none);
}

int
main(void)
{
	CHECK(mkdtemp(folder) != NULL, "mkdtemp");
	test_duplicates();
	test_log_of_ids();
	test_failing_disk();
	test_torn_tail();
	test_damaged_group();
	test_temporary();
	each_file("", NULL, true);
	return check_end("test_journal");
}

/*
 * A spool: its files come back whole, in order, and once.
 */
#define _GNU_SOURCE /* mkdtemp */
#include <errno.h>
#include <sodium.h>
#include <unistd.h>

#include "check.h"
#include "store/spool.h"

/* in memory where that can be, for the sake of thousands of syncs */
static char dir[] = "/dev/shm/mm-spool.XXXXXX", on_disk[] = "/tmp/mm-spool.XXXXXX";

static void
open_spool(struct spool *s, const char *table, uint64_t max)
{
	int error = spool_open(s, dir, "d", table, max);

	CHECK(error == 0, "opened: %s", strerror(error));
}

static void
keep(struct spool *s, const char *text, bool cut)
{
	struct batch b;

	CHECK(batch_init(&b, 1, 1, NULL), "memory");
	buf_adds(&b.bytes, text);
	CHECK(spool_keep(s, &b, cut) == 0, "kept: %s", text);
	batch_release(&b);
}

/* Takes the next file, whose text must be this; then it is done, or put back. */
static void
take(struct spool *s, const char *text, bool done)
{
	struct spool_file f;
	char got[100];
	ssize_t n;

	if (!CHECK(spool_take(s, &f) == 0, "there is one: %s", text))
		return;
	n = pread(f.fd, got, sizeof(got), 0);
	CHECK(n >= 0 && is_text(got, (size_t)n, text), "%s: %.*s", text, (int)n, got);
	if (done)
		CHECK(spool_done(s, &f) == 0, "done");
	else
		spool_put_back(s, &f);
}

static void
take_none(struct spool *s)
{
	struct spool_file f;

	CHECK(spool_take(s, &f) == ENOENT, "there is none");
}

static void
test_order(void)
{
	struct spool s;

	open_spool(&s, "t", 1000);
	take_none(&s);
	keep(&s, "one", false);
	keep(&s, "two", false);
	keep(&s, "never", true);
	take(&s, "one", false);
	keep(&s, "three", false);
	take(&s, "two", true);
	take(&s, "three", true);
	take_none(&s);
	CHECK(s.waiting == 1, "one waits: %llu", (unsigned long long)s.waiting);
	spool_rewind(&s);
	take(&s, "one", true);
	take_none(&s);
	spool_release(&s);
}

/* More files than are remembered of a folder. */
static void
test_many(void)
{
	enum { MANY = 2500 };
	struct spool s, again;
	char text[32];
	int i;

	open_spool(&s, "many", UINT64_MAX);
	for (i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), "row %d", i);
		keep(&s, text, false);
	}
	open_spool(&again, "many", UINT64_MAX);
	CHECK(again.waiting == MANY, "%llu wait", (unsigned long long)again.waiting);
	for (i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), "row %d", i);
		take(&again, text, true);
	}
	take_none(&again);
	spool_release(&again);
	spool_release(&s);
}

static void
test_locks(void)
{
	struct spool a, b;
	struct spool_file f;

	open_spool(&a, "locks", 1000);
	keep(&a, "one", false);
	keep(&a, "two", false);
	open_spool(&b, "locks", 1000);
	CHECK(spool_take(&a, &f) == 0, "taken");
	take(&b, "two", false);
	take_none(&b);
	CHECK(b.locked == 1, "one is locked");
	CHECK(spool_is_own(&a, &f) && !spool_is_own(&b, &f), "whose it is");
	CHECK(spool_done(&a, &f) == 0, "done");
	spool_rewind(&b);
	take(&b, "two", true);
	take_none(&a);
	spool_release(&b);
	/* b has removed the folder */
	keep(&a, "three", false);
	spool_rewind(&a);
	take(&a, "three", true);
	spool_release(&a);
}

static void
test_full(void)
{
	struct spool s, other;

	open_spool(&s, "t", 10);
	CHECK(!spool_full(&s), "empty");
	keep(&s, "12345", false);
	CHECK(!spool_full(&s), "5 of 10");
	open_spool(&other, "u", 10);
	keep(&other, "12345", false);
	CHECK(spool_full(&other), "another table's count");
	keep(&other, "and more", false);
	spool_rewind(&other);
	take(&other, "12345", true);
	take(&other, "and more", true);
	CHECK(!spool_full(&other), "5 of 10 again");
	take(&s, "12345", true);
	spool_release(&s);
	spool_release(&other);
}

static int
see(void *context, const char *database, const char *table)
{
	struct buf *b = context;

	buf_addf(b, "[%s][%s]", database, table);
	return 0;
}

/* Names of any kind come back as they were. */
static void
test_names(void)
{
	static const char name[] = "a/..%2F\n\\.\xc3\xa9 `'";
	struct buf b = BUF_INIT, expected = BUF_INIT;
	struct spool s;

	open_spool(&s, name, 1000);
	CHECK(spool_tables(dir, see, &b) == 0 && b.n == 0, "nothing waits");
	keep(&s, "one", true);
	CHECK(spool_tables(dir, see, &b) == 0 && b.n == 0, "an end does not count");
	keep(&s, "one", false);
	buf_addf(&expected, "[d][%s]", name);
	buf_addc(&expected, '\0');
	CHECK(spool_tables(dir, see, &b) == 0 && is_text(b.p, b.n, expected.p), "%.*s", (int)b.n,
	    b.p);
	take(&s, "one", true);
	CHECK(spool_tables("/nonexistent", see, &b) == -1 && errno == ENOENT, "no directory");
	buf_release(&b);
	buf_release(&expected);
	spool_release(&s);
}

int
main(void)
{
	char command[64];

	if (!mkdtemp(dir)) {
		if (!mkdtemp(on_disk))
			abort();
		memcpy(dir, on_disk, sizeof(on_disk));
	}
	if (sodium_init() < 0)
		abort();
	test_full();
	test_order();
	test_many();
	test_locks();
	test_names();
	snprintf(command, sizeof(command), "rm -r %s", dir);
	CHECK(system(command) == 0, "removed");
	return check_end("spool");
}

/*
 * Batches whose rows wait in a file are as those whose rows are in memory.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "store/batch.h"
#include "check.h"
#include "base/fd.h"

#include "base/banned.h"

enum { ROWS = 3000, ROW_MAX = 1000 };

static const struct batch_place tmp = { "/tmp", "d", "t" };

static void
start(struct batch *b, const struct batch_place *place)
{
	CHECK(batch_init(b, ROWS, (size_t)ROWS * ROW_MAX, place), "memory");
}

/* The same rows in all rounds: above a megabyte. */
static void
add_rows(struct batch *b, uint64_t seed)
{
	char row[ROW_MAX];
	size_t i;

	for (i = 0; i < ROWS; i++) {
		size_t n = check_random(&seed) % ROW_MAX;

		memset(row, 'a' + (int)(i % 26), n);
		CHECK(batch_fits(b, n) && batch_add(b, 2 * i, row, n), "added");
	}
	CHECK(batch_is_full(b), "full");
}

static void
check_same(struct batch *b, const struct batch *memory)
{
	struct span want = batch_rows(memory, 0, ROWS), got;
	char token[TOKEN_LENGTH + 1], again[TOKEN_LENGTH + 1];
	struct token *t = token_new("d", "t");
	int fd = fd_unnamed("/tmp");
	char *read_back = malloc(want.n + 1);
	struct batch_window window = { .at = 0 };
	size_t i;

	CHECK(t && fd >= 0 && read_back, "set up");
	CHECK(batch_size(b) == want.n && b->n == ROWS, "%zu bytes", batch_size(b));
	for (i = 0; i < ROWS; i++)
		CHECK(span_eq(batch_row(b, i, &window), batch_rows(memory, i, 1)), "row %zu", i);
	for (i = ROWS; i-- > 0;)
		CHECK(span_eq(batch_row(b, i, &window), batch_rows(memory, i, 1)), "row %zu", i);
	buf_release(&window.bytes);
	token_text(t, want, token);
	batch_token(b, again);
	CHECK(strcmp(token, again) == 0, "token %s, not %s", again, token);
	CHECK(batch_write(b, fd) == 0, "written");
	CHECK(pread(fd, read_back, want.n + 1, 0) == (ssize_t)want.n &&
		memcmp(read_back, want.p, want.n) == 0,
	    "to a file");
	if (b->unnamed < 0)
		CHECK(!batch_make_room(b) && batch_recall(b) == 0, "there is no file");
	else
		CHECK(
		    batch_make_room(b) && lseek(b->unnamed, 0, SEEK_END) == 0, "the file is empty");
	CHECK(b->in_file == 0, "recalled");
	got = batch_rows(b, 0, ROWS);
	CHECK(span_eq(got, want), "the rows");
	got = batch_rows(b, ROWS - 1, 1);
	CHECK(
	    span_eq(got, batch_rows(memory, ROWS - 1, 1)) && b->rows[ROWS - 1].line == 2 * ROWS - 2,
	    "the last row");
	batch_token(b, again);
	CHECK(strcmp(token, again) == 0, "recalled: token %s, not %s", again, token);
	free(read_back);
	token_free(t);
	close(fd);
}

static void
test_file(void)
{
	struct batch b, memory;
	uint64_t seed;

	start(&b, &tmp);
	start(&memory, NULL);
	for (seed = 1; seed < 4; seed++) {
		add_rows(&b, seed);
		add_rows(&memory, seed);
		CHECK(memory.in_file == 0, "all in memory");
		CHECK(b.in_file > 0 && b.bytes.n < BATCH_IN_MEMORY, "%zu in memory", b.bytes.n);
		check_same(&b, &memory);
		batch_reset(&b);
		batch_reset(&memory);
	}
	CHECK(b.bytes.cap < 8 * BATCH_IN_MEMORY, "what was recalled is not kept in memory");
	batch_release(&b);
	batch_release(&memory);
}

static void
test_no_file(void)
{
	static const struct batch_place nowhere = { "/nonexistent", "d", "t" };
	struct batch b, memory;

	start(&b, &nowhere);
	start(&memory, NULL);
	add_rows(&b, 1);
	add_rows(&memory, 1);
	CHECK(b.in_file == 0, "nothing in a file");
	check_same(&b, &memory);
	batch_release(&b);
	batch_release(&memory);
}

/* As on a full disk. */
static void
test_no_room(void)
{
	const struct rlimit limit = { 3 * BATCH_IN_MEMORY, RLIM_INFINITY };
	struct rlimit old;
	struct batch b, memory;

	getrlimit(RLIMIT_FSIZE, &old);
	signal(SIGXFSZ, SIG_IGN);
	start(&b, &tmp);
	start(&memory, NULL);
	setrlimit(RLIMIT_FSIZE, &limit);
	add_rows(&b, 1);
	setrlimit(RLIMIT_FSIZE, &old);
	add_rows(&memory, 1);
	CHECK(b.in_file > 0 && b.in_file <= 3 * BATCH_IN_MEMORY && b.bytes.n > BATCH_IN_MEMORY,
	    "%zu in the file, %zu in memory", b.in_file, b.bytes.n);
	check_same(&b, &memory);
	batch_reset(&b);
	add_rows(&b, 1);
	CHECK(b.bytes.n < BATCH_IN_MEMORY, "the next batch tries again");
	batch_release(&b);
	batch_release(&memory);
}

/* The lines of a file are rows, whether or not a newline ends the last one. */
static void
test_of_file(void)
{
	static const char *const texts[] = { "", "a\n", "abc\n\nde", "\n", "a" };
	struct batch b, memory;
	struct batch_window window = { .at = 0 };
	size_t i, k;
	int fd = fd_unnamed("/tmp");

	start(&b, &tmp);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t n = strlen(texts[i]);

		CHECK(ftruncate(fd, 0) == 0 && fd_write_at(fd, texts[i], n, 0) == 0, "written");
		CHECK(batch_of_file(&b, fd) == 0, "read");
		for (k = 0; k < b.n; k++) {
			struct span row;

			window.bytes.n = 0;
			row = batch_row(&b, k, &window);
			CHECK(row.n && row.p[row.n - 1] == '\n' && b.rows[k].line == k + 1,
			    "row %zu", k);
		}
		CHECK(batch_recall(&b) == 0, "recalled");
		CHECK(is_text(b.bytes.p, n, texts[i]) &&
			b.bytes.n == n + (n && texts[i][n - 1] != '\n'),
		    "%s: %.*s", texts[i], (int)b.bytes.n, b.bytes.p);
		batch_reset(&b);
	}
	start(&memory, NULL);
	add_rows(&memory, 5);
	CHECK(ftruncate(fd, 0) == 0 && batch_write(&memory, fd) == 0, "written");
	lseek(fd, 0, SEEK_SET);
	CHECK(batch_of_file(&b, fd) == 0 && b.n == ROWS, "%zu rows", b.n);
	for (i = 0; i < ROWS; i++)
		b.rows[i].line = 2 * i & 0xffff;
	check_same(&b, &memory);
	batch_release(&b);
	batch_release(&memory);
	buf_release(&window.bytes);
	close(fd);
}

/* A file that has lost its end gives an error, and takes nothing away. */
static void
test_lost(void)
{
	struct batch b;
	size_t size;
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	start(&b, &tmp);
	add_rows(&b, 1);
	size = batch_size(&b);
	CHECK(ftruncate(b.fd, 1000) == 0, "cut");
	CHECK(batch_recall(&b) != 0, "not recalled");
	CHECK(batch_write(&b, fd) != 0, "not written");
	CHECK(batch_size(&b) == size && b.n == ROWS, "as it was");
	batch_release(&b);
	close(fd);
}

int
main(void)
{
	test_file();
	test_no_file();
	test_no_room();
	test_of_file();
	test_lost();
	return check_end("batch");
}

/* Output: what is written, when, and that no error is lost. */
#include "base/out.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#include "base/banned.h"

static void
nothing_to_read(int fd)
{
	char c;

	CHECK(read(fd, &c, 1) == -1 && errno == EAGAIN, "something was written");
}

static void
make_pipe(int ends[2])
{
	if (pipe(ends) != 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
		abort();
}

/* Small pieces wait for a whole block, or for a flush. */
static void
test_blocks(void)
{
	static char got[2 * OUT_BLOCK];
	struct out out;
	int ends[2], i;

	make_pipe(ends);
	out_init(&out, ends[1], NULL);
	for (i = 0; i < OUT_BLOCK - 1; i++)
		out_write(&out, "a", 1);
	nothing_to_read(ends[0]);
	out_write(&out, "bc", 2);
	CHECK(read(ends[0], got, sizeof(got)) == OUT_BLOCK + 1, "a block");
	CHECK(got[0] == 'a' && got[OUT_BLOCK - 1] == 'b' && got[OUT_BLOCK] == 'c', "its bytes");
	out_write(&out, "d", 1);
	nothing_to_read(ends[0]);
	CHECK(out_flush(&out) == 0 && read(ends[0], got, sizeof(got)) == 1 && got[0] == 'd',
	    "a flush");
	CHECK(out_flush(&out) == 0, "a flush of nothing");
	nothing_to_read(ends[0]);
	out_release(&out);
	close(ends[0]);
	close(ends[1]);
}

/* What is lent goes out where it was lent, once; not before others' bytes nor after. */
static void
test_lent(void)
{
	static char text[2 * OUT_BLOCK], got[4 * OUT_BLOCK];
	struct out out;
	int ends[2];
	size_t i, n;

	for (i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 23);
	make_pipe(ends);
	out_init(&out, ends[1], NULL);
	out_write(&out, "1", 1);
	out_lend(&out, text, 3);
	out_lend(&out, text + 3, 4); /* goes on */
	out_lend(&out, text + 1, 2); /* does not */
	out_write(&out, "2", 1);
	out_lend(&out, text, 1);
	memcpy(out_room(&out, 1), "3", 1);
	out_advance(&out, 1);
	out_lend(&out, text, 2);
	out_settle(&out);
	out_settle(&out);
	nothing_to_read(ends[0]);
	text[0] = '?'; /* after it was settled nobody looks there */
	CHECK(out_flush(&out) == 0 && read(ends[0], got, sizeof(got)) == 15 &&
		memcmp(got, "1abcdefgbc2a3ab", 15) == 0,
	    "small loans: %.15s", got);
	/* a block of loans goes out at once */
	for (i = 0; i < OUT_BLOCK - 1; i++)
		out_lend(&out, text + i, 1);
	nothing_to_read(ends[0]);
	out_lend(&out, text + i, 1);
	CHECK(read(ends[0], got, sizeof(got)) == OUT_BLOCK && memcmp(got, text, OUT_BLOCK) == 0,
	    "a block");
	/* what waits goes out before */
	out_write(&out, "4", 1);
	out_lend(&out, text, OUT_BLOCK - 1);
	out_flush(&out);
	n = (size_t)read(ends[0], got, sizeof(got));
	CHECK(n == OUT_BLOCK && got[0] == '4' && memcmp(got + 1, text, OUT_BLOCK - 1) == 0,
	    "behind what waited: %zu bytes", n);
	CHECK(out_flush(&out) == 0, "a flush of nothing");
	nothing_to_read(ends[0]);
	out_release(&out);
	close(ends[0]);
	close(ends[1]);
}

/* The first error stays, and what comes after it is discarded. */
static void
test_error(const char *path, int flags, int want)
{
	int fd = open(path, flags), i;
	struct out out;

	if (fd < 0)
		abort();
	out_init(&out, fd, NULL);
	out_write(&out, "a", 1);
	CHECK(out.error == 0, "an error before anything was written");
	CHECK(out_flush(&out) == want && out.error == want, "%s: error %d", path, out.error);
	for (i = 0; i < 1000; i++)
		out_write(&out, path, strlen(path));
	CHECK(out.b.n == 0 && !out_room(&out, 1), "%s: is kept for nothing", path);
	CHECK(out_flush(&out) == want, "%s: the error is forgotten", path);
	out_release(&out);
	close(fd);
}

static void
test_closed_pipe(void)
{
	struct out out;
	int ends[2];

	make_pipe(ends);
	close(ends[0]);
	out_init(&out, ends[1], NULL);
	out_write(&out, "a", 1);
	CHECK(out_flush(&out) == EPIPE, "a pipe without a reader: error %d", out.error);
	out_release(&out);
	close(ends[1]);
}

/* A descriptor that does not block is waited for, whatever it takes at once. */
static void
test_non_blocking(void)
{
	enum { SIZE = 3 * 1024 * 1024 };
	char *text = malloc(SIZE), *got = malloc(SIZE);
	struct out out;
	size_t n = 0, i;
	int ends[2], status;
	pid_t child;
	ssize_t k;

	if (!text || !got || pipe(ends) != 0 || fcntl(ends[1], F_SETFL, O_NONBLOCK) != 0)
		abort();
	for (i = 0; i < SIZE; i++)
		text[i] = (char)('a' + i % 23);
	child = fork();
	if (child == 0) {
		close(ends[0]);
		out_init(&out, ends[1], NULL);
		out_write(&out, text, SIZE);
		_exit(out_flush(&out) == 0 ? 0 : 1);
	}
	close(ends[1]);
	while ((k = read(ends[0], got + n, SIZE - n)) > 0)
		n += (size_t)k;
	CHECK(waitpid(child, &status, 0) == child && status == 0, "the writer failed");
	CHECK(n == SIZE && memcmp(got, text, SIZE) == 0, "%zu bytes came", n);
	close(ends[0]);
	free(text);
	free(got);
}

/* After a signal what there is room for is still written. */
static void
test_stop(void)
{
	atomic_int stop = SIGTERM;
	struct out out;
	char got[16];
	int ends[2];

	make_pipe(ends);
	out_init(&out, ends[1], &stop);
	out_write(&out, "last words", 10);
	CHECK(out_flush(&out) == 0 && read(ends[0], got, sizeof(got)) == 10, "the last words");
	out_release(&out);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	test_blocks();
	test_lent();
	test_error("/dev/full", O_WRONLY, ENOSPC);
	test_error("/dev/null", O_RDONLY, EBADF);
	test_closed_pipe();
	test_non_blocking();
	test_stop();
	return check_end("out");
}

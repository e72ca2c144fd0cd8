/*
 * Lines: wherever the input is cut into reads, the lines are the same.
 */
#include "base/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

#include "base/banned.h"

/* ---- what was handed out, as one text that can be compared ---- */

/* "NUMBER line:" or "NUMBER long:", the bytes, and a newline. */
static void
note(struct buf *b, uint64_t number, bool too_long, const char *p, size_t n)
{
	buf_addu(b, number);
	buf_adds(b, too_long ? " long:" : " line:");
	buf_add(b, p, n);
	buf_addc(b, '\n');
}

/* The lines of a text, by the definition in SPEC 1. */
static void
expect(struct buf *b, const char *p, size_t n, size_t max_line)
{
	const char *end = p + n;
	uint64_t number = 0;

	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		const char *stop = newline ? newline : end;
		size_t k = (size_t)(stop - p);

		if (k > 0 && stop[-1] == '\r')
			k--;
		note(b, ++number, k > max_line, p, k);
		p = newline ? newline + 1 : end;
	}
}

/* Hands out all that is there now; true at the end of the input. */
static bool
take(struct lines *l, struct buf *got, struct buf *piece)
{
	for (;;) {
		switch (lines_next(l)) {
		case LINES_LINE:
			CHECK(piece->n == 0, "a line in the middle of a long one");
			note(got, l->number, false, l->p, l->n);
			break;
		case LINES_LONG:
			buf_add(piece, l->p, l->n);
			if (l->last) {
				note(got, l->number, true, piece->p, piece->n);
				buf_reset(piece);
			}
			break;
		case LINES_IDLE:
			return false;
		case LINES_END:
			return true;
		case LINES_ERROR:
			CHECK(false, "error %d", l->error);
			return true;
		}
	}
}

/* The same by blocks, whose lines are numbered from their start; *number counts on. */
static bool
take_blocks(
    struct lines *l, struct lines_block *b, uint64_t *number, struct buf *got, struct buf *piece)
{
	struct lines of;
	enum lines_event e;

	for (;;) {
		switch (lines_next_block(l, b)) {
		case LINES_LINE:
			CHECK(piece->n == 0, "a block in the middle of a long line");
			lines_of_block(&of, b, l->max_line);
			while ((e = lines_next(&of)) != LINES_END) {
				CHECK(e == LINES_LINE || (e == LINES_LONG && of.last),
				    "a part of a line");
				note(got, *number + of.number, e == LINES_LONG, of.p, of.n);
			}
			*number += of.number;
			break;
		case LINES_LONG:
			buf_add(piece, l->p, l->n);
			if (l->last) {
				note(got, ++*number, true, piece->p, piece->n);
				buf_reset(piece);
			}
			break;
		case LINES_IDLE:
			return false;
		case LINES_END:
			return true;
		case LINES_ERROR:
			CHECK(false, "error %d", l->error);
			return true;
		}
	}
}

/* How many bytes the next read gets: the same each time, or 0 for any. */
static size_t
next_chunk(size_t chunk, uint64_t *seed)
{
	return chunk ? chunk : 1 + check_random(seed) % 7;
}

/*
 * Feeds the text through a pipe on standard input, a chunk whenever lines_next
 * has nothing more to read.
 */
static void
feed(struct buf *got, const char *text, size_t n, size_t max_line, size_t chunk, bool by_block)
{
	struct buf piece = BUF_INIT;
	struct lines_block b = { .p = NULL };
	uint64_t number = 0;
	struct lines l;
	uint64_t seed = n + max_line;
	size_t at = 0;
	int ends[2];

	if (pipe(ends) != 0 || dup2(ends[0], STDIN_FILENO) != STDIN_FILENO)
		abort();
	close(ends[0]);
	if (!lines_init(&l, NULL, 0, max_line, NULL, NULL))
		abort();
	l.wait_ms = 0;
	while (!(by_block ? take_blocks(&l, &b, &number, got, &piece) : take(&l, got, &piece))) {
		size_t k = next_chunk(chunk, &seed);

		if (k > n - at)
			k = n - at;
		if (k == 0 && ends[1] >= 0) {
			close(ends[1]);
			ends[1] = -1;
		} else if (write(ends[1], text + at, k) != (ssize_t)k) {
			abort();
		}
		at += k;
	}
	CHECK(at == n && l.bytes == n, "%zu bytes fed, %llu read", at, (unsigned long long)l.bytes);
	if (ends[1] >= 0)
		close(ends[1]);
	lines_release(&l);
	free(b.p);
	buf_release(&piece);
}

static void
check_chunks(const char *text, size_t n, size_t max_line, const size_t *chunks, size_t count)
{
	struct buf want = BUF_INIT, got = BUF_INIT;
	size_t i;

	expect(&want, text, n, max_line);
	for (i = 0; i < 2 * count; i++) {
		buf_reset(&got);
		feed(&got, text, n, max_line, chunks[i / 2], i % 2 == 1);
		if (!CHECK(got.n == want.n && (want.n == 0 || memcmp(got.p, want.p, want.n) == 0),
			"%zu bytes, max_line %zu, in chunks of %zu%s", n, max_line, chunks[i / 2],
			i % 2 ? ", by blocks" : "") &&
		    want.n < 200 && got.n < 200)
			fprintf(stderr, "expected:\n%.*sgot:\n%.*s", (int)want.n, want.p,
			    (int)got.n, got.n ? got.p : "");
	}
	buf_release(&want);
	buf_release(&got);
}

#define TEXT(s) s, sizeof(s) - 1
#define MARK "\xef\xbb\xbf"

static void
test_small(void)
{
	static const size_t chunks[] = { 1, 2, 3, 4, 5, 7, 11, 1000, 0 };
	static const struct {
		const char *p;
		size_t n;
	} text[] = {
		{ TEXT("") },
		{ TEXT("\n") },
		{ TEXT("a") },
		{ TEXT("a\n") },
		{ TEXT("a\nbb\nccc") },
		{ TEXT("a\r\nbb\r\n") },
		{ TEXT("\r\n\r\n") },
		{ TEXT("a\r\r\nb\rb\r") },
		{ TEXT("\r") },
		{ TEXT("\n\n\na") },
		{ TEXT(MARK) },
		{ TEXT(MARK "a\n") },
		{ TEXT(MARK "\n" MARK "a\n") },
		{ TEXT(MARK MARK "a\n") },
		{ TEXT(MARK MARK MARK) },
		{ TEXT("\n" MARK "a") },
		{ TEXT("\xef") },
		{ TEXT("\xef\xbb\n\xbf") },
		{ TEXT("a\0b\n\0\n") },
		{ TEXT("abcd\nabcde\nabcdef\nabcd\r\nabcde\r\nabcdefghijklmnopqrstuvwxyz\r\nab") },
		{ TEXT("abcdefghijklmnopqrstuvwxyz") },
		{ TEXT("abcdefghijklmnopqrstuvwxyz\r") },
		{ TEXT(MARK "abcde\n") },
		{ TEXT("abcdefghi\r\n\r\n\r\rabcdefghi\r\r\n\n") },
	};
	size_t i, max_line;

	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		for (max_line = 2; max_line < 9; max_line++)
			check_chunks(text[i].p, text[i].n, max_line, chunks,
			    sizeof(chunks) / sizeof(chunks[0]));
}

static void
test_random(void)
{
	static const size_t chunks[] = { 1, 2, 3, 0 };
	uint64_t seed = 1;
	int round;

	for (round = 0; round < 1500; round++) {
		static const char alphabet[] = "aaaa\r\r\n\n\xef\xbb\xbf";
		char text[64];
		size_t n = check_random(&seed) % sizeof(text), i;

		for (i = 0; i < n; i++)
			text[i] = alphabet[check_random(&seed) % (sizeof(alphabet) - 1)];
		if (n >= 3 && round % 2)
			memcpy(text, MARK, 3);
		check_chunks(text, n, 1 + check_random(&seed) % 12, chunks,
		    sizeof(chunks) / sizeof(chunks[0]));
	}
}

/* Lines about as long as the block, half of it, and the most that is allowed. */
static void
test_large(void)
{
	static const size_t chunks[] = { 4096, 65536, 61 };
	static const size_t length[] = { LINES_BLOCK / 2 - 1, LINES_BLOCK / 2, LINES_BLOCK - 1,
		LINES_BLOCK, LINES_BLOCK + 1, 3, 300000 - 1, 300000, 300001, 900000, 17 };
	struct buf text = BUF_INIT;
	size_t i, k;

	for (i = 0; i < sizeof(length) / sizeof(length[0]); i++) {
		for (k = 0; k < length[i]; k++)
			buf_addc(&text, (char)('a' + (k + i) % 26));
		buf_adds(&text, i % 2 ? "\r\n" : "\n");
	}
	check_chunks(text.p, text.n, 300000, chunks, sizeof(chunks) / sizeof(chunks[0]));
	buf_release(&text);
}

/* ---- files ---- */

static char folder[] = "/tmp/mm-lines-XXXXXX";

static char *
make_file(const char *name, const char *text, size_t n)
{
	struct buf path = BUF_INIT;
	int fd;

	buf_addf(&path, "%s/%s", folder, name);
	buf_addc(&path, '\0');
	fd = open(path.p, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, text, n) != (ssize_t)n || close(fd) != 0)
		abort();
	return path.p;
}

static void
remove_file(char *path)
{
	unlink(path);
	free(path);
}

/* Each file has its own numbers, mark and last line. */
static void
test_files(void)
{
	char *one = make_file("one", TEXT(MARK "a\nb"));
	char *two = make_file("two", TEXT(""));
	char *three = make_file("three", TEXT(MARK "c\r\nd\n"));
	char *const files[] = { one, two, three };
	struct buf got = BUF_INIT, piece = BUF_INIT;
	struct lines l;

	CHECK(lines_init(&l, files, 3, 100, NULL, NULL), "init");
	CHECK(take(&l, &got, &piece), "the end");
	CHECK(is_text(got.p, got.n, "1 line:a\n2 line:b\n1 line:c\n2 line:d\n"), "got %.*s",
	    (int)got.n, got.p);
	CHECK(lines_next(&l) == LINES_END, "the end again");
	lines_release(&l);
	buf_release(&got);
	buf_release(&piece);
	remove_file(one);
	remove_file(two);
	remove_file(three);
}

static void
test_errors(void)
{
	char *good = make_file("good", TEXT("a\n"));
	char *missing = make_file("missing", TEXT(""));
	char *const files[] = { folder, missing, good };
	struct lines l;

	unlink(missing);
	CHECK(lines_init(&l, files, 3, 100, NULL, NULL), "init");
	CHECK(lines_next(&l) == LINES_ERROR && l.error == EISDIR && l.name == folder,
	    "a directory: %d", l.error);
	CHECK(lines_next(&l) == LINES_ERROR && l.error == ENOENT && l.name == missing,
	    "a missing file: %d", l.error);
	CHECK(lines_next(&l) == LINES_LINE && l.n == 1 && l.name == good && l.number == 1,
	    "the file after them");
	CHECK(lines_next(&l) == LINES_END, "the end");
	lines_release(&l);
	free(missing);
	remove_file(good);
}

/* Once stopped, the whole lines that were read still come, and no others. */
static void
test_stop(void)
{
	atomic_int stop = 0;
	struct lines l;
	int ends[2];

	if (pipe(ends) != 0 || dup2(ends[0], STDIN_FILENO) != STDIN_FILENO ||
	    write(ends[1], "a\nb\npart", 8) != 8)
		abort();
	close(ends[0]);
	CHECK(lines_init(&l, NULL, 0, 100, NULL, &stop), "init");
	CHECK(lines_next(&l) == LINES_LINE && l.p[0] == 'a', "the first line");
	stop = 1;
	CHECK(write(ends[1], " more\n", 6) == 6, "more input");
	CHECK(lines_next(&l) == LINES_LINE && l.p[0] == 'b', "the line that had been read");
	CHECK(lines_next(&l) == LINES_END, "the end");
	CHECK(lines_next(&l) == LINES_END, "the end again");
	close(ends[1]);
	lines_release(&l);
}

/* What is in the outputs leaves before the wait for input, not before. */
static void
test_flush(void)
{
	struct out out, also;
	struct lines l;
	int in[2], to[2];
	char got[8];

	if (pipe(in) != 0 || pipe(to) != 0 || dup2(in[0], STDIN_FILENO) != STDIN_FILENO ||
	    write(in[1], "a\nb\n", 4) != 4 || fcntl(to[0], F_SETFL, O_NONBLOCK) != 0)
		abort();
	close(in[0]);
	out_init(&out, to[1], NULL);
	out_init(&also, to[1], NULL);
	CHECK(lines_init(&l, NULL, 0, 100, &out, NULL), "init");
	l.also = &also;
	l.wait_ms = 0;
	CHECK(lines_next(&l) == LINES_LINE, "the first line");
	out_write(&out, "1", 1);
	out_write(&also, "2", 1);
	CHECK(lines_next(&l) == LINES_LINE, "the second line");
	CHECK(read(to[0], got, sizeof(got)) == -1 && errno == EAGAIN, "written too early");
	CHECK(lines_next(&l) == LINES_IDLE, "idle");
	CHECK(read(to[0], got, sizeof(got)) == 2 && memcmp(got, "12", 2) == 0, "not flushed");
	close(in[1]);
	CHECK(lines_next(&l) == LINES_END, "the end");
	close(to[0]);
	close(to[1]);
	out_release(&out);
	out_release(&also);
	lines_release(&l);
}

/* Lines that are lent to the output leave whole, whatever is read behind them. */
static void
test_lent(void)
{
	struct buf text = BUF_INIT, want = BUF_INIT, got = BUF_INIT;
	char from[64], to[64], *files[] = { from };
	uint64_t seed = 5;
	struct stat st;
	struct out out;
	struct lines l;
	int i, fd, lent = 0;
	size_t k;

	snprintf(from, sizeof(from), "%s/from", folder);
	snprintf(to, sizeof(to), "%s/to", folder);
	for (i = 0; i < 20000; i++) {
		for (k = check_random(&seed) % (i % 1000 ? 90 : 90000); k > 0; k--) {
			char c = (char)('a' + check_random(&seed) % 26);

			buf_addc(&text, c);
			buf_addc(&want, c);
		}
		buf_adds(&text, check_random(&seed) % 100 || i == 19999 ? "\n" : "\r\n");
		buf_addc(&want, '\n');
	}
	text.n--; /* the last line has no end */
	fd = open(from, O_WRONLY | O_CREAT, 0600);
	if (fd < 0 || write(fd, text.p, text.n) != (ssize_t)text.n || close(fd) != 0)
		abort();
	fd = open(to, O_RDWR | O_CREAT, 0600);
	if (fd < 0)
		abort();
	out_init(&out, fd, NULL);
	CHECK(lines_init(&l, files, 1, LINES_MAX_DEFAULT, &out, NULL), "init");
	while (lines_next(&l) == LINES_LINE) {
		if (lines_has_newline(&l)) {
			out_lend(&out, l.p, l.n + 1);
			lent++;
		} else {
			out_write(&out, l.p, l.n);
			out_write(&out, "\n", 1);
		}
	}
	CHECK(out_flush(&out) == 0 && fstat(fd, &st) == 0, "written");
	CHECK(lent > 19000 && lent < 20000, "%d lines were lent", lent);
	k = (size_t)st.st_size;
	CHECK(k == want.n && buf_room(&got, k) && pread(fd, got.p, k, 0) == (ssize_t)k &&
		memcmp(got.p, want.p, k) == 0,
	    "%zu bytes left, of %zu", k, want.n);
	close(fd);
	unlink(from);
	unlink(to);
	lines_release(&l);
	out_release(&out);
	buf_release(&text);
	buf_release(&want);
	buf_release(&got);
}

static void
test_blank(void)
{
	CHECK(line_is_blank("", 0) && line_is_blank(TEXT(" \t\r ")), "blank");
	CHECK(!line_is_blank(TEXT(" x ")) && !line_is_blank(TEXT("\0")) &&
		!line_is_blank(TEXT("\f")) && !line_is_blank(TEXT(MARK)),
	    "not blank");
}

int
main(void)
{
	if (!mkdtemp(folder))
		abort();
	test_small();
	test_random();
	test_large();
	test_files();
	test_errors();
	test_stop();
	test_flush();
	test_lent();
	test_blank();
	rmdir(folder);
	return check_end("lines");
}

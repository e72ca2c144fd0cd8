/*
 * The least that a filter of lines can do, as the bench's measure for those that do more:
 * finds the newlines of FILE and copies line by line to standard output, through a pipe
 * that is enlarged as the filters enlarge it.
 *
 *   copy-lines FILE
 */
#define _GNU_SOURCE /* F_SETPIPE_SZ */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { INPUT = 256 * 1024, OUTPUT = 64 * 1024, PIPE = 1024 * 1024 };

static char in[INPUT], out[OUTPUT + INPUT];

static bool
write_all(const char *p, size_t n)
{
	while (n > 0) {
		ssize_t k = write(STDOUT_FILENO, p, n);

		if (k < 0)
			return false;
		p += k;
		n -= (size_t)k;
	}
	return true;
}

int
main(int argc, char **argv)
{
	int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
	size_t have = 0, ready = 0;
	ssize_t k = -1;

	if (fd < 0) {
		fprintf(stderr, "usage: copy-lines FILE\n");
		return 2;
	}
#ifdef F_SETPIPE_SZ
	fcntl(STDOUT_FILENO, F_SETPIPE_SZ, PIPE); /* it may be no pipe */
#endif
	while (have < sizeof(in) && (k = read(fd, in + have, sizeof(in) - have)) > 0) {
		const char *p = in, *end = in + have + k, *newline;

		while ((newline = memchr(p, '\n', (size_t)(end - p))) != NULL) {
			memcpy(out + ready, p, (size_t)(newline + 1 - p));
			ready += (size_t)(newline + 1 - p);
			p = newline + 1;
			if (ready >= OUTPUT) {
				if (!write_all(out, ready))
					return 1;
				ready = 0;
			}
		}
		have = (size_t)(end - p);
		memmove(in, p, have);
	}
	return k == 0 && have == 0 && write_all(out, ready) ? 0 : 1;
}

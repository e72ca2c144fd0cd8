#define _GNU_SOURCE /* F_SETPIPE_SZ */
#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "banned.h"

int
fd_write(int fd, const void *p, size_t n)
{
	const char *from = p;

	while (n > 0) {
		ssize_t k = write(fd, from, n);

		if (k < 0 && errno != EINTR)
			return errno;
		if (k > 0) {
			from += k;
			n -= (size_t)k;
		}
	}
	return 0;
}

int
fd_sync(int fd)
{
	while (fsync(fd) != 0) {
		if (errno == EINTR)
			continue;
		return errno == EINVAL ? 0 : errno;
	}
	return 0;
}

void
fd_enlarge_pipe(int fd)
{
#ifdef F_SETPIPE_SZ
	enum { PIPE_SIZE = 1024 * 1024 };
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode))
		fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE);
#else
	(void)fd;
#endif
}

#include "fd.h"

#include <errno.h>
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

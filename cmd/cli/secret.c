#include "cmd/cli/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/msg.h"

#include "base/banned.h"

bool
secret_read(const char *path, char *p, size_t room, size_t *n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t k;
	char more;

	if (fd < 0) {
		msg_errno(errno, "%s", path);
		return false;
	}
	*n = 0;
	while (*n < room && ((k = read(fd, p + *n, room - *n)) > 0 || (k < 0 && errno == EINTR)))
		if (k > 0)
			*n += (size_t)k;
	k = *n < room ? k : read(fd, &more, 1);
	if (k < 0)
		msg_errno(errno, "%s", path);
	else if (k > 0)
		msg("%s: longer than %zu bytes: that is no secret of this kind", path, room);
	close(fd);
	return k == 0;
}

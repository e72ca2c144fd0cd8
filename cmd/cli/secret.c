#include "cmd/cli/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/msg.h"
#include "cmd/cli/face.h"

#include "base/banned.h"

/* Its search for leaks looks at the process from outside. */
#if defined(__SANITIZE_ADDRESS__)
#define HAS_LEAK_SEARCH 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_LEAK_SEARCH 1
#endif
#endif

void
secret_guard(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
#ifndef HAS_LEAK_SEARCH
	/* a core_pattern that is a pipe does not ask for the limit */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

/* Not refused: mounted secrets of containers are often 0444. */
static void
warn_of_others(int fd, const char *path, const char *what)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & (S_IRGRP | S_IROTH)))
		msg("%s: other users can read this %s file; 'chmod 600' keeps it private", path,
		    what);
}

/* read(2), until a signal that ends the program. */
static ssize_t
read_some(int fd, char *p, size_t n)
{
	ssize_t k;

	do
		k = read(fd, p, n);
	while (k < 0 && errno == EINTR && !face_stop);
	return k;
}

bool
secret_read(const char *path, const char *what, char *p, size_t room, size_t *n)
{
	int fd = fd_open(path, O_RDONLY | O_CLOEXEC, 0, &face_stop);
	ssize_t k = 0;
	char more;

	secret_guard();
	if (fd < 0) {
		msg_errno(errno, "%s", path);
		return false;
	}
	for (*n = 0; *n < room && (k = read_some(fd, p + *n, room - *n)) > 0;)
		*n += (size_t)k;
	if (*n == room)
		k = read_some(fd, &more, 1);
	if (k < 0)
		msg_errno(errno, "%s", path);
	else if (k > 0)
		msg("%s: longer than %zu bytes: that is not a secret of this kind", path, room);
	else
		warn_of_others(fd, path, what);
	close(fd);
	return k == 0;
}

/*
 * To be preloaded: locks and directories as some file systems have them.
 *
 *   FAULT=lock   flock as over NFS, where an exclusive lock is taken only on a
 *                descriptor that may write: else EBADF
 *   FAULT=none   no locks at all: ENOLCK
 *   FAULT=sync   a directory can't be synced: EIO
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int
is_fault(const char *name)
{
	const char *fault = getenv("FAULT");

	return fault && strcmp(fault, name) == 0;
}

static void *
next_of(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

int
flock(int fd, int operation)
{
	int (*next)(int, int);

	*(void **)&next = next_of("flock");
	if (is_fault("none")) {
		errno = ENOLCK;
		return -1;
	}
	if (is_fault("lock") && (operation & LOCK_EX) &&
	    (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY) {
		errno = EBADF;
		return -1;
	}
	return next(fd, operation);
}

int
fsync(int fd)
{
	int (*next)(int);
	struct stat st;

	*(void **)&next = next_of("fsync");
	if (is_fault("sync") && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		errno = EIO;
		return -1;
	}
	return next(fd);
}

#define _GNU_SOURCE /* O_PATH, syscall */

#include "tables/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/banned.h"

/* ---- files: Landlock, whose header older systems lack ---- */

enum {
	LANDLOCK_CREATE = 444, /* the numbers of the system calls, the same everywhere */
	LANDLOCK_ADD = 445,
	LANDLOCK_RESTRICT = 446,
	VERSION_FLAG = 1,
	PATH_BENEATH = 1,
};

enum {
	EXECUTE = 1 << 0,
	WRITE_FILE = 1 << 1,
	READ_FILE = 1 << 2,
	READ_DIR = 1 << 3,
	REMOVE_FILE = 1 << 5,
	MAKE_FILE = 1 << 8,
	CHANGE_DIR = 0x3ff << 4, /* these, and their like for all kinds of files */
	TRUNCATE = 1 << 14,      /* from version 3 on */

	READ = READ_FILE | READ_DIR,
	ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE,
};

struct ruleset {
	uint64_t handled;
};

struct rule {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

static long
landlock_version(void)
{
	return syscall(LANDLOCK_CREATE, NULL, (size_t)0, VERSION_FLAG);
}

/* All that this version of Landlock knows of the above. */
static uint64_t
known_rights(void)
{
	uint64_t rights = EXECUTE | WRITE_FILE | READ | CHANGE_DIR;

	return landlock_version() >= 3 ? rights | TRUNCATE : rights;
}

/* A path that is not there, or may not be looked at, needs no rule. */
static int
allow(int rules, int directory, const char *path, uint64_t rights)
{
	struct rule r = { .allowed = rights & known_rights() };
	struct stat st;
	int error = 0;

	r.parent = openat(directory, path, O_PATH | O_CLOEXEC);
	if (r.parent < 0)
		return errno == ENOENT || errno == EACCES || errno == ENOTDIR ? 0 : errno;
	if (fstat(r.parent, &st) != 0)
		error = errno;
	else if (!S_ISDIR(st.st_mode))
		r.allowed &= ON_FILES;
	if (!error && syscall(LANDLOCK_ADD, rules, PATH_BENEATH, &r, 0) != 0)
		error = errno;
	close(r.parent);
	return error;
}

/*
 * /proc/self is this process, since paths are looked up now; of the other
 * processes of the user nothing can be read, such as their environment.
 */
static const char *const of_the_system[] = { "/dev/urandom", "/etc/hosts", "/etc/ld.so.cache",
	"/lib", "/lib64", "/proc/cpuinfo", "/proc/loadavg", "/proc/meminfo", "/proc/pressure",
	"/proc/self", "/proc/stat", "/proc/sys", "/proc/uptime", "/sys", "/usr/lib", "/usr/lib64",
	"/usr/share/zoneinfo", NULL };

static int
allow_all(int rules, int directory, const char *const paths[], uint64_t rights)
{
	int error = 0;

	for (; !error && *paths; paths++)
		error = allow(rules, directory, *paths, rights);
	return error;
}

static int
confine_files(const char *directory, const char *const own[], const char *const readable[])
{
	static const char *const devices[] = { "/dev/null", NULL }, *const itself[] = { ".", NULL };
	struct ruleset set = { known_rights() };
	int rules = (int)syscall(LANDLOCK_CREATE, &set, sizeof(set), 0);
	int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int error = rules < 0 || fd < 0 ? errno : 0;

	if (!error)
		error = allow_all(rules, fd, own, known_rights() & ~(uint64_t)EXECUTE);
	if (!error)
		error = allow_all(rules, fd, itself, WRITE_FILE | MAKE_FILE | REMOVE_FILE);
	if (!error)
		error = allow_all(rules, fd, readable, READ);
	if (!error)
		error = allow_all(rules, AT_FDCWD, of_the_system, READ);
	if (!error)
		error = allow_all(rules, AT_FDCWD, devices, READ_FILE | WRITE_FILE);
	if (!error && syscall(LANDLOCK_RESTRICT, rules, 0) != 0)
		error = errno;
	if (fd >= 0)
		close(fd);
	if (rules >= 0)
		close(rules);
	return error;
}

/* ---- hosts and programs: seccomp ---- */

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef ARCHITECTURE

enum { X32 = 0x40000000 }; /* another numbering of the same calls, on x86-64 */

#define REFUSE(number)                                       \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1), \
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)

/* Builds for tests may trace, as LeakSanitizer does: a call that is refused anyway stands there. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define TRACING SYS_execve
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(TRACING)
#define TRACING SYS_execve
#elif !defined(TRACING)
#define TRACING SYS_ptrace
#endif

static int
confine_calls(bool hosts)
{
	static struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		REFUSE(SYS_execve),
		REFUSE(SYS_execveat),
		REFUSE(TRACING),
		REFUSE(SYS_process_vm_readv),
		REFUSE(SYS_process_vm_writev),
		REFUSE(425), /* io_uring_setup: by it the others could be had */
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	static struct sock_filter no_hosts[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		REFUSE(SYS_connect),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	static const struct sock_fprog programs = { sizeof(filter) / sizeof(filter[0]), filter };
	static const struct sock_fprog connections = { sizeof(no_hosts) / sizeof(no_hosts[0]),
		no_hosts };

	if (hosts && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &connections) != 0)
		return errno;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &programs) == 0 ? 0 : errno;
}

static bool
can_confine_calls(void)
{
	/* EFAULT: it would read the filter */
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL) != 0 && errno == EFAULT;
}

#else

static int
confine_calls(bool hosts)
{
	(void)hosts;
	return ENOSYS;
}

static bool
can_confine_calls(void)
{
	return false;
}

#endif

static bool
can_confine_files(void)
{
	/* the first version refused to move files between directories */
	return landlock_version() >= 2;
}

bool
confine_possible(void)
{
	return can_confine_files() && can_confine_calls();
}

int
confine(const char *directory, const char *const own[], const char *const readable[])
{
	int error = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : errno;

	if (!error && can_confine_files())
		error = confine_files(directory, own, readable);
	if (!error && can_confine_calls())
		error = confine_calls(true);
	return error;
}

void
confine_programs(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && can_confine_calls())
		confine_calls(false);
}

/*
 * Measures a shell command:
 *
 *   measure [-r REPETITIONS] COMMAND
 *
 * Runs COMMAND by sh -c, REPETITIONS times (default 3), with standard input
 * from /dev/null, and prints one line: the median, the least and the most of
 * the wall-clock seconds; the largest resident set of any one of its
 * processes in KiB; and the highest exit status.  Exits 0 when it could run
 * the command at all.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { REPETITIONS_MAX = 99, STATUS_SIGNAL = 128 };

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
run_child(const char *command)
{
	int null = open("/dev/null", O_RDONLY);

	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0)
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(STATUS_SIGNAL - 1);
}

static bool
run(const char *command, double *seconds, int *worst)
{
	double begin = now();
	int status, code;
	pid_t pid = fork(), got;

	if (pid < 0)
		return false;
	if (pid == 0)
		run_child(command);
	do
		got = waitpid(pid, &status, 0);
	while (got < 0 && errno == EINTR);
	if (got != pid)
		return false;
	*seconds = now() - begin;
	code = WIFEXITED(status) ? WEXITSTATUS(status) : STATUS_SIGNAL + WTERMSIG(status);
	if (code > *worst)
		*worst = code;
	return true;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	double seconds[REPETITIONS_MAX];
	struct rusage usage;
	long n = 3;
	int worst = 0;

	if (argc == 4 && strcmp(argv[1], "-r") == 0)
		n = strtol(argv[2], NULL, 10);
	else if (argc != 2)
		n = 0;
	if (n < 1 || n > REPETITIONS_MAX) {
		fprintf(stderr, "usage: measure [-r 1..%d] COMMAND\n", REPETITIONS_MAX);
		return 2;
	}
	for (long i = 0; i < n; i++) {
		if (!run(argv[argc - 1], &seconds[i], &worst)) {
			perror("measure");
			return 2;
		}
	}
	if (getrusage(RUSAGE_CHILDREN, &usage) != 0) {
		perror("measure");
		return 2;
	}
	qsort(seconds, (size_t)n, sizeof(seconds[0]), by_value);
	printf("%.4f %.4f %.4f %ld %d\n", (seconds[(n - 1) / 2] + seconds[n / 2]) / 2, seconds[0],
	    seconds[n - 1], usage.ru_maxrss, worst);
	return fflush(stdout) == 0 ? 0 : 2;
}

/*
 * Runs the engine library over a configuration of the caller, with HTTP and the
 * native protocol, until standard input ends: mm-clickhouse has no need of
 * the latter, but the servers of a cluster talk by it.  The library has a
 * terminal as its standard input, without which an exception in a connection
 * ends it (ClickHouse's issue 115666).
 *
 *     engine-tcp LIBRARY CONFIG
 */
#define _GNU_SOURCE /* posix_openpt, ptsname_r */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Our own standard input; when it ends, so does the terminal, and the server with it. */
static int input, terminal;

static void *
wait_for_end(void *unused)
{
	char bytes[512];

	while (read(input, bytes, sizeof(bytes)) > 0)
		;
	close(terminal);
	return unused;
}

static bool
use_terminal(void)
{
	char name[64];
	pthread_t thread;
	int other;

	input = dup(STDIN_FILENO);
	terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (input < 0 || terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0 ||
	    ptsname_r(terminal, name, sizeof(name)) != 0)
		return false;
	other = open(name, O_RDWR | O_NOCTTY);
	return other >= 0 && dup2(other, STDIN_FILENO) == STDIN_FILENO &&
	    setenv("CLICKHOUSE_HISTORY_FILE", "/dev/null", 1) == 0 &&
	    pthread_create(&thread, NULL, wait_for_end, NULL) == 0;
}

int
main(int argc, char **argv)
{
	static char name[] = "clickhouse", interactive[] = "--interactive",
		    query[] = "--query=SYSTEM START LISTEN HTTP; SYSTEM START LISTEN TCP";
	char option[4096];
	char *args[] = { name, option, interactive, query, NULL };
	void (*set_handlers)(bool);
	void *(*run)(int, char **);
	void *library = argc == 3 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;

	if (!library) {
		fprintf(stderr, "engine-tcp: %s\n",
		    argc == 3 ? dlerror() : "usage: engine-tcp LIBRARY CONFIG");
		return 2;
	}
	/* ISO C has no cast from object to function pointer; POSIX asks for this */
	*(void **)(&set_handlers) = dlsym(library, "chdb_set_signal_handlers_enabled");
	*(void **)(&run) = dlsym(library, "chdb_query_cmdline");
	if (!set_handlers || !run)
		return 2;
	if (!use_terminal()) {
		perror("engine-tcp: a terminal");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN); /* of connections that are gone */
	set_handlers(false);
	snprintf(option, sizeof(option), "--config-file=%s", argv[2]);
	run(4, args);
	return 0;
}

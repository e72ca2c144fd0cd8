/*
 * Runs the engine library over a configuration of the caller, with HTTP and the
 * native protocol, until standard input ends: mm-clickhouse has no need of
 * the latter, but the servers of a cluster talk by it.
 *
 *     engine-tcp LIBRARY CONFIG
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>

int
main(int argc, char **argv)
{
	static char name[] = "clickhouse",
		    query[] = "--query=SYSTEM START LISTEN HTTP; SYSTEM START LISTEN TCP; "
			      "SELECT count() FROM file('/dev/stdin', 'LineAsString') FORMAT Null";
	char option[4096];
	char *args[] = { name, option, query, NULL };
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
	set_handlers(false);
	snprintf(option, sizeof(option), "--config-file=%s", argv[2]);
	run(3, args);
	return 0;
}

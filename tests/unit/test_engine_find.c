/*
 * The order in which an engine is looked for, with a place of the machine that
 * the test has made.
 */
#define _DEFAULT_SOURCE /* realpath, mkdtemp */
static char state_dir[64];
#define MM_STATE_DIR state_dir
#include "../../lib/tables/engine_find.c" /* the library's own is not linked then */

#include <fcntl.h>

#include "check.h"

#define HOLDS(condition) CHECK(condition, "%s", #condition)

static char root[] = "/tmp/mm-find.XXXXXX";

/* Makes a file, and its folders, below the root; returns its path. */
static const char *
make(const char *name)
{
	static char path[256];
	char *slash;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	for (slash = path + sizeof(root); (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT, 0700);
	HOLDS(fd >= 0);
	close(fd);
	return path;
}

/* Whether what is found is that file below the root; NULL: nothing. */
static bool
found(const char *asked, const char *name)
{
	char path[ENGINE_PATH_MAX] = "", expected[256];
	struct engine_error e;

	if (!engine_find(asked, path, &e))
		return !name && e.text[0];
	snprintf(expected, sizeof(expected), "%s/%s", root, name ? name : "?");
	return strcmp(path, expected) == 0;
}

static void
set(const char *variable, const char *directory)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", root, directory);
	setenv(variable, path, 1);
}

int
main(void)
{
	char named[256];

	HOLDS(mkdtemp(root) != NULL);
	snprintf(state_dir, sizeof(state_dir), "%s/state", root);
	unsetenv("MM_ENGINE");
	unsetenv("XDG_CACHE_HOME");
	unsetenv("HOME");
	set("PATH", "bin");
	HOLDS(found(NULL, NULL));

	/* each is looked for before the one above it */
	make("bin/clickhouse");
	HOLDS(found(NULL, "bin/clickhouse"));
	set("HOME", "home");
	make("home/.cache/millimetric/" LIBRARY);
	HOLDS(found(NULL, "home/.cache/millimetric/" LIBRARY));
	set("XDG_CACHE_HOME", "cache");
	HOLDS(found(NULL, "bin/clickhouse"));
	make("cache/millimetric/" LIBRARY);
	HOLDS(found(NULL, "cache/millimetric/" LIBRARY));
	make("state/" LIBRARY);
	HOLDS(found(NULL, "state/" LIBRARY));
	make("named.so");
	set("MM_ENGINE", "named.so");
	HOLDS(found(NULL, "named.so"));
	snprintf(named, sizeof(named), "%s", make("asked.so"));
	HOLDS(found(named, "asked.so"));

	/* without a HOME there is the machine's; what is named has to be there */
	unsetenv("HOME");
	unsetenv("XDG_CACHE_HOME");
	setenv("MM_ENGINE", "", 1);
	HOLDS(found(NULL, "state/" LIBRARY));
	set("MM_ENGINE", "none.so");
	HOLDS(found(NULL, NULL));
	HOLDS(found("/nowhere/libchdb.so", NULL));

	HOLDS(engine_is_library("/a/libchdb.so") && engine_is_library("/a/libchdb.so.26"));
	HOLDS(!engine_is_library("/a.so.1/clickhouse") && !engine_is_library("/a/some.sock"));
	snprintf(named, sizeof(named), "/bin/rm -r %s", root);
	HOLDS(system(named) == 0);
	return check_end("engine_find");
}

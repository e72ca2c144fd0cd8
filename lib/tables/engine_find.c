#define _DEFAULT_SOURCE /* realpath */

#include "tables/engine_find.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/banned.h"

#define LIBRARY "engine/" ENGINE_VERSION "/libchdb.so"

#ifndef MM_STATE_DIR /* the Makefile's STATE */
#define MM_STATE_DIR "/var/lib/millimetric"
#endif

static bool
is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, R_OK) == 0;
}

static bool
is_in(char *path, const char *directory, const char *name)
{
	int n = snprintf(path, ENGINE_PATH_MAX, "%s/%s", directory, name);

	return n > 0 && n < ENGINE_PATH_MAX && is_file(path);
}

static bool
is_in_cache(char *path)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (cache && *cache)
		return is_in(path, cache, "millimetric/" LIBRARY);
	return home && *home && is_in(path, home, ".cache/millimetric/" LIBRARY);
}

static bool
is_on_path(char *path, const char *name)
{
	const char *p = getenv("PATH");

	while (p && *p) {
		size_t n = strcspn(p, ":");
		int k = snprintf(path, ENGINE_PATH_MAX, "%.*s/%s", (int)n, p, name);

		/* an empty or relative entry would run what lies about */
		if (*p == '/' && k > 0 && k < ENGINE_PATH_MAX && is_file(path) &&
		    access(path, X_OK) == 0)
			return true;
		p += n + (p[n] == ':');
	}
	return false;
}

bool
engine_find(const char *asked, char *path, struct engine_error *e)
{
	const char *named = asked ? asked : getenv("MM_ENGINE");
	char real[PATH_MAX];

	if (named && *named) {
		if (!realpath(named, real))
			return engine_fail_errno(e, errno, named);
		if (!is_file(real) || strlen(real) >= ENGINE_PATH_MAX)
			return engine_fail(e, "%.512s: is not a file that can be read", named);
		memcpy(path, real, strlen(real) + 1);
		return true;
	}
	if (is_in(path, MM_STATE_DIR, LIBRARY) || is_in_cache(path) ||
	    is_on_path(path, "clickhouse"))
		return true;
	return engine_fail(e,
	    "found no ClickHouse engine: the script engine.sh fetches one (mm-clickhouse(1) says "
	    "where it is), or install a 'clickhouse' program, or name one with --engine");
}

bool
engine_is_library(const char *file)
{
	const char *name = strrchr(file, '/'), *so;

	so = strstr(name ? name : file, ".so");
	return so && (so[3] == '\0' || so[3] == '.');
}

#define _XOPEN_SOURCE 700 /* realpath */
#include "quality/repo_path.h"

#include <stdlib.h>

#include "base/banned.h"

/* What follows `root` in the path, which is below it; or NULL. */
static const char *
below(const char *root, const char *path)
{
	size_t n = strlen(root);

	if (n == 1) /* "/" */
		return path + 1;
	return strncmp(path, root, n) == 0 && path[n] == '/' ? path + n + 1 : NULL;
}

/* Appends the path of the directory that holds the file, then its name. */
static bool
add_in_directory(struct buf *b, const char *root, const char *file)
{
	const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file, *rest;
	char *given = slash ? strndup(file, (size_t)(slash + 1 - file)) : strdup("."), *real;
	bool found = false;

	real = given ? realpath(given, NULL) : NULL;
	if (real && strcmp(real, root) == 0) {
		buf_adds(b, name);
		found = true;
	} else if (real) {
		rest = below(root, real);
		if (rest)
			buf_addf(b, "%s/%s", rest, name);
		found = rest != NULL;
	}
	free(given);
	free(real);
	return found;
}

bool
repo_path(struct buf *b, const char *root, const char *file)
{
	char *top = realpath(root, NULL), *real = realpath(file, NULL);
	const char *rest = top && real ? below(top, real) : NULL;
	bool found = rest != NULL;

	if (rest)
		buf_adds(b, rest);
	else if (top)
		found = add_in_directory(b, top, file);
	free(top);
	free(real);
	return found;
}

/*
 * The path that a file has in a repository, by which a service knows it.
 */
#ifndef MM_REPO_PATH_H
#define MM_REPO_PATH_H

#include "base/buf.h"

/*
 * Appends the path of `file` relative to the directory `root`, without "." and "..":
 * that of the file that a symbolic link leads to, else of the link.  False, and
 * nothing appended, when neither is below `root`.  A file that is there no more is
 * known by its directory.
 */
bool repo_path(struct buf *, const char *root, const char *file);

#endif

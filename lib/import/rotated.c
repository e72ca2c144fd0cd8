#include "import/rotated.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/banned.h"

/* "access.log.1", "access.log-20260516.gz", for "access.log". */
static bool
is_rotated(const char *name, const char *base, size_t base_n)
{
	size_t n = strlen(name);

	if (n <= base_n + 1 || memcmp(name, base, base_n) != 0)
		return false;
	if (n > 3 && memcmp(name + n - 3, ".gz", 3) == 0)
		n -= 3;
	else if (n > 4 && memcmp(name + n - 4, ".zst", 4) == 0)
		n -= 4;
	return n > base_n + 1 && (name[base_n] == '.' || name[base_n] == '-') &&
	    strspn(name + base_n + 1, "0123456789-.") >= n - base_n - 1;
}

/* The number of "access.log.7.gz"; 0 for the date of "access.log-20260516". */
static unsigned
number_of(const char *suffix)
{
	size_t n = strspn(suffix, "0123456789");
	unsigned v = 0;

	if (n > 5)
		return 0;
	while (n-- > 0)
		v = v * 10 + (unsigned)(*suffix++ - '0');
	return v;
}

/* Numbers fall and dates rise with time; else the files tell. */
static int
by_age(const void *a, const void *b)
{
	const struct rotated *x = a, *y = b;
	unsigned i = number_of(x->suffix), k = number_of(y->suffix);

	if (i && k && i != k)
		return i > k ? -1 : 1;
	if (!i && !k)
		return strcmp(x->suffix, y->suffix);
	return x->written < y->written ? -1 : x->written > y->written;
}

static char *
join(const char *path, size_t folder_n, const char *name)
{
	size_t n = strlen(name);
	char *whole = malloc(folder_n + n + 1);

	if (whole) {
		memcpy(whole, path, folder_n);
		memcpy(whole + folder_n, name, n + 1);
	}
	return whole;
}

size_t
rotated_list(const char *path, struct rotated list[ROTATED_MAX])
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	size_t folder_n = (size_t)(base - path), n = 0;
	char *folder = folder_n ? join(path, folder_n, "") : join(".", 1, "");
	DIR *dir = folder ? opendir(folder) : NULL;
	struct dirent *e;
	struct stat st;

	while (dir && n < ROTATED_MAX && (e = readdir(dir)) != NULL) {
		if (!is_rotated(e->d_name, base, strlen(base)))
			continue;
		list[n].name = join(path, folder_n, e->d_name);
		if (!list[n].name)
			break;
		if (stat(list[n].name, &st) != 0 || !S_ISREG(st.st_mode)) {
			free(list[n].name);
			continue;
		}
		list[n].suffix = list[n].name + folder_n + strlen(base) + 1;
		list[n].inode = st.st_ino;
		list[n++].written = st.st_mtime;
	}
	if (dir)
		closedir(dir);
	free(folder);
	qsort(list, n, sizeof(*list), by_age);
	return n;
}

void
rotated_free(struct rotated *list, size_t n)
{
	while (n > 0)
		free(list[--n].name);
}

bool
rotated_same(const struct rotated *a, size_t n, const struct rotated *b, size_t m)
{
	size_t i;

	for (i = 0; i < n && i < m && a[i].inode == b[i].inode; i++)
		;
	return i == n && n == m;
}

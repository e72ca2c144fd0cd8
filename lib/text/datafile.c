#include "text/datafile.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"

#include "base/banned.h"

enum { FILE_MAX = 64 * 1024 * 1024, ERRORS_SHOWN = 100 };

bool
datafile_read(const char *file, struct buf *text, struct buf *errors)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC), error;

	if (fd < 0) {
		error = errno;
	} else {
		error = fd_read_all(fd, text, FILE_MAX);
		close(fd);
	}
	if (error)
		buf_addf(errors, "%s: %s\n", file, strerror(error));
	return error == 0;
}

void
datafile_open(struct datafile *d, const char *name, const char *p, size_t n, struct buf *errors)
{
	size_t mark = n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	*d = (struct datafile){ .name = name, .errors = errors };
	if (n > 0)
		d->rest = (struct span){ p + mark, n - mark };
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

bool
datafile_next(struct datafile *d, struct span *line)
{
	const char *p, *stop;

	if (!span_take_line(&d->rest, line))
		return false;
	d->number++;
	p = line->p;
	stop = p + line->n;
	while (p < stop && is_blank(*p))
		p++;
	while (stop > p && is_blank(stop[-1]))
		stop--;
	*line = (struct span){ p, (size_t)(stop - p) };
	return true;
}

void
datafile_complain(struct datafile *d, size_t number, const char *reason)
{
	if (++d->error_count <= ERRORS_SHOWN)
		buf_addf(d->errors, "%s:%zu: %s\n", d->name, number, reason);
}

bool
datafile_close(struct datafile *d)
{
	if (d->error_count > ERRORS_SHOWN)
		buf_addf(
		    d->errors, "%s: %zu more errors\n", d->name, d->error_count - ERRORS_SHOWN);
	return d->error_count == 0;
}

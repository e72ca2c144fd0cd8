#define _GNU_SOURCE /* O_DIRECTORY, O_CLOEXEC */
#include "tables/deduplog.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/fd.h"

#include "base/banned.h"

/*
 * A log is text, one note a line: operation, part and block id, with tabs
 * between.  Names of parts are PARTITION_FIRST_LAST_LEVEL; a merged part holds
 * the blocks from FIRST to LAST.
 */
enum { ADD = '1', DROP = '2' };

enum { TAIL = 16 * 1024 }; /* bytes; some two hundred notes */

struct note {
	char operation;
	struct span part, block;
};

struct part {
	struct span partition;
	uint64_t first, last;
};

static bool
take_char(struct span *s, char c)
{
	if (s->n == 0 || *s->p != c)
		return false;
	s->p++;
	s->n--;
	return true;
}

/* Takes what stands before the character, and that away. */
static bool
take_until(struct span *s, char c, struct span *field)
{
	const char *end = s->n ? memchr(s->p, c, s->n) : NULL;

	if (!end)
		return false;
	*field = (struct span){ s->p, (size_t)(end - s->p) };
	s->p = end + 1;
	s->n -= field->n + 1;
	return true;
}

static bool
parse_part(struct span s, struct part *part)
{
	uint64_t level;

	return take_until(&s, '_', &part->partition) &&
	    ascii_take_number(&s, INT64_MAX, &part->first) && take_char(&s, '_') &&
	    ascii_take_number(&s, INT64_MAX, &part->last) && take_char(&s, '_') &&
	    ascii_take_number(&s, INT64_MAX, &level) && part->first <= part->last;
}

static bool
take_note(struct span *log, struct note *note)
{
	struct span line, operation;

	while (take_until(log, '\n', &line)) {
		if (!take_until(&line, '\t', &operation) || operation.n != 1 ||
		    !take_until(&line, '\t', &note->part) || line.n == 0)
			continue;
		note->operation = *operation.p;
		note->block = line;
		return true;
	}
	return false;
}

/* Whether one of the parts, names that end with NUL, holds the blocks of this one. */
static bool
is_there(const struct buf *parts, const struct part *wanted)
{
	struct span all = { parts->p, parts->n }, name;
	struct part part;

	while (take_until(&all, '\0', &name))
		if (parse_part(name, &part) && span_eq(part.partition, wanted->partition) &&
		    part.first <= wanted->first && part.last >= wanted->last)
			return true;
	return false;
}

/* Whether the rest of the log speaks of the block again. */
static bool
is_mentioned(struct span log, struct span block)
{
	struct note note;

	while (take_note(&log, &note))
		if (span_eq(note.block, block))
			return true;
	return false;
}

/* Adds to `fix` what withdraws the notes that lack their part. */
static void
withdraw(struct span log, const struct buf *parts, struct buf *fix)
{
	struct note note;
	struct part part;

	while (take_note(&log, &note)) {
		if (note.operation != ADD || !parse_part(note.part, &part) ||
		    is_there(parts, &part) || is_mentioned(log, note.block))
			continue;
		buf_addc(fix, DROP);
		buf_addc(fix, '\t');
		buf_add(fix, note.part.p, note.part.n);
		buf_addc(fix, '\t');
		buf_add(fix, note.block.p, note.block.n);
		buf_addc(fix, '\n');
	}
}

/* Reads the last bytes of a file, from the beginning of a line on. */
static int
read_tail(int fd, struct buf *b)
{
	char bytes[TAIL];
	struct stat st;
	off_t from;
	ssize_t n;
	struct span rest, cut;

	if (fstat(fd, &st) != 0)
		return errno;
	from = st.st_size > TAIL ? st.st_size - TAIL : 0;
	n = pread(fd, bytes, sizeof(bytes), from);
	if (n < 0)
		return errno;
	rest = (struct span){ bytes, (size_t)n };
	if (from > 0)
		take_until(&rest, '\n', &cut);
	buf_reset(b);
	buf_add(b, rest.p, rest.n);
	return b->failed ? ENOMEM : 0;
}

static int
repair_log(const char *path, const struct buf *parts)
{
	struct buf log = BUF_INIT, fix = BUF_INIT;
	int fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC), error;

	if (fd < 0)
		return errno;
	error = read_tail(fd, &log);
	if (!error)
		withdraw((struct span){ log.p, log.n }, parts, &fix);
	if (!error && fix.failed)
		error = ENOMEM;
	/* behind a line that was cut off nothing would be read */
	if (!error && fix.n > 0 && log.p[log.n - 1] == '\n')
		error = fd_write(fd, fix.p, fix.n);
	if (!error && fix.n > 0)
		error = fd_sync(fd);
	close(fd);
	buf_release(&log);
	buf_release(&fix);
	return error;
}

/* The names of all that is in the table's directory, each with a NUL. */
static int
list_parts(const char *table, struct buf *parts)
{
	DIR *d = opendir(table);
	struct dirent *entry;
	int error;

	if (!d)
		return errno;
	errno = 0;
	while ((entry = readdir(d)))
		buf_add(parts, entry->d_name, strlen(entry->d_name) + 1);
	error = errno ? errno : parts->failed ? ENOMEM : 0;
	closedir(d);
	return error;
}

/* `log` is TABLE/deduplication_logs/FILE. */
static int
repair_table(const char *log)
{
	struct buf table = BUF_INIT, parts = BUF_INIT;
	int error = ENOMEM;

	buf_addf(&table, "%s", log);
	if (!table.failed) {
		*(char *)memrchr(table.p, '/', table.n) = '\0';
		*strrchr(table.p, '/') = '\0';
		error = list_parts(table.p, &parts);
	}
	if (!error)
		error = repair_log(log, &parts);
	buf_release(&table);
	buf_release(&parts);
	return error;
}

int
deduplog_repair(const char *directory)
{
	struct buf pattern = BUF_INIT;
	glob_t found = { 0 };
	int error = 0, r;
	size_t i;

	for (; *directory; directory++) {
		if (strchr("*?[]\\", *directory))
			buf_addc(&pattern, '\\');
		buf_addc(&pattern, *directory);
	}
	buf_adds(&pattern, "/store/*/*/deduplication_logs/deduplication_log_*.txt");
	buf_addc(&pattern, '\0');
	if (pattern.failed)
		return ENOMEM;
	r = glob(pattern.p, 0, NULL, &found);
	if (r == GLOB_NOSPACE)
		error = ENOMEM;
	for (i = 0; !error && r == 0 && i < found.gl_pathc; i++)
		error = repair_table(found.gl_pathv[i]);
	globfree(&found);
	buf_release(&pattern);
	return error;
}

#include "cmd/report/rejects.h"

#include "base/lines.h"
#include "base/msg.h"
#include "cmd/cli/face.h"

#include "base/banned.h"

/* A record holds a line of which each byte may be escaped. */
enum { RECORD_MAX = 64 * 1024 * 1024 };

static bool
read_record(struct lines *lines, struct reject_counts *r)
{
	if (line_is_blank(lines->p, lines->n) || reject_count(r, lines->p, lines->n))
		return true;
	msg("%s:%llu: not a reject record; --rejects takes the file that "
	    "'mm-validate --rejects' wrote",
	    lines->name, (unsigned long long)lines->number);
	return false;
}

static bool
read_records(struct lines *lines, struct reject_counts *r)
{
	for (;;) {
		switch (lines_next(lines)) {
		case LINES_END:
			return !face_stop;
		case LINES_LINE:
			if (!read_record(lines, r))
				return false;
			break;
		case LINES_LONG:
			msg("%s:%llu: longer than any record of a rejected line", lines->name,
			    (unsigned long long)lines->number);
			return false;
		case LINES_IDLE:
			break;
		case LINES_ERROR:
			msg_errno(lines->error, "%s", lines->name);
			return false;
		}
	}
}

bool
rejects_read(const char *name, struct reject_counts *r)
{
	char *file = (char *)name;
	struct lines lines;
	bool good;

	if (!lines_init(&lines, &file, 1, RECORD_MAX, NULL, &face_stop)) {
		msg("out of memory");
		return false;
	}
	good = read_records(&lines, r);
	lines_release(&lines);
	return good;
}

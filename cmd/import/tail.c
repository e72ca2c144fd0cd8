#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/msg.h"
#include "base/timestamp.h"
#include "cmd/import/job.h"

#include "base/banned.h"

enum {
	PAUSE_MS = 200,            /* between looks at a log that does not grow */
	SAVE_BYTES = 16 * 1048576, /* read between saves while it does */
	STATE_MAX = 1 << 20,
	COMMENTS = 16384, /* bytes at a file's start that may describe it */
};

/* ---- the state ---------------------------------------------------------- */

/* Only when all that was read has been written is it marked as read. */
static bool
save(struct import_job *j)
{
	struct follow_place place;
	int error;

	out_flush(&j->in.out);
	if (j->in.rejects_fd >= 0)
		out_flush(&j->in.rejects);
	if (j->in.out.error || j->in.rejects.error)
		return false; /* intake_end tells */
	if (!j->options.state || (j->has_saved && j->in.lines.bytes == j->saved))
		return true;
	while (fsync(STDOUT_FILENO) != 0) {
		if (errno == EINTR)
			continue;
		if (errno == EINVAL || errno == EROFS || errno == ENOTSUP)
			break; /* a pipe, a terminal */
		msg_errno(errno, "standard output");
		return false;
	}
	follow_where(&j->follow, lines_unread(&j->in.lines), &place);
	buf_reset(&j->state);
	follow_save(&place, &j->im.repeats, &j->state);
	error = j->state.failed ? ENOMEM : fd_replace(j->options.state, j->state.p, j->state.n);
	if (error)
		msg_errno(error, "%s", j->options.state);
	j->saved = j->in.lines.bytes;
	j->has_saved = true;
	return error == 0;
}

/* Reads the state; *place is NULL where there is none yet.  False after a message. */
static bool
load(struct import_job *j, struct follow_place *room, struct follow_place **place)
{
	const char *name = j->options.state;
	int fd = name ? open(name, O_RDONLY | O_CLOEXEC) : -1, error;

	*place = NULL;
	if (fd < 0) {
		if (!name || errno == ENOENT)
			return true;
		msg_errno(errno, "%s", name);
		return false;
	}
	error = fd_read_all(fd, &j->state, STATE_MAX);
	close(fd);
	if (error) {
		msg_errno(error, "%s", name);
		return false;
	}
	if (!follow_load(room, &j->im.repeats, j->state.p, j->state.n)) {
		msg("%s: is not a state of mm-import, or is damaged: remove it to begin at the log's "
		    "start",
		    name);
		return false;
	}
	*place = room;
	return true;
}

/* ---- the log ------------------------------------------------------------ */

/* The lines at a file's start that describe what follows, when it is read from further on. */
static void
read_comments(struct import_job *j)
{
	char head[COMMENTS];
	ssize_t n = pread(j->follow.fd, head, sizeof(head), 0);
	const char *p = head, *end = head + (n > 0 ? n : 0), *stop;

	for (; p < end && *p == '#'; p = stop + 1) {
		stop = memchr(p, '\n', (size_t)(end - p));
		if (!stop)
			break;
		w3c_describe(
		    &j->im.w3c, p, (size_t)(stop - p) - (stop > p && stop[-1] == '\r' ? 1 : 0));
	}
}

static bool
tell_error(struct import_job *j)
{
	if (j->follow.reason)
		msg("%s: %s", j->follow.error_name, j->follow.reason);
	else
		msg_errno(j->follow.error, "%s", j->follow.error_name);
	j->tail_failed = true;
	return false;
}

static void
new_file(struct import_job *j)
{
	importer_begin_file(&j->im);
	j->taken = j->unknown = 0;
	if (j->automatic)
		j->im.format = IMPORT_AUTO;
}

static bool
obey(struct import_job *j, enum follow_step step)
{
	switch (step) {
	case FOLLOW_GO:
		break;
	case FOLLOW_WAIT:
		if (!save(j))
			return false;
		poll(NULL, 0, PAUSE_MS); /* a signal ends it */
		break;
	case FOLLOW_NEW_FILE:
		new_file(j);
		break;
	case FOLLOW_END:
		return false;
	case FOLLOW_ERROR:
		return tell_error(j);
	}
	if (j->follow.lost)
		msg("%s: the file that was read last is gone: lines that it got since are "
		    "not read; import it where it was kept, ids are the same",
		    j->follow.path);
	j->follow.lost = false;
	return true;
}

bool
tail_open(struct import_job *j, const char *path)
{
	struct follow_place room, *place;
	enum follow_step step;

	j->follow.path = path;
	j->follow.waits = j->options.follow;
	if (!load(j, &room, &place))
		return false;
	step = follow_open(&j->follow, place);
	if (step == FOLLOW_GO)
		read_comments(j);
	/* a place to come back to, before anything is read */
	return (step == FOLLOW_WAIT || obey(j, step)) && save(j);
}

bool
tail_idle(struct import_job *j)
{
	return obey(j, follow_step(&j->follow, timestamp_monotonic() + 1));
}

bool
tail_line(struct import_job *j)
{
	return j->in.lines.bytes - j->saved < SAVE_BYTES || save(j);
}

bool
tail_end(struct import_job *j)
{
	return save(j) && !j->tail_failed;
}

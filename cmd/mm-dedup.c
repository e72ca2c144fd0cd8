/*
 * mm-dedup: drops events whose event_id was seen, and passes all others on,
 * byte for byte.
 */
#include <unistd.h>

#include "event/event.h"
#include "cmd/cli/intake.h"
#include "base/msg.h"
#include "cmd/cli/project.h"
#include "event/id_window_file.h"
#include "base/timestamp.h"
#include "base/uuid.h"

#include "base/banned.h"

struct job {
	struct intake in;
	struct event event;
	struct id_window seen;
	struct id_window_file file;
	struct span project; /* of events that name none */
	struct buf id;
	uint64_t without_id;

	/* the options */
	const char *state_path, *project_option;
	uint64_t window, within;
};

/* ---- the state --------------------------------------------------------- */

static bool
state_complain(const struct job *j, enum id_window_file_result result)
{
	const char *path = j->state_path;

	switch (result) {
	case ID_WINDOW_FILE_OK:
	case ID_WINDOW_FILE_NEW:
		return true;
	case ID_WINDOW_FILE_BUSY:
		msg("%s: is in use by another mm-dedup: wait for it, or give each a state of its own",
		    path);
		break;
	case ID_WINDOW_FILE_FOREIGN:
		msg("%s: is no state of mm-dedup, and is left as it is: choose another file for "
		    "--state",
		    path);
		break;
	case ID_WINDOW_FILE_DAMAGED:
		msg("%s: is damaged or cut: put a copy back, or remove it to begin with nothing "
		    "seen",
		    path);
		break;
	case ID_WINDOW_FILE_ERRNO:
		msg_errno(j->file.error, "%s", path);
		break;
	}
	return false;
}

static bool
state_open(struct job *j)
{
	enum id_window_file_result result;

	if (!j->state_path)
		return true;
	result = id_window_file_open(&j->file, j->state_path, &j->seen);
	if (result == ID_WINDOW_FILE_NEW && !j->in.quiet)
		msg("%s: is not there yet: nothing has been seen before", j->state_path);
	return state_complain(j, result);
}

/*
 * Only when all that passed has been written is it marked as seen: what was
 * lost with a full disk or a closed pipe shall pass the next time.  Returns
 * false after a message.
 */
static bool
state_save(struct job *j)
{
	int error;

	if (!j->state_path || out_flush(&j->in.out) != 0)
		return true; /* intake_end tells */
	/* else a power failure could keep the state and lose the output */
	while (fsync(STDOUT_FILENO) != 0) {
		if (errno == EINTR)
			continue;
		if (errno == EINVAL || errno == EROFS || errno == ENOTSUP)
			break; /* a pipe, a terminal */
		msg_errno(errno, "standard output");
		return false;
	}
	error = id_window_file_save(&j->file, &j->seen);
	if (!error)
		return true;
	msg_errno(error, "%s: cannot save what was seen, so this run's events count as new again",
	    j->state_path);
	return false;
}

/* ---- events ------------------------------------------------------------ */

static bool
is_new(struct job *j)
{
	struct event *e = &j->event;
	struct span project =
	    event_has(e, EVENT_PROJECT_ID) ? event_text(e, EVENT_PROJECT_ID) : j->project;
	struct span id = event_text(e, EVENT_EVENT_ID);
	int64_t ms = event_has(e, EVENT_TIMESTAMP) ? e->timestamp
	    : event_has(e, EVENT_RECEIVED_AT)      ? e->received_at
						   : timestamp_now();
	char *w;
	size_t i;

	buf_reset(&j->id);
	w = buf_room(&j->id, UUID_TEXT + id.n);
	if (!w) {
		j->in.out.error = ENOMEM;
		return false;
	}
	/* the hex digits may come in either case */
	for (i = 0; i < UUID_TEXT; i++)
		w[i] = (char)(project.p[i] | 0x20);
	memcpy(w + UUID_TEXT, id.p, id.n);
	return id_window_add(&j->seen, (struct span){ w, UUID_TEXT + id.n }, ms);
}

static void
take_line(struct job *j)
{
	struct intake *in = &j->in;

	if (!event_parse(&j->event, in->lines.p, in->lines.n)) {
		intake_reject(in, "invalid_payload", j->event.complaint, j->event.complaints);
	} else if (!event_has(&j->event, EVENT_EVENT_ID)) {
		j->without_id++;
		intake_pass(in);
	} else if (is_new(j)) {
		intake_pass(in);
	} else {
		in->dropped++;
	}
}

/* ---- the whole --------------------------------------------------------- */

static void
add_counts(void *context, bool json, bool asked, struct buf *b)
{
	const struct job *j = context;
	unsigned long long dropped = j->in.dropped, without_id = j->without_id,
			   early = j->seen.early;

	if (json) {
		buf_addf(b, ",\"dropped\":{\"duplicate\":%llu},\"without_id\":%llu,\"early\":%llu",
		    dropped, without_id, early);
		return;
	}
	if (dropped || asked)
		buf_addf(b, ", %llu dropped as seen before", dropped);
	if (asked)
		buf_addf(b, ", %llu without event_id", without_id);
	if (early)
		buf_addf(b, ", %llu ids forgotten before --within was over: raise --window", early);
}

static int
run(struct job *j, char **files, size_t count)
{
	int status;
	bool saved;

	if (!intake_open(&j->in, files, count))
		return STATUS_ERROR;
	while (intake_next(&j->in))
		take_line(j);
	saved = state_save(j);
	j->in.add_counts = add_counts;
	j->in.context = j;
	status = intake_end(&j->in);
	return saved ? status : STATUS_ERROR;
}

int
main(int argc, char **argv)
{
	struct job j = { .in = INTAKE_INIT, .window = 1000000, .file = ID_WINDOW_FILE_INIT };
	const struct opt options[] = {
		INTAKE_MAX_LINE(j.in),
		PROJECT_OPTION(j.project_option),
		INTAKE_QUIET(j.in),
		INTAKE_REJECTS(j.in),
		{ 0, "state", OPT_STRING, "FILE",
		    "remember what was seen in FILE, for the next run", &j.state_path, 0, 0 },
		INTAKE_SUMMARY(j.in),
		{ 0, "window", OPT_NUMBER, "N", "remember N ids, 32 bytes each (default 1000000)",
		    &j.window, 1, ID_WINDOW_WINDOW_MAX },
		{ 0, "within", OPT_DURATION, "DURATION",
		    "drop only what is at most so far in time from the first", &j.within, 1,
		    UINT64_C(86400000) * 36525 },
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-dedup",
		.summary = "Drop events whose event_id was seen; pass all others on unchanged",
		.synopsis = "[OPTION]... [FILE]...",
		.example = "mm-dedup --state seen < events.ndjson > once.ndjson",
		.options = options,
		.operands = "FILE",
	};
	size_t files;
	int status;

	event_init(&j.event);
	if (!face_begin(&command, argc, argv, &files, &status))
		return status;
	if (!project_id(j.project_option, &j.project))
		return STATUS_ERROR;
	if (!id_window_init(&j.seen, (size_t)j.window)) {
		msg("out of memory for %llu ids: lower --window", (unsigned long long)j.window);
		return STATUS_ERROR;
	}
	j.seen.within = j.within;
	face_catch_signals();
	status = state_open(&j) ? run(&j, argv, files) : STATUS_ERROR;
	id_window_file_release(&j.file);
	id_window_release(&j.seen);
	event_release(&j.event);
	buf_release(&j.id);
	return face_end(status);
}

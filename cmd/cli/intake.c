#define _GNU_SOURCE /* O_CLOEXEC beside POSIX names */
#include "cmd/cli/intake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/msg.h"
#include "event/foreign.h"

#include "base/banned.h"

static bool
is_same_file(const struct stat *st, int fd)
{
	struct stat other;

	return fstat(fd, &other) == 0 && other.st_dev == st->st_dev && other.st_ino == st->st_ino;
}

/* Whether the file is one of those that are read. */
static bool
is_input(const struct stat *st, char *const *files, size_t count)
{
	struct stat other;
	size_t i;

	if (!S_ISREG(st->st_mode))
		return false;
	if (is_same_file(st, STDIN_FILENO))
		return true;
	for (i = 0; i < count; i++)
		if (stat(files[i], &other) == 0 && other.st_dev == st->st_dev &&
		    other.st_ino == st->st_ino)
			return true;
	return false;
}

static bool
is_free(
    const char *option, const char *path, const struct stat *st, char *const *files, size_t count)
{
	if (is_input(st, files, count)) {
		msg("%s: is also read: choose another file for %s", path, option);
		return false;
	}
	if (S_ISREG(st->st_mode) && is_same_file(st, STDOUT_FILENO)) {
		msg("%s: is also standard output: choose another file for %s", path, option);
		return false;
	}
	return true;
}

bool
intake_may_write(const char *option, const char *path, char *const *files, size_t count)
{
	struct stat st;

	return stat(path, &st) != 0 || is_free(option, path, &st, files, count);
}

/* A file is read as well, to see whether it ends with a whole record. */
static int
open_to_append(const char *path)
{
	struct stat st;
	int mode = stat(path, &st) == 0 && !S_ISREG(st.st_mode) ? O_WRONLY : O_RDWR;

	return fd_open(path, mode | O_CREAT | O_APPEND | O_CLOEXEC, 0600, &face_stop);
}

static bool
open_rejects(struct intake *in, char *const *files, size_t count)
{
	const char *path = in->rejects_path;
	struct stat st;
	int fd;

	if (!path)
		return true;
	if (strcmp(path, "-") == 0) {
		out_init(&in->rejects, STDERR_FILENO, &face_stop);
		in->rejects_fd = STDERR_FILENO;
		return true;
	}
	fd = open_to_append(path);
	if (fd < 0 || fstat(fd, &st) != 0) {
		msg_errno(errno, "%s", path);
		return false;
	}
	if (!is_free("--rejects", path, &st, files, count)) {
		close(fd);
		return false;
	}
	/* it may hold addresses: for its owner only, also when it was there */
	if (S_ISREG(st.st_mode) &&
	    (fchmod(fd, 0600) != 0 || (in->rejects_new && ftruncate(fd, 0) != 0))) {
		msg_errno(errno, "%s", path);
		close(fd);
		return false;
	}
	out_init(&in->rejects, fd, &face_stop);
	in->rejects.appends = S_ISREG(st.st_mode);
	in->rejects_fd = fd;
	return true;
}

bool
intake_open(struct intake *in, char *const *files, size_t file_count)
{
	in->several = file_count > 1;
	if (in->rejects_new && (!in->rejects_path || strcmp(in->rejects_path, "-") == 0)) {
		msg("--rejects-new empties the file that --rejects names, and none is named");
		return false;
	}
	if (!in->rejects_late && !open_rejects(in, files, file_count))
		return false;
	out_init(&in->out, STDOUT_FILENO, &face_stop);
	if (!lines_init(
		&in->lines, files, file_count, (size_t)in->max_line, &in->out, &face_stop)) {
		msg("out of memory");
		return false;
	}
	if (in->rejects_fd >= 0)
		in->lines.also = &in->rejects;
	return true;
}

/* Rejects in which something known is looked for; it begins so, or never. */
enum { FOREIGN_LINES = 100 };

static bool
explains(const struct intake *in)
{
	return !in->quiet && (in->rejects_fd < 0 || in->rejects_late) &&
	    in->rejected < INTAKE_EXPLAINED;
}

void
intake_tell_foreign(struct intake *in, const char *name, uint64_t number, const char *p, size_t n)
{
	const struct foreign *is;

	if (in->quiet || in->told_foreign || !p)
		return;
	is = foreign_guess(p, n, number);
	if (!is || (in->takes_text && is->kind != FOREIGN_BINARY) ||
	    (in->takes_bodies && is->kind == FOREIGN_BODY))
		return;
	in->told_foreign = true;
	msg("%s:%llu: this looks like %s; try '%s | %s ...'", name, (unsigned long long)number,
	    is->what, is->command, msg_program());
}

static void
note(struct intake *in, const char *name, const struct reject *r, const char *p, size_t n)
{
	if (in->on_reject)
		in->on_reject(in->reject_context, name, r->line, p, n, r->complaint, r->complaints);
	if (in->rejected < FOREIGN_LINES)
		intake_tell_foreign(in, name, r->line, p, n);
	if (explains(in)) {
		buf_reset(&in->record);
		reject_explain(&in->record, r);
		msg("%s:%llu: %.*s", name, (unsigned long long)r->line, (int)in->record.n,
		    in->record.n ? in->record.p : "");
	}
	in->rejected++;
	tally_add(&in->tally, r->complaint, r->complaints);
}

/* Opens the rejects file that is opened late. */
static void
ready_rejects(struct intake *in)
{
	if (!in->rejects_late || in->rejects_fd >= 0 || in->rejects.error)
		return;
	if (open_rejects(in, in->lines.files, in->lines.file_count)) {
		in->lines.also = &in->rejects;
		return;
	}
	in->failed = true;
	in->rejects.error = EIO; /* reported above; ends the input */
}

static struct reject
reject_of(const struct intake *in, const char *error, const struct complaint *c, size_t n)
{
	return (struct reject){
		.file = in->several ? in->lines.name : NULL,
		.line = in->lines.number,
		.error = error,
		.complaint = c,
		.complaints = n,
	};
}

void
intake_reject_line(struct intake *in, const char *name, uint64_t number, const char *p, size_t n,
    const char *error, const struct complaint *c, size_t complaints)
{
	struct reject r;

	if (in->notes) {
		intake_notes_add(in->notes,
		    &(struct intake_note){ INTAKE_NOTE_REJECT, name, number, p, n, error,
			in->out.b.n, in->passed + in->dropped, c, complaints });
		return;
	}
	/* where several are read, lines.name may be the reader's, on another thread */
	r.file = in->several || name != in->lines.name ? name : NULL;
	r.line = number;
	r.error = error;
	r.complaint = c;
	r.complaints = complaints;
	ready_rejects(in);
	note(in, name, &r, p, n);
	if (in->rejects_fd < 0)
		return;
	buf_reset(&in->record);
	reject_add(&in->record, &r, p, n);
	if (in->record.failed)
		in->rejects.error = ENOMEM;
	else
		out_write(&in->rejects, in->record.p, in->record.n);
}

void
intake_reject(struct intake *in, const char *error, const struct complaint *c, size_t n)
{
	intake_reject_line(
	    in, in->lines.name, in->lines.number, in->lines.p, in->lines.n, error, c, n);
}

void
intake_reject_unkept(struct intake *in, const char *error, const struct complaint *c, size_t n)
{
	struct reject r = reject_of(in, error, c, n);

	if (!in->rejects_late) {
		intake_reject(in, error, c, n);
		return;
	}
	note(in, in->lines.name, &r, in->lines.p, in->lines.n);
	in->unkept++;
}

void
intake_take_piece(
    struct intake *in, const char *name, uint64_t number, const char *p, size_t n, bool last)
{
	struct complaint c = { .kind = SPAN("Line too long") };
	struct buf text = BUF_INIT;
	struct reject r;
	int error = 0;

	if (in->notes) {
		intake_notes_add(in->notes,
		    &(struct intake_note){
			INTAKE_NOTE_LONG, name, number, p, n, NULL, in->out.b.n, 0, NULL, 0 });
		return;
	}
	ready_rejects(in);
	if (!in->in_long)
		intake_tell_foreign(in, name, number, p, n);
	in->in_long = !last;
	if (in->rejects_fd >= 0)
		error = longline_add(&in->longline, p, n);
	if (last && !error) {
		buf_addf(&text, "Line too long: at most %llu bytes (--max-line)",
		    (unsigned long long)in->max_line);
		c.text = (struct span){ text.p, text.n };
		r = (struct reject){ in->several ? name : NULL, number, "invalid_payload", &c, 1 };
		note(in, name, &r, NULL, 0);
		if (in->rejects_fd >= 0) {
			out_hold(&in->rejects);
			error = longline_reject(&in->longline, &r, &in->rejects);
			out_let_go(&in->rejects);
		}
		buf_release(&text);
	}
	if (error) {
		msg_errno(
		    error, "temporary file (in TMPDIR, else /tmp) for a line that is too long");
		in->failed = true;
		out_flush(&in->rejects);
		in->rejects.error = error;
	}
}

void
intake_tell_unread(struct intake *in)
{
	if (in->lines.reason)
		msg("%s: %s", in->lines.name, in->lines.reason);
	else
		msg_errno(in->lines.error, "%s", in->lines.name);
	in->failed = true;
}

void
intake_warn(struct intake *in, const struct complaint *c, size_t complaints)
{
	const struct lines *l = &in->lines;

	if (in->notes)
		intake_notes_add(in->notes,
		    &(struct intake_note){ INTAKE_NOTE_WARN, l->name, l->number, l->p, l->n, NULL,
			in->out.b.n, 0, c, complaints });
	else if (in->on_warning)
		in->on_warning(in->context, l->name, l->number, c, complaints);
}

void
intake_tell_note(struct intake *in, struct intake_note *x, uint64_t before)
{
	uint64_t number = before + x->number;

	switch (x->kind) {
	case INTAKE_NOTE_REJECT:
		if (in->may_reject &&
		    !in->may_reject(in->context, x->name, number, x->p, x->n, x->taken))
			in->enough = true;
		else
			intake_reject_line(
			    in, x->name, number, x->p, x->n, x->error, x->complaint, x->complaints);
		break;
	case INTAKE_NOTE_LONG:
		intake_take_piece(in, x->name, number, x->p, x->n, true);
		break;
	case INTAKE_NOTE_WARN:
		if (in->on_warning)
			in->on_warning(in->context, x->name, number, x->complaint, x->complaints);
		break;
	}
}

bool
intake_next(struct intake *in)
{
	in->idle = false;
	while (!in->out.error && !in->rejects.error) {
		switch (lines_next(&in->lines)) {
		case LINES_LINE:
			if (in->with_blank || !line_is_blank(in->lines.p, in->lines.n))
				return true;
			in->blank++;
			break;
		case LINES_LONG:
			if (in->settle)
				in->settle(in->settle_context);
			intake_take_piece(in, in->lines.name, in->lines.number, in->lines.p,
			    in->lines.n, in->lines.last);
			break;
		case LINES_IDLE:
			in->idle = true;
			return true;
		case LINES_ERROR:
			if (in->settle)
				in->settle(in->settle_context);
			intake_tell_unread(in);
			break;
		case LINES_END:
			return false;
		}
	}
	return false;
}

void
intake_pass(struct intake *in)
{
	char *w;

	if (in->lines.n < OUT_BLOCK - 1 && lines_has_newline(&in->lines)) {
		out_lend(&in->out, in->lines.p, in->lines.n + 1);
		in->passed += in->out.error == 0;
		return;
	}
	w = out_room(&in->out, in->lines.n + 1);
	if (!w)
		return;
	memcpy(w, in->lines.p, in->lines.n);
	w[in->lines.n] = '\n';
	out_advance(&in->out, in->lines.n + 1);
	in->passed++;
}

static unsigned long long
line_count(const struct intake *in)
{
	return in->passed + in->rejected + in->dropped;
}

static void
add_counts(const struct intake *in, bool json, struct buf *b)
{
	if (in->add_counts)
		in->add_counts(in->context, json, in->summary >= 0, b);
}

static void
print_summary_json(struct intake *in)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "{\"lines\":%llu,\"valid\":%llu,\"rejected\":%llu,\"blank\":%llu,\"errors\":",
	    line_count(in), (unsigned long long)(in->passed + in->dropped),
	    (unsigned long long)in->rejected, (unsigned long long)in->blank);
	tally_add_json(&in->tally, &b);
	if (in->tally.more)
		buf_addf(&b, ",\"more\":%llu", (unsigned long long)in->tally.more);
	add_counts(in, true, &b);
	buf_adds(&b, "}\n");
	msg_raw(b.p, b.n);
	buf_release(&b);
}

static void
print_summary(struct intake *in)
{
	const char *hint = "";
	struct buf counts = BUF_INIT;

	if (in->summary == 1) {
		print_summary_json(in);
		return;
	}
	add_counts(in, false, &counts);
	if (in->summary >= 0 || (!in->quiet && (in->rejected > 0 || counts.n > 0))) {
		if (in->rejects_fd < 0 && in->rejected > INTAKE_EXPLAINED)
			hint = in->quiet
			    ? "; --rejects FILE keeps them"
			    : "; the first 10 are explained above, --rejects FILE keeps all";
		msg("%llu of %llu lines rejected%.*s%s", (unsigned long long)in->rejected,
		    line_count(in), (int)counts.n, counts.n ? counts.p : "", hint);
	}
	buf_release(&counts);
}

bool
intake_keep_rejects(struct intake *in)
{
	int error = out_flush(&in->rejects);

	if (!error && in->rejects_fd >= 0)
		error = fd_sync(in->rejects_fd);
	if (error && !in->rejects.error)
		in->rejects.error = error;
	return !error;
}

/* Flushes the rejects and reports what went wrong with their file. */
static void
close_rejects(struct intake *in)
{
	int error;

	if (in->rejects_fd < 0)
		return;
	out_flush(&in->rejects);
	error = in->rejects.error;
	if (in->rejects_fd > STDERR_FILENO && close(in->rejects_fd) != 0 && !error)
		error = errno;
	if (error && !in->failed) {
		msg_errno(error, "%s", in->rejects_path);
		in->failed = true;
	}
	out_release(&in->rejects);
}

int
intake_end(struct intake *in)
{
	bool closed_pipe;

	out_flush(&in->out);
	closed_pipe = in->cut = in->out.error == EPIPE;
	if (in->out.error && !closed_pipe && in->out.error != EINTR) {
		msg_errno(in->out.error, "standard output");
		in->failed = true;
	}
	close_rejects(in);
	if (!closed_pipe && !face_stop && !in->no_summary)
		print_summary(in);
	lines_release(&in->lines);
	longline_release(&in->longline);
	out_release(&in->out);
	buf_release(&in->record);
	tally_release(&in->tally);
	if (in->failed)
		return STATUS_ERROR;
	return in->rejected && !closed_pipe ? STATUS_REJECTED : STATUS_OK;
}

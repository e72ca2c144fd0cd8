#include "cmd/dedup/job.h"

#include <unistd.h>

#include "base/lines.h"
#include "base/msg.h"
#include "base/timestamp.h"
#include "base/uuid.h"

#include "base/banned.h"

/* ---- the state --------------------------------------------------------- */

static bool
state_complain(const struct dedup_job *j, enum id_window_file_result result)
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
		msg("%s: is not a state of mm-dedup and is left alone: choose another file for "
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
state_open(struct dedup_job *j)
{
	enum id_window_file_result result;

	if (!j->state_path)
		return true;
	result = id_window_file_open(&j->file, j->state_path, &j->seen);
	if (result == ID_WINDOW_FILE_NEW && !j->in.quiet)
		msg("%s: does not exist yet: starting with nothing seen", j->state_path);
	return state_complain(j, result);
}

/*
 * Only when all that passed has been written is it marked as seen: what was
 * lost with a full disk or a closed pipe shall pass the next time.  Returns
 * false after a message.
 */
static bool
state_save(struct dedup_job *j)
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

/* ---- what makes two events one ------------------------------------------ */

static bool
add_field(struct dedup_job *j, struct span name)
{
	int f;

	for (f = 0; f < EVENT_FIELDS; f++) {
		if (!span_eq(event_field_name((enum event_field)f), name))
			continue;
		if (j->fields >> f & 1)
			return false;
		j->fields |= 1u << f;
		return true;
	}
	return false;
}

static bool
read_by(struct dedup_job *j)
{
	const char *p = j->by, *end = p + strlen(p);

	j->by_line = strcmp(p, "line") == 0;
	while (!j->by_line) {
		const char *comma = memchr(p, ',', (size_t)(end - p));
		const char *stop = comma ? comma : end;

		if (!add_field(j, (struct span){ p, (size_t)(stop - p) })) {
			msg("--by: expected line, or fields of events separated by commas, as "
			    "event,anonymous_id,timestamp");
			return false;
		}
		if (!comma)
			break;
		p = comma + 1;
	}
	return true;
}

/* Each part is marked and has its length before it: no two keys read alike. */
static void
add_part(struct buf *key, char mark, struct span part)
{
	buf_addf(key, "%c%zu:", mark, part.n);
	buf_add(key, part.p, part.n);
}

static struct span
field_value(struct event *e, enum event_field f)
{
	return e->value[f].type == JSON_STRING ? event_text(e, f) : e->value[f].raw;
}

/* Appends the event's values of the fields; false when it has none of them. */
static bool
add_fields(struct dedup_job *j)
{
	struct event *e = &j->event;
	int f;

	if (!(j->fields & e->present))
		return false;
	for (f = 0; f < EVENT_FIELDS; f++)
		if (j->fields >> f & 1 && event_has(e, (enum event_field)f))
			add_part(&j->key, (char)('A' + f), field_value(e, (enum event_field)f));
	return true;
}

static void
add_project(struct dedup_job *j, struct span project)
{
	char *w = buf_room(&j->key, UUID_TEXT);
	size_t i;

	/* the hex digits may come in either case */
	for (i = 0; w && i < UUID_TEXT; i++)
		w[i] = (char)(project.p[i] | 0x20);
	j->key.n += w ? UUID_TEXT : 0;
}

static bool
by_id(const struct dedup_job *j)
{
	return j->fields == 1u << EVENT_EVENT_ID;
}

/* Makes the key of the event at hand, of the line [p, p+n); false: it has none. */
static bool
make_key(struct dedup_job *j, const char *p, size_t n)
{
	struct event *e = &j->event;

	buf_reset(&j->key);
	add_project(
	    j, event_has(e, EVENT_PROJECT_ID) ? event_text(e, EVENT_PROJECT_ID) : j->project);
	if (j->by_line) {
		add_part(&j->key, '=', (struct span){ p, n });
		return true;
	}
	if (!by_id(j))
		return add_fields(j);
	if (event_has(e, EVENT_EVENT_ID)) {
		struct span id = event_text(e, EVENT_EVENT_ID);

		buf_add(&j->key, id.p, id.n);
	}
	return event_has(e, EVENT_EVENT_ID);
}

static int64_t
time_of(const struct event *e)
{
	return event_has(e, EVENT_TIMESTAMP)  ? e->timestamp
	    : event_has(e, EVENT_RECEIVED_AT) ? e->received_at
					      : timestamp_now();
}

/* Whether the key at hand is new; it is remembered then. */
static bool
is_new(struct dedup_job *j, int64_t ms)
{
	return id_window_add(&j->seen, (struct span){ j->key.p, j->key.n }, ms);
}

static void
take_line(struct dedup_job *j)
{
	struct intake *in = &j->in;

	if (!event_parse(&j->event, in->lines.p, in->lines.n)) {
		intake_reject(in, "invalid_payload", j->event.complaint, j->event.complaints);
	} else if (!make_key(j, in->lines.p, in->lines.n)) {
		j->without_key++;
		intake_pass(in);
	} else if (j->key.failed) {
		in->out.error = ENOMEM;
	} else if (is_new(j, time_of(&j->event))) {
		intake_pass(in);
	} else {
		in->dropped++;
	}
}

/* ---- what is known beforehand ------------------------------------------- */

/* The time of an event or of a row, "YYYY-MM-DD hh:mm:ss.mmm"; false: none. */
static bool
read_time(const struct json_value *v, int64_t *ms)
{
	char text[64];
	struct span s = { NULL, 0 };

	if (v->raw.p && v->type == JSON_STRING && v->raw.n < sizeof(text))
		s = (struct span){ text, json_unescape(v->raw, text) };
	if (s.n < 19)
		return false;
	if (text[10] == ' ') {
		text[10] = 'T';
		text[s.n++] = 'Z';
	}
	return timestamp_parse(text, s.n, ms) && *ms >= TIMESTAMP_MIN && *ms <= TIMESTAMP_MAX;
}

/* The string's text, p NULL where it is none; `room` has as many bytes as the line. */
static struct span
text_of(const struct json_value *v, struct buf *room)
{
	struct span s = { NULL, 0 };
	char *w;

	if (!v->raw.p || v->type != JSON_STRING)
		return s;
	w = buf_room(room, v->raw.n);
	if (w) {
		s = (struct span){ w, json_unescape(v->raw, w) };
		room->n += s.n;
	}
	return s;
}

/* An object with an event_id: an event, or a row.  Returns what is wrong, or NULL. */
static const char *
learn_object(struct dedup_job *j, const char *p, size_t n, struct buf *room)
{
	struct json_value id = { .raw = { NULL, 0 } }, project = id, time = id, received = id;
	struct json_scan scan;
	struct json_member m;
	struct span text, of;
	int64_t ms = timestamp_now();

	json_open(&scan, p, n);
	while (json_next(&scan, &m)) {
		char key[16 * JSON_ESCAPE_MAX];
		struct span k = json_short_text(&m.key, key, sizeof(key));

		if (span_eq(k, SPAN("event_id")))
			id = m.value;
		else if (span_eq(k, SPAN("project_id")))
			project = m.value;
		else if (span_eq(k, SPAN("timestamp")))
			time = m.value;
		else if (span_eq(k, SPAN("received_at")))
			received = m.value;
	}
	if (scan.reason)
		return "is not a JSON object";
	buf_reset(room);
	if (!buf_room(room, n))
		return "out of memory";
	text = text_of(&id, room);
	if (text.n == 0)
		return NULL;
	if (j->within && !read_time(&time, &ms) && !read_time(&received, &ms))
		return "has no time, which --within needs";
	of = text_of(&project, room);
	buf_reset(&j->key);
	add_project(j, of.p && uuid_valid(of) ? of : j->project);
	buf_add(&j->key, text.p, text.n);
	j->learned += is_new(j, ms);
	return NULL;
}

/* Returns what is wrong with the line, or NULL. */
static const char *
learn_line(struct dedup_job *j, const char *p, size_t n, struct buf *room)
{
	if (!by_id(j)) {
		if (!event_parse(&j->event, p, n))
			return "is not a valid event, which --by needs here";
		if (make_key(j, p, n))
			j->learned += is_new(j, time_of(&j->event));
		return NULL;
	}
	if (*p == '{')
		return learn_object(j, p, n, room);
	if (j->within)
		return "has no time, which --within needs: give events or rows";
	buf_reset(&j->key);
	add_project(j, j->project);
	buf_add(&j->key, p, n);
	j->learned += is_new(j, timestamp_now());
	return NULL;
}

static bool
learn(struct dedup_job *j)
{
	char *files[] = { (char *)(uintptr_t)j->learn_path };
	struct buf room = BUF_INIT;
	struct lines l;
	enum lines_event what = LINES_END;
	const char *wrong = NULL;
	bool good;

	if (!j->learn_path)
		return true;
	if (!lines_init(&l, files, 1, (size_t)j->in.max_line, NULL, &face_stop)) {
		msg("out of memory");
		return false;
	}
	while (!wrong && (what = lines_next(&l)) == LINES_LINE)
		if (!line_is_blank(l.p, l.n))
			wrong = learn_line(j, l.p, l.n, &room);
	if (what == LINES_LONG)
		wrong = "is longer than a line may be (--max-line)";
	if (j->key.failed)
		wrong = "out of memory";
	good = !wrong && what == LINES_END;
	if (wrong)
		msg("%s:%llu: %s", l.name, (unsigned long long)l.number, wrong);
	else if (!good)
		msg_errno(l.error, "%s", l.name);
	lines_release(&l);
	buf_release(&room);
	return good;
}

/* ---- the whole ---------------------------------------------------------- */

static void
add_counts(void *context, bool json, bool asked, struct buf *b)
{
	const struct dedup_job *j = context;
	unsigned long long dropped = j->in.dropped, without = j->without_key, early = j->seen.early,
			   forgotten = j->seen.forgotten, learned = j->learned;

	if (json) {
		buf_addf(b,
		    ",\"dropped\":{\"duplicate\":%llu},\"without_id\":%llu,\"early\":%llu,"
		    "\"forgotten\":%llu,\"learned\":%llu",
		    dropped, without, early, forgotten, learned);
		return;
	}
	if (dropped || asked)
		buf_addf(b, ", %llu dropped as seen before", dropped);
	if (without || asked)
		buf_addf(b, ", %llu without %s passed", without, j->by);
	if (asked && j->learn_path)
		buf_addf(b, ", %llu learnt", learned);
	if (j->within && early)
		buf_addf(
		    b, ", %llu ids forgotten before --within was over: raise --remember", early);
	if (!j->within && forgotten)
		buf_addf(
		    b, ", %llu forgotten when the window was full: raise --remember", forgotten);
}

bool
dedup_job_start(struct dedup_job *j)
{
	event_init(&j->event);
	if (!read_by(j))
		return false;
	if (!id_window_init(&j->seen, (size_t)j->window)) {
		msg("out of memory for %llu ids: lower --remember", (unsigned long long)j->window);
		return false;
	}
	j->seen.within = j->within;
	return state_open(j) && learn(j);
}

int
dedup_job_run(struct dedup_job *j, char **files, size_t count)
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

void
dedup_job_release(struct dedup_job *j)
{
	id_window_file_release(&j->file);
	id_window_release(&j->seen);
	event_release(&j->event);
	buf_release(&j->key);
}

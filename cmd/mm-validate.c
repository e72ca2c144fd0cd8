/*
 * mm-validate: passes valid events on, byte for byte, and says what is wrong
 * with the others.
 */
#include "event.h"
#include "intake.h"

#include "banned.h"

int
main(int argc, char **argv)
{
	struct intake in = INTAKE_INIT;
	struct event event;
	const struct opt options[] = {
		INTAKE_MAX_LINE(in),
		INTAKE_QUIET(in),
		INTAKE_REJECTS(in),
		{ 0, "strict-keys", OPT_FLAG, NULL, "make unknown top-level keys an error",
		    &event.strict_keys, 0, 0 },
		INTAKE_SUMMARY(in),
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-validate",
		.summary = "Pass valid events on unchanged; reject the others with reasons",
		.synopsis = "[OPTION]... [FILE]...",
		.example = "mm-validate --rejects rejects.ndjson < events.ndjson > valid.ndjson",
		.options = options,
		.operands = "FILE",
	};
	size_t files;
	int status;

	event_init(&event);
	if (!face_begin(&command, argc, argv, &files, &status))
		return status;
	face_catch_signals();
	if (!intake_open(&in, argv, files))
		return STATUS_ERROR;
	while (intake_next(&in)) {
		if (event_parse(&event, in.lines.p, in.lines.n)) {
			char *w = out_room(&in.out, in.lines.n + 1);

			if (!w)
				break;
			memcpy(w, in.lines.p, in.lines.n);
			w[in.lines.n] = '\n';
			out_advance(&in.out, in.lines.n + 1);
			in.passed++;
		} else {
			intake_reject(&in, "invalid_payload", event.complaint, event.complaints);
		}
	}
	event_release(&event);
	return face_end(intake_end(&in));
}
